//! `neargate spot`: what happens to tasks on FARGATE_SPOT when AWS needs its
//! capacity back, whenever one wants to see it.

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::clock::span_ms;
use crate::client::Reach;
use crate::spot::PATH;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Interrupt a task on FARGATE_SPOT: it leaves its load balancer and has SIGTERM at once, and SIGKILL after its stopTimeout or at the end of the notice. Its service replaces it.
    Interrupt {
        /// The task's id, its beginning, or its ARN.
        task: String,
        /// From the notice to the end of the capacity: two minutes at most, as on AWS.
        #[arg(long = "in", value_parser = span_ms, default_value = "120s", value_name = "SPAN")]
        in_ms: i64,
    },
    /// While on, no task is placed on FARGATE_SPOT; what runs there goes on. Without a word, tell how it is.
    Shortage { switch: Option<Switch> },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

pub fn run(options: &Options) -> Result<()> {
    let reach = &options.reach;
    match &options.verb {
        Verb::Interrupt { task, in_ms } => {
            let wanted = json!({ "interrupt": { "task": task, "inMs": in_ms } });
            let answer = reach.post(PATH, &wanted)?;
            let id = answer["task"].as_str().unwrap_or_default();
            println!("task {id} was told; its capacity is gone in {} s", in_ms / 1000);
        }
        Verb::Shortage { switch } => {
            let answer = match switch {
                None => reach.get(PATH)?,
                Some(switch) => reach.post(PATH, &json!({ "shortage": *switch == Switch::On }))?,
            };
            println!(
                "{}",
                if answer["shortage"] == true {
                    "FARGATE_SPOT has no capacity for new tasks"
                } else {
                    "FARGATE_SPOT has capacity"
                }
            );
        }
    }
    Ok(())
}
