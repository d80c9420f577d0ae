//! `neargate state`: what the state has.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use neargate_api::Clock;
use neargate_stack::address::Target;
use neargate_stack::state::file::StateFile;
use neargate_stack::state::lock;

use super::{Place, Trouble, rng};

#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The addresses of all objects.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Forget an object, or all of a resource or module, and leave it in the cloud.
    Rm {
        /// Such as module.ecs.aws_ecs_service.rolling_fixed[0].
        address: Target,
        #[command(flatten)]
        place: Place,
    },
}

pub fn run(options: &Options) -> ExitCode {
    let done = match &options.what {
        What::List { place } => list(place),
        What::Rm { address, place } => remove(address, place),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => Trouble::Other(error).tell(),
    }
}

fn list(place: &Place) -> Result<()> {
    place.enter()?;
    let state = place.read_state(&rng()?)?;
    for (address, ..) in state.instances() {
        println!("{address}");
    }
    Ok(())
}

fn remove(target: &Target, place: &Place) -> Result<()> {
    place.enter()?;
    let rng = rng()?;
    let lock = lock::acquire(place.state_path(), "state-rm", &Clock::system(), &rng)?;
    let mut file = StateFile::new(place.state_path(), Some(lock));
    let mut state = place.read_state(&rng)?;
    let all = state.instances().map(|(at, _, instance)| (at, instance.deposed.clone()));
    let named: Vec<_> = all.filter(|(at, _)| target.covers(at)).collect();
    if named.is_empty() {
        bail!("the state has nothing of that address: neargate state list prints what it has");
    }
    for (address, deposed) in &named {
        state.remove(address, deposed);
        println!("Removed {address}");
    }
    Ok(file.write(&mut state)?)
}
