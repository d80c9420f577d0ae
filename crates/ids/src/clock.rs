//! The one clock. It tells two times:
//!
//! * the **cloud's** ([`now`](Clock::now)): what the control plane goes by and
//!   its records carry. It can be moved forward over a running stack, and made to
//!   run faster, so that cooldowns, bakes and retention are seen in seconds;
//! * the **machine's** ([`wall`](Clock::wall)): what goes on outside, which nobody
//!   here moves. Signatures, the expiry of credentials that clients hold, and the
//!   timers of connections, health checks and containers go by it.
//!
//! ```text
//! cloud ▲            ╱      a move is where a line begins: (wall, cloud, rate).
//!       │           ╱       Each line is followed until the next, so that an
//!       │      ____╱ rate   instant of either time can be told in the other.
//!       │     │
//!       │   ╱ advance
//!       │ ╱
//!       └──────────────▶ wall
//! ```
//! A fixed clock, whose two times are one, serves tests and simulations. Whoever
//! waits for an instant of the cloud must also wait for the clock to be
//! [moved](Clock::moved).

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// From `wall` on, the cloud's time is `cloud` and what has passed since, times `rate`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Move {
    pub wall: Timestamp,
    pub cloud: Timestamp,
    pub rate: f64,
}

/// Moves that are remembered. Instants before the oldest are told by it too.
const REMEMBERED: usize = 1000;

impl Move {
    fn cloud_at(&self, wall: Timestamp) -> Timestamp {
        self.cloud.plus_millis((wall.millis_since(self.wall) as f64 * self.rate) as i64)
    }

    fn wall_at(&self, cloud: Timestamp) -> Timestamp {
        self.wall.plus_millis((cloud.millis_since(self.cloud) as f64 / self.rate) as i64)
    }
}

/// The one source of time. Cheap to clone; clones are moved together.
#[derive(Clone, Debug)]
pub struct Clock {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// The instant at which a fixed clock stands.
    fixed: Option<AtomicI64>,
    /// Oldest first.
    moves: RwLock<Vec<Move>>,
    sleepers: Mutex<Sleepers>,
    /// How often it was moved.
    count: AtomicU64,
}

#[derive(Debug, Default)]
struct Sleepers {
    next: u64,
    waiting: HashMap<u64, Waker>,
}

impl Clock {
    /// The machine's own time.
    pub fn system() -> Self {
        Clock::with_moves(Vec::new())
    }

    /// The machine's time with the moves that an earlier run has kept.
    pub fn with_moves(moves: Vec<Move>) -> Self {
        Clock::new(None, moves)
    }

    /// A clock that stands at `start` until it is advanced: for tests and simulation.
    pub fn fixed(start: Timestamp) -> Self {
        Clock::new(Some(AtomicI64::new(start.0)), Vec::new())
    }

    fn new(fixed: Option<AtomicI64>, moves: Vec<Move>) -> Self {
        let shared = Shared {
            fixed,
            moves: RwLock::new(moves),
            sleepers: Mutex::default(),
            count: AtomicU64::new(0),
        };
        Clock { shared: Arc::new(shared) }
    }

    /// The present instant of the cloud.
    pub fn now(&self) -> Timestamp {
        let moves = self.shared.moves.read().unwrap_or_else(PoisonError::into_inner);
        let wall = self.wall();
        moves.last().map_or(wall, |last| last.cloud_at(wall))
    }

    /// The present instant of the machine.
    pub fn wall(&self) -> Timestamp {
        if let Some(fixed) = &self.shared.fixed {
            return Timestamp(fixed.load(Ordering::Relaxed));
        }
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(since_epoch.as_millis() as i64)
    }

    /// A clock of the machine's time alone, for what nobody may move.
    pub fn of_the_machine(&self) -> Clock {
        if self.shared.fixed.is_some() { self.clone() } else { Clock::system() }
    }

    /// How fast the cloud's time passes: 1 when nobody has changed it.
    pub fn rate(&self) -> f64 {
        let moves = self.shared.moves.read().unwrap_or_else(PoisonError::into_inner);
        moves.last().map_or(1.0, |last| last.rate)
    }

    /// What the cloud's time was at an instant of the machine's.
    pub fn cloud_at(&self, wall: Timestamp) -> Timestamp {
        let moves = self.shared.moves.read().unwrap_or_else(PoisonError::into_inner);
        let line = moves.iter().rfind(|line| line.wall <= wall);
        line.map_or(wall, |line| line.cloud_at(wall))
    }

    /// When the machine's time was at an instant of the cloud's; of one that was leapt
    /// over, when that was.
    pub fn wall_at(&self, cloud: Timestamp) -> Timestamp {
        let moves = self.shared.moves.read().unwrap_or_else(PoisonError::into_inner);
        let after = moves.iter().rposition(|line| line.cloud <= cloud).map_or(0, |at| at + 1);
        let wall = match after {
            0 => cloud,
            after => moves[after - 1].wall_at(cloud),
        };
        moves.get(after).map_or(wall, |next| wall.min(next.wall))
    }

    /// What is still to be waited, in the machine's time, until the cloud's is `at`. `None`
    /// when only a move can bring it, as with a fixed clock.
    pub fn wait_until(&self, at: Timestamp) -> Option<Duration> {
        let millis = at.millis_since(self.now());
        if millis <= 0 {
            return Some(Duration::ZERO);
        }
        if self.shared.fixed.is_some() {
            return None;
        }
        // Rounded up, so that nobody wakes a moment too early.
        Some(Duration::from_millis((millis as f64 / self.rate()).ceil() as u64))
    }

    /// Moves this clock and all its clones forward by `millis`.
    pub fn advance_millis(&self, millis: i64) {
        match &self.shared.fixed {
            Some(fixed) => {
                fixed.fetch_add(millis, Ordering::Relaxed);
                self.wake();
            }
            None => {
                let Ok(()) = self.change(millis, None, |_| Ok::<(), std::convert::Infallible>(()));
            }
        }
    }

    /// Moves the cloud's time forward by `advance_ms`, and lets it pass at `rate` from then
    /// on (as before when `None`). `keep` is given all moves that are to be kept over a restart,
    /// before anybody sees the new time; where it fails, nothing has moved.
    pub fn change<E>(
        &self,
        advance_ms: i64,
        rate: Option<f64>,
        keep: impl FnOnce(&[Move]) -> Result<(), E>,
    ) -> Result<(), E> {
        {
            let mut moves = self.shared.moves.write().unwrap_or_else(PoisonError::into_inner);
            let wall = self.wall();
            let last = moves.last().copied();
            let last = last.unwrap_or(Move { wall, cloud: wall, rate: 1.0 });
            let cloud = last.cloud_at(wall).plus_millis(advance_ms.max(0));
            let mut changed = moves.clone();
            changed.push(Move { wall, cloud, rate: rate.unwrap_or(last.rate) });
            let forgotten = changed.len().saturating_sub(REMEMBERED);
            changed.drain(..forgotten);
            keep(&changed)?;
            *moves = changed;
        }
        self.wake();
        Ok(())
    }

    /// Resolves when the clock is moved, or its rate is changed, from this call on.
    pub fn moved(&self) -> Moved {
        Moved {
            shared: self.shared.clone(),
            count: self.shared.count.load(Ordering::Acquire),
            sleeper: None,
        }
    }

    fn wake(&self) {
        self.shared.count.fetch_add(1, Ordering::AcqRel);
        let mut sleepers = self.shared.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = std::mem::take(&mut sleepers.waiting);
        drop(sleepers);
        woken.into_values().for_each(Waker::wake);
    }
}

/// Until the clock is moved; see [`Clock::moved`].
#[derive(Debug)]
pub struct Moved {
    shared: Arc<Shared>,
    count: u64,
    /// Under which number its waker waits.
    sleeper: Option<u64>,
}

impl Future for Moved {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let shared = self.shared.clone();
        let mut sleepers = shared.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked at under the lock: a move from now on finds the waker.
        if shared.count.load(Ordering::Acquire) != self.count {
            return Poll::Ready(());
        }
        let number = self.sleeper.unwrap_or(sleepers.next);
        sleepers.next = sleepers.next.max(number + 1);
        sleepers.waiting.insert(number, context.waker().clone());
        self.sleeper = Some(number);
        Poll::Pending
    }
}

impl Drop for Moved {
    fn drop(&mut self) {
        if let Some(number) = self.sleeper {
            let mut sleepers = self.shared.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
            sleepers.waiting.remove(&number);
        }
    }
}

#[cfg(test)]
mod tests;
