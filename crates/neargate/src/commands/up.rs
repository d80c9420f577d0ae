//! `neargate up`: wires the cloud together and serves it until it is told to stop.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;
use neargate_api::{Clock, Cloud, Rng, Services, Store};
use neargate_edge::{AwsApi, Edge, serve};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::identity::OperatorOnly;
use crate::own::{self, Own};
use crate::services;

#[derive(Args)]
pub struct Options {
    /// The port of the AWS endpoint.
    #[arg(long, default_value_t = 4566, env = "NEARGATE_PORT")]
    port: u16,
    /// The directory that keeps everything.
    #[arg(long, default_value = "/var/lib/neargate", env = "NEARGATE_DATA", value_name = "DIR")]
    data: PathBuf,
    /// The account number that everything belongs to.
    #[arg(long, default_value = "000000000000", env = "NEARGATE_ACCOUNT", value_parser = account)]
    account: String,
}

fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("an account number has twelve digits".into())
    }
}

pub fn run(options: Options) -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("NEARGATE_LOG")
                .unwrap_or_else(|_| "info".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let stopped = runtime.block_on(up(options));
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    stopped
}

async fn up(options: Options) -> Result<()> {
    std::fs::create_dir_all(&options.data)
        .with_context(|| format!("creating the data directory {}", options.data.display()))?;
    let store = Store::open(&options.data.join("store.redb"), neargate_model::tables())?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!(
            "port {} cannot be had: is another Neargate running? Choose one with --port",
            options.port
        )
    })?;
    let port = listener.local_addr()?.port();
    let cloud = Arc::new(Cloud {
        store,
        clock: Clock::system(),
        rng: Rng::seeded(seed()?),
        account: options.account,
        port,
        identity: Arc::new(OperatorOnly),
    });
    let services = Arc::new(Services::new(services::all()));
    let aws = Arc::new(AwsApi::new(cloud.clone(), services.clone()));
    let own = Arc::new(Own { cloud: cloud.clone(), services });
    let edge = Edge::new(aws).route(|request| request.uri().path().starts_with(own::PREFIX), own);
    let (stop, stopping) = watch::channel(false);
    let serving = tokio::spawn(serve(Arc::new(edge), listener, stopping));
    tracing::info!("ready at http://127.0.0.1:{port}, data in {}", options.data.display());
    told_to_stop().await?;
    tracing::info!("stopping");
    stop.send_replace(true);
    serving.await?;
    Ok(())
}

async fn told_to_stop() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// A seed for ids out of the machine's entropy.
fn seed() -> Result<u64> {
    let mut bytes = [0; 8];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| anyhow::anyhow!("the machine gives no randomness"))?;
    Ok(u64::from_le_bytes(bytes))
}
