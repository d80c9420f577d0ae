//! Which services a look plans. None of these here ever has all of its tasks, so that each is
//! due whenever it is planned; its plan is not put into effect.

use expect_test::expect;
use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition, AlarmState};
use neargate_api::model::ecs::{
    Controller, Deployment, DeploymentStatus, Placement, RolloutState, TaskDefinition, TaskTarget,
};
use neargate_api::model::elbv2::TargetState;
use neargate_api::types::{cloudwatch, ecs};
use neargate_api::{Rng, Store, StoreError, Stored, Tags, Tx};
use neargate_plan::launch;

use super::*;

const REGION: &str = "us-west-2";
const ALARM: &str = "errors";

/// Three services, of which `watched` has its deployments watched over by an alarm.
struct Cloud {
    store: Store,
    rng: Rng,
    scheduler: Scheduler,
}

impl Cloud {
    /// Once all of them have been looked at.
    fn new() -> Cloud {
        let store = Store::in_memory(neargate_api::model::tables());
        let mut cloud = Cloud { store, rng: Rng::seeded(1), scheduler: Scheduler::default() };
        cloud.write(|tx| {
            for name in ["api", "watched", "web"] {
                tx.put(service(name));
            }
            tx.put(alarm(AlarmState::Ok));
        });
        assert_eq!(cloud.looks_at(0), ["api", "watched", "web"], "all of them are new");
        cloud
    }

    fn write(&self, change: impl FnOnce(&mut Tx)) {
        let written = self.store.write_now(|tx| {
            change(tx);
            Ok::<_, StoreError>(())
        });
        written.expect("a store in memory takes what it is given");
    }

    /// A new task of a service, and its target's key.
    fn start(&self, service: &str, ip: &str) -> (String, String) {
        let task = task(service, ip, &self.rng);
        let (key, target) = (task.key(), Target::key_of("group", ip, 80));
        self.write(|tx| tx.put(task));
        (key, target)
    }

    /// The services that are looked at so many seconds after the first look.
    fn looks_at(&mut self, secs: i64) -> Vec<String> {
        let (snapshot, now) = (self.store.snapshot(), Timestamp::from_secs(secs));
        if !self.scheduler.is_due(&snapshot, now) {
            return Vec::new();
        }
        let look = self.scheduler.look(&snapshot, now);
        let name = |due: &Due| due.key.rsplit('/').next().unwrap_or_default().to_owned();
        look.due.iter().map(name).collect()
    }
}

#[test]
fn a_change_of_one_service_costs_no_look_at_the_others() {
    let mut cloud = Cloud::new();
    assert_eq!(cloud.looks_at(1), [""; 0], "nothing has changed");
    cloud.write(|tx| {
        tx.update::<Service>(&key("api"), |service| service.desired_count = 4);
    });
    assert_eq!(cloud.looks_at(1), ["api"]);
    assert_eq!(cloud.looks_at(2), [""; 0]);
}

#[test]
fn a_task_and_its_target_concern_their_service_alone() {
    let mut cloud = Cloud::new();
    let (web, target) = cloud.start("web", "10.0.0.4");
    assert_eq!(cloud.looks_at(1), ["web"], "a new task");
    cloud.start("api", "10.0.0.5");
    assert_eq!(cloud.looks_at(2), ["api"]);
    cloud.write(|tx| tx.put(healthy("10.0.0.4")));
    assert_eq!(cloud.looks_at(3), ["web"], "its target");
    cloud.write(|tx| {
        tx.update::<Task>(&web, |task| {
            task.advance(TaskStatus::Stopped, Timestamp::from_secs(4)).expect("forward");
        });
    });
    assert_eq!(cloud.looks_at(4), ["web"], "its end");
    cloud.write(|tx| {
        tx.update::<Task>(&web, |task| task.accounted = true);
        tx.delete::<Target>(&target);
    });
    assert_eq!(cloud.looks_at(5), ["web"], "that its end has been taken note of");
    cloud.write(|tx| tx.put(healthy("10.0.0.4")));
    assert_eq!(cloud.looks_at(6), [""; 0], "nobody's target");
}

#[test]
fn a_task_of_no_service_concerns_none() {
    let mut cloud = Cloud::new();
    let alone = Task { service: None, deployment: None, ..task("web", "10.0.0.4", &cloud.rng) };
    cloud.write(|tx| tx.put(alone));
    assert_eq!(cloud.looks_at(1), [""; 0]);
}

#[test]
fn an_alarm_concerns_those_whose_deployments_it_watches() {
    let mut cloud = Cloud::new();
    cloud.write(|tx| tx.put(alarm(AlarmState::Alarm)));
    assert_eq!(cloud.looks_at(1), ["watched"]);
    cloud.write(|tx| {
        tx.update::<Service>(&key("watched"), |service| service.wire = Stored::default());
    });
    assert_eq!(cloud.looks_at(2), ["watched"]);
    cloud.write(|tx| tx.put(alarm(AlarmState::Ok)));
    assert_eq!(cloud.looks_at(3), [""; 0], "nobody watches it any more");
}

#[test]
fn one_that_waits_for_an_instant_is_looked_at_when_it_comes() {
    let mut cloud = Cloud::new();
    cloud.write(|tx| {
        tx.update::<Service>(&key("web"), |service| {
            service.deployments[0].next_launch_at = Some(Timestamp::from_secs(5));
        });
    });
    assert_eq!(cloud.looks_at(1), [""; 0], "its plan waits");
    assert_eq!(cloud.scheduler.look_at(), Timestamp::from_secs(5));
    assert_eq!(cloud.looks_at(4), [""; 0]);
    assert_eq!(cloud.looks_at(5), ["web"]);
}

#[test]
fn one_whose_plan_the_store_did_not_take_is_looked_at_again_soon() {
    let mut cloud = Cloud::new();
    cloud.scheduler.failed(&key("api"), Timestamp::from_secs(0));
    assert_eq!(cloud.looks_at(1), ["api"]);
    assert_eq!(cloud.looks_at(2), [""; 0]);
}

#[test]
fn all_are_looked_at_after_a_while_and_when_the_clock_goes_back() {
    let mut cloud = Cloud::new();
    assert_eq!(cloud.looks_at(9), [""; 0]);
    assert_eq!(cloud.looks_at(10), ["api", "watched", "web"]);
    assert_eq!(cloud.looks_at(7), ["api", "watched", "web"]);
}

#[test]
fn services_of_one_name_are_told_apart_by_what_they_wait_for() {
    let mut cloud = Cloud::new();
    for (cluster, secs) in [("a", 5), ("b", 6)] {
        let mut web = Service { cluster: cluster.into(), ..service("web") };
        web.deployments[0].next_launch_at = Some(Timestamp::from_secs(secs));
        cloud.write(|tx| tx.put(web));
    }
    let look = cloud.scheduler.look(&cloud.store.snapshot(), Timestamp::from_secs(1));
    expect![[r#"
        us-west-2/a/web: the next try to start tasks, at 1970-01-01T00:00:05Z
        us-west-2/a/web: 3 of 3 tasks to become healthy
        us-west-2/b/web: the next try to start tasks, at 1970-01-01T00:00:06Z
        us-west-2/b/web: 3 of 3 tasks to become healthy"#]]
    .assert_eq(&look.waits_for.join("\n"));
}

fn key(service: &str) -> String {
    Service::key_of(REGION, "c", service)
}

fn service(name: &str) -> Service {
    let watches = ecs::DeploymentConfiguration {
        alarms: Some(ecs::DeploymentAlarms {
            alarm_names: vec![ALARM.into()],
            enable: true,
            ..Default::default()
        }),
        ..Default::default()
    };
    let configuration = (name == "watched").then_some(watches);
    Service {
        asked_for: None,
        monitoring: None,
        rebalancing: None,
        region: REGION.into(),
        cluster: "c".into(),
        name: name.into(),
        arn: String::new(),
        status: ServiceStatus::Active,
        controller: Controller::Ecs,
        desired_count: 3,
        deployments: vec![deployment(name)],
        last_completed: None,
        events: Default::default(),
        steady: false,
        created_at: Timestamp(0),
        deleted_at: None,
        wire: Stored(ecs::Service {
            deployment_configuration: configuration,
            ..Default::default()
        }),
        tags: Tags::new(),
    }
}

fn deployment(service: &str) -> Deployment {
    Deployment {
        next_placement_at: None,
        id: format!("ecs-svc/{service}"),
        status: DeploymentStatus::Primary,
        task_definition_arn: "arn:aws:ecs:us-west-2:000000000000:task-definition/app:1".into(),
        rollout: RolloutState::InProgress,
        rollout_reason: String::new(),
        failed_tasks: 0,
        launch_failures: 0,
        next_launch_at: None,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
        launch_type: Some("FARGATE".into()),
        capacity_provider_strategy: Vec::new(),
        platform_version: launch::LATEST_PLATFORM.into(),
        network: None,
        images: Default::default(),
        monitors: Default::default(),
        task_set: None,
    }
}

/// A task that is registered with a target group.
fn task(service: &str, ip: &str, rng: &Rng) -> Task {
    let deployment = deployment(service);
    let definition = TaskDefinition {
        region: REGION.into(),
        family: "app".into(),
        revision: 1,
        arn: deployment.task_definition_arn,
        active: true,
        registered_at: Timestamp(0),
        deregistered_at: None,
        wire: Stored::default(),
        tags: Tags::new(),
    };
    let seed = launch::Seed {
        account: "000000000000",
        cluster: "c",
        definition: &definition,
        service: Some((service, &deployment.id)),
        group: format!("service:{service}"),
        started_by: None,
        capacity_provider: None,
        platform_version: deployment.platform_version,
        placement: Placement::default(),
        overrides: None,
        targets: vec![TaskTarget { target_group_arn: "group".into(), port: 80, registered: true }],
        enable_execute_command: false,
        tags: Tags::new(),
    };
    Task { private_ip: Some(ip.into()), ..launch::task(seed, rng, Timestamp(0)) }
}

fn healthy(ip: &str) -> Target {
    Target {
        target_group_arn: "group".into(),
        ip: ip.into(),
        port: 80,
        zone: None,
        state: TargetState::Healthy,
        reason: None,
        description: None,
        registered_at: Timestamp(0),
        drains_until: None,
    }
}

fn alarm(state: AlarmState) -> Alarm {
    Alarm {
        region: REGION.into(),
        name: ALARM.into(),
        arn: String::new(),
        definition: AlarmDefinition::Metric(Stored(cloudwatch::MetricAlarm::default())),
        state,
        state_reason: String::new(),
        state_reason_data: None,
        state_updated_at: Timestamp(0),
        state_transitioned_at: Timestamp(0),
        configured_at: Timestamp(0),
        held: None,
        tags: Tags::new(),
    }
}
