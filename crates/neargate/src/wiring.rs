//! The one place where the parts are put together. Everything that is kept is
//! under the data directory:
//!
//! ```text
//! DIR/store.redb   the state          DIR/blobs/    layers and manifests, by digest
//! DIR/lines/       log lines          DIR/layers/   layers, unpacked
//! DIR/events/      API calls, as CloudTrail records them
//! DIR/tasks/       containers         DIR/images.json  names of images from elsewhere
//! DIR/netns/       pinned namespaces   DIR/instance   what its links, tables and cgroups are called by
//! DIR/identity.key seals the tokens of sessions
//! DIR/vault.key     seals the secrets in the state    DIR/objects/  bytes of the objects of S3
//! DIR/metrics/      values of metrics
//! DIR/sns/          the key that signs notifications, and its certificate
//! DIR/operator.token  proves to be the operator to Neargate's own pages
//! DIR/clock.json   how the cloud's time was moved
//! ```

mod aws_port;
mod own_pages;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use neargate_api::{Clock, Cloud, Rng, Services, Store, Vault};
use neargate_api_cloudtrail::Recorder;
use neargate_api_iam::{Iam, OperatorKey};
use neargate_balancers::Balancers;
use neargate_blobs::Blobs;
use neargate_bridge::{Bridge, Teller};
use neargate_databases::Databases;
use neargate_edge::Edge;
use neargate_eventlog::{EventLog, Limits};
use neargate_images::{Names, Proxies, Puller, PullerConfig, Unpacker};
use neargate_loglines::LogLines;
use neargate_logmetrics::LogMetrics;
use neargate_monitoring::Monitoring;
use neargate_net::{InstanceTag, Net};
use neargate_notifications::Notifications;
use neargate_reconcile::{Hands, Networks, Progress, Running};
use neargate_runtime::Runtime;
use neargate_scaling::Scaling;
use neargate_series::Series;
use neargate_trails::Trails;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::aws_port::AwsPort;
use self::own_pages::OwnPages;
use crate::data_channel::rights::Asked;
use crate::data_channel::{self, DataChannels};
use crate::images::Images;
use crate::inert::InertSettings;
use crate::names::AllNames;
use crate::operator_token::OperatorToken;
use crate::own::Own;
use crate::s3::{self, Objects};
use crate::sns_page::{self, SnsPage};
use crate::{moved_clock, services, task_endpoint};

/// The port of the task metadata endpoint at 169.254.170.2.
const METADATA_PORT: u16 = 80;

/// A running cloud.
pub struct Wired {
    pub edge: Arc<Edge>,
    /// Ends once the loops have.
    pub loops: JoinHandle<()>,
}

/// What the operator has chosen.
pub struct Settings {
    /// The directory that keeps everything.
    pub data: PathBuf,
    /// The account that everything belongs to.
    pub account: String,
    /// The port of the AWS endpoint.
    pub port: u16,
    pub operator: OperatorKey,
    /// Asked before a registry itself: its name → the mirror's URL.
    pub registry_mirrors: BTreeMap<String, String>,
    /// Where mail is handed in, if anywhere: `host:port`.
    pub smtp_relay: Option<String>,
}

/// Opens the store, the hands and the services, starts the loops, and makes the edge.
pub fn wire(settings: Settings, stop: &watch::Receiver<bool>) -> Result<Wired> {
    let Settings { data, account, port, operator, registry_mirrors, smtp_relay } = settings;
    std::fs::create_dir_all(&data)
        .with_context(|| format!("creating the data directory {}", data.display()))?;
    let data = data.canonicalize().context("finding the data directory")?;
    // Tasks find AWS's part alone: no page of ours, and not the key that everybody knows.
    let refused_inside = operator.is_default().then_some(OperatorKey::ACCESS_KEY_ID);
    let cloud = cloud(&data, account, port, operator)?;
    std::fs::write(data.join("instance"), InstanceTag::of(&data).as_str())?;
    let blobs = Blobs::open(data.join("blobs"))?;
    let names = Names::open(data.join("images.json"))?;
    let lines = LogLines::open(&data.join("lines"))?;
    let metrics = Series::open(&data.join("metrics")).context("opening the metrics")?;
    let metrics = Arc::new(metrics);
    let net = network(&data)?;
    let runtime = container_runtime(&data)?;
    let events = EventLog::open(&data.join("events"), Limits::default())
        .context("opening the log of API calls")?;
    let recorder = Arc::new(Recorder::new(events.clone()));
    let services = services::all(&blobs, &lines, &events, &metrics);
    let services = Arc::new(Services::new(services).heard_by(recorder.clone()));
    let port = AwsPort {
        cloud: cloud.clone(),
        services: services.clone(),
        blobs: blobs.clone(),
        objects: Blobs::open(data.join("objects"))?,
        recorder,
    };
    let (aws, s3) = port.open(None);
    let (aws_inside, s3_inside) = port.open(refused_inside);
    let balancers = Balancers::new(cloud.clone(), net.clone(), s3.clone());
    let progress = Progress::default();
    let (networks, attached, listeners) = Networks::new(
        cloud.clone(),
        net,
        Arc::new(AllNames),
        vec![METADATA_PORT, cloud.port],
        progress.clone(),
    );
    let running = Running::default();
    let puller = PullerConfig { mirrors: registry_mirrors, proxies: Proxies::from_env() };
    let puller = Puller::new(blobs.clone(), names.clone(), puller)?;
    let measured_lines = lines.clone();
    let hands = Arc::new(Hands {
        cloud: cloud.clone(),
        services: services.clone(),
        runtime,
        unpacker: Unpacker::open(blobs.clone(), data.join("layers"))?,
        images: Arc::new(Images::new(puller)),
        objects: Arc::new(Objects(s3.clone())),
        lines: lines.clone(),
        attached,
        running: running.clone(),
        progress: progress.clone(),
    });
    let databases = Databases {
        cloud: cloud.clone(),
        services: services.clone(),
        postgres: postgres(&data),
        attached: hands.attached.clone(),
        progress: progress.clone(),
    };
    let inert = Arc::new(InertSettings { cloud: cloud.clone(), services: services.clone() });
    let asked = Asked { cloud: cloud.clone(), services: services.clone(), s3: s3.clone() };
    let channels = DataChannels::new(asked.clone(), running.clone(), data.clone(), stop.clone());
    let pages = OwnPages {
        cloud: cloud.clone(),
        data: data.clone(),
        operator: Arc::new(OperatorToken::make(&data)?),
        channels: channels.clone(),
        asked,
        blobs: blobs.clone(),
        names: names.clone(),
        own: Own {
            cloud: cloud.clone(),
            inert: inert.clone(),
            progress: progress.clone(),
            balancers: balancers.clone(),
            series: metrics.clone(),
            stop: stop.clone(),
        },
    };
    let signer = neargate_notifications::signer(&data);
    let sns = SnsPage { cloud: cloud.clone(), services: services.clone(), signer: signer.clone() };
    let edge = pages.route(Edge::new(aws)).route(sns_page::is_for, Arc::new(sns.clone()));
    let edge = Arc::new(port.route(edge, &s3));
    // Before S3, to which every other path is a bucket's.
    let inside = Edge::new(aws_inside)
        .route(data_channel::is_for, Arc::new(channels.clone()))
        .route(sns_page::is_for, Arc::new(sns));
    let inside = Arc::new(port.route(inside, &s3_inside));
    let log_metrics =
        LogMetrics::new(cloud.clone(), lines.clone(), metrics.clone(), progress.clone());
    let monitoring = Monitoring {
        cloud: cloud.clone(),
        series: metrics.clone(),
        running: running.clone(),
        traffic: balancers.traffic(),
        lines: measured_lines,
        databases: postgres(&data).root,
        progress: progress.clone(),
    };
    let endpoints =
        task_endpoint::serve_all(cloud.clone(), inside, running, listeners, stop.clone());
    let balancing = balancers.run(stop.clone());
    let databases = neargate_databases::run(databases, stop.clone());
    let tidying = neargate_reconcile::images::run(hands.clone(), blobs, names, stop.clone());
    let loops = neargate_reconcile::run(hands, networks, stop.clone());
    let bridge = Bridge::new(cloud.clone(), services.clone(), progress.clone());
    let bridge = neargate_bridge::run(bridge, stop.clone());
    let scaling = Scaling {
        cloud: cloud.clone(),
        services: services.clone(),
        series: metrics,
        progress: progress.clone(),
    };
    let scaling = neargate_scaling::run(scaling, stop.clone());
    let notifications =
        Notifications::new(cloud.clone(), services.clone(), progress.clone(), signer, smtp_relay)?;
    let notifications = neargate_notifications::run(notifications, stop.clone());
    let trails = Trails { cloud, services, s3: s3.clone(), log: events, progress };
    let trails = neargate_trails::run(trails, stop.clone());
    let sessions = channels.run();
    let objects = s3::collect(s3, stop.clone());
    let telling = inert.tell(stop.clone());
    let metering = neargate_monitoring::run(monitoring, stop.clone());
    let log_metrics = neargate_logmetrics::run(log_metrics, stop.clone());
    let loops = tokio::spawn(async move {
        tokio::join!(
            loops,
            balancing,
            bridge,
            databases,
            endpoints,
            log_metrics,
            metering,
            notifications,
            objects,
            scaling,
            sessions,
            tidying,
            telling,
            trails
        );
    });
    Ok(Wired { edge, loops })
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
fn seed() -> Result<u64> {
    let mut bytes = [0; 8];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| anyhow::anyhow!("the machine gives no randomness"))?;
    Ok(u64::from_le_bytes(bytes))
}
