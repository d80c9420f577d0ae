//! `neargate fmt`: files in Terraform's canonical form, or whether they are in it.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use neargate_hcl::{Diagnostic, Source, format};

use super::Trouble;

#[derive(Args)]
pub struct Options {
    /// A directory, a file, or - for the standard input.
    #[arg(default_value = ".", value_name = "DIR|FILE|-")]
    paths: Vec<PathBuf>,
    /// Change nothing, and end with 3 where a file is not in its form.
    #[arg(long)]
    check: bool,
    /// Go into directories below, too.
    #[arg(long)]
    recursive: bool,
}

pub fn run(options: &Options) -> ExitCode {
    match formatted(options) {
        Ok((_, problems)) if !problems.is_empty() => Trouble::Problems(problems).tell(),
        Ok((changed, _)) if changed && options.check => ExitCode::from(3),
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => Trouble::Other(error).tell(),
    }
}

/// Whether any was not in its form, and what is wrong with others.
fn formatted(options: &Options) -> Result<(bool, Vec<Diagnostic>)> {
    let (mut changed, mut problems) = (false, Vec::new());
    for path in &options.paths {
        if path == Path::new("-") {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).context("reading the standard input")?;
            match form(&text, "<stdin>") {
                Ok(new) => {
                    changed |= new != text;
                    if !options.check {
                        print!("{new}");
                    }
                }
                Err(problem) => problems.push(problem),
            }
            continue;
        }
        let mut files = Vec::new();
        collect(path, options.recursive, true, &mut files)?;
        for file in files {
            let name = file.strip_prefix("./").unwrap_or(&file).display().to_string();
            let text = fs::read_to_string(&file).with_context(|| format!("reading {name}"))?;
            match form(&text, &name) {
                Ok(new) if new != text => {
                    changed = true;
                    println!("{name}");
                    if !options.check {
                        fs::write(&file, new).with_context(|| format!("writing {name}"))?;
                    }
                }
                Ok(_) => {}
                Err(problem) => problems.push(problem),
            }
        }
    }
    Ok((changed, problems))
}

fn form(text: &str, name: &str) -> Result<String, Diagnostic> {
    let source = Source::new(name, text);
    neargate_stack::config::syntax::parse(&source)?;
    Ok(format(text))
}

/// The files that Terraform reads, in the order of their names.
fn collect(path: &Path, recursive: bool, named: bool, files: &mut Vec<PathBuf>) -> Result<()> {
    let told = || format!("reading {}", path.display());
    if !path.is_dir() {
        fs::metadata(path).with_context(told)?;
        files.push(path.to_owned());
        return Ok(());
    }
    if !named && !recursive {
        return Ok(());
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).with_context(told)? {
        entries.push(entry?.path());
    }
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || name.ends_with('~') || name.starts_with('#') {
            continue;
        }
        let ours = [".tf", ".tfvars", ".tftest.hcl"].iter().any(|end| name.ends_with(end));
        if entry.is_dir() || ours {
            collect(&entry, recursive, false, files)?;
        }
    }
    Ok(())
}
