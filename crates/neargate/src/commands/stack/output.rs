//! `neargate output`: the root's outputs, from the state.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use neargate_hcl::{Value, json, nearest};
use neargate_stack::objects;
use neargate_stack::render::output_values;
use neargate_stack::state::{Output, State};
use serde_json::{Map, Value as Json};

use super::{Place, Trouble, rng};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// One of them.
    #[arg(long)]
    name: Option<String>,
    /// As JSON, with what is sensitive.
    #[arg(long)]
    json: bool,
    /// One as a text alone, for scripts.
    #[arg(long, requires = "name")]
    raw: bool,
}

pub fn run(options: &Options) -> ExitCode {
    match printed(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => Trouble::Other(error).tell(),
    }
}

fn printed(options: &Options) -> Result<()> {
    options.place.enter()?;
    let state = options.place.read_state(&rng()?)?;
    match &options.name {
        Some(name) => one(options, name, find(&state, name)?),
        None if options.json => {
            println!("{:#}", all(&state)?);
            Ok(())
        }
        None => {
            let values = state.outputs.iter().map(|(name, output)| Ok((name, value(output)?)));
            let values: Vec<(&String, Value)> = values.collect::<Result<_>>()?;
            print!("{}", output_values(values.iter().map(|(name, value)| (*name, value))));
            Ok(())
        }
    }
}

fn find<'a>(state: &'a State, name: &str) -> Result<&'a Output> {
    state.outputs.get(name).with_context(|| {
        let near = nearest(name, state.outputs.keys().map(String::as_str));
        let hint = near.map(|near| format!(" Did you mean {near:?}?")).unwrap_or_default();
        format!("the state has no output {name:?}.{hint} An apply writes the outputs of the files.")
    })
}

fn one(options: &Options, name: &str, output: &Output) -> Result<()> {
    let value = value(output)?.unmark_deep().0;
    if options.json {
        println!("{}", output.value.get());
    } else if options.raw {
        let Ok(text) = neargate_hcl::convert(&value, &neargate_hcl::Type::String) else {
            bail!("the output {name:?} is no text: --json prints it");
        };
        print!("{}", text.as_str().unwrap_or_default());
    } else {
        let only = [(name.to_owned(), value)];
        print!("{}", output_values(only.iter().map(|(name, value)| (name, value))));
    }
    Ok(())
}

fn value(output: &Output) -> Result<Value> {
    let of_type: Json = serde_json::from_str(output.of_type.get())?;
    let of_type = json::type_from_json(&of_type).context("the state has an output of no type")?;
    let value: Json = serde_json::from_str(output.value.get())?;
    let value = objects::read(&value, &of_type).map_err(anyhow::Error::msg)?;
    Ok(if output.sensitive { value.sensitive() } else { value })
}

/// In the form of `terraform output -json`.
fn all(state: &State) -> Result<Json> {
    let mut told = Map::new();
    for (name, output) in &state.outputs {
        told.insert(
            name.clone(),
            serde_json::json!({
                "sensitive": output.sensitive,
                "type": serde_json::from_str::<Json>(output.of_type.get())?,
                "value": serde_json::from_str::<Json>(output.value.get())?,
            }),
        );
    }
    Ok(Json::Object(told))
}
