//! The minimum healthy and the maximum: neither is crossed by what the scheduler does, and when
//! something else has crossed one, the scheduler's next look starts or stops a task, or says what
//! it waits for, and that is so.

use std::sync::Arc;

use neargate_api::{Snapshot, Timestamp};
use neargate_model::ecs::{RolloutState, Service, ServiceStatus, StopCode, Task, TaskStatus};

use super::{Tasks, Write, fails_for_good, is_healthy, is_wanted};

/// Within this the scheduler looks at everything, whatever has changed.
const LOOKS_WITHIN_MS: i64 = 12_000;

/// How many tasks must be healthy, and how many there may be.
pub fn bounds(service: &Service) -> (u32, u32) {
    let configuration = service.wire.deployment_configuration.as_ref();
    let percent = |of: Option<i32>, default: i32| of.unwrap_or(default) as f64 / 100.0;
    let minimum = percent(configuration.and_then(|c| c.minimum_healthy_percent), 100);
    let maximum = percent(configuration.and_then(|c| c.maximum_percent), 200);
    let desired_count = f64::from(service.desired_count);
    let tiny = 1e-9;
    (
        (desired_count * minimum - tiny).ceil() as u32,
        (desired_count * maximum + tiny).floor() as u32,
    )
}

/// The scheduler starts none beyond the maximum.
pub fn within_maximum(service: &Service, tasks: &Tasks) -> Option<String> {
    let (_, maximum) = bounds(service);
    let wanted = tasks.after.iter().filter(|task| is_wanted(task)).count();
    let started = tasks.started().count();
    (started > 0 && wanted > maximum as usize).then(|| {
        format!("{started} tasks are started, which makes {wanted}: the maximum is {maximum}")
    })
}

/// The scheduler stops no healthy one that the minimum needs.
pub fn above_minimum(service: &Service, tasks: &Tasks, write: &Write<'_>) -> Option<String> {
    let (minimum, _) = bounds(service);
    let stopped = tasks.stopped().filter(|task| is_healthy(write.before, task)).count();
    let well = |task: &&Arc<Task>| is_wanted(task) && is_healthy(write.after, task);
    let healthy = tasks.after.iter().filter(well).count();
    (stopped > 0 && healthy < minimum as usize).then(|| {
        format!(
            "{stopped} healthy tasks are stopped, which leaves {healthy}: the minimum is {minimum}"
        )
    })
}

/// Since when a service has had more tasks than its maximum, or fewer healthy ones than its
/// minimum.
#[derive(Default)]
pub struct Bounds {
    above_since_ms: Option<i64>,
    below_since_ms: Option<i64>,
    /// When the scheduler looked last and found nothing to do, or began.
    looked_ms: i64,
}

/// What the scheduler leaves as it is, and why.
pub struct Idle<'a> {
    pub service: &'a Service,
    pub tasks: &'a [Arc<Task>],
    pub snapshot: &'a Snapshot,
    pub now: Timestamp,
    pub waits_for: &'a [String],
}

impl Bounds {
    /// Neargate has begun.
    pub fn note_start(&mut self, at_ms: i64) {
        self.looked_ms = at_ms;
    }

    /// Takes note of how the service stands after a write. The scheduler has to have looked at it
    /// before long.
    pub fn note(
        &mut self,
        at_ms: i64,
        service: &Service,
        tasks: &[Arc<Task>],
        after: &Snapshot,
    ) -> Option<String> {
        let counts = Counts::of(service, tasks, after);
        let is_active = service.status == ServiceStatus::Active;
        let since =
            |was: Option<i64>, is_so: bool| (is_active && is_so).then(|| was.unwrap_or(at_ms));
        self.above_since_ms = since(self.above_since_ms, counts.wanted > counts.maximum);
        self.below_since_ms = since(self.below_since_ms, counts.healthy < counts.minimum);
        let first = self.above_since_ms.into_iter().chain(self.below_since_ms).min()?;
        let waits_ms = at_ms - first.max(self.looked_ms);
        (waits_ms > LOOKS_WITHIN_MS)
            .then(|| format!("{counts:?}, and the scheduler has not looked for {waits_ms} ms"))
    }

    /// How long it has been above the maximum and below the minimum.
    pub fn lasts_ms(&self, at_ms: i64) -> (Option<i64>, Option<i64>) {
        let lasts = |since: Option<i64>| since.map(|since_ms| at_ms - since_ms);
        (lasts(self.above_since_ms), lasts(self.below_since_ms))
    }

    /// The scheduler has looked, and leaves everything as it is: for a reason that it gives.
    pub fn check_idle(&mut self, at_ms: i64, idle: &Idle<'_>) -> Option<String> {
        self.looked_ms = at_ms;
        let (above_ms, below_ms) = self.lasts_ms(at_ms);
        let counts = || Counts::of(idle.service, idle.tasks, idle.snapshot);
        let waits = || idle.waits_for.join("; ");
        if let Some(ms) = above_ms.filter(|_| !idle.may_be_above(&counts())) {
            return Some(format!("above the maximum for {ms} ms, {:?}: {}", counts(), waits()));
        }
        let ms = below_ms.filter(|_| !idle.may_be_below(&counts()))?;
        Some(format!("below the minimum for {ms} ms, {:?}: {}", counts(), waits()))
    }
}

/// How many tasks there are, and how many there are to be.
#[derive(Debug)]
struct Counts {
    wanted: usize,
    healthy: usize,
    minimum: usize,
    maximum: usize,
}

impl Counts {
    fn of(service: &Service, tasks: &[Arc<Task>], snapshot: &Snapshot) -> Counts {
        let (minimum, maximum) = bounds(service);
        let wanted = || tasks.iter().filter(|task| is_wanted(task));
        Counts {
            wanted: wanted().count(),
            healthy: wanted().filter(|task| is_healthy(snapshot, task)).count(),
            minimum: minimum as usize,
            maximum: maximum as usize,
        }
    }
}

impl Idle<'_> {
    fn waits_for(&self, words: &str) -> bool {
        self.waits_for.iter().any(|line| line.contains(words))
    }

    /// Too many stay while none of them may go: those that are healthy are needed, and others
    /// are protected, or not healthy yet.
    fn may_be_above(&self, counts: &Counts) -> bool {
        let wanted = || self.tasks.iter().filter(|task| is_wanted(task));
        let is_protected =
            |task: &Arc<Task>| task.protected_until.is_some_and(|until| until > self.now);
        let waits_for_protected = wanted().any(is_protected) && self.waits_for("protect");
        // One that fails its checks is of no use to anybody, unless nothing comes in its place.
        let has_failed = self.service.primary().is_some_and(|p| p.rollout == RolloutState::Failed);
        let fails = |task: &Arc<Task>| {
            fails_for_good(self.snapshot, self.service, task, self.now) && !is_protected(task)
        };
        let fails = !has_failed && wanted().any(fails);
        let desired_count = self.service.desired_count as usize;
        let needed = counts.healthy <= counts.minimum
            && counts.wanted <= counts.healthy + desired_count
            && self.waits_for("to become healthy");
        waits_for_protected || needed && !fails
    }

    /// Too few are healthy while others are on their way there, or cannot be started yet.
    fn may_be_below(&self, counts: &Counts) -> bool {
        let is_on_its_way = |task: &Arc<Task>| {
            is_wanted(task)
                && !is_healthy(self.snapshot, task)
                && !fails_for_good(self.snapshot, self.service, task, self.now)
        };
        let comes = self.tasks.iter().any(is_on_its_way) && self.waits_for("to become healthy");
        comes || self.cannot_start(counts)
    }

    /// Whether what keeps it from starting a task is said, and is so.
    fn cannot_start(&self, counts: &Counts) -> bool {
        let Some(primary) = self.service.primary() else { return false };
        let is_ahead = |at: Option<Timestamp>| at.is_some_and(|at| at > self.now);
        let fails_to_start = |task: &Arc<Task>| {
            let code = task.stop.as_ref().map(|stop| stop.code);
            task.status != TaskStatus::Stopped && code == Some(StopCode::TaskFailedToStart)
        };
        let has_failed = primary.rollout == RolloutState::Failed;
        self.waits_for("the next try to start tasks") && is_ahead(primary.next_launch_at)
            || self.waits_for("a place for") && is_ahead(primary.next_placement_at)
            || self.waits_for("the end of a task that could not start")
                && self.tasks.iter().any(fails_to_start)
            || self.waits_for("room for") && counts.wanted >= counts.maximum
            || self.waits_for("a new deployment: the present one has failed") && has_failed
    }
}
