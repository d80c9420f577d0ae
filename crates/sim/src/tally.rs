//! How often what may happen in scenarios did. What never happens is not looked at either: the
//! tests want each of these many times.

use std::collections::BTreeMap;

use neargate_model::ecs::{Deployment, RolloutState, Service, ServiceStatus, StopCode, Task};

use crate::world::Who;

macro_rules! seen {
    ($($(#[$about:meta])* $name:ident,)*) => {
        /// What may happen.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Seen {
            $($(#[$about])* $name,)*
        }

        impl Seen {
            pub const ALL: &[Seen] = &[$(Seen::$name,)*];
        }
    };
}

seen! {
    CrashBeforeAWrite,
    CrashAfterAWrite,
    /// Of the machine: no container outlives it.
    Reboot,
    LateLook,
    SlowPull,
    SlowStart,
    PullFailure,
    StartFailure,
    Exit,
    OutOfMemory,
    FailedContainerCheck,
    FailedTargetCheck,
    ClockForward,
    ClockBack,
    Interruption,
    Shortage,
    /// Reports that come with the next one, …
    LostStart,
    LostExit,
    LostContainerHealth,
    LostTargetHealth,
    LostDrain,
    LostFailure,
    /// … twice in a row, …
    DoubledStart,
    DoubledExit,
    DoubledContainerHealth,
    DoubledTargetHealth,
    DoubledDrain,
    DoubledFailure,
    /// … and once more after others.
    LateStart,
    LateExit,
    LateContainerHealth,
    LateTargetHealth,
    LateDrain,
    LateFailure,
    /// A story that begins anew finds its container, …
    Adoption,
    /// … or finds that it is gone.
    LostTask,
    UnhealthyByContainerCheck,
    UnhealthyByTargetCheck,
    Completion,
    SteadyState,
    Supersession,
    BreakerByCount,
    BreakerByBoundedPercent,
    BreakerByUnboundedPercent,
    BreakerByDefault,
    FailureByAlarm,
    Abort,
    StopWithRollback,
    RollbackToWhatStands,
    RollbackAnew,
    FailureWithoutRollback,
    FailureOfARollback,
    Rebalancing,
    NoPlace,
    Backoff,
    Deletion,
    /// The scheduler leaves it so, and says why.
    WaitAboveTheMaximum,
    WaitBelowTheMinimum,
}

/// Counts of what has happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<Seen, u64>);

impl Tally {
    pub fn note(&mut self, seen: Seen) {
        *self.0.entry(seen).or_default() += 1;
    }

    pub fn add(&mut self, other: &Tally) {
        for (seen, count) in &other.0 {
            *self.0.entry(*seen).or_default() += count;
        }
    }

    pub fn of(&self, seen: Seen) -> u64 {
        self.0.get(&seen).copied().unwrap_or(0)
    }

    /// What has not happened.
    pub fn never(&self) -> Vec<Seen> {
        Seen::ALL.iter().copied().filter(|seen| self.of(*seen) == 0).collect()
    }

    /// Counts what has become of a task.
    pub fn note_task(&mut self, old: Option<&Task>, new: &Task) {
        let Some(stop) = new.stop.as_ref().filter(|_| old.is_some_and(|old| old.stop.is_none()))
        else {
            return;
        };
        let is_unhealthy = |by: &str| {
            stop.code == StopCode::ServiceSchedulerInitiated
                && stop.reason.starts_with(&format!("Task failed {by}"))
        };
        let what = [
            (Seen::LostTask, stop.reason.starts_with("Task was lost")),
            (Seen::UnhealthyByContainerCheck, is_unhealthy("container health checks")),
            (Seen::UnhealthyByTargetCheck, is_unhealthy("ELB health checks")),
        ];
        what.into_iter().filter(|(_, is_so)| *is_so).for_each(|(seen, _)| self.note(seen));
    }

    /// Counts what has become of a service and its deployments.
    pub fn note_service(&mut self, who: Who, old: &Service, new: &Service) {
        let (was, is) = (old.primary(), new.primary());
        let another = is.filter(|is| was.is_some_and(|was| was.id != is.id));
        let is_known = |d: &Deployment| old.deployments.iter().any(|known| known.id == d.id);
        let was_under_way = was.is_some_and(|was| was.rollout == RolloutState::InProgress);
        let is_waiting =
            |service: &Service| service.deployments.iter().any(|d| d.next_placement_at.is_some());
        let backs_off =
            |service: &Service| service.deployments.iter().any(|d| d.launch_failures > 1);
        let what = [
            (Seen::Supersession, who == Who::User && another.is_some() && was_under_way),
            (Seen::RollbackToWhatStands, who == Who::Scheduler && another.is_some_and(is_known)),
            (Seen::RollbackAnew, who == Who::Scheduler && another.is_some_and(|d| !is_known(d))),
            (Seen::SteadyState, new.steady && !old.steady),
            (Seen::Rebalancing, new.rebalancing.is_some() && old.rebalancing.is_none()),
            (Seen::NoPlace, is_waiting(new) && !is_waiting(old)),
            (Seen::Backoff, backs_off(new) && !backs_off(old)),
            (Seen::Deletion, new.status != old.status && new.status == ServiceStatus::Inactive),
        ];
        what.into_iter().filter(|(_, is_so)| *is_so).for_each(|(seen, _)| self.note(seen));
        for deployment in &new.deployments {
            let was = old.deployments.iter().find(|was| was.id == deployment.id);
            if was.is_some_and(|was| was.rollout == RolloutState::InProgress) {
                self.note_end(new, deployment);
            }
        }
    }

    fn note_end(&mut self, service: &Service, deployment: &Deployment) {
        match deployment.rollout {
            RolloutState::InProgress => return,
            RolloutState::Completed => return self.note(Seen::Completion),
            RolloutState::Failed => {}
        }
        let by = |words: &str| deployment.rollout_reason.contains(words);
        let breaker = || {
            let configuration = service.wire.deployment_configuration.as_ref()?;
            let breaker = configuration.deployment_circuit_breaker.as_ref()?;
            breaker.threshold_configuration.as_ref().map(|given| given.r#type.as_str())
        };
        self.note(match () {
            () if by("alarm") => Seen::FailureByAlarm,
            () if by("by a user") && deployment.monitors.rollback.is_some() => {
                Seen::StopWithRollback
            }
            () if by("by a user") => Seen::Abort,
            () => match breaker() {
                Some("COUNT") => Seen::BreakerByCount,
                Some("BOUNDED_PERCENT") => Seen::BreakerByBoundedPercent,
                Some("UNBOUNDED_PERCENT") => Seen::BreakerByUnboundedPercent,
                _ => Seen::BreakerByDefault,
            },
        });
        if deployment.monitors.is_rollback {
            self.note(Seen::FailureOfARollback);
        }
        if deployment.monitors.rollback.is_none() {
            self.note(Seen::FailureWithoutRollback);
        }
    }
}
