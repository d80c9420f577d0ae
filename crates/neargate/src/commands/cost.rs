//! `neargate cost`: what a stack costs a month on AWS. It asks nobody: neither AWS nor a running
//! Neargate.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use neargate_cost::{Estimate, estimate, read};
use serde_json::{Value, json};

#[derive(Args)]
pub struct Options {
    /// A directory with a terraform.tfstate, a state file, or what `terraform show -json` prints of
    /// a plan (`-` reads that from the standard input).
    #[arg(default_value = ".", value_name = "DIR|FILE|-")]
    stack: PathBuf,
    /// The region whose prices count.
    #[arg(long, default_value = "us-west-2", env = "AWS_REGION")]
    region: String,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> Result<()> {
    let text = text(&options.stack)?;
    let of = || format!("reading {}", options.stack.display());
    let resources = read(&text).with_context(of)?;
    let estimate = estimate(&resources, &options.region)?;
    match options.json {
        true => println!("{:#}", document(&estimate)),
        false => print!("{estimate}"),
    }
    Ok(())
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
    if stack.is_dir() && !file.exists() {
        bail!(
            "{} has no terraform.tfstate. Before an apply, give a plan: \
             terraform plan -out=plan && terraform show -json plan | neargate cost -",
            stack.display()
        );
    }
    fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))
}

fn document(estimate: &Estimate) -> Value {
    let (low, high) = estimate.total();
    let lines = estimate.lines.iter().map(|line| {
        json!({ "address": line.address, "what": line.what, "low": cents(line.low), "high": cents(line.high) })
    });
    json!({
        "currency": "USD",
        "per": "month",
        "low": cents(low),
        "high": cents(high),
        "resources": lines.collect::<Vec<_>>(),
        "assumptions": estimate.assumptions,
        "withoutPrice": estimate.unknown,
        "pricesOf": neargate_cost::PRICES.date,
    })
}

fn cents(dollars: f64) -> f64 {
    (dollars * 100.0).round() / 100.0
}
