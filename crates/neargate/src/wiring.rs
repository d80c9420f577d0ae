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
mod kept;
mod loops;
mod own_pages;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use neargate_api::Services;
use neargate_api_cloudtrail::Recorder;
use neargate_api_ecr::Pulls;
use neargate_api_iam::OperatorKey;
use neargate_api_s3::S3;
use neargate_balancers::Balancers;
use neargate_edge::Edge;
use neargate_images::{Proxies, Puller, PullerConfig, Unpacker};
use neargate_reconcile::{Attached, Hands, Networks, Progress, Running};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::aws_port::AwsPort;
pub use self::kept::{Kept, container_runtime, network, postgres, seed};
use self::loops::Loops;
use self::own_pages::OwnPages;
use crate::data_channel::rights::Asked;
use crate::data_channel::{self, DataChannels};
use crate::images::Images;
use crate::inert::InertSettings;
use crate::names::AllNames;
use crate::operator_token::OperatorToken;
use crate::own::Own;
use crate::s3::Objects;
use crate::services;
use crate::sns_page::{self, SnsPage};

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

/// What most parts share.
struct Shared {
    kept: Kept,
    services: Arc<Services>,
    pulls: Pulls,
    progress: Progress,
    running: Running,
    stop: watch::Receiver<bool>,
}

/// Opens the store, the hands and the services, starts the loops, and makes the edge.
pub fn wire(settings: Settings, stop: &watch::Receiver<bool>) -> Result<Wired> {
    let Settings { data, account, port, operator, registry_mirrors, smtp_relay } = settings;
    // Tasks find AWS's part alone: no page of ours, and not the key that everybody knows.
    let refused_inside = operator.is_default().then_some(OperatorKey::ACCESS_KEY_ID);
    let kept = Kept::open(&data, account, port, operator)?;
    let net = network(&kept.data)?;
    let (pulls, recorder) = (Pulls::default(), Arc::new(Recorder::new(kept.events.clone())));
    let all = services::all(&kept, &pulls);
    let services = Arc::new(Services::new(all).heard_by(recorder.clone()));
    let (progress, running) = (Progress::default(), Running::default());
    let shared = Shared { kept, services, pulls, progress, running, stop: stop.clone() };

    let port = shared.aws_port(recorder);
    let (aws, s3) = port.open(None);
    let (aws_inside, s3_inside) = port.open(refused_inside);
    let balancers = Balancers::new(shared.kept.cloud.clone(), net.clone(), s3.clone());
    let (networks, attached, listeners) = Networks::new(
        shared.kept.cloud.clone(),
        net,
        Arc::new(AllNames),
        vec![METADATA_PORT, shared.kept.cloud.port],
        shared.progress.clone(),
    );
    let hands = shared.hands(registry_mirrors, &s3, attached)?;
    let asked = shared.asked(&s3);
    let channels = DataChannels::new(
        asked.clone(),
        shared.running.clone(),
        shared.kept.data.clone(),
        stop.clone(),
    );
    let inert = shared.inert();
    let signer = neargate_notifications::signer(&shared.kept.data);
    let sns = Arc::new(SnsPage {
        cloud: shared.kept.cloud.clone(),
        services: shared.services.clone(),
        signer: signer.clone(),
    });
    let pages = shared.own_pages(asked, &channels, &balancers, &inert, &hands.unpacker)?;
    let edge = pages.route(Edge::new(aws)).route(sns_page::is_for, sns.clone());
    let edge = Arc::new(port.route(edge, &s3));
    // Before S3, to which every other path is a bucket's.
    let inside = Edge::new(aws_inside)
        .route(data_channel::is_for, Arc::new(channels.clone()))
        .route(sns_page::is_for, sns);
    let inside = Arc::new(port.route(inside, &s3_inside));

    let loops = Loops {
        shared,
        hands,
        networks,
        listeners,
        inside,
        balancers,
        channels,
        inert,
        s3,
        signer,
        smtp_relay,
    };
    Ok(Wired { edge, loops: loops.start()? })
}

impl Shared {
    fn aws_port(&self, recorder: Arc<Recorder>) -> AwsPort {
        AwsPort {
            cloud: self.kept.cloud.clone(),
            services: self.services.clone(),
            blobs: self.kept.blobs.clone(),
            pulls: self.pulls.clone(),
            objects: self.kept.objects.clone(),
            recorder,
        }
    }

    /// What tasks are run with.
    fn hands(
        &self,
        mirrors: BTreeMap<String, String>,
        s3: &S3,
        attached: watch::Receiver<Arc<Attached>>,
    ) -> Result<Arc<Hands>> {
        let kept = &self.kept;
        let puller = PullerConfig { mirrors, proxies: Proxies::from_env() };
        let puller = Puller::new(kept.blobs.clone(), kept.names.clone(), puller)?;
        Ok(Arc::new(Hands {
            cloud: kept.cloud.clone(),
            services: self.services.clone(),
            runtime: container_runtime(&kept.data)?,
            unpacker: Unpacker::open(kept.blobs.clone(), kept.data.join("layers"))?,
            images: Arc::new(Images::new(puller, self.pulls.clone())),
            objects: Arc::new(Objects(s3.clone())),
            lines: kept.lines.clone(),
            attached,
            running: self.running.clone(),
            progress: self.progress.clone(),
        }))
    }

    fn asked(&self, s3: &S3) -> Asked {
        Asked { cloud: self.kept.cloud.clone(), services: self.services.clone(), s3: s3.clone() }
    }

    fn inert(&self) -> Arc<InertSettings> {
        let (cloud, services) = (self.kept.cloud.clone(), self.services.clone());
        Arc::new(InertSettings { cloud, services })
    }

    fn own_pages(
        &self,
        asked: Asked,
        channels: &DataChannels,
        balancers: &Balancers,
        inert: &Arc<InertSettings>,
        unpacker: &Unpacker,
    ) -> Result<OwnPages> {
        let kept = &self.kept;
        Ok(OwnPages {
            cloud: kept.cloud.clone(),
            data: kept.data.clone(),
            operator: Arc::new(OperatorToken::make(&kept.data)?),
            channels: channels.clone(),
            asked,
            blobs: kept.blobs.clone(),
            names: kept.names.clone(),
            unpacker: unpacker.clone(),
            own: Own {
                cloud: kept.cloud.clone(),
                inert: inert.clone(),
                progress: self.progress.clone(),
                balancers: balancers.clone(),
                series: kept.metrics.clone(),
                stop: self.stop.clone(),
            },
        })
    }
}
