//! `neargate plan`: what an apply would do.

use std::path::{Path, PathBuf, absolute};
use std::process::ExitCode;

use clap::Args;
use neargate_stack::address::{ResourceInstance, Target};
use neargate_stack::plan::{self, Plan, PlanMode, plan};
use neargate_stack::render;
use neargate_stack::run::Stop;

use super::watch::{Watch, stop_on_ctrl_c};
use super::{Opened, Place, Trouble, Variables, block_on, cost, saved};

/// What is planned.
#[derive(Args)]
pub struct Scope {
    /// Plan only this, and what it needs: a resource or a module. May be given again. Terraform's
    /// -target=ADDRESS means this too.
    #[arg(long, value_name = "ADDRESS")]
    only: Vec<Target>,
    /// Replace this resource.
    #[arg(long, value_name = "ADDRESS")]
    replace: Vec<ResourceInstance>,
    /// Bring the state up to date, and change nothing.
    #[arg(long)]
    refresh_only: bool,
    /// Whether to look at what is there first.
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL")]
    refresh: bool,
    /// Calls at once.
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub parallelism: usize,
    /// Lines of JSON, in the form of Terraform's.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    variables: Variables,
    #[command(flatten)]
    scope: Scope,
    /// Plan to destroy everything.
    #[arg(long)]
    destroy: bool,
    /// Save the plan to a file, for apply FILE to do exactly that. Secrets are in it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Show below it what the stack will cost a month on AWS, beside what it costs now.
    #[arg(long)]
    cost: bool,
    /// End with 2 where there is something to do, 0 where there is not, and 1 after an error.
    #[arg(long)]
    detailed_exitcode: bool,
}

pub fn run(options: &Options) -> ExitCode {
    planned(options).unwrap_or_else(Trouble::tell)
}

fn planned(options: &Options) -> Result<ExitCode, Trouble> {
    // The file is beside whoever asks, and not in the directory.
    let out = options.out.as_ref().map(absolute).transpose()?;
    options.place.enter()?;
    let opened = options.place.open(&options.variables)?;
    let watch = Watch::new(options.scope.json, &opened.clock);
    let mode = options.scope.mode(options.destroy);
    let made = block_on(async {
        make(&options.place, &opened, &options.scope, mode, &watch, stop_on_ctrl_c()).await
    })?;
    let Some(plan) = made? else { return Ok(ExitCode::FAILURE) };
    show(&plan, &watch);
    if let Some(out) = &out {
        saved::save(out, &options.place, &opened, &plan)?;
        watch.say(format_args!(
            "\nSaved the plan to: {0}\n\nTo perform exactly these actions, run the following command to apply:\n    neargate apply {0}\n",
            quoted(options.out.as_deref().unwrap_or(out))
        ));
    }
    if options.cost {
        show_cost(&opened, &plan, &watch);
    }
    let changed = options.detailed_exitcode && !plan.is_empty();
    Ok(if changed { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

/// As a shell takes it.
fn quoted(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
}

impl Scope {
    /// Whether anything is said of what is planned.
    pub fn is_given(&self) -> bool {
        !self.only.is_empty() || !self.replace.is_empty() || self.refresh_only || !self.refresh
    }

    pub fn mode(&self, destroy: bool) -> PlanMode {
        match (destroy, self.refresh_only) {
            (true, _) => PlanMode::Destroy,
            (_, true) => PlanMode::RefreshOnly,
            _ => PlanMode::Normal,
        }
    }
}

/// Makes a plan; none where there are errors, which are told.
pub async fn make(
    place: &Place,
    opened: &Opened,
    scope: &Scope,
    mode: PlanMode,
    watch: &Watch,
    stop: Stop,
) -> Result<Option<Plan>, Trouble> {
    watch.problems(&opened.warnings);
    let state = place.read_state(&opened.rng)?;
    let options = plan::Options {
        mode,
        refresh: scope.refresh,
        targets: scope.only.clone(),
        replace: scope.replace.clone(),
        parallelism: scope.parallelism,
    };
    match plan(&opened.stack, state, &options, watch, stop).await {
        Ok(plan) => {
            watch.problems(&plan.warnings);
            Ok(Some(plan))
        }
        Err(problems) => {
            watch.problems(&problems);
            Ok(None)
        }
    }
}

/// Prints a plan.
pub fn show(plan: &Plan, watch: &Watch) {
    if watch.refreshed() > 0 {
        watch.say(format_args!("{} resources were looked at.\n\n", watch.refreshed()));
    }
    watch.say(render::plan(plan));
    watch.lines(|lines, at| lines.plan(at, plan));
}

/// Prints what a plan changes of the cost.
fn show_cost(opened: &Opened, plan: &Plan, watch: &Watch) {
    let priced = cost::of_plan(&opened.stack, plan);
    watch.say(format_args!("\nCost on AWS:\n\n{}", priced.change));
    if let Some(note) = &priced.note {
        watch.say(format_args!("{note}\n"));
    }
    watch
        .lines(|lines, at| lines.more(at, "cost", "Cost", crate::commands::cost::changed(&priced)));
}
