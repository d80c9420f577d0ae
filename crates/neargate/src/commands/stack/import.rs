//! `neargate import`: what is in the cloud already, into the state.

use std::process::ExitCode;

use clap::Args;
use neargate_hcl::Diagnostic;
use neargate_stack::address::{ResourceInstance, Target};
use neargate_stack::import::import;
use neargate_stack::state::file::StateFile;
use neargate_stack::state::lock;

use super::watch::Watch;
use super::{Place, Trouble, Variables, block_on};

#[derive(Args)]
pub struct Options {
    /// Where the object is to be, such as module.ecs.aws_ecs_service.rolling_fixed[0].
    address: Target,
    /// What the provider knows the object by: see Terraform's documentation of the resource.
    id: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    variables: Variables,
}

pub fn run(options: &Options) -> ExitCode {
    match imported(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => trouble.tell(),
    }
}

fn imported(options: &Options) -> Result<(), Trouble> {
    let address = instance(&options.address)?;
    let (place, id) = (&options.place, &options.id);
    place.enter()?;
    let opened = place.open(&options.variables)?;
    let watch = Watch::new(false, &opened.clock);
    watch.problems(&opened.warnings);
    let path = place.state_path();
    let lock = lock::acquire(path, "OperationTypeImport", &opened.clock, &opened.rng)?;
    let mut file = StateFile::new(path, Some(lock));
    let state = place.read_state(&opened.rng)?;
    println!("{address}: Importing from ID {id:?}...");
    let mut state =
        block_on(import(&opened.stack, state, &address, id, &watch))?.map_err(Trouble::Problems)?;
    file.write(&mut state)?;
    println!(
        "{address}: Import prepared!\n  Prepared {} for import\n\nImport successful!\n\n\
         The resources that were imported are shown above. These resources are now in\n\
         your state and will henceforth be managed by Neargate.\n",
        address.resource.of_type
    );
    Ok(())
}

fn instance(target: &Target) -> Result<ResourceInstance, Trouble> {
    let whole = || {
        let detail = "A resource instance address is required here. The module path must be followed by a resource instance specification.";
        Trouble::Problems(vec![Diagnostic::error("Invalid address", detail)])
    };
    let resource = target.resource.clone().ok_or_else(whole)?;
    Ok(ResourceInstance { module: target.module.clone(), resource, key: target.key.clone() })
}
