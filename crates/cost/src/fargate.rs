//! Fargate: tasks by their CPU, memory and storage, on demand and on Spot.

use serde_json::Value;

use crate::estimate::Estimating;
use crate::prices::{HOURS, Prices};
use crate::resource::{Resource, number};

/// GB of storage that every task has without a charge.
const STORAGE_FREE_GB: f64 = 20.0;

/// A service: from as many tasks as it has least, to as many as it has most.
pub fn service(of: &mut Estimating<'_>, service: &Resource) {
    let Some(task) = task_definition(of, service).and_then(Task::of) else {
        of.estimate.unknown.push(service.address.clone());
        return;
    };
    let desired = service.number("desired_count");
    let bounds = bounds(of, service);
    if desired.is_none() && bounds.is_none() {
        of.assume("one task of a service whose desired_count is not known");
    }
    let desired = desired.unwrap_or(1.0);
    let (least, most) = bounds.unwrap_or((desired, desired));
    let on_demand = task.monthly(of.prices) + address(of, service);
    let on_spot = task.monthly(of.prices) * of.prices.fargate.spot_share + address(of, service);
    let strategy = Strategy::of(service);
    let cost = |count: f64| {
        let spot = strategy.on_spot(count);
        (count - spot) * on_demand + spot * on_spot
    };
    let count = match (least, most) {
        (least, most) if least == most => format!("{least}"),
        (least, most) => format!("{least} to {most}"),
    };
    let spot = match (strategy.on_spot(most), most) {
        (0.0, _) => String::new(),
        (spot, most) if spot == most => ", on Spot".into(),
        (spot, most) => format!(", of which {spot} of {most} on Spot"),
    };
    let tasks = if most == 1.0 { "task" } else { "tasks" };
    let what = format!("{count} {tasks} of {} vCPU and {} GB{spot}", task.vcpu, task.gb);
    of.range(service, what, cost(least), cost(most));
    if !spot.is_empty() {
        let share = of.prices.fargate.spot_share * 100.0;
        of.assume(format!(
            "Spot at {share:.0}% of the price on demand; it moves, and is not always there"
        ));
    }
}

/// A public address of each task, in dollars a month.
fn address(of: &Estimating<'_>, service: &Resource) -> f64 {
    let network = service.list("network_configuration").first();
    match network.and_then(|network| network["assign_public_ip"].as_bool()) {
        Some(true) => of.prices.public_ipv4_hour * HOURS,
        _ => 0.0,
    }
}

/// By its ARN; while a plan does not know that, the one of the same module.
fn task_definition<'a>(of: &'a Estimating<'_>, service: &'a Resource) -> Option<&'a Resource> {
    let wanted = service.text("task_definition");
    let by_arn = of.all.iter().find(|task| {
        task.kind == "aws_ecs_task_definition"
            && wanted
                .is_some_and(|arn| [task.text("arn"), task.text("family")].contains(&Some(arn)))
    });
    by_arn.or_else(|| of.beside(service, "aws_ecs_task_definition").next())
}

/// What scaling keeps it between.
fn bounds(of: &Estimating<'_>, service: &Resource) -> Option<(f64, f64)> {
    let name = service.text("name")?;
    let target = of.all.iter().find(|target| {
        let id = target.text("resource_id").unwrap_or_default();
        target.kind == "aws_appautoscaling_target" && id.rsplit('/').next() == Some(name)
    });
    let target = target.or_else(|| of.beside(service, "aws_appautoscaling_target").next())?;
    Some((target.number("min_capacity")?, target.number("max_capacity")?))
}

/// What a task reserves.
struct Task {
    vcpu: f64,
    gb: f64,
    storage_gb: f64,
    is_arm: bool,
}

impl Task {
    fn of(definition: &Resource) -> Option<Task> {
        let storage = definition.list("ephemeral_storage").first();
        let platform = definition.list("runtime_platform").first();
        Some(Task {
            vcpu: definition.number("cpu")? / 1024.0,
            gb: definition.number("memory")? / 1024.0,
            storage_gb: storage.and_then(|s| number(&s["size_in_gib"])).unwrap_or(STORAGE_FREE_GB),
            is_arm: platform.is_some_and(|platform| platform["cpu_architecture"] == "ARM64"),
        })
    }

    /// On demand, in dollars.
    fn monthly(&self, prices: &Prices) -> f64 {
        let compute = if self.is_arm { &prices.fargate.arm } else { &prices.fargate.x86 };
        let storage =
            (self.storage_gb - STORAGE_FREE_GB).max(0.0) * prices.fargate.ephemeral_gb_hour;
        (self.vcpu * compute.vcpu_hour + self.gb * compute.gb_hour + storage) * HOURS
    }
}

/// Which of the tasks run on Spot.
struct Strategy {
    /// Base and weight.
    spot: (f64, f64),
    on_demand: (f64, f64),
}

impl Strategy {
    fn of(service: &Resource) -> Strategy {
        let all = service.list("capacity_provider_strategy");
        let one = |name: &str| {
            let found = all.iter().find(|item| item["capacity_provider"] == name);
            let field = |field: &str| found.and_then(|item: &Value| number(&item[field]));
            (field("base").unwrap_or(0.0), field("weight").unwrap_or(0.0))
        };
        Strategy { spot: one("FARGATE_SPOT"), on_demand: one("FARGATE") }
    }

    /// The bases first, then by weight.
    fn on_spot(&self, count: f64) -> f64 {
        let base = self.spot.0.min(count);
        let left = (count - base - self.on_demand.0).max(0.0);
        let weights = self.spot.1 + self.on_demand.1;
        let share = if weights > 0.0 { self.spot.1 / weights } else { 0.0 };
        base + (left * share).round()
    }
}
