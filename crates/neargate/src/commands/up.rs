//! `neargate up`: wires the cloud together and serves it until it is told to stop. With a directory,
//! its stack is applied once the cloud is ready.

mod stack;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use neargate_api_iam::OperatorKey;
use neargate_edge::serve;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::wiring::{self, Settings};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    stack: stack::Options,
    /// The port of the AWS endpoint.
    #[arg(long, default_value_t = 4566, env = "NEARGATE_PORT")]
    port: u16,
    /// The directory that keeps everything.
    #[arg(long, default_value = "/var/lib/neargate", env = "NEARGATE_DATA", value_name = "DIR")]
    data: PathBuf,
    /// The account number that everything belongs to.
    #[arg(long, default_value = "000000000000", env = "NEARGATE_ACCOUNT", value_parser = account)]
    account: String,
    /// The operator's access key, which may do everything.
    #[arg(long, default_value = OperatorKey::ACCESS_KEY_ID, env = "NEARGATE_ACCESS_KEY", value_name = "ID")]
    access_key: String,
    /// The operator's secret key.
    #[arg(
        long,
        default_value = OperatorKey::SECRET_ACCESS_KEY,
        env = "NEARGATE_SECRET_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    secret_key: String,
    /// A mirror that is asked before a registry itself, such as
    /// docker.io=http://127.0.0.1:5000; may be given more than once.
    #[arg(
        long = "registry-mirror",
        env = "NEARGATE_REGISTRY_MIRRORS",
        value_delimiter = ',',
        value_parser = mirror,
        value_name = "REGISTRY=URL"
    )]
    registry_mirrors: Vec<(String, String)>,
    /// Where mail of SNS subscriptions is handed in, by SMTP; without one it is kept, and shown by
    /// neargate notifications.
    #[arg(long, env = "NEARGATE_SMTP_RELAY", value_parser = relay, value_name = "HOST:PORT")]
    smtp_relay: Option<String>,
}

fn relay(text: &str) -> Result<String, String> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
            Ok(text.to_owned())
        }
        _ => Err("a relay is given as HOST:PORT, such as 127.0.0.1:25".into()),
    }
}

fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("an account number has twelve digits".into())
    }
}

fn mirror(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((registry, url)) if !registry.is_empty() && url.starts_with("http") => {
            Ok((registry.to_owned(), url.to_owned()))
        }
        _ => {
            Err("a mirror is given as REGISTRY=URL, such as docker.io=http://127.0.0.1:5000".into())
        }
    }
}

pub fn run(options: Options) -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("NEARGATE_LOG")
                .unwrap_or_else(|_| "info,hickory_server=warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let stopped = runtime.block_on(up(options));
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    stopped
}

async fn up(options: Options) -> Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!(
            "port {} cannot be had: is another Neargate running? Choose one with --port",
            options.port
        )
    })?;
    let port = listener.local_addr()?.port();
    let operator =
        OperatorKey { access_key_id: options.access_key, secret_access_key: options.secret_key };
    let stack = options.stack.stack(port, &operator)?;
    let mut signals = Signals::new()?;
    let (stop, stopping) = watch::channel(false);
    // An apply goes into another directory.
    let data = std::path::absolute(options.data).context("finding the data directory")?;
    let settings = Settings {
        data: data.clone(),
        account: options.account,
        port,
        operator,
        smtp_relay: options.smtp_relay,
        registry_mirrors: options.registry_mirrors.into_iter().collect(),
    };
    let wired = wiring::wire(settings, &stopping)?;
    let serving = tokio::spawn(serve(wired.edge, listener, stopping));
    tracing::info!("ready at http://127.0.0.1:{port}, data in {}", data.display());
    let interrupted = match stack {
        Some(stack) => stack.applied(&mut signals).await,
        None => false,
    };
    if !interrupted {
        signals.next().await;
    }
    tracing::info!("stopping; tasks go on and are adopted by the next start");
    stop.send_replace(true);
    serving.await?;
    wired.loops.await?;
    Ok(())
}

/// What asks this process to end: SIGTERM, or Ctrl-C.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Signals> {
        let (terminate, interrupt) = (SignalKind::terminate(), SignalKind::interrupt());
        Ok(Signals { terminate: signal(terminate)?, interrupt: signal(interrupt)? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
