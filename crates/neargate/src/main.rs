//! The `neargate` command. Arguments are parsed here; each command is a file
//! under `commands`.

mod client;
mod commands;
mod data_channel;
mod exec_page;
mod images;
mod inert;
mod loaded_images;
mod moved_clock;
mod names;
mod operator_page;
mod operator_token;
mod own;
mod registry;
mod s3;
mod services;
mod sns_page;
mod spot;
mod task_endpoint;
mod wiring;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use nix::sys::signal::{SigHandler, Signal, signal};

/// The cloud that an ECS Fargate stack needs, for real, on one machine.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the cloud in the foreground; SIGTERM and Ctrl-C stop it cleanly.
    Up(commands::up::Options),
    /// End the tasks, databases and networks that go on after Neargate has stopped.
    Down(commands::down::Options),
    /// Whether a directory of Terraform's files makes sense.
    Validate(commands::stack::validate::Options),
    /// What an apply of a directory of Terraform's files would do.
    Plan(commands::stack::plan::Options),
    /// Make what a directory of Terraform's files says, here or on AWS, without Terraform.
    Apply(commands::stack::apply::Options),
    /// Destroy what an apply has made.
    Destroy(commands::stack::apply::Options),
    /// What the state of a directory has, or what a saved plan would do; or a file of either.
    Show(commands::stack::show::Options),
    /// The outputs of an applied directory.
    Output(commands::stack::output::Options),
    /// What the state of an applied directory has; moved, forgotten or put back without touching the cloud.
    State(commands::stack::state::Options),
    /// Take what is in the cloud already into the state of a directory.
    Import(commands::stack::import::Options),
    /// The values of expressions, with a directory's variables and what its state has.
    Console(commands::stack::console::Options),
    /// Bring Terraform's files into their canonical form.
    Fmt(commands::stack::fmt::Options),
    /// What of a directory comes before what, for Graphviz.
    Graph(commands::stack::graph::Options),
    /// What a stack costs a month on AWS, by resource, from its files, a state or a plan.
    Cost(commands::cost::Options),
    /// What of a directory of Terraform's files would bite on AWS, with the line, and what to change.
    Lint(commands::lint::Options),
    /// Print the environment that points Terraform, the AWS CLI and the SDKs at Neargate: eval "$(neargate env)".
    Env(commands::env::Options),
    /// Bring images of other registries here by hand, for machines without a network.
    Image(commands::image::Options),
    /// Show what services do: deployments, tasks, targets with their health, events, and what is waited for.
    Status(commands::status::Options),
    /// Show services as they live, each second anew: capacity, load, alarms, and what scaling does.
    Top(commands::top::Options),
    /// Show the events of services; with --follow, as they come.
    Events(commands::events::Options),
    /// Show what was published to SNS topics, by alarms and others, and what became of it; with --follow, as it comes.
    Notifications(commands::notifications::Options),
    /// Show the control plane's time, move it forward, or let it pass faster.
    Clock(commands::clock::Options),
    /// Interrupt a task on FARGATE_SPOT, or let its capacity be short.
    Spot(commands::spot::Options),
    /// Run a command in a container of a task, with a terminal where there is one here.
    Exec(commands::exec::Options),
    /// The supervisor of one task's containers; Neargate starts it itself.
    #[command(hide = true)]
    Shim {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<std::ffi::OsString>,
    },
}

impl Command {
    /// Whether it only shows something, so that it may end as soon as nobody reads on.
    fn only_shows(&self) -> bool {
        match self {
            Command::State(options) => options.only_shows(),
            Command::Validate(_)
            | Command::Show(_)
            | Command::Output(_)
            | Command::Graph(_)
            | Command::Cost(_)
            | Command::Lint(_)
            | Command::Env(_)
            | Command::Status(_)
            | Command::Events(_)
            | Command::Notifications(_) => true,
            _ => false,
        }
    }
}

fn main() -> ExitCode {
    let arguments = commands::stack::arguments::normal(std::env::args_os());
    let command = Arguments::parse_from(arguments).command;
    if command.only_shows() {
        // SAFETY: no handler is taken away that anything relies on: this is before any thread, and
        // Rust's runtime has only had the signal ignored.
        let _ = unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) };
    }
    let outcome = match command {
        Command::Up(options) => commands::up::run(options),
        Command::Down(options) => commands::down::run(&options),
        Command::Validate(options) => return commands::stack::validate::run(&options),
        Command::Plan(options) => return commands::stack::plan::run(&options),
        Command::Apply(options) => return commands::stack::apply::run(&options, false),
        Command::Destroy(options) => return commands::stack::apply::run(&options, true),
        Command::Show(options) => return commands::stack::show::run(&options),
        Command::Output(options) => return commands::stack::output::run(&options),
        Command::State(options) => return commands::stack::state::run(&options),
        Command::Import(options) => return commands::stack::import::run(&options),
        Command::Console(options) => return commands::stack::console::run(&options),
        Command::Fmt(options) => return commands::stack::fmt::run(&options),
        Command::Graph(options) => return commands::stack::graph::run(&options),
        Command::Cost(options) => commands::cost::run(&options),
        Command::Lint(options) => return commands::lint::run(&options),
        Command::Env(options) => commands::env::run(&options),
        Command::Image(options) => commands::image::run(&options),
        Command::Status(options) => commands::status::run(&options),
        Command::Top(options) => commands::top::run(&options),
        Command::Events(options) => commands::events::run(&options),
        Command::Notifications(options) => commands::notifications::run(&options),
        Command::Clock(options) => commands::clock::run(&options),
        Command::Spot(options) => commands::spot::run(&options),
        Command::Exec(options) => return commands::exec::run(&options).unwrap_or_else(failed),
        // Before any thread: the shim forks.
        Command::Shim { arguments } => return neargate_runtime::shim::main(arguments.into_iter()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(error),
    }
}

fn failed(error: anyhow::Error) -> ExitCode {
    eprintln!("neargate: {error:#}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;

    #[test]
    fn every_command_takes_its_arguments() {
        Arguments::command().debug_assert();
    }
}
