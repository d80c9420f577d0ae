//! `neargate cost`: what a stack costs a month on AWS. It asks nobody: neither AWS nor a running
//! Neargate.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use neargate_cost::{Estimate, Line, Resource, estimate, read};
use serde_json::{Value, json};

use super::stack::cost::{Priced, of_nothing};
use super::stack::{Trouble, Variables, look};

#[derive(Args)]
pub struct Options {
    /// A directory (its terraform.tfstate, or where there is none its .tf files), a state file, or
    /// what `neargate show --json` or `terraform show -json` prints of a plan (`-` reads that from
    /// the standard input).
    #[arg(default_value = ".", value_name = "DIR|FILE|-")]
    stack: PathBuf,
    #[command(flatten)]
    variables: Variables,
    /// The region whose prices count.
    #[arg(long, default_value = look::REGION, env = "AWS_REGION")]
    region: String,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> Result<()> {
    let stack = &options.stack;
    let resources = match stack.is_dir() && !stack.join("terraform.tfstate").exists() {
        true => planned(options)?,
        false => read(&text(stack)?).with_context(|| format!("reading {}", stack.display()))?,
    };
    let estimate = estimate(&resources, &options.region)?;
    match options.json {
        true => println!("{:#}", document(&estimate)),
        false => print!("{estimate}"),
    }
    Ok(())
}

/// What a first apply of the directory would make.
fn planned(options: &Options) -> Result<Vec<Resource>> {
    let directory = options.stack.display();
    std::env::set_current_dir(&options.stack).with_context(|| format!("entering {directory}"))?;
    match look::planned(&options.variables) {
        Ok((_, plan)) => Ok(of_nothing(&plan)),
        Err(Trouble::Other(error)) => Err(error),
        Err(Trouble::Problems(problems)) => {
            problems.iter().for_each(|problem| eprint!("{problem}"));
            bail!(
                "{directory} has no terraform.tfstate, and its files cannot be planned: see above"
            )
        }
    }
}

fn text(stack: &Path) -> Result<String> {
    if stack == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).context("reading the standard input")?;
        return Ok(text);
    }
    let file = match stack.is_dir() {
        true => stack.join("terraform.tfstate"),
        false => stack.to_owned(),
    };
    fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))
}

fn document(estimate: &Estimate) -> Value {
    let (low, high) = estimate.total();
    json!({
        "currency": "USD",
        "per": "month",
        "low": cents(low),
        "high": cents(high),
        "resources": estimate.lines.iter().map(line).collect::<Vec<_>>(),
        "assumptions": estimate.assumptions,
        "withoutPrice": estimate.unknown,
        "pricesOf": neargate_cost::PRICES.date,
    })
}

fn line(line: &Line) -> Value {
    json!({ "address": line.address, "what": line.what, "low": cents(line.low), "high": cents(line.high) })
}

/// What a plan changes.
pub fn changed(priced: &Priced) -> Value {
    let (low, high) = priced.change.difference();
    json!({
        "now": document(&priced.change.before),
        "then": document(&priced.change.after),
        "difference": { "low": cents(low), "high": cents(high) },
        "note": priced.note,
    })
}

fn cents(dollars: f64) -> f64 {
    (dollars * 100.0).round() / 100.0
}
