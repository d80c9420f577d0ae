//! The `neargate` command. Arguments are parsed here; each command is a file
//! under `commands`.

mod commands;
mod identity;
mod own;
mod services;

use clap::{Parser, Subcommand};

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
    /// Print the environment that points Terraform, the AWS CLI and the SDKs at Neargate: eval "$(neargate env)".
    Env(commands::env::Options),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Up(options) => commands::up::run(options),
        Command::Env(options) => commands::env::run(&options),
    }
}
