//! `neargate show`: a saved plan, or what a state has, for people and for machines.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use neargate_api::{Clock, Timestamp};
use neargate_stack::state::State;
use neargate_stack::{render, saved, show};

use super::{Place, Trouble, rng};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// As JSON, in the form of `terraform show -json`. What is sensitive is in it.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> ExitCode {
    match shown(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => trouble.tell(),
    }
}

fn shown(options: &Options) -> Result<(), Trouble> {
    let place = &options.place;
    if !place.directory.is_file() {
        place.enter()?;
        return Ok(state(options, &place.read_state(&rng()?)?)?);
    }
    let told = || format!("reading {}", place.directory.display());
    let text = fs::read_to_string(&place.directory).with_context(told)?;
    match saved::read(&text) {
        Ok(saved) => plan(options, saved),
        Err(saved::NoPlan::Other) => Ok(state(options, &State::parse(&text, &place.directory)?)?),
        Err(error) => Err(anyhow::Error::new(error).context(told()).into()),
    }
}

fn plan(options: &Options, saved: saved::Saved) -> Result<(), Trouble> {
    let place = options.place.of(saved.origin(), false)?;
    let (opened, plan) = super::saved::open(saved, &place)?;
    if options.json {
        let at = Timestamp(opened.planned_at * 1000).iso8601_secs();
        println!("{}", show::plan(&opened.stack, &plan, &at));
    } else {
        print!("{}", render::plan(&plan));
    }
    Ok(())
}

fn state(options: &Options, state: &State) -> Result<()> {
    let providers = options.place.providers(&rng()?, &Clock::system())?;
    if options.json {
        println!("{}", show::state(state, &providers));
    } else {
        print!("{}", render::state(state, &providers));
    }
    Ok(())
}
