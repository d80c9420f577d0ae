//! `neargate state`: what the state has, and what becomes of it without the cloud.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use neargate_api::Clock;
use neargate_stack::address::Target;
use neargate_stack::render;
use neargate_stack::state::file::StateFile;
use neargate_stack::state::{State, lock, moving};

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
    /// One object with all of its attributes.
    Show {
        /// Such as module.ecs.aws_ecs_service.rolling_fixed[0].
        address: Target,
        #[command(flatten)]
        place: Place,
    },
    /// Have what is at one address at another: a module, a resource, or one instance.
    Mv {
        from: Target,
        to: Target,
        /// Say it, and do nothing.
        #[arg(long)]
        dry_run: bool,
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
    /// Print the whole state, as its file has it.
    Pull {
        #[command(flatten)]
        place: Place,
    },
    /// Put another state in the place of what is there: a later one of the same lineage.
    Push {
        /// The file to put there; - reads the standard input.
        file: PathBuf,
        /// Whatever its lineage and serial number.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        place: Place,
    },
}

impl Options {
    /// Whether the state stays as it is.
    pub fn only_shows(&self) -> bool {
        matches!(self.what, What::List { .. } | What::Show { .. } | What::Pull { .. })
    }
}

pub fn run(options: &Options) -> ExitCode {
    let done = match &options.what {
        What::List { place } => list(place).map_err(Trouble::from),
        What::Show { address, place } => show(place, address).map_err(Trouble::from),
        What::Mv { from, to, dry_run, place } => mv(place, (from, to), *dry_run),
        What::Rm { address, place } => remove(address, place).map_err(Trouble::from),
        What::Pull { place } => pull(place).map_err(Trouble::from),
        What::Push { file, force, place } => push(place, file, *force).map_err(Trouble::from),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => trouble.tell(),
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

fn show(place: &Place, address: &Target) -> Result<()> {
    place.enter()?;
    let rng = rng()?;
    let state = place.read_state(&rng)?;
    let found = state.instances().find(|(at, _, instance)| {
        at.module == address.module
            && Some(&at.resource) == address.resource.as_ref()
            && at.key == address.key
            && instance.deposed.is_empty()
    });
    let Some((at, resource, instance)) = found else {
        bail!(
            "No instance found for the given address!\n\nThis command requires that the address \
             references one specific instance.\nTo view the available instances, use \"neargate \
             state list\". Please modify\nthe address to reference a specific instance."
        );
    };
    let providers = place.providers(&rng, &Clock::system())?;
    print!("{}", render::object(&at, resource, instance, &providers));
    Ok(())
}

/// The state with its file, locked for a change.
fn locked(place: &Place, operation: &str) -> Result<(StateFile, State)> {
    place.enter()?;
    let rng = rng()?;
    let lock = lock::acquire(place.state_path(), operation, &Clock::system(), &rng)?;
    let file = StateFile::new(place.state_path(), Some(lock));
    Ok((file, place.read_state(&rng)?))
}

fn mv(place: &Place, (from, to): (&Target, &Target), dry_run: bool) -> Result<(), Trouble> {
    let (mut file, mut state) = locked(place, "state-mv")?;
    moving::mv(&mut state, from, to).map_err(|problem| Trouble::Problems(vec![problem]))?;
    if dry_run {
        println!("Would move \"{from}\" to \"{to}\"");
        return Ok(());
    }
    file.write(&mut state)?;
    println!("Move \"{from}\" to \"{to}\"\nSuccessfully moved 1 object(s).");
    Ok(())
}

fn remove(target: &Target, place: &Place) -> Result<()> {
    let (mut file, mut state) = locked(place, "state-rm")?;
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

fn pull(place: &Place) -> Result<()> {
    place.enter()?;
    let path = place.state_path();
    if path.exists() {
        print!("{}", fs::read_to_string(path).with_context(|| format!("{}", path.display()))?);
    }
    Ok(())
}

fn push(place: &Place, from: &Path, force: bool) -> Result<()> {
    let told = || format!("reading {}", from.display());
    let text = if from == Path::new("-") {
        io::read_to_string(io::stdin().lock()).with_context(told)?
    } else {
        fs::read_to_string(from).with_context(told)?
    };
    let new = State::parse(&text, from)?;
    let (mut file, old) = locked(place, "state-push")?;
    let later = old.serial == 0 || force;
    if !later && new.lineage != old.lineage {
        bail!(
            "Failed to write state: cannot import state with lineage {:?} over unrelated state \
             with lineage {:?} (--force does it)",
            new.lineage,
            old.lineage
        );
    }
    if !later && new.serial < old.serial {
        bail!(
            "Failed to write state: cannot import state with serial {} over newer state with \
             serial {} (--force does it)",
            new.serial,
            old.serial
        );
    }
    if !later && new.serial == old.serial && new.to_text() != old.to_text() {
        bail!(
            "Failed to write state: cannot overwrite existing state with serial {} with a \
             different state that has the same serial (--force does it)",
            new.serial
        );
    }
    Ok(file.write_as_it_is(&new)?)
}
