//! Plans of services that ECS's own operations have made, put into effect second by second, and
//! what their users read: the service's events with relative times.

use expect_test::expect;
use neargate_api::{Ctx, Service as Api, StoreError};
use neargate_testkit::{call, ctx, text};
use serde_json::{Value, json};

use super::*;
use crate::services::Scheduler;

struct World {
    ctx: Ctx,
    scheduler: Scheduler,
    /// What the last look has told.
    waits_for: Vec<String>,
    /// The one VPC, and what is told in place of ids.
    vpc: String,
    names: Vec<(String, &'static str)>,
}

impl World {
    async fn new() -> World {
        let ctx = ctx();
        let ec2 = neargate_api_ec2::service();
        let vpc = call(&ctx, &ec2, "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" })).await;
        let vpc = text(&vpc.unwrap(), "vpcId");
        let (scheduler, waits_for, names) = (Scheduler::default(), Vec::new(), Vec::new());
        let world = World { ctx, scheduler, waits_for, vpc, names };
        world.ecs("CreateCluster", json!({ "clusterName": "c" })).await;
        let definition = json!({
            "family": "task", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc",
            "cpu": "256", "memory": "512",
            "containerDefinitions": [{ "name": "main", "image": "busybox" }],
        });
        world.ecs("RegisterTaskDefinition", definition).await;
        world
    }

    async fn ask(&self, api: &Api, operation: &str, input: Value) -> String {
        call(&self.ctx, api, operation, input).await.unwrap()
    }

    async fn ecs(&self, operation: &str, input: Value) -> String {
        self.ask(&neargate_api_ecs::service(), operation, input).await
    }

    async fn ec2(&self, operation: &str, input: Value) -> String {
        self.ask(&neargate_api_ec2::service(), operation, input).await
    }

    async fn subnet(&mut self, cidr: &str, name: &'static str) -> String {
        let input = json!({ "CidrBlock": cidr, "VpcId": self.vpc });
        let id = text(&self.ec2("CreateSubnet", input).await, "subnetId");
        self.names.push((id.clone(), name));
        id
    }

    /// Each second the scheduler looks until it has nothing to do.
    fn run(&mut self, secs: u32) {
        for _ in 0..secs {
            while self.turn() {}
            self.ctx.cloud.clock.advance_millis(1000);
        }
    }

    fn turn(&mut self) -> bool {
        let (snapshot, now) = (self.ctx.snapshot(), self.ctx.cloud.clock.now());
        if !self.scheduler.is_due(&snapshot, now) {
            return false;
        }
        let look = self.scheduler.look(&snapshot, now);
        self.waits_for = look.waits_for;
        let found = !look.due.is_empty();
        for due in look.due {
            let (rng, account) = (&self.ctx.cloud.rng, &self.ctx.cloud.account);
            let written = self.ctx.cloud.store.write_now(|tx| {
                apply(tx, due, rng, account, now);
                Ok::<_, StoreError>(())
            });
            written.unwrap();
        }
        found
    }

    /// The events of the service `s`, oldest first, and what is waited for at last.
    fn story(&self) -> String {
        let key = Service::key_of(&self.ctx.region, "c", "s");
        let service = self.ctx.snapshot().get::<Service>(&key).unwrap();
        let line = |event: &neargate_api::model::ecs::Event| {
            let secs = event.at.millis_since(service.created_at) / 1000;
            format!("{secs}s {}", event.message.trim_start_matches("(service s) "))
        };
        let mut lines: Vec<String> = service.events.iter().rev().map(line).collect();
        lines.extend(self.waits_for.iter().map(|what| format!("waits: {what}")));
        let mut told = lines.join("\n");
        for (id, name) in &self.names {
            told = told.replace(id, name);
        }
        for (number, task) in self.ctx.snapshot().all::<Task>().enumerate() {
            told = told.replace(&task.id, &format!("t{}", number + 1));
        }
        told
    }
}

fn network(subnet: &str) -> Value {
    json!({ "awsvpcConfiguration": { "subnets": [subnet] } })
}

#[tokio::test]
async fn tasks_whose_subnet_is_gone_wait_for_a_place_until_they_are_given_another() {
    let mut world = World::new().await;
    let gone = world.subnet("10.0.1.0/24", "subnet-gone").await;
    let service = json!({
        "cluster": "c", "serviceName": "s", "taskDefinition": "task", "desiredCount": 1,
        "launchType": "FARGATE", "networkConfiguration": network(&gone),
    });
    world.ecs("CreateService", service).await;
    world.ec2("DeleteSubnet", json!({ "SubnetId": gone })).await;
    // It is told once, however often a place is looked for.
    world.run(12);
    expect![[r#"
        0s was unable to place a task. Reason: Error retrieving subnet information for [subnet-gone]: The subnet ID 'subnet-gone' does not exist (ErrorCode: InvalidSubnetID.NotFound).
        waits: us-west-2/c/s: a place for 1 tasks, looked for at 2026-01-02T03:04:20Z
        waits: us-west-2/c/s: 1 of 1 tasks to become healthy"#]].assert_eq(&world.story());
    let other = world.subnet("10.0.2.0/24", "subnet-other").await;
    let update = json!({ "cluster": "c", "service": "s", "networkConfiguration": network(&other) });
    world.ecs("UpdateService", update).await;
    world.run(1);
    expect![[r#"
        0s was unable to place a task. Reason: Error retrieving subnet information for [subnet-gone]: The subnet ID 'subnet-gone' does not exist (ErrorCode: InvalidSubnetID.NotFound).
        12s has started 1 tasks: (task t1).
        waits: us-west-2/c/s: 1 of 1 tasks to become healthy"#]].assert_eq(&world.story());
}
