//! Deployments as stories: a service whose task sets become steady after two seconds,
//! and what is done to it, with times.

use std::collections::VecDeque;

use expect_test::expect;
use neargate_api_types::ecs as wire;
use neargate_ids::Timestamp;
use neargate_model::codedeploy::{
    Deployment, DeploymentStatus, Ready, Route, Stage, TaskSetSpec, Traffic, pending_events,
};
use neargate_model::ecs::{
    self, Controller, DeploymentStatus as TaskSetStatus, RolloutState, Service, ServiceStatus,
    TaskSet,
};
use neargate_wire::Stored;

use super::{Action, View, fail, failure, plan, replacement_weight, seen_of};

const STEADY_AFTER_MILLIS: i64 = 2000;

struct World {
    service: Service,
    deployments: Vec<Deployment>,
    now: Timestamp,
    alarms: Vec<String>,
    /// Replacements never become steady.
    sick: bool,
    story: Vec<String>,
}

fn task_set(id: &str, group: &str, status: TaskSetStatus, now: Timestamp) -> ecs::Deployment {
    let balancer =
        wire::LoadBalancer { target_group_arn: Some(group.into()), ..Default::default() };
    ecs::Deployment {
        id: id.into(),
        status,
        task_definition_arn: "app:1".into(),
        rollout: RolloutState::InProgress,
        rollout_reason: String::new(),
        failed_tasks: 0,
        launch_failures: 0,
        next_launch_at: None,
        next_placement_at: None,
        images: Default::default(),
        monitors: Default::default(),
        created_at: now,
        updated_at: now,
        launch_type: Some("FARGATE".into()),
        capacity_provider_strategy: Vec::new(),
        platform_version: "1.4.0".into(),
        network: None,
        task_set: Some(TaskSet {
            external_id: None,
            load_balancers: vec![Stored(balancer)],
            draining: false,
            stable: false,
            stable_at: now,
        }),
    }
}

fn deployment(traffic: Traffic) -> Deployment {
    let now = Timestamp(0);
    Deployment {
        region: "us-west-2".into(),
        id: "d-1".into(),
        application: "app".into(),
        group: "group".into(),
        cluster: "c".into(),
        service: "s".into(),
        role_arn: String::new(),
        status: DeploymentStatus::Created,
        stage: Stage::Install,
        stage_since: now,
        spec: TaskSetSpec {
            task_definition_arn: "app:2".into(),
            container_name: "web".into(),
            container_port: 80,
            platform_version: None,
            network: None,
            capacity_provider_strategy: None,
        },
        route: Route {
            production_listener: "production".into(),
            test_listener: None,
            target_groups: ["blue".into(), "green".into()],
        },
        traffic,
        ready: Ready::Continue,
        termination_wait_minutes: Some(5),
        roll_back_on_failure: true,
        roll_back_on_alarm: true,
        roll_back_on_request: false,
        alarms: Vec::new(),
        ignore_missing_alarms: false,
        original: None,
        replacement: None,
        replacement_weight: 0,
        go_on: false,
        terminate_now: false,
        stop_requested: None,
        failure: None,
        rolled_back_by: None,
        rolls_back: None,
        events: pending_events(),
        created_at: now,
        started_at: None,
        completed_at: None,
        updated_at: now,
        shown: Stored::default(),
    }
}

impl World {
    fn new(traffic: Traffic) -> World {
        World::with(deployment(traffic))
    }

    fn with(deployment: Deployment) -> World {
        let now = Timestamp(0);
        let service = Service {
            region: "us-west-2".into(),
            cluster: "c".into(),
            name: "s".into(),
            arn: String::new(),
            status: ServiceStatus::Active,
            controller: Controller::CodeDeploy,
            desired_count: 2,
            deployments: vec![task_set("original", "blue", TaskSetStatus::Primary, now)],
            last_completed: None,
            events: VecDeque::new(),
            steady: true,
            rebalancing: None,
            asked_for: None,
            monitoring: None,
            created_at: now,
            deleted_at: None,
            wire: Stored::default(),
            tags: Default::default(),
        };
        World {
            service,
            deployments: vec![deployment],
            now,
            alarms: Vec::new(),
            sick: false,
            story: Vec::new(),
        }
    }

    /// Lets seconds pass: each second every deployment takes all steps that it can.
    fn run(&mut self, seconds: i64) {
        for _ in 0..seconds {
            self.settle();
            while self.step() {}
            self.now = self.now.plus_secs(1);
        }
    }

    fn settle(&mut self) {
        let (now, sick) = (self.now, self.sick);
        self.service.deployments.retain(|set| set.task_set.as_ref().is_none_or(|s| !s.draining));
        for set in &mut self.service.deployments {
            let due = now.millis_since(set.created_at) >= STEADY_AFTER_MILLIS;
            if let Some(state) = &mut set.task_set {
                state.stable = due && !(sick && set.id != "original");
            }
        }
    }

    fn step(&mut self) -> bool {
        let mut moved = false;
        for at in 0..self.deployments.len() {
            let before = self.deployments[at].clone();
            let view = View {
                deployment: &before,
                service: Some(&self.service),
                tasks: &[],
                alarms: &self.alarms,
                missing_alarms: &[],
            };
            let plan = plan(&view, self.now);
            if plan.changes_nothing(&before) {
                continue;
            }
            moved = true;
            self.deployments[at] = plan.deployment;
            for action in plan.actions {
                self.act(at, action);
            }
            let after = &self.deployments[at];
            if (after.status, after.stage) != (before.status, before.stage) {
                let told = format!("{} {} {:?}", after.id, after.status.as_str(), after.stage);
                self.tell(told);
            }
        }
        moved
    }

    fn tell(&mut self, what: String) {
        self.story.push(format!("{}s {what}", self.now.millis() / 1000));
    }

    fn act(&mut self, at: usize, action: Action) {
        match action {
            Action::CreateTaskSet { target_group } => {
                self.tell(format!("task set on {target_group}"));
                let set = task_set("replacement", &target_group, TaskSetStatus::Active, self.now);
                self.deployments[at].replacement = Some(seen_of(&self.service, &set, &[]));
                self.service.deployments.push(set);
            }
            Action::Route { listener, from, to, percent } => {
                self.tell(format!("{listener}: {percent}% from {from} to {to}"));
            }
            Action::MakePrimary { task_set } => {
                self.tell(format!("{task_set} is primary"));
                for set in &mut self.service.deployments {
                    let primary = set.id == task_set;
                    set.status =
                        if primary { TaskSetStatus::Primary } else { TaskSetStatus::Active };
                }
            }
            Action::DeleteTaskSet { task_set } => {
                self.tell(format!("{task_set} goes"));
                let set = self.service.deployments.iter_mut().find(|set| set.id == task_set);
                if let Some(state) = set.and_then(|set| set.task_set.as_mut()) {
                    state.draining = true;
                }
            }
            Action::RollBack => {
                let failed = self.deployments[at].clone();
                self.deployments.push(Deployment {
                    id: "d-2".into(),
                    status: DeploymentStatus::Created,
                    stage: Stage::Restore,
                    stop_requested: None,
                    failure: None,
                    rolls_back: Some(failed.id.clone()),
                    events: pending_events(),
                    ..failed
                });
            }
        }
    }

    fn story(&self) -> String {
        self.story.join("\n")
    }

    /// The lifecycle events with their states.
    fn events(&self) -> String {
        let told = self.deployments[0].events.iter().map(|event| {
            let name = event.lifecycle_event_name.as_deref().unwrap_or_default();
            format!("{name} {}", event.status.as_deref().unwrap_or_default())
        });
        told.collect::<Vec<_>>().join(", ")
    }
}

#[test]
fn all_at_once_and_the_original_goes_after_its_wait() {
    let mut world = World::new(Traffic::AllAtOnce);
    world.run(400);
    expect![[r#"
        0s production: 0% from blue to green
        0s task set on green
        0s d-1 InProgress Install
        2s d-1 InProgress Wait
        2s d-1 InProgress Shift
        2s production: 100% from blue to green
        2s replacement is primary
        2s d-1 InProgress Terminate
        302s original goes
        302s d-1 Succeeded Done"#]]
    .assert_eq(&world.story());
    expect!["BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded"].assert_eq(&world.events());
}

#[test]
fn a_canary_shows_itself_first() {
    let mut world = World::new(Traffic::Canary { percent: 10, interval_minutes: 5 });
    world.run(700);
    expect![[r#"
        0s production: 0% from blue to green
        0s task set on green
        0s d-1 InProgress Install
        2s d-1 InProgress Wait
        2s d-1 InProgress Shift
        2s production: 10% from blue to green
        302s production: 100% from blue to green
        302s replacement is primary
        302s d-1 InProgress Terminate
        602s original goes
        602s d-1 Succeeded Done"#]]
    .assert_eq(&world.story());
}

#[test]
fn linear_steps() {
    let traffic = Traffic::Linear { percent: 40, interval_minutes: 1 };
    let at = |secs| replacement_weight(traffic, Timestamp(0), Timestamp(0).plus_secs(secs)).0;
    assert_eq!([0, 59, 60, 119, 120, 1000].map(at), [40, 40, 80, 80, 100, 100]);
}

#[test]
fn a_test_listener_moves_first_and_the_shift_waits_for_a_word() {
    let mut given = deployment(Traffic::AllAtOnce);
    given.route.test_listener = Some("test".into());
    given.ready = Ready::StopAfterMinutes(10);
    let mut world = World::with(given);
    world.run(60);
    world.deployments[0].go_on = true;
    world.run(1);
    expect![[r#"
        0s production: 0% from blue to green
        0s task set on green
        0s d-1 InProgress Install
        2s test: 100% from blue to green
        2s d-1 InProgress Wait
        2s d-1 Ready Wait
        60s d-1 InProgress Shift
        60s production: 100% from blue to green
        60s replacement is primary
        60s d-1 InProgress Terminate"#]]
    .assert_eq(&world.story());
}

#[test]
fn nobody_says_the_word() {
    let mut given = deployment(Traffic::AllAtOnce);
    given.ready = Ready::StopAfterMinutes(1);
    let mut world = World::with(given);
    world.run(70);
    expect![[r#"
        0s production: 0% from blue to green
        0s task set on green
        0s d-1 InProgress Install
        2s d-1 InProgress Wait
        2s d-1 Ready Wait
        62s d-1 Stopped Done
        62s production: 0% from blue to green
        62s original is primary
        62s replacement goes
        62s d-2 Succeeded Done"#]]
    .assert_eq(&world.story());
}

#[test]
fn a_replacement_that_never_becomes_healthy_is_rolled_back() {
    let mut world = World::new(Traffic::AllAtOnce);
    world.sick = true;
    world.run(3605);
    expect![[r#"
        0s production: 0% from blue to green
        0s task set on green
        0s d-1 InProgress Install
        3600s d-1 Failed Done
        3600s production: 0% from blue to green
        3600s original is primary
        3600s replacement goes
        3600s d-2 Succeeded Done"#]]
    .assert_eq(&world.story());
    expect!["BeforeInstall Succeeded, Install Failed, AfterInstall Skipped, AllowTestTraffic Skipped, AfterAllowTestTraffic Skipped, BeforeAllowTraffic Skipped, AllowTraffic Skipped, AfterAllowTraffic Skipped"].assert_eq(&world.events());
}

#[test]
fn a_stop_in_the_midst_of_a_canary_gives_the_traffic_back() {
    let mut world = World::new(Traffic::Canary { percent: 10, interval_minutes: 5 });
    world.run(10);
    world.deployments[0].stop_requested = Some(true);
    world.run(2);
    expect![[r#"
        0s production: 0% from blue to green
        0s task set on green
        0s d-1 InProgress Install
        2s d-1 InProgress Wait
        2s d-1 InProgress Shift
        2s production: 10% from blue to green
        10s d-1 Stopped Done
        10s production: 0% from blue to green
        10s original is primary
        10s replacement goes
        10s d-2 Succeeded Done"#]]
    .assert_eq(&world.story());
}

#[test]
fn an_alarm_while_the_original_is_still_there_gives_the_traffic_back() {
    let mut world = World::new(Traffic::AllAtOnce);
    world.run(10);
    world.alarms = vec!["errors".into()];
    world.run(2);
    expect![[r#"
        0s production: 0% from blue to green
        0s task set on green
        0s d-1 InProgress Install
        2s d-1 InProgress Wait
        2s d-1 InProgress Shift
        2s production: 100% from blue to green
        2s replacement is primary
        2s d-1 InProgress Terminate
        10s d-1 Stopped Done
        10s production: 0% from blue to green
        10s original is primary
        10s replacement goes
        10s d-2 Succeeded Done"#]]
    .assert_eq(&world.story());
    let why = world.deployments[0].failure.clone().expect("it was stopped");
    assert_eq!(why.code, "ALARM_ACTIVE");
}

#[test]
fn a_step_that_cannot_be_taken_fails_the_deployment() {
    let given = deployment(Traffic::AllAtOnce);
    let failed = fail(&given, failure("IAM_ROLE_PERMISSIONS", "no"), Timestamp(0));
    assert_eq!(failed.deployment.status, DeploymentStatus::Failed);
    assert_eq!(failed.actions, [Action::RollBack]);
}

#[test]
fn what_a_stopped_deployment_has_left_behind_goes_before_the_next() {
    let mut world = World::new(Traffic::Canary { percent: 10, interval_minutes: 5 });
    world.run(10);
    world.deployments[0].stop_requested = Some(false);
    world.run(1);
    let next = Deployment { id: "d-2".into(), ..deployment(Traffic::AllAtOnce) };
    world.deployments.push(next);
    world.run(5);
    expect![[r#"
        0s production: 0% from blue to green
        0s task set on green
        0s d-1 InProgress Install
        2s d-1 InProgress Wait
        2s d-1 InProgress Shift
        2s production: 10% from blue to green
        10s d-1 Stopped Done
        11s production: 0% from blue to green
        11s replacement goes
        11s d-2 InProgress Install
        12s production: 0% from blue to green
        12s task set on green
        14s d-2 InProgress Wait
        14s d-2 InProgress Shift
        14s production: 100% from blue to green
        14s replacement is primary
        14s d-2 InProgress Terminate"#]]
    .assert_eq(&world.story());
}
