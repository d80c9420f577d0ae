//! Facts written into a store that tells them, and what comes to a log group of
//! it. The documented samples of AWS are the shapes that are expected here.

use std::sync::Arc;

use expect_test::{Expect, expect};
use neargate_api::model::cloudwatch::{Alarm, AlarmState};
use neargate_api::model::ecr::Image;
use neargate_api::model::ecs::{
    ContainerStatus, Deployment, RolloutState, Service, StopCode, Task, TaskStatus,
};
use neargate_api::model::events::{Delivery, Rule};
use neargate_api::{Cloud, Ctx, Record, Services, Store, StoreError, Timestamp, Tx, Vault};
use neargate_loglines::LogLines;
use neargate_reconcile::Progress;
use neargate_testkit as testkit;
use serde_json::{Value, json};

use crate::deliver::Refusal;
use crate::{Bridge, Teller, telling};

const GROUP: &str = "/aws/events/all";
const REGION: &str = "us-west-2";

/// A cloud that tells its facts, and a bridge that delivers them.
struct World {
    ctx: Ctx,
    services: Arc<Services>,
    bridge: Bridge,
    _lines: tempfile::TempDir,
}

impl World {
    /// With a log group that EventBridge may write to.
    async fn new() -> Self {
        let world = World::without_policy().await;
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"] },
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "arn:aws:logs:us-west-2:000000000000:log-group:/aws/events/*:*",
        }] });
        let input = json!({ "policyName": "events", "policyDocument": policy.to_string() });
        world.call("logs", "PutResourcePolicy", input).await;
        world
    }

    async fn without_policy() -> Self {
        let base = testkit::ctx();
        let (clock, rng) = (base.cloud.clock.clone(), base.cloud.rng.clone());
        let account = base.cloud.account.clone();
        let teller = Teller { account: account.clone(), clock: clock.clone(), rng: rng.clone() };
        let tables = telling(neargate_api::model::tables(), teller);
        let cloud = Arc::new(Cloud {
            store: Store::in_memory(tables),
            clock,
            rng,
            vault: Vault::with_key([7; 32]),
            account,
            port: 4566,
            identity: base.cloud.identity.clone(),
        });
        let directory = tempfile::tempdir().unwrap();
        let lines = LogLines::open(directory.path()).unwrap();
        let services = Arc::new(Services::new(vec![
            neargate_api_ecs::service(),
            neargate_api_events::service(),
            neargate_api_logs::service(lines),
            neargate_api_sns::service(),
        ]));
        let bridge = Bridge::new(cloud.clone(), services.clone(), Progress::default());
        let ctx = Ctx { cloud, ..base };
        let world = World { ctx, services, bridge, _lines: directory };
        world.call("logs", "CreateLogGroup", json!({ "logGroupName": GROUP })).await;
        world
    }

    async fn call(&self, service: &str, operation: &str, input: Value) -> String {
        let service = self.services.all().iter().find(|s| s.model.name == service).unwrap();
        testkit::call(&self.ctx, service, operation, input).await.unwrap()
    }

    /// A rule with the log group as its target.
    async fn rule(&self, rule: Value, target: Value) {
        self.call("events", "PutRule", rule).await;
        let mut whole = json!({ "Id": "logs",
            "Arn": format!("arn:aws:logs:{REGION}:000000000000:log-group:{GROUP}") });
        for (name, value) in target.as_object().unwrap() {
            whole[name] = value.clone();
        }
        let targets = json!({ "Rule": "r", "Targets": [whole] });
        self.call("events", "PutTargets", targets).await;
    }

    async fn everything(&self) {
        let pattern = json!({ "source": [{ "prefix": "aws." }] }).to_string();
        self.rule(json!({ "Name": "r", "EventPattern": pattern }), json!({})).await;
    }

    async fn write(&self, change: impl FnOnce(&mut Tx) + Send + 'static) {
        let written = self.ctx.cloud.store.write(move |tx| {
            change(tx);
            Ok::<(), StoreError>(())
        });
        written.await.unwrap();
    }

    /// The lines that have come into the group.
    async fn lines(&self) -> Vec<String> {
        self.bridge.turn().await;
        let input = json!({ "logGroupName": GROUP });
        testkit::texts(&self.call("logs", "FilterLogEvents", input).await, "message")
    }

    /// What stands in the last line, indented.
    async fn check_last(&self, expected: Expect) {
        let lines = self.lines().await;
        let line: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
        expected.assert_eq(&serde_json::to_string_pretty(&line).unwrap());
    }

    /// One member of the detail of each line.
    async fn members(&self, name: &str) -> Vec<String> {
        let read = |line: &String| -> Value { serde_json::from_str(line).unwrap() };
        let lines = self.lines().await;
        let text = |event: Value| event["detail"][name].as_str().unwrap_or("-").to_owned();
        lines.iter().map(read).map(text).collect()
    }
}

fn now() -> Timestamp {
    testkit::ctx().now
}

/// A record as an older Neargate has written it: fields that came later have their defaults.
fn record<R: Record>(json: Value) -> R {
    serde_json::from_value(json).unwrap()
}

fn task() -> Task {
    record(json!({
        "region": REGION,
        "cluster": "c",
        "id": "c13b4cb40f1f4fe4a2971f76ae5a47ad",
        "arn": "arn:aws:ecs:us-west-2:000000000000:task/c/c13b4cb40f1f4fe4a2971f76ae5a47ad",
        "task_definition_arn": "arn:aws:ecs:us-west-2:000000000000:task-definition/app:1",
        "service": "s",
        "deployment": "ecs-svc/1",
        "status": "Provisioning",
        "placement": { "vpc_id": "", "subnet_id": "subnet-1", "availability_zone": "",
            "security_group_ids": [], "assign_public_ip": false },
        "interface_id": "eni-0123456789abcdef0",
        "private_ip": "10.0.0.139",
        "containers": [{
            "name": "app",
            "arn": "arn:aws:ecs:us-west-2:000000000000:container/c/1/2",
            "runtime_id": "r",
            "image": "app:latest",
            "essential": true,
            "cpu": 0,
            "status": "Pending",
        }],
        "targets": [],
        "created_at": now().millis(),
        "pull_started_at": now().millis(),
        "accounted": false,
        "version": 1,
        "wire": {},
        "tags": {},
    }))
}

fn deployment(id: &str, rollout: &str, reason: &str) -> Deployment {
    serde_json::from_value(json!({
        "id": id,
        "status": "Primary",
        "task_definition_arn": "",
        "rollout": rollout,
        "rollout_reason": reason,
        "failed_tasks": 0,
        "launch_failures": 0,
        "created_at": now().millis(),
        "updated_at": now().millis(),
        "capacity_provider_strategy": [],
        "platform_version": "1.4.0",
    }))
    .unwrap()
}

fn service() -> Service {
    let reason = "ECS deployment ecs-svc/1 in progress.";
    record(json!({
        "region": REGION,
        "cluster": "c",
        "name": "s",
        "arn": "arn:aws:ecs:us-west-2:000000000000:service/c/s",
        "status": "Active",
        "controller": "Ecs",
        "desired_count": 1,
        "deployments": [deployment("ecs-svc/1", "InProgress", reason)],
        "events": [],
        "steady": false,
        "created_at": now().millis(),
        "wire": {},
        "tags": {},
    }))
}

async fn tell(world: &World, what: &'static [&'static str]) {
    world
        .write(move |tx| {
            tx.update::<Service>(&Service::key_of(REGION, "c", "s"), |service| {
                for (place, what) in what.iter().enumerate() {
                    let id = format!("{}-{place}", service.events.len());
                    service.tell(id, now(), what);
                }
            });
        })
        .await;
}

#[tokio::test]
async fn a_task_s_states_are_told_each_once() {
    let world = World::new().await;
    world.write(|tx| tx.put(task())).await;
    world.everything().await;
    assert!(world.lines().await.is_empty(), "what was before the rule is not told");
    let key = Task::key_of(REGION, "c", &task().id);
    for status in [TaskStatus::Pending, TaskStatus::Running, TaskStatus::Running] {
        let key = key.clone();
        let move_on = move |task: &mut Task| task.advance(status, now()).unwrap();
        world.write(move |tx| drop(tx.update::<Task>(&key, move_on))).await;
    }
    world.check_last(expect![[r#"
        {
          "account": "000000000000",
          "detail": {
            "attachments": [
              {
                "details": [
                  {
                    "name": "subnetId",
                    "value": "subnet-1"
                  },
                  {
                    "name": "networkInterfaceId",
                    "value": "eni-0123456789abcdef0"
                  },
                  {
                    "name": "privateIPv4Address",
                    "value": "10.0.0.139"
                  }
                ],
                "id": "01234567-89ab-cdef-0012-3456789abcde",
                "status": "DELETED",
                "type": "eni"
              }
            ],
            "attributes": [
              {
                "name": "ecs.cpu-architecture",
                "value": "x86_64"
              }
            ],
            "connectivity": "CONNECTED",
            "connectivityAt": "2026-01-02T03:04:05.000Z",
            "containers": [
              {
                "containerArn": "arn:aws:ecs:us-west-2:000000000000:container/c/1/2",
                "cpu": "0",
                "healthStatus": "UNKNOWN",
                "image": "app:latest",
                "lastStatus": "PENDING",
                "name": "app",
                "networkBindings": [],
                "networkInterfaces": [
                  {
                    "attachmentId": "01234567-89ab-cdef-0012-3456789abcde",
                    "privateIpv4Address": "10.0.0.139"
                  }
                ],
                "runtimeId": "r",
                "taskArn": "arn:aws:ecs:us-west-2:000000000000:task/c/c13b4cb40f1f4fe4a2971f76ae5a47ad"
              }
            ],
            "createdAt": "2026-01-02T03:04:05.000Z",
            "desiredStatus": "RUNNING",
            "healthStatus": "UNKNOWN",
            "lastStatus": "RUNNING",
            "overrides": {
              "containerOverrides": [
                {
                  "name": "app"
                }
              ]
            },
            "pullStartedAt": "2026-01-02T03:04:05.000Z",
            "startedAt": "2026-01-02T03:04:05.000Z",
            "taskArn": "arn:aws:ecs:us-west-2:000000000000:task/c/c13b4cb40f1f4fe4a2971f76ae5a47ad",
            "taskDefinitionArn": "arn:aws:ecs:us-west-2:000000000000:task-definition/app:1",
            "updatedAt": "2026-01-02T03:04:05.000Z",
            "version": 3
          },
          "detail-type": "ECS Task State Change",
          "id": "92f89756-082a-4514-a42e-1c7bc266a3a7",
          "region": "us-west-2",
          "resources": [
            "arn:aws:ecs:us-west-2:000000000000:task/c/c13b4cb40f1f4fe4a2971f76ae5a47ad"
          ],
          "source": "aws.ecs",
          "time": "2026-01-02T03:04:05Z",
          "version": "0"
        }"#]]).await;
    let stop = move |task: &mut Task| {
        task.request_stop(StopCode::TerminationNotice, "Your Spot Task was interrupted.", now());
        task.advance(TaskStatus::Stopped, now()).unwrap();
    };
    world.write(move |tx| drop(tx.update::<Task>(&key, stop))).await;
    assert_eq!(world.members("lastStatus").await, ["PENDING", "RUNNING", "STOPPED"]);
    assert_eq!(world.members("stopCode").await, ["-", "-", "TerminationNotice"]);
    assert_eq!(world.ctx.snapshot().count::<Delivery>(), 0);
}

#[tokio::test]
async fn a_container_s_change_is_a_version_of_its_task() {
    let world = World::new().await;
    world.write(|tx| tx.put(task())).await;
    world.everything().await;
    let key = Task::key_of(REGION, "c", &task().id);
    let start = |task: &mut Task| task.containers[0].status = ContainerStatus::Running;
    let of_tx = key.clone();
    world.write(move |tx| drop(tx.update::<Task>(&of_tx, start))).await;
    assert_eq!(world.ctx.snapshot().get::<Task>(&key).unwrap().version, 2);
    world.write(move |tx| drop(tx.update::<Task>(&key, start))).await;
    let lines = world.lines().await;
    assert_eq!(lines.len(), 1);
    let told: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(told["detail"]["version"], 2);
    assert_eq!(told["detail"]["containers"][0]["lastStatus"], "RUNNING");
}

#[tokio::test]
async fn without_a_rule_nothing_is_written() {
    let world = World::new().await;
    let before = world.ctx.snapshot().version();
    world.write(|tx| tx.put(task())).await;
    assert_eq!(world.ctx.snapshot().version(), before + 1);
    assert_eq!(world.ctx.snapshot().count::<Delivery>(), 0);
    let pattern = json!({ "source": ["aws.ecr"] }).to_string();
    world.rule(json!({ "Name": "r", "EventPattern": pattern }), json!({})).await;
    let key = Task::key_of(REGION, "c", &task().id);
    let run = |task: &mut Task| task.advance(TaskStatus::Running, now()).unwrap();
    world.write(move |tx| drop(tx.update::<Task>(&key, run))).await;
    assert_eq!(world.ctx.snapshot().count::<Delivery>(), 0);
}

#[tokio::test]
async fn a_deployment_is_told_from_beginning_to_end() {
    let world = World::new().await;
    world.everything().await;
    world.write(|tx| tx.put(service())).await;
    world
        .check_last(expect![[r#"
        {
          "account": "000000000000",
          "detail": {
            "deploymentId": "ecs-svc/1",
            "eventName": "SERVICE_DEPLOYMENT_IN_PROGRESS",
            "eventType": "INFO",
            "reason": "ECS deployment ecs-svc/1 in progress.",
            "updatedAt": "2026-01-02T03:04:05.000Z"
          },
          "detail-type": "ECS Deployment State Change",
          "id": "b3f2af6d-0fc7-40c5-853b-559647364cea",
          "region": "us-west-2",
          "resources": [
            "arn:aws:ecs:us-west-2:000000000000:service/c/s"
          ],
          "source": "aws.ecs",
          "time": "2026-01-02T03:04:05Z",
          "version": "0"
        }"#]])
        .await;
    world
        .write(|tx| {
            tx.update::<Service>(&Service::key_of(REGION, "c", "s"), |service| {
                let failed = &mut service.deployments[0];
                failed.rollout = RolloutState::Failed;
                failed.rollout_reason =
                    "ECS deployment circuit breaker: tasks failed to start.".into();
                service.deployments.insert(
                    0,
                    deployment(
                        "ecs-svc/2",
                        "InProgress",
                        "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/0.",
                    ),
                );
            });
        })
        .await;
    world
        .write(|tx| {
            tx.update::<Service>(&Service::key_of(REGION, "c", "s"), |service| {
                service.deployments.truncate(1);
                service.deployments[0].rollout = RolloutState::Completed;
                service.tell("steady".into(), now(), "has reached a steady state.");
            });
        })
        .await;
    expect![[r#"
        SERVICE_DEPLOYMENT_IN_PROGRESS
        SERVICE_DEPLOYMENT_FAILED
        SERVICE_DEPLOYMENT_IN_PROGRESS
        SERVICE_DEPLOYMENT_COMPLETED
        SERVICE_STEADY_STATE"#]]
    .assert_eq(&world.members("eventName").await.join("\n"));
}

#[tokio::test]
async fn the_scheduler_s_words_become_service_actions() {
    let world = World::new().await;
    world.write(|tx| tx.put(service())).await;
    world.write(|tx| tx.put(task())).await;
    world.everything().await;
    tell(&world, &["has started 1 tasks: (task c13b4cb40f1f4fe4a2971f76ae5a47ad)."]).await;
    assert!(world.lines().await.is_empty(), "AWS sends no event of a start");
    tell(&world, &["has reached a steady state."]).await;
    world
        .check_last(expect![[r#"
        {
          "account": "000000000000",
          "detail": {
            "clusterArn": "arn:aws:ecs:us-west-2:000000000000:cluster/c",
            "createdAt": "2026-01-02T03:04:05.000Z",
            "eventName": "SERVICE_STEADY_STATE",
            "eventType": "INFO"
          },
          "detail-type": "ECS Service Action",
          "id": "b3f2af6d-0fc7-40c5-853b-559647364cea",
          "region": "us-west-2",
          "resources": [
            "arn:aws:ecs:us-west-2:000000000000:service/c/s"
          ],
          "source": "aws.ecs",
          "time": "2026-01-02T03:04:05Z",
          "version": "0"
        }"#]])
        .await;
    tell(&world, &["was unable to place a task. Reason: Capacity is unavailable at this time."])
        .await;
    world
        .check_last(expect![[r#"
        {
          "account": "000000000000",
          "detail": {
            "clusterArn": "arn:aws:ecs:us-west-2:000000000000:cluster/c",
            "createdAt": "2026-01-02T03:04:05.000Z",
            "eventName": "SERVICE_TASK_PLACEMENT_FAILURE",
            "eventType": "ERROR",
            "reason": "RESOURCE:FARGATE"
          },
          "detail-type": "ECS Service Action",
          "id": "9ebd5ced-207f-400b-b089-02dc1077d1a1",
          "region": "us-west-2",
          "resources": [
            "arn:aws:ecs:us-west-2:000000000000:service/c/s"
          ],
          "source": "aws.ecs",
          "time": "2026-01-02T03:04:05Z",
          "version": "0"
        }"#]])
        .await;
    tell(&world, &["has stopped 1 running tasks: (task c13b4cb40f1f4fe4a2971f76ae5a47ad)."]).await;
    world
        .check_last(expect![[r#"
        {
          "account": "000000000000",
          "detail": {
            "clusterArn": "arn:aws:ecs:us-west-2:000000000000:cluster/c",
            "createdAt": "2026-01-02T03:04:05.000Z",
            "eventName": "TASKS_STOPPED",
            "eventType": "INFO",
            "taskArns": [
              "arn:aws:ecs:us-west-2:000000000000:task/c/c13b4cb40f1f4fe4a2971f76ae5a47ad"
            ]
          },
          "detail-type": "ECS Service Action",
          "id": "da5bcc72-f9be-488f-8c9d-032c7905c2ca",
          "region": "us-west-2",
          "resources": [
            "arn:aws:ecs:us-west-2:000000000000:service/c/s"
          ],
          "source": "aws.ecs",
          "time": "2026-01-02T03:04:05Z",
          "version": "0"
        }"#]])
        .await;
    tell(
        &world,
        &[
            "is unable to consistently start tasks successfully: 2 in a row failed.",
            "has reached a steady state.",
        ],
    )
    .await;
    assert_eq!(
        world.members("eventName").await,
        [
            "SERVICE_STEADY_STATE",
            "SERVICE_TASK_PLACEMENT_FAILURE",
            "TASKS_STOPPED",
            "SERVICE_TASK_START_IMPAIRED",
            "SERVICE_STEADY_STATE",
        ]
    );
}

fn image(digest: &str, tags: &[&str]) -> Image {
    record(json!({
        "region": REGION,
        "repository": "app",
        "digest": digest,
        "media_type": "",
        "size": 1,
        "tags": tags,
        "pushed_at": now().millis(),
        "layers": [],
        "manifests": [],
        "annotations": {},
    }))
}

#[tokio::test]
async fn pushes_and_deletions_of_images_are_told() {
    let world = World::new().await;
    world.everything().await;
    world.write(|tx| tx.put(image("sha256:1", &["latest"]))).await;
    world
        .check_last(expect![[r#"
        {
          "account": "000000000000",
          "detail": {
            "action-type": "PUSH",
            "image-digest": "sha256:1",
            "image-tag": "latest",
            "repository-name": "app",
            "result": "SUCCESS"
          },
          "detail-type": "ECR Image Action",
          "id": "b3f2af6d-0fc7-40c5-853b-559647364cea",
          "region": "us-west-2",
          "resources": [],
          "source": "aws.ecr",
          "time": "2026-01-02T03:04:05Z",
          "version": "0"
        }"#]])
        .await;
    // The tag moves to another image, and then is deleted.
    world
        .write(|tx| {
            tx.put(image("sha256:1", &[]));
            tx.put(image("sha256:2", &["latest", "v2"]));
        })
        .await;
    world.write(|tx| tx.put(image("sha256:2", &["v2"]))).await;
    world.write(|tx| drop(tx.delete::<Image>(&Image::key_of(REGION, "app", "sha256:1")))).await;
    let told: Vec<String> = world
        .lines()
        .await
        .iter()
        .map(|line| {
            let event: Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| event["detail"][name].as_str().unwrap_or("-").to_owned();
            [text("action-type"), text("image-digest"), text("image-tag")].join(" ")
        })
        .collect();
    expect![[r#"
        PUSH sha256:1 latest
        PUSH sha256:2 latest
        PUSH sha256:2 v2
        DELETE sha256:2 latest
        DELETE sha256:1 -"#]]
    .assert_eq(&told.join("\n"));
}

#[tokio::test]
async fn an_alarm_s_change_of_state_is_told() {
    let world = World::new().await;
    world.everything().await;
    let metric = json!({
        "Namespace": "AWS/ECS",
        "MetricName": "CPUUtilization",
        "Dimensions": [{ "Name": "ServiceName", "Value": "s" }],
        "Period": 60,
        "Statistic": "Average",
        "AlarmDescription": "CPU above 80 %",
    });
    let alarm: Alarm = record(json!({
        "region": REGION,
        "name": "cpu",
        "arn": "arn:aws:cloudwatch:us-west-2:000000000000:alarm:cpu",
        "definition": { "Metric": metric },
        "state": "InsufficientData",
        "state_reason": "Unchecked: Initial alarm creation",
        "state_updated_at": now().millis(),
        "state_transitioned_at": now().millis(),
        "configured_at": now().millis(),
        "tags": {},
    }));
    world.write(move |tx| tx.put(alarm)).await;
    assert!(world.lines().await.is_empty());
    let say = |alarm: &mut Alarm| {
        alarm.say(AlarmState::Alarm, "Threshold Crossed".into(), Some("{}".into()), now());
    };
    let key = Alarm::key_of(REGION, "cpu");
    world.write(move |tx| drop(tx.update::<Alarm>(&key, say))).await;
    world
        .check_last(expect![[r#"
        {
          "account": "000000000000",
          "detail": {
            "alarmName": "cpu",
            "configuration": {
              "description": "CPU above 80 %",
              "metrics": [
                {
                  "id": "0ac331cf-4bab-8b17-80a5-86e5e52c1051",
                  "metricStat": {
                    "metric": {
                      "dimensions": {
                        "ServiceName": "s"
                      },
                      "name": "CPUUtilization",
                      "namespace": "AWS/ECS"
                    },
                    "period": 60,
                    "stat": "Average"
                  },
                  "returnData": true
                }
              ]
            },
            "previousState": {
              "reason": "Unchecked: Initial alarm creation",
              "timestamp": "2026-01-02T03:04:05.000+0000",
              "value": "INSUFFICIENT_DATA"
            },
            "state": {
              "reason": "Threshold Crossed",
              "reasonData": "{}",
              "timestamp": "2026-01-02T03:04:05.000+0000",
              "value": "ALARM"
            }
          },
          "detail-type": "CloudWatch Alarm State Change",
          "id": "b3f2af6d-0fc7-40c5-853b-559647364cea",
          "region": "us-west-2",
          "resources": [
            "arn:aws:cloudwatch:us-west-2:000000000000:alarm:cpu"
          ],
          "source": "aws.cloudwatch",
          "time": "2026-01-02T03:04:05Z",
          "version": "0"
        }"#]])
        .await;
}

#[tokio::test]
async fn a_schedule_comes_when_it_is_due_and_once_for_what_was_slept_through() {
    let world = World::new().await;
    let input = json!({ "Input": "{\"wake\": \"up\"}" });
    world.rule(json!({ "Name": "r", "ScheduleExpression": "rate(1 minute)" }), input).await;
    assert!(world.lines().await.is_empty());
    world.ctx.cloud.clock.advance_millis(60_000);
    assert_eq!(world.lines().await, ["{\"wake\": \"up\"}"]);
    world.ctx.cloud.clock.advance_millis(59_000);
    assert_eq!(world.lines().await.len(), 1);
    world.ctx.cloud.clock.advance_millis(600_000);
    assert_eq!(world.lines().await.len(), 2);
    let rule = world.ctx.snapshot().get::<Rule>("us-west-2/default/r").unwrap();
    assert_eq!(rule.scheduled_from.millis_since(now()), 11 * 60_000, "in step with its beginning");
}

#[tokio::test]
async fn a_target_without_permission_loses_the_event_and_says_so() {
    let world = World::without_policy().await;
    world.everything().await;
    world.write(|tx| tx.put(image("sha256:1", &["latest"]))).await;
    assert!(world.lines().await.is_empty());
    assert_eq!(world.ctx.snapshot().count::<Delivery>(), 0);
    let told = &world.bridge.progress.all()["events"].waits_for;
    assert!(told[0].contains("no resource policy allows events.amazonaws.com"), "{told:?}");
}

#[tokio::test]
async fn a_topic_s_policy_decides_and_a_template_is_filled_in() {
    let world = World::new().await;
    let topic = "arn:aws:sns:us-west-2:000000000000:news";
    world.call("sns", "CreateTopic", json!({ "Name": "news" })).await;
    let pattern = json!({ "source": ["shop"] }).to_string();
    let transformer = json!({ "InputTransformer": {
        "InputPathsMap": { "at": "$.time", "total": "$.detail.total" },
        "InputTemplate": "{\"timestamp\": <at>, \"message\": \"sold for <total>\"}",
    } });
    world.rule(json!({ "Name": "r", "EventPattern": pattern }), transformer).await;
    let targets = json!({ "Rule": "r", "Targets": [{ "Id": "topic", "Arn": topic }] });
    world.call("events", "PutTargets", targets).await;
    let entries = json!({ "Entries": [
        { "Source": "shop", "DetailType": "order", "Detail": "{\"total\": 12}" } ] });
    world.call("events", "PutEvents", entries.clone()).await;
    assert_eq!(world.lines().await, ["sold for 12"]);
    let told = &world.bridge.progress.all()["events"].waits_for;
    assert!(told[0].contains("sns:Publish"), "{told:?}");
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Principal": { "Service": "events.amazonaws.com" }, "Action": "sns:Publish",
        "Resource": topic,
        "Condition": { "ArnEquals": { "aws:SourceArn": "arn:aws:events:us-west-2:000000000000:rule/r" } },
    }] });
    let policy = json!({ "TopicArn": topic, "AttributeName": "Policy",
        "AttributeValue": policy.to_string() });
    world.call("sns", "SetTopicAttributes", policy).await;
    world.call("events", "PutEvents", entries).await;
    world.bridge.turn().await;
    assert!(world.bridge.progress.all()["events"].waits_for.is_empty());
}

#[tokio::test]
async fn what_may_pass_is_tried_again_as_the_retry_policy_says() {
    let world = World::new().await;
    let pattern = json!({ "source": ["shop"] }).to_string();
    let retry = json!({ "RetryPolicy": { "MaximumRetryAttempts": 2 } });
    world.rule(json!({ "Name": "r", "EventPattern": pattern }), retry).await;
    let entry = json!({ "Source": "shop", "DetailType": "order", "Detail": "{}" });
    world.call("events", "PutEvents", json!({ "Entries": [entry] })).await;
    let rule = world.ctx.snapshot().get::<Rule>("us-west-2/default/r").unwrap();
    let mut waits = Vec::new();
    while let Some(delivery) = world.ctx.snapshot().all::<Delivery>().next() {
        waits.push(delivery.next_try_at.millis_since(now()));
        let busy = Refusal { why: "busy".into(), may_pass: true };
        world.bridge.refused(&rule, &delivery, "r", busy, now()).await.unwrap();
    }
    assert_eq!(waits, [0, 1000, 2000], "the third failure is the last");
}

#[tokio::test]
async fn a_deployment_that_failed_without_a_task_is_told_too() {
    let world = World::new().await;
    world.write(|tx| tx.put(service())).await;
    world.everything().await;
    world
        .write(|tx| {
            tx.update::<Service>(&Service::key_of(REGION, "c", "s"), |service| {
                let reason = "ECS deployment ecs-svc/2 in progress.";
                service.deployments = vec![deployment("ecs-svc/2", "InProgress", reason)];
                let said = "(deployment ecs-svc/1) deployment failed: tasks failed to start.";
                service.tell("1".into(), now(), said);
                service.tell("2".into(), now(), "rolling back to deployment ecs-svc/2.");
            });
        })
        .await;
    let names = ["SERVICE_DEPLOYMENT_FAILED", "SERVICE_DEPLOYMENT_IN_PROGRESS"];
    assert_eq!(world.members("eventName").await, names);
    expect![[r#"
        ECS deployment circuit breaker: tasks failed to start. Rolling back to deploymentId: ecs-svc/2.
        ECS deployment ecs-svc/2 in progress."#]].assert_eq(&world.members("reason").await.join("\n"));
    // One that was superseded ends without a word.
    world
        .write(|tx| {
            tx.update::<Service>(&Service::key_of(REGION, "c", "s"), |service| {
                service.deployments = vec![deployment("ecs-svc/3", "InProgress", "")];
            });
        })
        .await;
    assert_eq!(world.members("eventName").await.len(), 3);
}
