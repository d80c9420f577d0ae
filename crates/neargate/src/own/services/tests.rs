//! What the page says of services that are planned by the real scheduler.

use neargate_api::{Ctx, Service as Api, StoreError};
use neargate_reconcile::services::{self, Look, Scheduler};
use neargate_testkit::{call, ctx, text};

use super::*;

async fn done(ctx: &Ctx, api: &Api, operation: &str, input: Value) -> String {
    call(ctx, api, operation, input).await.unwrap()
}

/// A service `web` of so many tasks in a cluster of its own.
async fn web(ctx: &Ctx, subnet: &str, cluster: &str, desired_count: u32) {
    let ecs = neargate_api_ecs::service();
    done(ctx, &ecs, "CreateCluster", json!({ "clusterName": cluster })).await;
    let service = json!({
        "cluster": cluster, "serviceName": "web", "taskDefinition": "task",
        "desiredCount": desired_count, "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": [subnet] } },
    });
    done(ctx, &ecs, "CreateService", service).await;
}

/// A cloud with a subnet, whose id is given, and a task definition.
async fn ground(ctx: &Ctx) -> String {
    let ec2 = neargate_api_ec2::service();
    let vpc = done(ctx, &ec2, "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" })).await;
    let subnet = json!({ "CidrBlock": "10.0.1.0/24", "VpcId": text(&vpc, "vpcId") });
    let subnet = done(ctx, &ec2, "CreateSubnet", subnet).await;
    let definition = json!({
        "family": "task", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc",
        "cpu": "256", "memory": "512",
        "containerDefinitions": [{ "name": "main", "image": "busybox" }],
    });
    done(ctx, &neargate_api_ecs::service(), "RegisterTaskDefinition", definition).await;
    text(&subnet, "subnetId")
}

/// A turn of the service loop.
fn turn(ctx: &Ctx, scheduler: &mut Scheduler) -> Vec<String> {
    let Look { due, waits_for } = scheduler.look(&ctx.snapshot(), ctx.now);
    for due in due {
        let written = ctx.cloud.store.write_now(|tx| {
            services::apply(tx, due, ctx.rng(), ctx.account(), ctx.now);
            Ok::<_, StoreError>(())
        });
        written.unwrap();
    }
    waits_for
}

#[tokio::test]
async fn services_of_one_name_in_two_clusters_show_what_each_of_them_waits_for() {
    let ctx = ctx();
    let subnet = ground(&ctx).await;
    web(&ctx, &subnet, "a", 1).await;
    web(&ctx, &subnet, "b", 2).await;
    let mut scheduler = Scheduler::default();
    turn(&ctx, &mut scheduler);
    let waits_for = turn(&ctx, &mut scheduler);
    let of = |wanted: &str| {
        let shown = document(&ctx.snapshot(), &waits_for, Some(wanted), ctx.now).unwrap();
        shown["services"][0]["waitsFor"].clone()
    };
    assert_eq!(of("a/web"), json!(["1 of 1 tasks to become healthy"]));
    assert_eq!(of("b/web"), json!(["2 of 2 tasks to become healthy"]));
}
