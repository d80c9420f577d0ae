//! What is kept under the data directory, opened. What an earlier run has left is adopted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use neargate_api::{Clock, Cloud, Rng, Store, Vault};
use neargate_api_iam::{Iam, OperatorKey};
use neargate_blobs::Blobs;
use neargate_bridge::Teller;
use neargate_eventlog::{EventLog, Limits};
use neargate_images::Names;
use neargate_loglines::LogLines;
use neargate_net::{InstanceTag, Net};
use neargate_runtime::Runtime;
use neargate_series::Series;
use ring::rand::{SecureRandom, SystemRandom};

use crate::moved_clock;

/// All of it but the hands, whose directories are named by the functions below.
pub struct Kept {
    /// The data directory.
    pub data: PathBuf,
    pub cloud: Arc<Cloud>,
    /// Layers and manifests.
    pub blobs: Blobs,
    /// The bytes of S3's objects.
    pub objects: Blobs,
    /// Names of images from elsewhere.
    pub names: Names,
    pub lines: LogLines,
    pub metrics: Arc<Series>,
    /// API calls.
    pub events: EventLog,
}

impl Kept {
    /// Opens what is under `data`, which is made where it is not there.
    pub fn open(data: &Path, account: String, port: u16, operator: OperatorKey) -> Result<Self> {
        std::fs::create_dir_all(data)
            .with_context(|| format!("creating the data directory {}", data.display()))?;
        let data = data.canonicalize().context("finding the data directory")?;
        let cloud = cloud(&data, account, port, operator)?;
        std::fs::write(data.join("instance"), InstanceTag::of(&data).as_str())?;
        let metrics = Series::open(&data.join("metrics")).context("opening the metrics")?;
        Ok(Kept {
            cloud,
            blobs: Blobs::open(data.join("blobs"))?,
            objects: Blobs::open(data.join("objects"))?,
            names: Names::open(data.join("images.json"))?,
            lines: LogLines::open(&data.join("lines"))?,
            metrics: Arc::new(metrics),
            events: EventLog::open(&data.join("events"), Limits::default())
                .context("opening the log of API calls")?,
            data,
        })
    }
}

/// The store, and what all requests share.
fn cloud(data: &Path, account: String, port: u16, operator: OperatorKey) -> Result<Arc<Cloud>> {
    let (clock, rng) = (Clock::with_moves(moved_clock::kept(data)?), Rng::seeded(seed()?));
    let teller = Teller { account: account.clone(), clock: clock.clone(), rng: rng.clone() };
    let tables = neargate_bridge::telling(neargate_model::tables(), teller);
    Ok(Arc::new(Cloud {
        store: Store::open(&data.join("store.redb"), tables)?,
        clock,
        rng,
        vault: Vault::open(data)?,
        account,
        port,
        identity: Arc::new(Iam::open(data, operator)?),
    }))
}

/// The network of this data directory. What an earlier run made is adopted.
pub fn network(data: &Path) -> Result<Net> {
    Ok(Net::new(neargate_net::Config::new(InstanceTag::of(data), data.join("netns")))?)
}

/// The containers of this data directory. What an earlier run started is adopted.
pub fn container_runtime(data: &Path) -> Result<Runtime> {
    let shim = vec![std::env::current_exe()?.into(), "shim".into()];
    let cgroup = format!("neargate-{}", InstanceTag::of(data).as_str());
    Ok(Runtime::new(neargate_runtime::Config::new(data.join("tasks"), shim, cgroup))?)
}

/// The database servers of this data directory. What an earlier run started is adopted.
pub fn postgres(data: &Path) -> neargate_postgres::Config {
    neargate_postgres::Config { root: data.join("rds"), bin: None, user: None }
}

/// A seed for ids out of the machine's entropy.
pub fn seed() -> Result<u64> {
    let mut bytes = [0; 8];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| anyhow::anyhow!("the machine gives no randomness"))?;
    Ok(u64::from_le_bytes(bytes))
}
