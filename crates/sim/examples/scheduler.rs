//! What the service scheduler costs, a line for each measurement:
//! `cargo run --release -p neargate-sim --example scheduler`.

use std::time::Instant;

use neargate_api::types::ecs;
use neargate_api::{Rng, Snapshot, Store, StoreError, Timestamp};
use neargate_model::ec2::Subnet;
use neargate_model::ecs::{
    Controller, Deployment, DeploymentStatus, Placement, RolloutState, Service, ServiceStatus,
    Task, TaskDefinition, TaskStatus,
};
use neargate_plan::launch;
use neargate_reconcile::services::{self, Scheduler};

const REGION: &str = "us-west-2";
const DEFINITION: &str = "arn:aws:ecs:us-west-2:000000000000:task-definition/app:1";
const NOW: Timestamp = Timestamp::from_secs(1_767_323_045);
const TASKS: usize = 10;

/// Medians are of so many; what comes before them warms up.
const ROUNDS: usize = 200;
const LOOKS: usize = 15;
const ROLLS: usize = 25;

fn main() {
    // First, while nothing that was freed is there to be used again.
    println!("memory of 1,000 tasks in the store\t{:.1} MiB", mib_of_a_thousand());
    for services in [1, 10, 100, 1_000] {
        measure(services);
    }
    let (start_us, stop_us) = (turn(TASKS, 0), turn(0, TASKS));
    println!("plan and write that start {TASKS} tasks\t{start_us:.0} µs");
    println!("plan and write that stop {TASKS} tasks\t{stop_us:.0} µs");
    let mut writes = 0;
    let roll_us = median(ROLLS, || {
        let roll = neargate_sim::roll(TASKS as u32);
        micros(|| writes = roll())
    });
    let roll_ms = roll_us / 1e3;
    println!("rolling {TASKS} tasks, simulated hands\t{roll_ms:.1} ms, {writes} writes");
}

/// The median of so many measurements, each of which tells its time; as many come before them
/// as a tenth, and one at least.
fn median(rounds: usize, mut measured: impl FnMut() -> f64) -> f64 {
    for _ in 0..=rounds / 10 {
        measured();
    }
    let mut times: Vec<f64> = (0..rounds).map(|_| measured()).collect();
    times.sort_by(f64::total_cmp);
    times[rounds / 2]
}

/// How long it takes, in microseconds.
fn micros(act: impl FnOnce()) -> f64 {
    let began = Instant::now();
    act();
    began.elapsed().as_secs_f64() * 1e6
}

/// A region of so many services of ten tasks each.
fn measure(services: usize) {
    let store = region(services, TASKS, TASKS);
    let (snapshot, tasks) = (store.snapshot(), services * TASKS);
    let all_us = median(LOOKS, || look_at_all(&snapshot));
    println!("look at {services} services with {tasks} tasks\t{all_us:.0} µs");
    println!("look after a change of one of {services}\t{:.1} µs", look_at_one(&store));
}

/// What 1,000 of 10,000 tasks take in the store.
fn mib_of_a_thousand() -> f64 {
    let before_kib = resident_kib();
    let store = region(1_000, TASKS, TASKS);
    let grown_kib = resident_kib().saturating_sub(before_kib);
    assert_eq!(store.snapshot().count::<Task>(), 1_000 * TASKS);
    grown_kib as f64 / 1024.0 / TASKS as f64
}

/// The look of a scheduler that has seen nothing yet.
fn look_at_all(snapshot: &Snapshot) -> f64 {
    let mut scheduler = Scheduler::default();
    micros(|| {
        let due = scheduler.look(snapshot, NOW).due;
        assert!(due.is_empty(), "all of them are as they shall be");
    })
}

/// The look after one service has changed.
fn look_at_one(store: &Store) -> f64 {
    let mut scheduler = Scheduler::default();
    scheduler.look(&store.snapshot(), NOW);
    let key = service(0, TASKS).arn;
    let mut round = 0;
    median(ROUNDS, || {
        round += 1;
        write(store, |tx| {
            tx.update::<Service>(&key, |service| service.created_at = Timestamp(round));
        });
        let snapshot = store.snapshot();
        micros(|| assert!(scheduler.look(&snapshot, NOW).due.is_empty()))
    })
}

/// A turn of the service loop, with its transaction, over a service that shall have so many
/// tasks, and has so many.
fn turn(desired_count: usize, running: usize) -> f64 {
    let base = region(1, desired_count, running).snapshot();
    let rng = Rng::seeded(2);
    median(ROUNDS, || {
        let (store, mut scheduler) = (Store::simulated(&base), Scheduler::default());
        micros(|| {
            let mut due = scheduler.look(&store.snapshot(), NOW).due;
            let due = due.pop().expect("it is not as it shall be");
            write(&store, |tx| services::apply(tx, due, &rng, "000000000000", NOW));
        })
    })
}

/// A region of so many services that shall have so many tasks each, and have so many.
fn region(services: usize, desired_count: usize, running: usize) -> Store {
    let store = Store::simulated(&Store::in_memory(neargate_model::tables()).snapshot());
    let rng = Rng::seeded(1);
    write(&store, |tx| {
        tx.put(subnet());
        tx.put(definition());
        for number in 0..services {
            tx.put(service(number, desired_count));
            for _ in 0..running {
                tx.put(task(number, &rng));
            }
        }
    });
    store
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

fn subnet() -> Subnet {
    Subnet {
        region: REGION.into(),
        subnet_id: "subnet-1".into(),
        vpc_id: "vpc-1".into(),
        cidr: "10.0.1.0/24".parse().expect("a block"),
        zone: format!("{REGION}a"),
        default_for_az: false,
        map_public_ip_on_launch: false,
        hostname_type: "ip-name".into(),
        resource_name_dns_a: false,
        enable_dns64: false,
    }
}

fn network() -> ecs::NetworkConfiguration {
    let vpc = ecs::AwsVpcConfiguration { subnets: vec!["subnet-1".into()], ..Default::default() };
    ecs::NetworkConfiguration { awsvpc_configuration: Some(vpc) }
}

fn definition() -> TaskDefinition {
    let container = ecs::ContainerDefinition {
        name: Some("web".into()),
        image: Some("web".into()),
        ..Default::default()
    };
    TaskDefinition {
        region: REGION.into(),
        family: "app".into(),
        revision: 1,
        arn: DEFINITION.into(),
        active: true,
        registered_at: NOW,
        deregistered_at: None,
        wire: neargate_api::Stored(ecs::TaskDefinition {
            container_definitions: Some(vec![container]),
            ..Default::default()
        }),
        tags: Default::default(),
    }
}

fn service(number: usize, desired_count: usize) -> Service {
    let name = format!("service-{number:04}");
    let deployment = Deployment {
        id: format!("ecs-svc/{number:019}"),
        status: DeploymentStatus::Primary,
        task_definition_arn: DEFINITION.into(),
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
        network: Some(neargate_api::Stored(network())),
        images: Default::default(),
        monitors: Default::default(),
        task_set: None,
    };
    Service {
        region: REGION.into(),
        cluster: "c".into(),
        // Its key, for whoever asks for it.
        arn: Service::key_of(REGION, "c", &name),
        name,
        status: ServiceStatus::Active,
        controller: Controller::Ecs,
        desired_count: desired_count as u32,
        deployments: vec![deployment],
        last_completed: None,
        events: Default::default(),
        steady: true,
        rebalancing: None,
        asked_for: None,
        monitoring: None,
        created_at: NOW,
        deleted_at: None,
        wire: Default::default(),
        tags: Default::default(),
    }
}

fn task(number: usize, rng: &Rng) -> Task {
    let (service, definition) = (service(number, TASKS), definition());
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
