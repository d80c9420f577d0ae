//! What is told of tasks.

use expect_test::expect;
use neargate_api::model::ecs::{ContainerStatus, StopCode, Task, TaskStatus};
use neargate_api::model::events::Delivery;
use serde_json::{Value, json};

use super::{REGION, World, now, task};

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
        task.request_stop(StopCode::UserInitiated, "Task stopped by user", now());
        task.advance(TaskStatus::Stopped, now()).unwrap();
    };
    world.write(move |tx| drop(tx.update::<Task>(&key, stop))).await;
    assert_eq!(world.members("lastStatus").await, ["PENDING", "RUNNING", "STOPPED"]);
    assert_eq!(world.members("stopCode").await, ["-", "-", "UserInitiated"]);
    assert_eq!(world.ctx.snapshot().count::<Delivery>(), 0);
}

#[tokio::test]
async fn the_notice_of_an_interruption_is_told_while_the_task_still_runs() {
    let world = World::new().await;
    world.write(|tx| tx.put(Task { status: TaskStatus::Running, ..task() })).await;
    world.everything().await;
    let key = Task::key_of(REGION, "c", &task().id);
    let of_notice = key.clone();
    let notice = |task: &mut Task| task.interrupt(120_000, now());
    world.write(move |tx| drop(tx.update::<Task>(&of_notice, notice))).await;
    assert_eq!(world.lines().await.len(), 1, "nothing else has happened yet");
    for status in [TaskStatus::Deactivating, TaskStatus::Stopping, TaskStatus::Stopped] {
        let key = key.clone();
        let move_on = move |task: &mut Task| task.advance(status, now()).unwrap();
        world.write(move |tx| drop(tx.update::<Task>(&key, move_on))).await;
    }
    let mut told = Vec::new();
    for name in ["lastStatus", "desiredStatus", "stopCode", "stoppedReason"] {
        told.push(format!("{name}: {}", world.members(name).await.join(", ")));
    }
    expect![[r#"
        lastStatus: RUNNING, DEACTIVATING, STOPPING, STOPPED
        desiredStatus: STOPPED, STOPPED, STOPPED, STOPPED
        stopCode: SpotInterruption, SpotInterruption, SpotInterruption, SpotInterruption
        stoppedReason: Your Spot Task was interrupted., Your Spot Task was interrupted., Your Spot Task was interrupted., Your Spot Task was interrupted."#]]
    .assert_eq(&told.join("\n"));
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
