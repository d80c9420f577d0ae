//! Plans in files: `neargate plan --out FILE` writes one, `neargate apply FILE` does what it says.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use neargate_api::Clock;
use neargate_hcl::Diagnostic;
use neargate_stack::plan::Plan;
use neargate_stack::saved::{self, Origin, Saved};
use neargate_stack::state::file::{self, StateFile};
use neargate_stack::state::lock;

use super::watch::{Watch, stop_on_ctrl_c};
use super::{Cloud, Opened, Place, Trouble, apply, block_on, disk, rng};

/// Writes a plan to a file that only its owner reads.
pub fn save(path: &Path, place: &Place, opened: &Opened, plan: &Plan) -> Result<()> {
    let origin = Origin {
        directory: std::env::current_dir().context("finding the working directory")?,
        state: place.state.clone(),
        cloud: place.cloud().name().to_owned(),
        planned_at: opened.planned_at,
    };
    let text = saved::write(&opened.stack, plan, &origin);
    let told = || format!("writing the plan to {}", path.display());
    // Whoever may read the place of the file may not read what is in it.
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(told)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(told)
}

/// The plan in a file.
pub fn read(path: &Path) -> Result<Saved> {
    let told = || format!("Failed to load {:?} as a plan file", path.display().to_string());
    let text = fs::read_to_string(path).with_context(told)?;
    saved::read(&text).with_context(told)
}

/// A plan with its configuration, in the place that it was made for.
pub fn open(saved: Saved, place: &Place) -> Result<(Opened, Plan), Trouble> {
    let (clock, rng) = (Clock::system(), rng()?);
    let planned_at = saved.origin().planned_at;
    let outside = disk(None, planned_at)?;
    let providers = place.providers(&rng, &clock)?;
    let stack = saved.stack(providers, Arc::new(outside)).map_err(Trouble::Problems)?;
    let plan = saved.plan(&stack).map_err(Trouble::Problems)?;
    Ok((Opened { stack, warnings: Vec::new(), clock, rng, planned_at }, plan))
}

/// Does what a plan in a file says: nobody is asked, as it was looked at when it was made.
pub fn apply(options: &apply::Options, path: &Path) -> Result<ExitCode, Trouble> {
    let saved = read(path)?;
    let place = options.place.of(saved.origin(), options.plan.is_some())?;
    refuse(options)?;
    place.enter()?;
    let current = |place: &Place| file::read(place.state_path());
    let stale = |problem: Diagnostic| Trouble::Problems(vec![problem]);
    saved.check(current(&place)?.as_ref()).map_err(stale)?;
    let (clock, rng) = (Clock::system(), rng()?);
    let state = place.state_path();
    let held = lock::acquire(state, "OperationTypeApply", &clock, &rng)?;
    // It may have been changed until it was locked.
    saved.check(current(&place)?.as_ref()).map_err(stale)?;
    let file = StateFile::new(state, Some(held)).with_intents()?;
    let (mut opened, plan) = open(saved, &place)?;
    opened.applying()?;
    let watch = Watch::new(options.scope.json, &opened.clock);
    let (mode, began) = (plan.mode, Instant::now());
    let outcome = block_on(async {
        let stop = stop_on_ctrl_c();
        apply::carry_out(&opened, plan, file, options.scope.parallelism, &watch, stop).await
    })?;
    apply::tell(&outcome, mode, began, &watch);
    Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What was decided when the plan was made cannot be decided again.
fn refuse(options: &apply::Options) -> Result<()> {
    if options.variables.is_given() || options.scope.is_given() {
        bail!(
            "a saved plan has its variables and its scope already: leave out --var, --var-file, \
             --only, --replace, --refresh and --refresh-only, or make a new plan"
        );
    }
    Ok(())
}

impl Cloud {
    fn name(self) -> &'static str {
        match self {
            Cloud::Neargate => "neargate",
            Cloud::Aws => "aws",
        }
    }
}

impl Place {
    /// Where a plan was made: in its own directory, or in the one that is given here.
    pub fn of(&self, origin: &Origin, elsewhere: bool) -> Result<Place> {
        let planned = match origin.cloud.as_str() {
            "aws" => Cloud::Aws,
            _ => Cloud::Neargate,
        };
        if let Some(given) = self.cloud
            && given != planned
        {
            bail!("this plan was made for --target {}", planned.name());
        }
        let directory = if elsewhere { &self.directory } else { &origin.directory };
        Ok(Place {
            directory: directory.clone(),
            state: origin.state.clone(),
            cloud: Some(planned),
            ..self.clone()
        })
    }
}
