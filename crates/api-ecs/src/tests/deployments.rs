//! Service deployments and revisions, and how one is stopped.

use expect_test::expect;
use neargate_api::Ctx;
use neargate_api::model::ecs::{RolloutState, Service};
use neargate_testkit::{ctx, text, texts};
use serde_json::{Value as Json, json};

use super::services::{ground, service};
use super::{done, refused};

/// The scheduler has completed the service's deployment.
async fn complete(ctx: &Ctx) {
    let key = Service::key_of(&ctx.region, "c", "s");
    let done = ctx.write(move |tx| {
        tx.update::<Service>(&key, |service| {
            service.deployments[0].rollout = RolloutState::Completed;
            service.last_completed = service.deployments.first().cloned();
        });
        Ok(())
    });
    done.await.unwrap();
}

async fn deploy(ctx: &Ctx) {
    let input = json!({ "cluster": "c", "service": "s", "forceNewDeployment": true });
    done(ctx, "UpdateService", input).await;
}

/// The ARNs of its deployments, newest first.
async fn listed(ctx: &Ctx, more: Json) -> Vec<String> {
    let input = super::with(json!({ "cluster": "c", "service": "s" }), more);
    texts(&done(ctx, "ListServiceDeployments", input).await, "serviceDeploymentArn")
}

const NOBODY: &str = "arn:aws:ecs:us-west-2:000000000000:service-deployment/c/s/1";

#[tokio::test]
async fn deployments_are_listed_by_their_status_and_described() {
    let ctx = ctx();
    let subnet = ground(&ctx).await;
    done(&ctx, "CreateService", service(&subnet, json!({}))).await;
    complete(&ctx).await;
    deploy(&ctx).await;
    assert_eq!(listed(&ctx, json!({})).await.len(), 2);
    let under_way = listed(&ctx, json!({ "status": ["IN_PROGRESS"] })).await;
    assert_eq!(under_way.len(), 1);
    assert_eq!(listed(&ctx, json!({ "status": ["STOPPED"] })).await, [""; 0]);
    let input = json!({ "serviceDeploymentArns": [under_way[0], NOBODY] });
    let described = done(&ctx, "DescribeServiceDeployments", input).await;
    let answer: Json = serde_json::from_str(&described).unwrap();
    assert_eq!(answer["serviceDeployments"][0]["status"], "IN_PROGRESS");
    assert_eq!(answer["failures"], json!([{ "arn": NOBODY, "reason": "MISSING" }]));
    let revision = &answer["serviceDeployments"][0]["targetServiceRevision"]["arn"];
    let nobody = NOBODY.replace("deployment", "revision");
    let input = json!({ "serviceRevisionArns": [revision, nobody, "nonsense"] });
    let described = done(&ctx, "DescribeServiceRevisions", input).await;
    let answer: Json = serde_json::from_str(&described).unwrap();
    assert_eq!(answer["serviceRevisions"][0]["serviceRevisionArn"], *revision);
    assert_eq!(answer["failures"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn only_a_deployment_that_is_under_way_is_stopped() {
    let ctx = ctx();
    let subnet = ground(&ctx).await;
    done(&ctx, "CreateService", service(&subnet, json!({}))).await;
    let first = listed(&ctx, json!({})).await.remove(0);
    let stop = |arn: &str, kind: &str| json!({ "serviceDeploymentArn": arn, "stopType": kind });
    let mut all = vec![
        refused(&ctx, "StopServiceDeployment", stop(NOBODY, "ABORT")).await,
        refused(&ctx, "StopServiceDeployment", stop("nonsense", "ABORT")).await,
        refused(&ctx, "StopServiceDeployment", stop(&first, "PAUSE")).await,
        refused(&ctx, "StopServiceDeployment", stop(&first, "ROLLBACK")).await,
    ];
    complete(&ctx).await;
    all.push(refused(&ctx, "StopServiceDeployment", stop(&first, "ABORT")).await);
    deploy(&ctx).await;
    let second = listed(&ctx, json!({ "status": ["IN_PROGRESS"] })).await.remove(0);
    let stopped = done(&ctx, "StopServiceDeployment", stop(&second, "ROLLBACK")).await;
    assert_eq!(text(&stopped, "serviceDeploymentArn"), second);
    assert_eq!(listed(&ctx, json!({ "status": ["ROLLBACK_REQUESTED"] })).await, [second]);
    expect![[r#"
        ServiceDeploymentNotFoundException: Service deployment not found.
        ServiceDeploymentNotFoundException: Service deployment not found.
        InvalidParameterException: 1 validation error detected: Value 'PAUSE' at 'stopType' failed to satisfy constraint: Member must satisfy enum value set: [ABORT, ROLLBACK]
        ConflictException: The service has no deployment that completed, to which this one could be rolled back.
        ConflictException: The service deployment has ended: there is nothing to stop."#]].assert_eq(&all.join("\n"));
}

#[tokio::test]
async fn a_service_that_is_not_there_has_no_deployments() {
    let ctx = ctx();
    ground(&ctx).await;
    let mut all = Vec::new();
    for (cluster, service) in [("c", "s"), ("other", "s")] {
        let input = json!({ "cluster": cluster, "service": service });
        all.push(refused(&ctx, "ListServiceDeployments", input).await);
    }
    let input = json!({ "cluster": "c", "service": "s", "status": ["DONE"] });
    all.push(refused(&ctx, "ListServiceDeployments", input).await);
    expect![[r#"
        ServiceNotFoundException: Service not found.
        ClusterNotFoundException: Cluster not found.
        InvalidParameterException: 1 validation error detected: Value 'DONE' at 'status.1.member' failed to satisfy constraint: Member must satisfy enum value set: [PENDING, SUCCESSFUL, STOPPED, STOP_REQUESTED, IN_PROGRESS, ROLLBACK_REQUESTED, ROLLBACK_IN_PROGRESS, ROLLBACK_SUCCESSFUL, ROLLBACK_FAILED]"#]].assert_eq(&all.join("\n"));
}
