//! Whether and when a call is tried again: AWS's "standard" retry mode. Pure: how
//! long to wait is told, and whoever waits is elsewhere. Source: "Retry behavior" in
//! the AWS SDKs and Tools reference guide.

use std::sync::Mutex;
use std::time::Duration;

use neargate_ids::Rng;

use crate::surroundings::Surroundings;

/// How often and how patiently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries in all; 1 is never again.
    pub attempts: u32,
    /// The longest first pause; each further one may be twice as long.
    pub base: Duration,
    pub longest: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy { attempts: 3, base: Duration::from_secs(1), longest: Duration::from_secs(20) }
    }
}

impl RetryPolicy {
    /// The standard mode with what `AWS_MAX_ATTEMPTS` or the profile say of attempts.
    pub fn from(surroundings: &Surroundings) -> Self {
        let text = surroundings.variable("AWS_MAX_ATTEMPTS");
        let text = text.or_else(|| surroundings.setting(surroundings.profile(), "max_attempts"));
        let attempts = text.and_then(|text| text.parse().ok()).filter(|attempts| *attempts > 0);
        let standard = RetryPolicy::default();
        RetryPolicy { attempts: attempts.unwrap_or(standard.attempts), ..standard }
    }

    /// The pause after `attempt` (the first is 1): anything up to a bound that doubles.
    pub fn pause(&self, attempt: u32, rng: &Rng) -> Duration {
        let doubled = self.base.saturating_mul(1 << attempt.saturating_sub(1).min(16));
        let bound = doubled.min(self.longest).as_millis() as u64;
        Duration::from_millis(rng.below(bound + 1))
    }
}

/// A failure that may pass by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    /// Too much is asked.
    Throttled,
    /// The service has trouble.
    Trouble,
    /// The connection could not be made, or broke.
    Connection,
}

/// What kind of a passing failure an error answer is, if it is one.
pub fn passing(status: u16, code: &str) -> Option<Passing> {
    match code {
        "BandwidthLimitExceeded"
        | "EC2ThrottledException"
        | "PriorRequestNotComplete"
        | "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "SlowDown"
        | "ThrottledException"
        | "Throttling"
        | "ThrottlingException"
        | "TooManyRequestsException"
        | "TransactionInProgressException" => Some(Passing::Throttled),
        "RequestTimeout" | "RequestTimeoutException" => Some(Passing::Trouble),
        _ if status == 429 => Some(Passing::Throttled),
        _ if matches!(status, 500 | 502 | 503 | 504) => Some(Passing::Trouble),
        _ => None,
    }
}

/// What all calls of a client may spend on trying again: when nothing works, it is not
/// made worse by everybody trying three times.
pub struct Quota {
    left: Mutex<u32>,
}

const QUOTA: u32 = 500;

impl Quota {
    pub fn new() -> Self {
        Quota { left: Mutex::new(QUOTA) }
    }

    /// Takes what a retry costs; nothing, when there is not enough.
    pub fn take(&self, failure: Passing) -> Option<u32> {
        let cost = if failure == Passing::Connection { 10 } else { 5 };
        let mut left = self.left.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *left = left.checked_sub(cost)?;
        Some(cost)
    }

    /// A call has succeeded, after a retry of this cost or at once.
    pub fn give_back(&self, cost: Option<u32>) {
        let mut left = self.left.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *left = (*left + cost.unwrap_or(1)).min(QUOTA);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let policy = RetryPolicy::default();
        let rng = Rng::seeded(1);
        for (attempt, bound) in [(1, 1), (2, 2), (3, 4), (5, 16), (6, 20), (60, 20)] {
            let longest = (0..200).map(|_| policy.pause(attempt, &rng)).max().unwrap();
            assert!(longest <= Duration::from_secs(bound), "{attempt}: {longest:?}");
            assert!(longest >= Duration::from_secs(bound) / 2, "{attempt}: {longest:?}");
        }
    }

    #[test]
    fn what_passes_and_what_does_not() {
        assert_eq!(passing(400, "ThrottlingException"), Some(Passing::Throttled));
        assert_eq!(passing(503, "SlowDown"), Some(Passing::Throttled));
        assert_eq!(passing(500, "InternalError"), Some(Passing::Trouble));
        assert_eq!(passing(501, "NotImplemented"), None);
        assert_eq!(passing(400, "ValidationException"), None);
    }

    #[test]
    fn the_quota_runs_out_and_fills_again() {
        let quota = Quota::new();
        for _ in 0..50 {
            assert_eq!(quota.take(Passing::Connection), Some(10));
        }
        assert_eq!(quota.take(Passing::Throttled), None);
        quota.give_back(Some(10));
        assert_eq!(quota.take(Passing::Throttled), Some(5));
    }
}
