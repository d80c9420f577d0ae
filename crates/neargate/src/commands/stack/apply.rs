//! `neargate apply` and `neargate destroy`: plans, asks, and does it; or does what a saved plan says.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;
use neargate_hcl::Diagnostic;
use neargate_stack::apply::{Outcome, Surroundings, apply};
use neargate_stack::plan::{Plan, PlanMode};
use neargate_stack::render::{self, lines};
use neargate_stack::run::Stop;
use neargate_stack::state::file::StateFile;
use neargate_stack::state::lock;

use super::plan::{self, Scope};
use super::watch::{Watch, stop_on_ctrl_c};
use super::{Opened, Place, Trouble, Variables, block_on, saved};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    pub place: Place,
    /// A plan that plan --out has saved, for DIR; in place of DIR it is for where it was made.
    #[arg(value_name = "PLAN")]
    pub(super) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(super) variables: Variables,
    #[command(flatten)]
    pub(super) scope: Scope,
    /// Do not ask.
    #[arg(long)]
    auto_approve: bool,
}

/// Makes the cloud as the files say; or, with `destroy`, takes all of it away.
pub fn run(options: &Options, destroy: bool) -> ExitCode {
    let done = match options.saved() {
        Some(plan) if destroy => refused(plan),
        Some(plan) => saved::apply(options, plan),
        None => done(options, destroy),
    };
    done.unwrap_or_else(Trouble::tell)
}

impl Options {
    /// The file of a plan, if one is given.
    fn saved(&self) -> Option<&Path> {
        let alone = Some(&self.place.directory).filter(|path| path.is_file());
        self.plan.as_ref().or(alone).map(PathBuf::as_path)
    }
}

fn refused(plan: &Path) -> Result<ExitCode, Trouble> {
    let detail = format!(
        "If this plan was created using plan --destroy, apply it using:\n  neargate apply {:?}",
        plan.display().to_string()
    );
    let error = Diagnostic::error("Destroy can't be called with a plan file", detail);
    Err(Trouble::Problems(vec![error]))
}

fn done(options: &Options, destroy: bool) -> Result<ExitCode, Trouble> {
    block_on(async { applied(options, destroy, stop_on_ctrl_c()).await })?
}

/// As `run`, in a process that does other things too, until `stop` is asked for.
pub async fn applied(options: &Options, destroy: bool, stop: Stop) -> Result<ExitCode, Trouble> {
    options.place.enter()?;
    let mut opened = options.place.open(&options.variables)?;
    let watch = Watch::new(options.scope.json, &opened.clock);
    change(options, &mut opened, options.scope.mode(destroy), &watch, stop).await
}

async fn change(
    options: &Options,
    opened: &mut Opened,
    mode: PlanMode,
    watch: &Watch,
    stop: Stop,
) -> Result<ExitCode, Trouble> {
    let path = options.place.state_path();
    let lock = lock::acquire(path, "OperationTypeApply", &opened.clock, &opened.rng)?;
    let file = StateFile::new(path, Some(lock)).with_intents()?;
    let made =
        plan::make(&options.place, opened, &options.scope, mode, watch, stop.clone()).await?;
    let Some(plan) = made else { return Ok(ExitCode::FAILURE) };
    plan::show(&plan, watch);
    if plan.is_empty() && mode == PlanMode::Destroy {
        watch.say("\nNo changes. There is nothing to destroy.\n");
    }
    if !plan.is_empty() && !options.auto_approve && !approved(mode, watch)? {
        watch.say(format_args!("\n{} cancelled.\n", name(mode)));
        return Ok(ExitCode::FAILURE);
    }
    opened.applying()?;
    let began = Instant::now();
    let outcome = carry_out(opened, plan, file, options.scope.parallelism, watch, stop).await;
    tell(&outcome, mode, began, watch);
    Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) async fn carry_out(
    opened: &Opened,
    plan: Plan,
    file: StateFile,
    parallelism: usize,
    watch: &Watch,
    stop: Stop,
) -> Outcome {
    watch.say("\n");
    let keeper = Mutex::new(file);
    let around = Surroundings {
        keeper: &keeper,
        observer: watch,
        stop,
        clock: opened.clock.clone(),
        rng: opened.rng.clone(),
        parallelism,
    };
    apply(&opened.stack, plan, &around).await
}

pub(super) fn tell(outcome: &Outcome, mode: PlanMode, began: Instant, watch: &Watch) {
    watch.problems(&outcome.problems);
    if !outcome.is_ok() {
        return;
    }
    let took = began.elapsed().as_secs_f64();
    watch.say(format_args!("\n{} ({took:.1} s)\n", lines::completed(mode, outcome.summary)));
    if !outcome.outputs.is_empty() {
        watch.say(format_args!("\nOutputs:\n\n{}", render::output_values(outcome.outputs.iter())));
    }
    watch.lines(|lines, at| lines.outcome(at, mode, outcome));
}

fn name(mode: PlanMode) -> &'static str {
    if mode == PlanMode::Destroy { "Destroy" } else { "Apply" }
}

/// Asks whether to go on, as Terraform does.
fn approved(mode: PlanMode, watch: &Watch) -> Result<bool> {
    if watch.is_json() || !io::stdin().is_terminal() {
        bail!("nobody can be asked here: --auto-approve goes on without a question");
    }
    let question = match mode {
        PlanMode::Destroy => "Do you really want to destroy all resources?",
        _ => "Do you want to perform these actions?",
    };
    print!("\n{question}\n  Only 'yes' will be accepted to approve.\n\n  Enter a value: ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
