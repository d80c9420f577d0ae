//! Whether a container that has ended is started again without its task.
//! Source: "Restart individual containers in Amazon ECS tasks with container
//! restart policies" in the developer guide.

use neargate_api_types::ecs::ContainerRestartPolicy;

/// How long a container must have run, where the policy does not say.
const ATTEMPT_PERIOD_SECS: i32 = 300;

/// Whether one that ended with `exit_code` after `ran_ms` starts again.
pub fn restarts(policy: Option<&ContainerRestartPolicy>, exit_code: i32, ran_ms: i64) -> bool {
    let Some(policy) = policy.filter(|policy| policy.enabled) else { return false };
    let ignored = policy.ignored_exit_codes.as_ref().is_some_and(|c| c.contains(&exit_code));
    let period_secs = policy.restart_attempt_period.unwrap_or(ATTEMPT_PERIOD_SECS);
    !ignored && ran_ms >= i64::from(period_secs) * 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_period_and_not_with_an_ignored_code() {
        let policy = |enabled| ContainerRestartPolicy {
            enabled,
            ignored_exit_codes: Some(vec![0, 7]),
            restart_attempt_period: Some(60),
        };
        assert!(restarts(Some(&policy(true)), 1, 60_000));
        assert!(!restarts(Some(&policy(true)), 1, 59_999));
        assert!(!restarts(Some(&policy(true)), 7, 60_000));
        assert!(!restarts(Some(&policy(false)), 1, 60_000));
        assert!(!restarts(None, 1, 60_000));
        let default = ContainerRestartPolicy { enabled: true, ..Default::default() };
        assert!(!restarts(Some(&default), 1, 299_999));
        assert!(restarts(Some(&default), 1, 300_000));
    }
}
