//! `neargate down`: ends what outlives the daemon. Tasks, databases and networks
//! go on when Neargate stops, so that a restart finds them; this takes them away.
//! What is kept stays: the next `up` starts the services and databases anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use neargate_postgres::Postgres;
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
    // Clients first: a server waits for what they have begun.
    let databases = stop_databases(&data).await?;
    let net = wiring::network(&data)?;
    net.destroy_all().await?;
    net.quiesce().await;
    println!("ended {} tasks, {databases} databases and their networks", removed.len());
    if options.delete_data {
        std::fs::remove_dir_all(&data).with_context(|| format!("deleting {}", data.display()))?;
        println!("deleted {}", data.display());
    }
    Ok(())
}

async fn stop_databases(data: &Path) -> Result<usize> {
    let config = wiring::postgres(data);
    if !config.root.exists() {
        return Ok(0);
    }
    Ok(Postgres::new(config)?.stop_all().await?)
}
