//! A target at run time: its connections, its requests in flight, its way out.
//!
//! It outlives configurations: as long as a target stays registered, its pool
//! and counts stay. A request holds a [`Lease`] from the choice of the target
//! until its response is over; a draining target without leases is drained.

pub mod choose;
pub mod pool;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use neargate_ids::Timestamp;
use tokio::sync::{Notify, watch};

use pool::Pool;

/// Marks a target that gets its full share.
const WARM: i64 = i64::MIN;

/// One registered target of one target group, behind one load balancer.
pub struct Target {
    pub load_balancer: Arc<str>,
    pub group: Arc<str>,
    pub address: SocketAddr,
    pub pool: Pool,
    in_flight: AtomicUsize,
    draining: AtomicBool,
    /// Milliseconds of the start of its slow start, or `WARM`.
    slow_start_from: AtomicI64,
    /// Turns true when its connections must close now.
    cut: watch::Sender<bool>,
    /// Rung when a draining target loses its last lease.
    idle: Arc<Notify>,
}

impl Target {
    /// `idle` is rung whenever a draining target has become free.
    pub fn new(
        load_balancer: Arc<str>,
        group: Arc<str>,
        address: SocketAddr,
        idle: Arc<Notify>,
    ) -> Self {
        Target {
            load_balancer,
            group,
            address,
            pool: Pool::default(),
            in_flight: AtomicUsize::new(0),
            draining: AtomicBool::new(false),
            slow_start_from: AtomicI64::new(WARM),
            cut: watch::Sender::new(false),
            idle,
        }
    }

    /// Takes a place, unless the target has begun to drain meanwhile.
    pub fn lease(self: &Arc<Self>) -> Option<Lease> {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        let lease = Lease { target: self.clone() };
        (!self.draining.load(Ordering::SeqCst)).then_some(lease)
    }

    /// Requests whose response is not over.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// From now on no lease is given (or, registered again, leases are).
    pub fn set_draining(&self, draining: bool) {
        self.draining.store(draining, Ordering::SeqCst);
    }

    /// Closes every connection to it, idle or not.
    pub fn cut(&self) {
        self.set_draining(true);
        self.cut.send_replace(true);
        self.pool.clear();
    }

    /// Resolves when [`cut`](Self::cut) has been called.
    pub fn when_cut(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut cut = self.cut.subscribe();
        async move {
            let _ = cut.wait_for(|cut| *cut).await;
        }
    }

    /// Begins its slow start, or ends it.
    pub fn set_slow_start(&self, from: Option<Timestamp>) {
        self.slow_start_from.store(from.map_or(WARM, |t| t.0), Ordering::Relaxed);
    }

    /// Its share of a full share of requests, in thousandths.
    pub fn warmth(&self, slow_start_secs: u32, now: Timestamp) -> u64 {
        let from = self.slow_start_from.load(Ordering::Relaxed);
        if from == WARM || slow_start_secs == 0 {
            return 1000;
        }
        let elapsed = now.millis_since(Timestamp(from)).max(0);
        (elapsed / i64::from(slow_start_secs)).clamp(1, 1000) as u64
    }
}

/// A request's place at a target.
pub struct Lease {
    target: Arc<Target>,
}

impl Lease {
    /// Whose place it is.
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let last = self.target.in_flight.fetch_sub(1, Ordering::SeqCst) == 1;
        if last && self.target.draining.load(Ordering::SeqCst) {
            self.target.idle.notify_one();
        }
    }
}
