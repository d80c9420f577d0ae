//! The order of a task's containers: `dependsOn` says what must have happened to
//! others before one starts, and turned round, what must have stopped before it stops.
//! Source: "Container dependency" in the ECS developer guide.

use neargate_api_types::ecs::ContainerDefinition;
use neargate_ids::Timestamp;
use neargate_model::ecs::{Container, ContainerStatus, HealthStatus};

/// What a container that has not started needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    Now,
    /// Another container's condition is not met yet.
    Waits {
        on: String,
        condition: String,
    },
    /// It can never be met: the task has failed.
    Never {
        reason: String,
    },
}

/// Whether `name` may start, given the states of all containers.
pub fn may_start(definition: &ContainerDefinition, containers: &[Container]) -> Start {
    for dependency in definition.depends_on.iter().flatten() {
        let Some(other) = containers.iter().find(|c| c.name == dependency.container_name) else {
            let reason = format!(
                "container {} depends on {}, which does not exist",
                name(definition),
                dependency.container_name
            );
            return Start::Never { reason };
        };
        match met(other, &dependency.condition) {
            Some(true) => {}
            None => {
                return Start::Waits {
                    on: other.name.clone(),
                    condition: dependency.condition.clone(),
                };
            }
            Some(false) => {
                let reason = format!(
                    "dependency on container {} with condition {} cannot be met: it is {}{}",
                    other.name,
                    dependency.condition,
                    other.status.as_str(),
                    other.exit_code.map_or(String::new(), |code| format!(" with exit code {code}")),
                );
                return Start::Never { reason };
            }
        }
    }
    Start::Now
}

/// Until when a container waits for a dependency that has started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// When what it waits for has started.
    pub since: Timestamp,
    /// How long it may take from then on: by the machine's time, as all timers of containers.
    pub secs: i64,
    /// What to say of it when it has passed.
    pub reason: String,
}

impl Deadline {
    /// When it is over, while nobody moves the clock.
    pub fn at(&self) -> Timestamp {
        self.since.plus_secs(self.secs)
    }
}

/// What a container is waited for whose definition has no `startTimeout`.
/// Source: "startTimeout" in the ECS API reference.
const START_TIMEOUT_SECS: i32 = 180;

/// When the task gives up on the conditions that `definition` waits for: the first of the
/// start timeouts of the containers that it depends on.
pub fn start_deadline(
    definition: &ContainerDefinition,
    definitions: &[ContainerDefinition],
    containers: &[Container],
) -> Option<Deadline> {
    let deadlines = definition.depends_on.iter().flatten().filter_map(|dependency| {
        let on = &dependency.container_name;
        let other = containers.iter().find(|c| c.name == *on)?;
        if met(other, &dependency.condition).is_some() {
            return None;
        }
        let own = definitions.iter().find(|d| d.name.as_ref() == Some(on))?;
        let secs = own.start_timeout.unwrap_or(START_TIMEOUT_SECS);
        let reason = format!(
            "DependencyTimeoutError: container {} has waited for container {on} to be {} for its start timeout of {secs} \
             seconds",
            name(definition),
            dependency.condition,
        );
        Some(Deadline { since: other.started_at?, secs: i64::from(secs), reason })
    });
    deadlines.min_by_key(Deadline::at)
}

/// Whether a condition on `other` holds; `None`: not yet.
fn met(other: &Container, condition: &str) -> Option<bool> {
    let stopped = other.status == ContainerStatus::Stopped;
    match condition {
        "COMPLETE" => stopped.then_some(true),
        "SUCCESS" => stopped.then_some(other.exit_code == Some(0)),
        "HEALTHY" if stopped => Some(false),
        "HEALTHY" => match other.health {
            Some(HealthStatus::Healthy) => Some(true),
            Some(HealthStatus::Unhealthy) => Some(false),
            _ => None,
        },
        _ => (other.status != ContainerStatus::Pending).then_some(true),
    }
}

fn name(definition: &ContainerDefinition) -> &str {
    definition.name.as_deref().unwrap_or_default()
}

/// The containers that may be stopped now: those that no running one depends on.
pub fn may_stop<'a>(definitions: &'a [ContainerDefinition], running: &[&str]) -> Vec<&'a str> {
    let needed = |wanted: &str| {
        definitions
            .iter()
            .filter(|d| running.contains(&name(d)))
            .any(|d| d.depends_on.iter().flatten().any(|dep| dep.container_name == wanted))
    };
    definitions.iter().map(name).filter(|n| running.contains(n) && !needed(n)).collect()
}

/// A cycle among the dependencies, as names, where there is one.
pub fn cycle(definitions: &[ContainerDefinition]) -> Option<Vec<String>> {
    let mut left: Vec<&ContainerDefinition> = definitions.iter().collect();
    loop {
        let names: Vec<&str> = left.iter().map(|d| name(d)).collect();
        let free = |d: &&ContainerDefinition| {
            !d.depends_on.iter().flatten().any(|dep| names.contains(&dep.container_name.as_str()))
        };
        let before = left.len();
        left.retain(|d| !free(d));
        if left.is_empty() {
            return None;
        }
        if left.len() == before {
            return Some(left.iter().map(|d| name(d).to_owned()).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neargate_api_types::ecs::ContainerDependency;

    fn definition(name: &str, depends_on: &[(&str, &str)]) -> ContainerDefinition {
        let dependency = |(on, condition): &(&str, &str)| ContainerDependency {
            container_name: (*on).into(),
            condition: (*condition).into(),
        };
        ContainerDefinition {
            name: Some(name.into()),
            depends_on: Some(depends_on.iter().map(dependency).collect()),
            ..Default::default()
        }
    }

    fn container(
        name: &str,
        status: ContainerStatus,
        exit_code: Option<i32>,
        health: Option<HealthStatus>,
    ) -> Container {
        Container {
            name: name.into(),
            arn: String::new(),
            runtime_id: String::new(),
            image: String::new(),
            image_digest: None,
            essential: true,
            cpu: 0,
            memory: None,
            memory_reservation: None,
            status,
            exit_code,
            reason: None,
            started_at: None,
            finished_at: None,
            restarts: 0,
            health,
        }
    }

    #[test]
    fn conditions() {
        use ContainerStatus::{Pending, Running, Stopped};
        use HealthStatus::{Healthy, Unhealthy, Unknown};
        let cases = [
            ("START", Pending, None, None, "waits"),
            ("START", Running, None, None, "now"),
            ("COMPLETE", Running, None, None, "waits"),
            ("COMPLETE", Stopped, Some(3), None, "now"),
            ("SUCCESS", Stopped, Some(0), None, "now"),
            ("SUCCESS", Stopped, Some(3), None, "never"),
            ("HEALTHY", Running, None, Some(Unknown), "waits"),
            ("HEALTHY", Running, None, Some(Healthy), "now"),
            ("HEALTHY", Running, None, Some(Unhealthy), "never"),
            ("HEALTHY", Stopped, Some(0), Some(Healthy), "never"),
        ];
        for (condition, status, code, health, expected) in cases {
            let other = container("db", status, code, health);
            let found = match may_start(&definition("app", &[("db", condition)]), &[other]) {
                Start::Now => "now",
                Start::Waits { .. } => "waits",
                Start::Never { .. } => "never",
            };
            assert_eq!(found, expected, "{condition} {status:?} {code:?} {health:?}");
        }
    }

    #[test]
    fn a_start_timeout_is_that_of_the_container_that_is_waited_for() {
        let slow = ContainerDefinition { start_timeout: Some(5), ..definition("db", &[]) };
        let all = [slow, definition("app", &[("db", "HEALTHY")])];
        let mut db = container("db", ContainerStatus::Pending, None, Some(HealthStatus::Unknown));
        assert_eq!(start_deadline(&all[1], &all, &[db.clone()]), None, "it has not begun");
        db.started_at = Some(Timestamp::from_secs(100));
        db.status = ContainerStatus::Running;
        let deadline = start_deadline(&all[1], &all, &[db.clone()]).unwrap();
        assert_eq!(deadline.at(), Timestamp::from_secs(105));
        assert!(
            deadline.reason.contains("container app has waited for container db to be HEALTHY")
        );
        db.health = Some(HealthStatus::Healthy);
        assert_eq!(start_deadline(&all[1], &all, &[db]), None);
    }

    #[test]
    fn stops_in_reverse() {
        let all = [
            definition("app", &[("proxy", "START")]),
            definition("proxy", &[]),
            definition("side", &[]),
        ];
        assert_eq!(may_stop(&all, &["app", "proxy", "side"]), ["app", "side"]);
        assert_eq!(may_stop(&all, &["proxy"]), ["proxy"]);
        assert_eq!(cycle(&all), None);
        let round = [definition("a", &[("b", "START")]), definition("b", &[("a", "START")])];
        assert_eq!(cycle(&round), Some(vec!["a".into(), "b".into()]));
    }
}
