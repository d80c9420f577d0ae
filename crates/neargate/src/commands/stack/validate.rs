//! `neargate validate`: whether the files make sense, without a state and without asking a cloud.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use neargate_api::Clock;
use neargate_hcl::Diagnostic;
use neargate_stack::validate::{to_json, validate};

use super::{Place, Trouble, disk, now, rng};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// As JSON, in the form of `terraform validate -json`.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> ExitCode {
    validated(options).unwrap_or_else(Trouble::tell)
}

fn validated(options: &Options) -> Result<ExitCode, Trouble> {
    options.place.enter()?;
    let providers = options.place.providers(&rng()?, &Clock::system())?;
    let problems = validate(Path::new("."), &providers, Arc::new(disk(None, now())?));
    let valid = !problems.iter().any(Diagnostic::is_error);
    if options.json {
        println!("{:#}", to_json(&problems));
    } else {
        problems.iter().for_each(|problem| eprint!("{problem}"));
        if valid {
            println!("Success! The configuration is valid.");
        }
    }
    Ok(if valid { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
