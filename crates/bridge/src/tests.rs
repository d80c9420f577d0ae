//! Facts written into a store that tells them, and what comes to a log group of
//! it. The documented samples of AWS are the shapes that are expected here.

mod alarms;
mod deliveries;
mod images;
mod services;
mod tasks;

use std::sync::Arc;

use expect_test::Expect;
use neargate_api::model::ecr::Image;
use neargate_api::model::ecs::Task;
use neargate_api::{Cloud, Ctx, Record, Services, Store, StoreError, Timestamp, Tx, Vault};
use neargate_loglines::LogLines;
use neargate_reconcile::Progress;
use neargate_testkit as testkit;
use serde_json::{Value, json};

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
