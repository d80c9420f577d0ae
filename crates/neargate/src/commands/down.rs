//! `neargate down`: ends what outlives the daemon. Tasks and networks
//! go on when Neargate stops, so that a restart finds them; this takes them away.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use neargate_store::Store;

use crate::wiring;

#[derive(Args)]
pub struct Options {
    /// The directory that keeps everything.
    #[arg(long, default_value = "/var/lib/neargate", env = "NEARGATE_DATA", value_name = "DIR")]
    data: PathBuf,
    /// Also delete the directory with all state, images, logs and databases.
    #[arg(long)]
    delete_data: bool,
}

pub fn run(options: &Options) -> Result<()> {
    if !options.data.is_dir() {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(down(options))
}

async fn down(options: &Options) -> Result<()> {
    let file = options.data.join("store.redb");
    if file.exists() && Store::open(&file, neargate_model::tables()).is_err() {
        bail!(
            "{} is in use: stop the running Neargate first (SIGTERM or Ctrl-C)",
            options.data.display()
        );
    }
    let data = options.data.canonicalize().context("finding the data directory")?;
    let containers = wiring::container_runtime(&data)?;
    let removed = containers.remove_orphans(&BTreeSet::new()).await?;
    containers.remove_cgroup()?;
    let net = wiring::network(&data)?;
    net.destroy_all().await?;
    net.quiesce().await;
    println!("ended {} tasks and their networks", removed.len());
    if options.delete_data {
        std::fs::remove_dir_all(&data).with_context(|| format!("deleting {}", data.display()))?;
        println!("deleted {}", data.display());
    }
    Ok(())
}
