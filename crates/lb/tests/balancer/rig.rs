//! What the tests of the balancer share: a balancer on an ephemeral port of
//! the loopback, targets to forward to, and raw HTTP to look closely.

pub mod raw;
pub mod target;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use neargate_ids::{Clock, Rng};
use neargate_lb::config::{
    Action, Attributes, Listener, LoadBalancer, Target, TargetGroup, TargetState,
};
use neargate_lb::observe::{BindReport, ConnectionEvent, Drained, Observer, RequestRecord};
use neargate_lb::{Balancer, Config, Direct};
use target::Backend;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub const GROUP: &str = "arn:aws:elasticloadbalancing:us-west-2:000000000000:targetgroup/app/1";

/// A balancer with one listener, and everything that it tells.
pub struct Rig {
    pub balancer: Balancer,
    pub clock: Clock,
    address: SocketAddr,
    records: tokio::sync::Mutex<UnboundedReceiver<RequestRecord>>,
    binds: tokio::sync::Mutex<UnboundedReceiver<BindReport>>,
    drains: tokio::sync::Mutex<UnboundedReceiver<Drained>>,
    events: Arc<Mutex<Vec<String>>>,
    bound: std::sync::atomic::AtomicBool,
}

struct Watcher {
    records: UnboundedSender<RequestRecord>,
    binds: UnboundedSender<BindReport>,
    drains: UnboundedSender<Drained>,
    events: Arc<Mutex<Vec<String>>>,
}

impl Observer for Watcher {
    fn request(&self, record: &RequestRecord) {
        let _ = self.records.send(record.clone());
    }

    fn connection(&self, event: ConnectionEvent<'_>) {
        self.events.lock().unwrap().push(format!("{event:?}"));
    }

    fn bind(&self, report: BindReport) {
        let _ = self.binds.send(report);
    }

    fn drained(&self, drained: Drained) {
        let _ = self.drains.send(drained);
    }
}

impl Rig {
    /// A balancer that has no configuration yet.
    pub async fn start() -> Self {
        let (records, record_in) = unbounded_channel();
        let (binds, bind_in) = unbounded_channel();
        let (drains, drain_in) = unbounded_channel();
        let events = Arc::new(Mutex::new(Vec::new()));
        let watcher = Watcher { records, binds, drains, events: events.clone() };
        let clock = Clock::system();
        let balancer =
            Balancer::start(Arc::new(Direct), Arc::new(watcher), clock.clone(), Rng::seeded(1));
        Rig {
            balancer,
            clock,
            address: free_address().await,
            records: tokio::sync::Mutex::new(record_in),
            binds: tokio::sync::Mutex::new(bind_in),
            drains: tokio::sync::Mutex::new(drain_in),
            events,
            bound: false.into(),
        }
    }

    /// Where its one listener is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// One load balancer, one listener, whose default forwards to the targets.
    pub fn config(&self, targets: &[&Backend]) -> Config {
        let mut group = TargetGroup::new(GROUP);
        group.targets = targets
            .iter()
            .map(|t| Target { address: t.address, state: TargetState::Healthy })
            .collect();
        let listener = Listener {
            arn: "arn:listener".into(),
            port: 80,
            binds: vec![self.address],
            tls: None,
            rules: vec![],
            default_action: Action::forward(GROUP),
        };
        let load_balancer = LoadBalancer {
            id: "app/test/0123456789abcdef".into(),
            dns_name: "test-0123456789.us-west-2.elb.localhost".into(),
            attributes: Attributes::default(),
            listeners: vec![listener],
        };
        Config {
            load_balancers: vec![load_balancer],
            target_groups: vec![group],
            cookie_key: [7; 32],
        }
    }

    /// Applies, and waits for the first bind.
    pub async fn apply(&self, config: &Config) {
        let problems = self.balancer.apply(config);
        assert!(problems.is_empty(), "{problems:?}");
        if !self.bound.swap(true, std::sync::atomic::Ordering::SeqCst) {
            self.bound().await.outcome.unwrap();
        }
    }

    /// Applies [`config`](Self::config).
    pub async fn forward_to(&self, targets: &[&Backend]) {
        self.apply(&self.config(targets)).await;
    }

    /// Whether an event of this name was told.
    pub fn saw(&self, name: &str) -> bool {
        self.events.lock().unwrap().iter().any(|event| event.starts_with(name))
    }

    /// The next record.
    pub async fn record(&self) -> RequestRecord {
        self.records.lock().await.recv().await.unwrap()
    }

    /// The next report of an address.
    pub async fn bound(&self) -> BindReport {
        self.binds.lock().await.recv().await.unwrap()
    }

    /// The next end of a drain.
    pub async fn drained(&self) -> Drained {
        self.drains.lock().await.recv().await.unwrap()
    }
}

/// An address of the loopback that was free a moment ago.
pub async fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}
