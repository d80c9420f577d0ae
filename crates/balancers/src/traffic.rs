//! What load balancers have carried since it was last asked: requests, connections, bytes, times.
//!
//! The request path only counts. Each thread counts in a shard of its own, so that threads do not
//! wait for each other; whoever takes the counts, once a minute, adds the shards up.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use neargate_lb::observe::{ActionTaken, ConnectionEvent, RequestKind, RequestRecord};
use neargate_series::StatisticSet;

/// Enough for the threads that serve requests; more of them share.
const SHARDS: usize = 32;

/// Where something was carried.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// `app/<name>/<id>`
    pub load_balancer: Arc<str>,
    /// The ARN of the target group that was chosen.
    pub target_group: Option<Arc<str>>,
    /// The address of the node; loopback for clients on this machine.
    pub node: IpAddr,
}

/// What was carried there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Requests that a target was chosen for.
    pub requests: u64,
    pub ipv6_requests: u64,
    pub grpc_requests: u64,
    /// Responses of the load balancer itself, by status.
    pub own_statuses: BTreeMap<u16, u64>,
    /// Responses of targets, by the hundreds of the status.
    pub target_statuses: [u64; 6],
    /// Seconds from the request's leaving to the response's coming.
    pub response_times: Option<StatisticSet>,
    pub bytes: u64,
    pub ipv6_bytes: u64,
    pub rules_evaluated: u64,
    pub redirects: u64,
    pub redirects_too_long: u64,
    pub fixed_responses: u64,
    pub not_compliant: u64,
    pub invalid_headers_dropped: u64,
    pub invalid_headers_forwarded: u64,
    pub non_sticky: u64,
    pub routed_to_unhealthy: u64,
    pub connections: u64,
    pub client_tls_errors: u64,
    pub target_tls_errors: u64,
    pub target_connection_errors: u64,
}

/// All of it since the last time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Carried {
    pub counts: BTreeMap<Place, Counts>,
    /// Connections that were open at some time since, to clients and to targets, by load balancer.
    pub active: BTreeMap<Arc<str>, i64>,
}

/// See the module.
pub struct Traffic {
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Default)]
struct Shard {
    counts: HashMap<Place, Counts>,
    /// By load balancer.
    connections: HashMap<Arc<str>, Connections>,
}

#[derive(Clone, Copy, Default)]
struct Connections {
    /// Opened less closed: by itself it may be negative, as another thread closes.
    open: i64,
    /// Closed since it was last asked.
    closed: i64,
}

impl Default for Traffic {
    fn default() -> Self {
        Traffic { shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl Traffic {
    /// Counts a request that is over.
    pub fn request(&self, record: &RequestRecord) {
        let place = Place {
            load_balancer: record.load_balancer.clone(),
            target_group: record.target_group.clone(),
            node: node(record.node),
        };
        self.shard().counts.entry(place).or_default().request(record);
    }

    /// Counts what happened to a connection.
    pub fn connection(&self, event: ConnectionEvent<'_>) {
        use ConnectionEvent as E;
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (load_balancer, group, at) = match event {
            E::ClientOpened { load_balancer, node }
            | E::ClientClosed { load_balancer, node }
            | E::ClientTlsFailed { load_balancer, node } => (load_balancer, None, node),
            E::TargetOpened { load_balancer, target_group }
            | E::TargetClosed { load_balancer, target_group }
            | E::TargetConnectFailed { load_balancer, target_group }
            | E::TargetTlsFailed { load_balancer, target_group } => {
                (Some(load_balancer), Some(target_group), here)
            }
        };
        // Several share the address: nobody knows whom the client came for.
        let Some(load_balancer) = load_balancer else { return };
        let mut shard = self.shard();
        match event {
            E::ClientOpened { .. } | E::TargetOpened { .. } => {
                shard.connections(load_balancer, |connections| connections.open += 1);
            }
            E::ClientClosed { .. } | E::TargetClosed { .. } => {
                shard.connections(load_balancer, |connections| {
                    connections.open -= 1;
                    connections.closed += 1;
                });
            }
            _ => {}
        }
        let place = || Place {
            load_balancer: load_balancer.into(),
            target_group: group.map(Arc::from),
            node: node(at),
        };
        let mut count = |field: fn(&mut Counts) -> &mut u64| {
            *field(shard.counts.entry(place()).or_default()) += 1;
        };
        match event {
            E::ClientOpened { .. } | E::TargetOpened { .. } => count(|c| &mut c.connections),
            E::ClientTlsFailed { .. } => count(|c| &mut c.client_tls_errors),
            E::TargetTlsFailed { .. } => count(|c| &mut c.target_tls_errors),
            E::TargetConnectFailed { .. } => count(|c| &mut c.target_connection_errors),
            E::ClientClosed { .. } | E::TargetClosed { .. } => {}
        }
    }

    /// What was carried since the last time.
    pub fn take(&self) -> Carried {
        let mut carried = Carried::default();
        for shard in &self.shards {
            let mut shard = lock(shard);
            let counts = std::mem::take(&mut shard.counts);
            for (load_balancer, connections) in &mut shard.connections {
                let closed = std::mem::take(&mut connections.closed);
                *carried.active.entry(load_balancer.clone()).or_default() +=
                    connections.open + closed;
            }
            drop(shard);
            for (place, counts) in counts {
                carried.counts.entry(place).or_default().add(counts);
            }
        }
        carried.active.retain(|_, count| *count > 0);
        carried
    }

    /// This thread's own.
    fn shard(&self) -> MutexGuard<'_, Shard> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static MINE: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS);
        }
        lock(&self.shards[MINE.get()])
    }
}

impl Shard {
    fn connections(&mut self, load_balancer: &str, change: impl FnOnce(&mut Connections)) {
        match self.connections.get_mut(load_balancer) {
            Some(connections) => change(connections),
            None => change(self.connections.entry(load_balancer.into()).or_default()),
        }
    }
}

impl Counts {
    fn request(&mut self, record: &RequestRecord) {
        let is_ipv6 = record.client.is_ipv6();
        let bytes = record.received_bytes + record.sent_bytes;
        self.bytes += bytes;
        self.ipv6_bytes += if is_ipv6 { bytes } else { 0 };
        if record.target.is_some() {
            self.requests += 1;
            self.ipv6_requests += u64::from(is_ipv6);
            self.grpc_requests += u64::from(record.kind == RequestKind::Grpcs);
        }
        match record.target_status {
            Some(status) => {
                self.target_statuses[usize::from(status / 100).min(5)] += 1;
            }
            None => *self.own_statuses.entry(record.elb_status).or_default() += 1,
        }
        if let (Some(_), Some(time)) = (record.target_status, record.target_processing) {
            let time = StatisticSet::of(time.as_secs_f64());
            match &mut self.response_times {
                Some(times) => times.add(&time),
                none => *none = Some(time),
            }
        }
        self.rules_evaluated += u64::from(record.rules_evaluated);
        let is_redirected = (300..400).contains(&record.elb_status);
        match record.action {
            Some(ActionTaken::Redirect) if is_redirected => self.redirects += 1,
            Some(ActionTaken::Redirect) => self.redirects_too_long += 1,
            Some(ActionTaken::FixedResponse) => self.fixed_responses += 1,
            Some(ActionTaken::Forward) | None => {}
        }
        self.not_compliant += u64::from(record.classification.is_some());
        let dropped = record.invalid_headers && record.dropped_invalid_headers;
        self.invalid_headers_dropped += u64::from(dropped);
        self.invalid_headers_forwarded += u64::from(record.invalid_headers && !dropped);
        self.non_sticky += u64::from(record.non_sticky);
        self.routed_to_unhealthy += u64::from(record.fail_open);
    }

    /// Adds what was carried elsewhere.
    pub fn add(&mut self, other: Counts) {
        self.requests += other.requests;
        self.ipv6_requests += other.ipv6_requests;
        self.grpc_requests += other.grpc_requests;
        for (status, count) in other.own_statuses {
            *self.own_statuses.entry(status).or_default() += count;
        }
        for (own, count) in self.target_statuses.iter_mut().zip(other.target_statuses) {
            *own += count;
        }
        if let Some(times) = other.response_times {
            match &mut self.response_times {
                Some(own) => own.add(&times),
                none => *none = Some(times),
            }
        }
        self.bytes += other.bytes;
        self.ipv6_bytes += other.ipv6_bytes;
        self.rules_evaluated += other.rules_evaluated;
        self.redirects += other.redirects;
        self.redirects_too_long += other.redirects_too_long;
        self.fixed_responses += other.fixed_responses;
        self.not_compliant += other.not_compliant;
        self.invalid_headers_dropped += other.invalid_headers_dropped;
        self.invalid_headers_forwarded += other.invalid_headers_forwarded;
        self.non_sticky += other.non_sticky;
        self.routed_to_unhealthy += other.routed_to_unhealthy;
        self.connections += other.connections;
        self.client_tls_errors += other.client_tls_errors;
        self.target_tls_errors += other.target_tls_errors;
        self.target_connection_errors += other.target_connection_errors;
    }
}

/// Clients on this machine come by many addresses, which stand for the same.
fn node(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        address if address.is_loopback() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        address => address,
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_count_for_themselves_and_nothing_is_lost() {
        let traffic = Traffic::default();
        let node = IpAddr::V4(Ipv4Addr::new(127, 3, 4, 5));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        let load_balancer = Some("app/a/1");
                        traffic.connection(ConnectionEvent::ClientOpened { load_balancer, node });
                        let target_group = "arn";
                        let load_balancer = "app/a/1";
                        traffic.connection(ConnectionEvent::TargetConnectFailed {
                            load_balancer,
                            target_group,
                        });
                    }
                });
            }
        });
        let load_balancer = Some("app/a/1");
        traffic.connection(ConnectionEvent::ClientClosed { load_balancer, node });
        let carried = traffic.take();
        let sum = |field: fn(&Counts) -> u64| carried.counts.values().map(field).sum::<u64>();
        assert_eq!(sum(|c| c.connections), 4000);
        assert_eq!(sum(|c| c.target_connection_errors), 4000);
        assert_eq!(carried.active, BTreeMap::from([("app/a/1".into(), 4000)]));
        let again = traffic.take();
        assert!(again.counts.is_empty(), "taken once");
        assert_eq!(again.active, BTreeMap::from([("app/a/1".into(), 3999)]), "one was closed");
    }
}
