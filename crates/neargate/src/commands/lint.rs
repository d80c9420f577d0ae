//! `neargate lint`: what of a directory would bite on AWS. It asks nobody: neither AWS nor a running
//! Neargate.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use neargate_lint::{Around, Dockerfile, Finding, Severity, lint};
use serde_json::{Value as Json, json};

use super::stack::Trouble;
use super::stack::look::Look;

#[derive(Args)]
#[command(after_help = "\
docs/lint.md lists the rules. The files are evaluated as a first apply would evaluate them, with what AWS \
decides imagined; what is unknown, or made elsewhere, is not judged. A Dockerfile in DIR, or beside it, \
tells what the stack's own image has.

Ends with 1 where there is an error or a warning, and with 0 where there is none, or hints alone.")]
pub struct Options {
    #[command(flatten)]
    look: Look,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> ExitCode {
    linted(options).unwrap_or_else(Trouble::tell)
}

fn linted(options: &Options) -> Result<ExitCode, Trouble> {
    let (opened, plan) = options.look.planned()?;
    let around = Around { dockerfiles: dockerfiles() };
    let found = lint(&opened.stack, &plan, &around);
    match options.json {
        true => println!("{:#}", document(&found)),
        false => {
            found.iter().for_each(|finding| print!("{finding}"));
            println!("{}", summary(&found));
        }
    }
    let bites = found.iter().any(|finding| finding.severity != Severity::Hint);
    Ok(if bites { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Those of the directory that was entered, and of the one around it.
fn dockerfiles() -> Vec<Dockerfile> {
    let paths = [Path::new("Dockerfile"), Path::new("../Dockerfile")];
    let read = |path: &&Path| {
        let text = fs::read_to_string(path).ok()?;
        Some(Dockerfile { name: path.display().to_string(), text })
    };
    paths.iter().filter_map(read).take(1).collect()
}

fn counts(found: &[Finding]) -> [(Severity, usize); 3] {
    [Severity::Error, Severity::Warning, Severity::Hint].map(|severity| {
        (severity, found.iter().filter(|finding| finding.severity == severity).count())
    })
}

fn summary(found: &[Finding]) -> String {
    if found.is_empty() {
        return "Nothing that would bite on AWS was found.".to_owned();
    }
    let told = counts(found).map(|(severity, count)| match count {
        1 => format!("1 {}", severity.name()),
        count => format!("{count} {}s", severity.name()),
    });
    format!("{}.", told.join(", "))
}

fn document(found: &[Finding]) -> Json {
    let [errors, warnings, hints] = counts(found).map(|(_, count)| count);
    json!({
        "errors": errors,
        "warnings": warnings,
        "hints": hints,
        "findings": found.iter().map(Finding::to_json).collect::<Vec<Json>>(),
    })
}
