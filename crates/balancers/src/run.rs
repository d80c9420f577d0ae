//! The loop itself: follows the store, and writes back what the data plane tells.

use std::sync::Arc;
use std::time::Duration;

use neargate_api::model::acm::Certificate;
use neargate_api::model::ec2::SecurityGroupRule;
use neargate_api::model::elbv2::{CookieKey, Listener, LoadBalancer, Rule, Target, TargetGroup};
use neargate_api::model::wafv2::{Association, IpSet, WebAcl};
use neargate_api::{Cloud, Snapshot, Tx};
use neargate_api_s3::S3;
use neargate_lb::health::{Observation, Prober};
use neargate_lb::observe::{BindReport, ConnectionEvent, Drained, Observer, RequestRecord};
use neargate_lb::{Balancer, Connector};
use neargate_net::Net;
use neargate_store::StoreError;
use tokio::sync::{mpsc, watch};

use crate::access_logs::AccessLogs;
use crate::doors::Doors;
use crate::nodes::Nodes;
use crate::status::{BalancerStatus, Told};
use crate::traffic::Traffic;
use crate::{cookies, facts};

/// Facts that are written in one transaction at most.
const BATCH: usize = 256;
/// While an interface is not attached yet.
const DOOR_RETRY: Duration = Duration::from_millis(100);
/// After a write that failed.
const RETRY: Duration = Duration::from_secs(1);

/// The load balancers of this cloud. Clones are handles to the same ones.
#[derive(Clone)]
pub struct Balancers {
    cloud: Arc<Cloud>,
    net: Net,
    nodes: Arc<Nodes>,
    told: Arc<Told>,
    logs: Arc<AccessLogs>,
    traffic: Arc<Traffic>,
}

/// What the data plane tells while it works.
struct Teller {
    told: Arc<Told>,
    logs: Arc<AccessLogs>,
    traffic: Arc<Traffic>,
    drained: mpsc::UnboundedSender<Drained>,
}

impl Observer for Teller {
    fn request(&self, record: &RequestRecord) {
        self.traffic.request(record);
        self.logs.note(record);
    }

    fn connection(&self, event: ConnectionEvent<'_>) {
        self.traffic.connection(event);
    }

    fn bind(&self, report: BindReport) {
        self.told.bind(report);
    }

    fn drained(&self, drained: Drained) {
        // After the loop's end nobody deletes targets: the next run does.
        let _ = self.drained.send(drained);
    }
}

impl Balancers {
    pub fn new(cloud: Arc<Cloud>, net: Net, s3: S3) -> Self {
        let logs = Arc::new(AccessLogs::new(cloud.clone(), s3));
        let (nodes, traffic) = (Nodes::new(net.clone()), Arc::default());
        Balancers { cloud, nodes, net, told: Arc::default(), logs, traffic }
    }

    /// What they carry, for whoever measures it.
    pub fn traffic(&self) -> Arc<Traffic> {
        self.traffic.clone()
    }

    /// All load balancers, for people.
    pub fn status(&self, snapshot: &Snapshot) -> Vec<BalancerStatus> {
        self.told.status(snapshot)
    }

    /// Serves until `stop` turns true; connections then close.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let logs = self.logs.clone();
        tokio::join!(self.follow(stop.clone()), logs.run(stop));
    }

    async fn follow(self, mut stop: watch::Receiver<bool>) {
        let (drained, mut drains) = mpsc::unbounded_channel();
        let observer = Arc::new(Teller {
            told: self.told.clone(),
            logs: self.logs.clone(),
            traffic: self.traffic.clone(),
            drained,
        });
        let connector: Arc<dyn Connector> = self.nodes.clone();
        // Drains, stickiness and checks are of the data plane, whose time nobody moves.
        let (clock, rng) = (self.cloud.clock.of_the_machine(), self.cloud.rng.clone());
        let balancer = Arc::new(Balancer::start(connector.clone(), observer, clock.clone(), rng));
        let (prober, mut observations) = Prober::new(connector, clock);
        let mut doors = Doors::new(self.net.clone(), balancer.clone());
        let mut changes = self.cloud.store.changes();
        self.ensure_cookie_key().await;
        let (mut seen, mut undone) = (None, Vec::new());
        let (mut health, mut gone) = (Vec::new(), Vec::new());
        loop {
            let snapshot = self.cloud.store.snapshot();
            let versions = versions(&snapshot);
            let changed = seen != Some(versions);
            if changed {
                self.turn(&snapshot, &balancer, &prober).await;
                seen = Some(versions);
            }
            if changed || !undone.is_empty() {
                undone = doors.follow(&snapshot);
            }
            tokio::select! {
                _ = changes.changed() => {}
                _ = observations.recv_many(&mut health, BATCH) => {
                    self.note(std::mem::take(&mut health), Vec::new()).await;
                }
                _ = drains.recv_many(&mut gone, BATCH) => {
                    self.note(Vec::new(), std::mem::take(&mut gone)).await;
                }
                () = tokio::time::sleep(DOOR_RETRY), if !undone.is_empty() => {}
                () = stopped(&mut stop) => return,
            }
        }
    }

    async fn turn(&self, snapshot: &Snapshot, balancer: &Balancer, prober: &Prober) {
        self.nodes.follow(snapshot);
        self.logs.follow(snapshot);
        let config = crate::config(snapshot, &self.cloud.vault);
        let problems = balancer.apply(&config);
        for problem in &problems {
            tracing::warn!("{problem}");
        }
        self.told.problems(problems);
        prober.apply(&config);
        let unsettled = facts::unsettled(snapshot);
        if !unsettled.is_empty() {
            self.write(move |tx| facts::settle(tx, &unsettled)).await;
        }
    }

    async fn note(&self, health: Vec<Observation>, drained: Vec<Drained>) {
        self.write(move |tx| {
            for seen in &health {
                facts::note_health(tx, seen);
            }
            for drained in &drained {
                facts::note_drained(tx, drained);
            }
        })
        .await;
    }

    /// Stickiness holds over restarts: the key of its cookies is made once.
    async fn ensure_cookie_key(&self) {
        if cookies::key(&self.cloud.store.snapshot(), &self.cloud.vault).is_none() {
            let key = cookies::make(&self.cloud.vault);
            self.write(move |tx| tx.put(key.clone())).await;
        }
    }

    async fn write(&self, change: impl Fn(&mut Tx) + Clone + Send + 'static) {
        loop {
            let change = change.clone();
            let written = self
                .cloud
                .store
                .write::<(), StoreError>(move |tx| {
                    change(tx);
                    Ok(())
                })
                .await;
            match written {
                Ok(()) | Err(StoreError::Closed) => return,
                Err(error) => tracing::error!(%error, "the health of targets was not stored"),
            }
            tokio::time::sleep(RETRY).await;
        }
    }
}

/// Resolves once `stop` is true, or nobody is left to say so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// The versions of the tables that a configuration is made of.
fn versions(snapshot: &Snapshot) -> [u64; 11] {
    [
        snapshot.version_of::<LoadBalancer>(),
        snapshot.version_of::<Listener>(),
        snapshot.version_of::<Rule>(),
        snapshot.version_of::<TargetGroup>(),
        snapshot.version_of::<Target>(),
        snapshot.version_of::<SecurityGroupRule>(),
        snapshot.version_of::<Certificate>(),
        snapshot.version_of::<CookieKey>(),
        snapshot.version_of::<WebAcl>(),
        snapshot.version_of::<IpSet>(),
        snapshot.version_of::<Association>(),
    ]
}
