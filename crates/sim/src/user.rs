//! What the user does: ECS's own operations, with the input of a client.

use neargate_model::ecs::{Service, ServiceStatus, Task, TaskStatus};
use neargate_testkit as testkit;
use serde_json::{Value, json};

use crate::base;
use crate::scenario::{Action, Breaker, Percent, Scenario, Share};
use crate::world::{Event, Who, World};

pub const SERVICE: &str = "web";

/// How long a user waits before another try.
pub const AGAIN_MS: i64 = 700;

impl World {
    pub fn service(&self) -> Option<std::sync::Arc<Service>> {
        let key = Service::key_of(base::REGION, base::CLUSTER, SERVICE);
        self.store().snapshot().get::<Service>(&key)
    }

    fn is_active(&self) -> bool {
        self.service().is_some_and(|service| service.status == ServiceStatus::Active)
    }

    /// Calls an operation. A refusal is an answer; a crash on the way is none.
    pub fn ask(&mut self, operation: &str, input: Value) -> Result<(), crate::daemon::Died> {
        self.tell("user", &format!("{operation} {input}"));
        let refused = self.at_risk(Who::User, |world| {
            let call = testkit::ask(&world.ctx, base::ecs(), operation, &input);
            base::at_once(call).err()
        })?;
        if let Some(error) = refused {
            self.tell("user", &format!("is told {}: {}", error.code, error.message));
        }
        Ok(())
    }

    /// Makes the service, unless it is there or still goes.
    pub fn create(&mut self) {
        let goes = self.service().is_some_and(|s| s.status == ServiceStatus::Draining);
        if self.is_active() {
            return;
        }
        let asked = match self.daemon.is_up && !goes {
            true => self.ask("CreateService", self.scenario.creation()),
            false => Err(crate::daemon::Died),
        };
        if asked.is_err() {
            self.after(AGAIN_MS, Event::Create);
        }
    }

    pub fn act(&mut self, action: Action) {
        if !self.daemon.is_up {
            self.after(AGAIN_MS, Event::User(action));
            return;
        }
        match action {
            Action::Alarm { is_in_alarm } => return self.set_alarm(is_in_alarm),
            Action::Crash => return self.crash("by itself"),
            Action::Reboot => {
                self.crash("with its machine");
                return self.reboot();
            }
            Action::Interrupt { .. } | Action::Shortage { .. } => return self.spot(action),
            _ => {}
        }
        if !self.is_active() {
            return;
        }
        let (operation, input) = match &action {
            Action::StopTask { number } => {
                let Some(task) = self.running(*number) else { return };
                ("StopTask", json!({ "cluster": base::CLUSTER, "task": task }))
            }
            Action::StopDeployment { rollback } => {
                let Some(arn) = self.under_way() else { return };
                let kind = if *rollback { "ROLLBACK" } else { "ABORT" };
                let asked = json!({ "serviceDeploymentArn": arn, "stopType": kind });
                ("StopServiceDeployment", asked)
            }
            Action::Protect { number, minutes } => {
                let Some(task) = self.running(*number) else { return };
                let asked = json!({
                    "cluster": base::CLUSTER, "tasks": [task],
                    "protectionEnabled": true, "expiresInMinutes": minutes,
                });
                ("UpdateTaskProtection", asked)
            }
            Action::Delete => {
                let asked = json!({ "cluster": base::CLUSTER, "service": SERVICE, "force": true });
                self.after(20_000, Event::Create);
                ("DeleteService", asked)
            }
            other => ("UpdateService", self.update(other)),
        };
        if self.ask(operation, input).is_err() {
            // Who got no answer asks again: each of these may be asked twice.
            self.after(AGAIN_MS, Event::User(action));
        }
    }

    fn running(&self, number: u64) -> Option<String> {
        let snapshot = self.store().snapshot();
        let tasks: Vec<_> =
            snapshot.all::<Task>().filter(|t| t.status < TaskStatus::Deactivating).collect();
        let index = number.checked_rem(tasks.len() as u64)?;
        tasks.get(index as usize).map(|task| task.arn.clone())
    }

    /// The service deployment that is wanted.
    fn under_way(&self) -> Option<String> {
        let service = self.service()?;
        let id = service.primary()?.id.strip_prefix("ecs-svc/")?.to_owned();
        let arn = service.arn.replacen(":service/", ":service-deployment/", 1);
        Some(format!("{arn}/{id}"))
    }

    /// CloudWatch finds the alarm in another state.
    fn set_alarm(&mut self, is_in_alarm: bool) {
        self.tell("alarm", if is_in_alarm { "ALARM" } else { "OK" });
        // A store that did not take it is asked again by the next evaluation.
        let _ = self.write(Who::User, |tx, _| tx.put(base::alarm(is_in_alarm)));
    }

    fn update(&self, action: &Action) -> Value {
        let mut input = json!({ "cluster": base::CLUSTER, "service": SERVICE });
        match action {
            Action::Deploy { revision } => {
                input["taskDefinition"] = json!(self.scenario.definition(*revision));
            }
            Action::ForceNewDeployment => input["forceNewDeployment"] = json!(true),
            Action::Scale { desired_count } => input["desiredCount"] = json!(desired_count),
            Action::Percents { minimum, maximum } => {
                input["deploymentConfiguration"] =
                    json!({ "minimumHealthyPercent": minimum, "maximumPercent": maximum });
            }
            Action::Breaker(breaker) => {
                input["deploymentConfiguration"] =
                    json!({ "deploymentCircuitBreaker": self.scenario.shape(*breaker) });
            }
            _ => {}
        }
        input
    }
}

impl Scenario {
    /// `family:revision`
    fn definition(&self, revision: u32) -> String {
        format!("{}:{revision}", if self.has_check { "checked" } else { "plain" })
    }

    /// What its tasks run on, for people.
    pub fn providers(&self) -> String {
        let share = |share: &Share| {
            let Share { provider, base, weight } = share;
            format!("{provider} (base {base}, weight {weight})")
        };
        match self.strategy {
            [] => "FARGATE".into(),
            shares => shares.iter().map(share).collect::<Vec<_>>().join(" and "),
        }
    }

    fn shape(&self, breaker: Option<Breaker>) -> Value {
        let mut shape = json!({
            "enable": breaker.is_some(),
            "rollback": breaker.is_some_and(|breaker| breaker.rollback),
            "resetOnHealthyTask": breaker.is_none_or(|breaker| breaker.resets),
        });
        let count = breaker.and_then(|breaker| breaker.count);
        let threshold = match (count, self.percent) {
            (Some(count), _) => json!({ "type": "COUNT", "value": count }),
            (None, Some(Percent::Bounded(part))) => {
                json!({ "type": "BOUNDED_PERCENT", "value": part })
            }
            (None, Some(Percent::Unbounded(part))) => {
                json!({ "type": "UNBOUNDED_PERCENT", "value": part })
            }
            (None, None) => return shape,
        };
        shape["thresholdConfiguration"] = threshold;
        shape
    }

    fn creation(&self) -> Value {
        let (minimum, maximum) = self.percents;
        let mut input = json!({
            "cluster": base::CLUSTER,
            "serviceName": SERVICE,
            "taskDefinition": self.definition(1),
            "desiredCount": self.desired_count,
            "deploymentConfiguration": {
                "minimumHealthyPercent": minimum,
                "maximumPercent": maximum,
                "deploymentCircuitBreaker": self.shape(self.breaker),
            },
            "networkConfiguration": { "awsvpcConfiguration": {
                "subnets": ["subnet-a", "subnet-b", "subnet-c"], "securityGroups": ["sg-1"],
            } },
        });
        if let Some(rollback) = self.alarm {
            input["deploymentConfiguration"]["alarms"] =
                json!({ "alarmNames": [base::ALARM], "enable": true, "rollback": rollback });
        }
        let share = |share: &Share| {
            let Share { provider, base, weight } = share;
            json!({ "capacityProvider": provider, "base": base, "weight": weight })
        };
        match self.strategy {
            [] => input["launchType"] = json!("FARGATE"),
            shares => input["capacityProviderStrategy"] = shares.iter().map(share).collect(),
        }
        if self.has_balancer {
            input["healthCheckGracePeriodSeconds"] = json!(self.grace_secs);
            input["loadBalancers"] = json!([{
                "targetGroupArn": base::TARGET_GROUP, "containerName": "web", "containerPort": 80,
            }]);
        }
        input
    }
}
