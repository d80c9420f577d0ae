//! A scaled service: the real operations, alarms and scaling over a load that is made up, minute
//! by minute, together with the service scheduler and its machine.

mod alarms;
mod holds;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use neargate_api::types::cloudwatch::MetricAlarm;
use neargate_api::{Record, Rng, Service, Timestamp};
use neargate_model::application_autoscaling::ScalingActivity;
use neargate_model::cloudwatch::Alarm;
use neargate_model::ecs::{Task, TaskStatus};
use neargate_scaling::look::{self, Values};
use neargate_scaling::{carried, pending, settle};
use neargate_testkit as testkit;
use serde_json::{Value, json};

use crate::base;
use crate::load::Load;
use crate::scenario::{Action, Faults, Scenario};
use crate::user::SERVICE;
use crate::world::{Who, World};
use holds::Holds;

/// How a service is scaled.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    pub min: u32,
    pub max: u32,
    /// Of CPU, in percent.
    pub cpu_target: f64,
    pub cpu: Load,
    /// Of memory, where that is tracked too.
    pub memory: Option<(f64, Load)>,
    pub out_cooldown_s: i64,
    pub in_cooldown_s: i64,
}

/// What came of it.
pub struct Curve {
    /// The capacity at the end of each minute.
    pub capacities: Vec<u32>,
    story: Vec<String>,
    /// What must not happen and did.
    pub broken: Option<String>,
}

impl Curve {
    /// A digit for each two minutes, and every change with its time.
    pub fn told(&self) -> String {
        let digit = |count: &u32| char::from_digit((*count).min(35), 36).expect("below 36");
        let chart: String = self.capacities.iter().step_by(2).map(digit).collect();
        let mut told = vec![format!("capacity {chart}")];
        told.extend(self.story.iter().cloned());
        told.extend(self.broken.iter().map(|broken| format!("BROKEN: {broken}")));
        told.join("\n")
    }
}

/// Scales a service of a scenario for so many minutes.
pub fn scale(scenario: Scenario, scaling: Scaling, minutes: i64, seed: u64) -> Curve {
    let world = World::of(scenario, Rng::seeded(seed), seed);
    let mut scaled = Scaled {
        world,
        holds: Holds::default(),
        measured: BTreeMap::new(),
        curve: Curve { capacities: Vec::new(), story: Vec::new(), broken: None },
        scaling,
    };
    scaled.run(minutes);
    scaled.curve
}

/// Scales a service whose load, policies and faults a seed makes up.
pub fn scale_by_seed(seed: u64) -> (Scaling, Curve) {
    let rng = Rng::seeded(seed);
    let min = 1 + rng.below(3) as u32;
    let cooldown = || [0, 60, 300][rng.below(3) as usize];
    let scaling = Scaling {
        min,
        max: min + rng.below(12) as u32,
        cpu_target: 30.0 + rng.below(50) as f64,
        cpu: Load::of(&rng),
        memory: (rng.below(2) == 0).then(|| (40.0 + rng.below(40) as f64, Load::of(&rng))),
        out_cooldown_s: cooldown(),
        in_cooldown_s: cooldown(),
    };
    let deploys = if scaling.is_constant() { 0 } else { rng.below(3) };
    let deploy =
        |_| (rng.below(120) as i64 * 60_000, Action::Deploy { revision: 1 + rng.below(4) as u32 });
    let crash = if rng.below(3) == 0 { 40 } else { 0 };
    let scenario = Scenario {
        actions: (0..deploys).map(deploy).collect(),
        faults: Faults { crash, ..Faults::default() },
        ..Scenario::plain(min)
    };
    let curve = scale(scenario, scaling.clone(), 150, seed);
    (scaling, curve)
}

impl Scaling {
    pub fn is_constant(&self) -> bool {
        self.cpu.is_constant() && self.memory.is_none_or(|(_, load)| load.is_constant())
    }
}

/// What was measured in the minute that begins then, by the metric's name.
type Measured = BTreeMap<(String, i64), f64>;

struct Scaled {
    world: World,
    holds: Holds,
    measured: Measured,
    curve: Curve,
    scaling: Scaling,
}

fn autoscaling() -> &'static Service {
    static SERVICE: OnceLock<Service> = OnceLock::new();
    SERVICE.get_or_init(neargate_api_application_autoscaling::service)
}

/// What has been measured up to now.
struct Lately<'a> {
    measured: &'a Measured,
    now: Timestamp,
}

impl Values for Lately<'_> {
    fn of(&self, _: &Alarm, definition: &MetricAlarm, periods: usize) -> Vec<f64> {
        let name = definition.metric_name.clone().unwrap_or_default();
        let minute = minute_of(self.now);
        let back = (1..=periods as i64).map(|back| (name.clone(), minute - back));
        back.filter_map(|key| self.measured.get(&key).copied()).collect()
    }
}

fn minute_of(at: Timestamp) -> i64 {
    at.secs().div_euclid(60)
}

impl Scaled {
    fn run(&mut self, minutes: i64) {
        self.begin();
        for minute in 1..=minutes {
            if let Err(broken) = self.world.pass(60_000 * minute) {
                self.curve.broken = Some(broken);
            }
            self.measure(minute);
            if self.world.daemon.is_up {
                // Neargate may die at any of these: the next minute goes on.
                let _ = self.turn(minute);
            }
            self.curve.capacities.push(self.capacity());
            let found = self.holds.check_capacity(self.capacity(), &self.scaling);
            self.note(minute, found);
            if self.curve.broken.is_some() {
                return;
            }
        }
        if self.scaling.is_constant() {
            let found = holds::comes_to_rest(&self.curve.capacities);
            self.note(minutes, found);
        }
    }

    fn note(&mut self, minute: i64, found: Option<String>) {
        if let (None, Some(found)) = (&self.curve.broken, found) {
            self.curve.broken = Some(format!("in minute {minute}: {found}"));
        }
    }

    /// The service is there, and scaled.
    fn begin(&mut self) {
        let mut at_ms = 0;
        while self.world.service().is_none() {
            at_ms += 1_000;
            if let Err(broken) = self.world.pass(at_ms) {
                self.curve.broken = Some(broken);
                return;
            }
        }
        let Scaling { min, max, cpu_target, memory, .. } = self.scaling.clone();
        self.ask("RegisterScalableTarget", json!({ "MinCapacity": min, "MaxCapacity": max }));
        self.track("cpu", "ECSServiceAverageCPUUtilization", cpu_target);
        if let Some((target, _)) = memory {
            self.track("memory", "ECSServiceAverageMemoryUtilization", target);
        }
    }

    fn track(&self, name: &str, metric: &str, target: f64) {
        let configuration = json!({
            "PredefinedMetricSpecification": { "PredefinedMetricType": metric },
            "TargetValue": target,
            "ScaleOutCooldown": self.scaling.out_cooldown_s,
            "ScaleInCooldown": self.scaling.in_cooldown_s,
        });
        self.ask(
            "PutScalingPolicy",
            json!({
                "PolicyName": name,
                "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": configuration,
            }),
        );
    }

    fn ask(&self, operation: &str, mut input: Value) {
        input["ServiceNamespace"] = "ecs".into();
        input["ResourceId"] = format!("service/{}/{SERVICE}", base::CLUSTER).into();
        input["ScalableDimension"] = "ecs:service:DesiredCount".into();
        let call = testkit::ask(&self.world.ctx, autoscaling(), operation, &input);
        base::at_once(call).expect("a service can be scaled");
    }

    fn capacity(&self) -> u32 {
        self.world.service().map_or(0, |service| service.desired_count)
    }

    /// What the tasks were busy with in the minute that has passed.
    fn measure(&mut self, minute: i64) {
        let snapshot = self.world.store().snapshot();
        let running = snapshot.all::<Task>().filter(|task| task.status == TaskStatus::Running);
        let running = running.count() as f64;
        if running == 0.0 {
            return;
        }
        let at = minute_of(self.world.now()) - 1;
        let cpu = self.scaling.cpu.at(minute).map(|load| (load / running).min(100.0));
        let memory = self.scaling.memory.and_then(|(_, load)| load.at(minute));
        let memory = memory.map(|load| load / running);
        for (name, value) in [("CPUUtilization", cpu), ("MemoryUtilization", memory)] {
            if let Some(value) = value {
                self.measured.insert((name.to_owned(), at), value);
            }
        }
    }

    /// Alarms are evaluated, and the scaling loop has its turn.
    fn turn(&mut self, minute: i64) -> Result<(), crate::daemon::Died> {
        let now = self.world.now();
        let told = alarms::evaluated(&self.world.store().snapshot(), &self.measured, now);
        self.world.write(Who::User, |tx, _| told.into_iter().for_each(|alarm| tx.put(alarm)))?;
        let lately = Lately { measured: &self.measured, now };
        for due in look::due(&self.world.store().snapshot(), &lately) {
            self.world.write(Who::User, |tx, rng| look::apply(tx, &due, rng, now))?;
        }
        let found = self.holds.check_decisions(&self.world.store().snapshot(), now, &self.scaling);
        self.note(minute, found);
        for activity in pending(&self.world.store().snapshot()) {
            self.carry(minute, &activity)?;
        }
        let settled = settle::settled(&self.world.store().snapshot(), now);
        self.world.write(Who::User, |tx, _| settled.into_iter().for_each(|done| tx.put(done)))
    }

    /// Asks ECS for it, as the loop does.
    fn carry(
        &mut self,
        minute: i64,
        activity: &ScalingActivity,
    ) -> Result<(), crate::daemon::Died> {
        let Some(change) = activity.change.clone() else { return Ok(()) };
        let input =
            json!({ "cluster": base::CLUSTER, "service": SERVICE, "desiredCount": change.to });
        self.world.ask("UpdateService", input)?;
        let (key, now) = (activity.key(), self.world.now());
        self.world.write(Who::User, |tx, _| carried(tx, &key, None, now))?;
        let why = activity.shown.cause.rsplit_once("-Alarm").map_or("", |(_, kind)| kind);
        let policy = change.policy.unwrap_or_default();
        let kind = why.split('-').next().unwrap_or_default();
        self.curve.story.push(format!("{minute}m {} → {} {policy} {kind}", change.from, change.to));
        Ok(())
    }
}
