//! What the service scheduler costs, a line for each measurement:
//! `cargo run --release -p neargate-sim --example scheduler`.

use std::time::Instant;

use neargate_api::{Rng, Store, StoreError, Timestamp};
use neargate_model::ecs::{
    Controller, Deployment, DeploymentStatus, Placement, RolloutState, Service, ServiceStatus,
    Task, TaskDefinition, TaskStatus,
};
use neargate_plan::launch;
use neargate_reconcile::services::Scheduler;

const NOW: Timestamp = Timestamp::from_secs(1_767_323_045);
const TASKS: usize = 10;
const ROUNDS: usize = 200;

fn main() {
    for services in [1, 10, 100, 1_000] {
        measure(services);
    }
    let began = Instant::now();
    let writes = neargate_sim::roll(TASKS as u32);
    let took = began.elapsed().as_secs_f64() * 1e3;
    println!("rolling {TASKS} tasks, simulated hands\t{took:.1} ms, {writes} writes");
}

/// A region of so many services of ten tasks each.
fn measure(services: usize) {
    let before_kib = resident_kib();
    let store = Store::simulated(&Store::in_memory(neargate_model::tables()).snapshot());
    let rng = Rng::seeded(1);
    write(&store, |tx| {
        for number in 0..services {
            tx.put(service(number));
            for _ in 0..TASKS {
                tx.put(task(number, &rng));
            }
        }
    });
    let grown_kib = resident_kib().saturating_sub(before_kib);
    let mut scheduler = Scheduler::default();
    let began = Instant::now();
    let due = scheduler.look(&store.snapshot(), NOW).due.len();
    let all_us = began.elapsed().as_secs_f64() * 1e6;
    assert_eq!(due, 0, "all of them are as they shall be");
    let tasks = services * TASKS;
    println!("look at {services} services with {tasks} tasks\t{all_us:.0} µs");
    println!("look after a change of one of {services}\t{:.1} µs", one(&store, &mut scheduler));
    if services == 1_000 {
        let per_thousand = grown_kib as f64 / 1024.0 / (tasks as f64 / 1000.0);
        println!("memory of 1,000 tasks in the store\t{per_thousand:.1} MiB");
    }
}

/// The median time of a look after one service has changed, in microseconds.
fn one(store: &Store, scheduler: &mut Scheduler) -> f64 {
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let key = service(0).arn;
        write(store, |tx| {
            tx.update::<Service>(&key, |service| service.created_at = Timestamp(round as i64));
        });
        let snapshot = store.snapshot();
        let began = Instant::now();
        assert!(scheduler.look(&snapshot, NOW).due.is_empty());
        times.push(began.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

fn write(store: &Store, change: impl FnOnce(&mut neargate_api::Tx)) {
    let written = store.write_now(|tx| {
        change(tx);
        Ok::<_, StoreError>(())
    });
    written.expect("a store in memory takes what it is given");
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

fn service(number: usize) -> Service {
    let name = format!("service-{number:04}");
    let deployment = Deployment {
        id: format!("ecs-svc/{number:019}"),
        status: DeploymentStatus::Primary,
        task_definition_arn: "arn:aws:ecs:us-west-2:000000000000:task-definition/app:1".into(),
        rollout: RolloutState::Completed,
        rollout_reason: String::new(),
        failed_tasks: 0,
        launch_failures: 0,
        next_launch_at: None,
        next_placement_at: None,
        created_at: NOW,
        updated_at: NOW,
        launch_type: Some("FARGATE".into()),
        capacity_provider_strategy: Vec::new(),
        platform_version: launch::LATEST_PLATFORM.into(),
        network: None,
        images: Default::default(),
        monitors: Default::default(),
        task_set: None,
    };
    Service {
        region: "us-west-2".into(),
        cluster: "c".into(),
        // Its key, for whoever asks for it.
        arn: Service::key_of("us-west-2", "c", &name),
        name,
        status: ServiceStatus::Active,
        controller: Controller::Ecs,
        desired_count: TASKS as u32,
        deployments: vec![deployment],
        last_completed: None,
        events: Default::default(),
        steady: true,
        rebalancing: None,
        asked_for: None,
        created_at: NOW,
        deleted_at: None,
        wire: Default::default(),
        tags: Default::default(),
    }
}

fn task(number: usize, rng: &Rng) -> Task {
    let service = service(number);
    let container = neargate_api::types::ecs::ContainerDefinition {
        name: Some("web".into()),
        image: Some("web".into()),
        ..Default::default()
    };
    let definition = TaskDefinition {
        region: service.region.clone(),
        family: "app".into(),
        revision: 1,
        arn: service.deployments[0].task_definition_arn.clone(),
        active: true,
        registered_at: NOW,
        deregistered_at: None,
        wire: neargate_api::Stored(neargate_api::types::ecs::TaskDefinition {
            container_definitions: Some(vec![container]),
            ..Default::default()
        }),
        tags: Default::default(),
    };
    let seed = launch::Seed {
        account: "000000000000",
        cluster: &service.cluster,
        definition: &definition,
        service: Some((&service.name, &service.deployments[0].id)),
        group: format!("service:{}", service.name),
        started_by: None,
        capacity_provider: None,
        platform_version: launch::LATEST_PLATFORM.into(),
        placement: Placement::default(),
        overrides: None,
        targets: Vec::new(),
        enable_execute_command: false,
        tags: Default::default(),
    };
    let mut task = launch::task(seed, rng, NOW);
    task.private_ip = Some("10.0.0.4".into());
    for status in [TaskStatus::Pending, TaskStatus::Activating, TaskStatus::Running] {
        task.advance(status, NOW).expect("forward");
    }
    task
}
