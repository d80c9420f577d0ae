//! What is told of services: how their deployments come on, and what their schedulers do.

use expect_test::expect;
use neargate_api::model::ecs::{
    CAPACITY_CODE, Deployment, EventKind, PastDeployment, RolloutState, Said, Service,
};
use serde_json::json;

use super::{REGION, World, now, record, task};

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

fn past(deployment: Deployment) -> PastDeployment {
    PastDeployment { region: REGION.into(), cluster: "c".into(), service: "s".into(), deployment }
}

/// An event of this kind, whatever its words.
fn of(kind: EventKind) -> Said {
    Said::new(kind, "says something.")
}

/// The scheduler says this, in one turn.
async fn tell<const N: usize>(world: &World, said: [Said; N]) {
    world
        .write(move |tx| {
            tx.update::<Service>(&Service::key_of(REGION, "c", "s"), |service| {
                for (place, said) in said.into_iter().enumerate() {
                    let id = format!("{}-{place}", service.events.len());
                    service.tell(id, now(), said);
                }
            });
        })
        .await;
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
                service.tell("steady".into(), now(), of(EventKind::SteadyState));
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
async fn a_deployment_that_failed_without_a_task_is_told_too() {
    let world = World::new().await;
    world.write(|tx| tx.put(service())).await;
    world.everything().await;
    world
        .write(|tx| {
            let reason = "ECS deployment circuit breaker: tasks failed to start.";
            tx.put(past(deployment("ecs-svc/1", "Failed", reason)));
            tx.update::<Service>(&Service::key_of(REGION, "c", "s"), |service| {
                let reason = "ECS deployment ecs-svc/2 in progress.";
                service.deployments = vec![deployment("ecs-svc/2", "InProgress", reason)];
            });
        })
        .await;
    let names = ["SERVICE_DEPLOYMENT_FAILED", "SERVICE_DEPLOYMENT_IN_PROGRESS"];
    assert_eq!(world.members("eventName").await, names);
    expect![[r#"
        ECS deployment circuit breaker: tasks failed to start.
        ECS deployment ecs-svc/2 in progress."#]]
    .assert_eq(&world.members("reason").await.join("\n"));
    // One that was superseded ends without a word.
    world
        .write(|tx| {
            tx.put(past(deployment("ecs-svc/2", "InProgress", "")));
            tx.update::<Service>(&Service::key_of(REGION, "c", "s"), |service| {
                service.deployments = vec![deployment("ecs-svc/3", "InProgress", "")];
            });
        })
        .await;
    assert_eq!(world.members("eventName").await.len(), 3);
}

#[tokio::test]
async fn what_the_scheduler_says_becomes_service_actions() {
    let world = World::new().await;
    world.write(|tx| tx.put(service())).await;
    world.write(|tx| tx.put(task())).await;
    world.everything().await;
    tell(&world, [Said::from("has started 1 tasks: (task c13b4cb40f1f4fe4a2971f76ae5a47ad).")])
        .await;
    assert!(world.lines().await.is_empty(), "AWS sends no event of a start");
    tell(&world, [of(EventKind::SteadyState)]).await;
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
    tell(&world, [of(EventKind::PlacementFailed(CAPACITY_CODE.into()))]).await;
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
    tell(&world, [of(EventKind::TasksStopped(vec![task().id]))]).await;
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
    let rest = [
        of(EventKind::StartImpaired),
        of(EventKind::ConfigurationFailed("its task definition is not there any more".into())),
        of(EventKind::TaskSetSteadyState("ecs-svc/1".into())),
        of(EventKind::SteadyState),
    ];
    tell(&world, rest).await;
    assert_eq!(
        world.members("eventName").await,
        [
            "SERVICE_STEADY_STATE",
            "SERVICE_TASK_PLACEMENT_FAILURE",
            "TASKS_STOPPED",
            "SERVICE_TASK_START_IMPAIRED",
            "SERVICE_TASK_CONFIGURATION_FAILURE",
            "TASKSET_STEADY_STATE",
            "SERVICE_STEADY_STATE",
        ]
    );
}
