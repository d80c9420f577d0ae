//! Container health checks: the task definition's command, run in the container
//! at its interval. The image's own HEALTHCHECK is ignored, as ECS ignores it.

use std::time::Duration;

use neargate_api::model::ecs::HealthStatus;
use neargate_api::types::ecs::HealthCheck;
use neargate_runtime::ExecSpec;
use tokio::sync::mpsc;

/// A change of a container's health, with what the failing check printed.
pub struct Change {
    pub container: String,
    pub health: HealthStatus,
    pub output: String,
}

/// While a container is starting, checks come this fast: a first pass is not waited for.
const FIRST_CHECKS: Duration = Duration::from_secs(1);

/// The check as a process, by its form.
pub fn argv(check: &HealthCheck) -> Option<Vec<String>> {
    let (kind, rest) = check.command.split_first()?;
    match kind.as_str() {
        "CMD" => Some(rest.to_vec()),
        "CMD-SHELL" => Some(vec!["/bin/sh".into(), "-c".into(), rest.join(" ")]),
        _ => None,
    }
}

/// Counts results: `retries` failures in a row are unhealthy, one pass is healthy.
/// Failures within the start period count only once a check has passed.
#[derive(Debug)]
pub struct Counter {
    retries: i32,
    failures: i32,
    has_passed: bool,
    health: HealthStatus,
}

impl Counter {
    pub fn new(retries: i32) -> Self {
        Counter { retries, failures: 0, has_passed: false, health: HealthStatus::Unknown }
    }

    /// Takes one result; answers with the health if it has changed.
    pub fn observe(&mut self, passed: bool, in_start_period: bool) -> Option<HealthStatus> {
        let next = if passed {
            self.failures = 0;
            self.has_passed = true;
            HealthStatus::Healthy
        } else {
            if self.has_passed || !in_start_period {
                self.failures += 1;
            }
            if self.failures >= self.retries { HealthStatus::Unhealthy } else { self.health }
        };
        let changed = next != self.health;
        self.health = next;
        changed.then_some(next)
    }
}

/// Checks a container until it is gone.
pub async fn watch(
    task: neargate_runtime::Task,
    container: String,
    check: HealthCheck,
    changes: mpsc::Sender<Change>,
) {
    let Some(argv) = argv(&check) else { return };
    let secs = |value: Option<i32>, default: i32| {
        Duration::from_secs(value.unwrap_or(default).max(0) as u64)
    };
    let interval = secs(check.interval, 30);
    let start_period = secs(check.start_period, 0);
    let began = tokio::time::Instant::now();
    let mut counter = Counter::new(check.retries.unwrap_or(3));
    loop {
        let pace = if counter.has_passed || counter.failures > 0 {
            interval
        } else {
            interval.min(FIRST_CHECKS)
        };
        tokio::time::sleep(pace).await;
        let mut exec = ExecSpec::new(&container, argv.clone());
        exec.timeout_ms = Some(secs(check.timeout, 5).as_millis() as u64);
        let Ok(outcome) = task.exec(exec).await else { return };
        let passed = outcome.code == 0 && !outcome.has_timed_out;
        let Some(health) = counter.observe(passed, began.elapsed() < start_period) else {
            continue;
        };
        let output = match outcome.failure {
            Some(failure) => failure,
            None if outcome.has_timed_out => "the health check timed out".into(),
            None => outcome.output,
        };
        if changes.send(Change { container: container.clone(), health, output }).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(retries: i32, results: &[(bool, bool)]) -> String {
        let mut counter = Counter::new(retries);
        results
            .iter()
            .map(|(passed, starting)| {
                counter.observe(*passed, *starting).map_or("-", HealthStatus::as_str)
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn retries_and_start_period() {
        assert_eq!(run(3, &[(false, false), (false, false), (false, false)]), "- - UNHEALTHY");
        assert_eq!(run(2, &[(false, true), (false, true), (true, true)]), "- - HEALTHY");
        assert_eq!(run(2, &[(true, true), (false, true), (false, true)]), "HEALTHY - UNHEALTHY");
        assert_eq!(
            run(2, &[(true, false), (false, false), (true, false), (false, false)]),
            "HEALTHY - - -"
        );
        assert_eq!(run(1, &[(false, false), (true, false)]), "UNHEALTHY HEALTHY");
    }
}
