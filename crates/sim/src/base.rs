//! What is there before a scenario begins: a cluster, three subnets, a load balancer's target
//! group, and the task definitions. It is made once, and every scenario begins with it.

use std::future::Future;
use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use neargate_api::{Service, Snapshot, Store, Timestamp};
use neargate_model::Tags;
use neargate_model::cloudwatch::{Alarm, AlarmDefinition, AlarmState};
use neargate_model::ec2::{SecurityGroup, Subnet};
use neargate_model::elbv2::{HealthCheck, Listener, TargetGroup};
use neargate_testkit as testkit;
use serde_json::json;

pub const REGION: &str = "us-west-2";
/// The availability zones of the service's subnets, by their last letters.
pub const ZONES: [char; 3] = ['a', 'b', 'c'];
pub const CLUSTER: &str = "sim";
pub const TARGET_GROUP: &str =
    "arn:aws:elasticloadbalancing:us-west-2:000000000000:targetgroup/web/0123456789abcdef";

/// The alarm that watches over deployments.
pub const ALARM: &str = "errors";

/// The revisions that each family has.
pub const REVISIONS: u32 = 6;

/// When every scenario begins.
pub const START: Timestamp = Timestamp::from_secs(1_767_323_045);

/// ECS with its operations.
pub fn ecs() -> &'static Service {
    static ECS: OnceLock<Service> = OnceLock::new();
    ECS.get_or_init(neargate_api_ecs::service)
}

/// The state that scenarios begin with.
pub fn snapshot() -> &'static Snapshot {
    static BASE: OnceLock<Snapshot> = OnceLock::new();
    BASE.get_or_init(make)
}

/// Runs a future that has nobody to wait for: an operation's, over a store in memory.
pub fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("an operation over a store in memory waits for nobody"),
    }
}

fn make() -> Snapshot {
    let ctx = testkit::ctx();
    network(&ctx.cloud.store);
    let ask = |operation: &str, input: serde_json::Value| {
        at_once(testkit::ask(&ctx, ecs(), operation, &input)).expect("the base can be made");
    };
    ask(
        "CreateCluster",
        json!({ "clusterName": CLUSTER, "capacityProviders": ["FARGATE", "FARGATE_SPOT"] }),
    );
    for family in ["plain", "checked"] {
        for _ in 0..REVISIONS {
            ask("RegisterTaskDefinition", definition(family));
        }
    }
    ctx.cloud.store.snapshot()
}

fn definition(family: &str) -> serde_json::Value {
    let mut container = json!({
        "name": "web", "image": "web", "portMappings": [{ "containerPort": 80 }],
    });
    if family == "checked" {
        let check = json!({ "command": ["CMD", "check"], "interval": 5, "retries": 2 });
        container["healthCheck"] = check;
    }
    json!({
        "family": family,
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [container],
    })
}

fn network(store: &Store) {
    let subnet = |zone: char, third: u8| Subnet {
        region: REGION.into(),
        subnet_id: format!("subnet-{zone}"),
        vpc_id: "vpc-1".into(),
        cidr: format!("10.0.{third}.0/24").parse().expect("a block"),
        zone: format!("{REGION}{zone}"),
        default_for_az: false,
        map_public_ip_on_launch: false,
        hostname_type: "ip-name".into(),
        resource_name_dns_a: false,
        enable_dns64: false,
    };
    let made = store.write_now(|tx| {
        for (zone, third) in ZONES.into_iter().zip(1..) {
            tx.put(subnet(zone, third));
        }
        tx.put(SecurityGroup {
            region: REGION.into(),
            group_id: "sg-1".into(),
            name: "tasks".into(),
            description: String::new(),
            vpc_id: "vpc-1".into(),
        });
        tx.put(target_group());
        tx.put(listener());
        tx.put(alarm(false));
        Ok::<_, neargate_api::StoreError>(())
    });
    made.expect("a store in memory takes what it is given");
}

fn target_group() -> TargetGroup {
    let delay = ("deregistration_delay.timeout_seconds".to_owned(), "20".to_owned());
    TargetGroup {
        region: REGION.into(),
        arn: TARGET_GROUP.into(),
        name: "web".into(),
        protocol: "HTTP".into(),
        protocol_version: "HTTP1".into(),
        port: 80,
        vpc_id: "vpc-1".into(),
        health_check: HealthCheck {
            protocol: "HTTP".into(),
            port: "traffic-port".into(),
            path: "/".into(),
            interval_secs: 5,
            timeout_secs: 2,
            healthy_threshold: 2,
            unhealthy_threshold: 2,
            matcher: "200".into(),
        },
        attributes: Tags::from([delay]),
        tags: Tags::new(),
    }
}

fn listener() -> Listener {
    let of = "000000000000:listener/app/web/0123456789abcdef/0123456789abcdef";
    let arn = format!("arn:aws:elasticloadbalancing:{REGION}:{of}");
    let forward = neargate_api::types::elbv2::Action {
        r#type: "forward".into(),
        target_group_arn: Some(TARGET_GROUP.into()),
        ..Default::default()
    };
    Listener {
        load_balancer_arn: arn.replacen(":listener/", ":loadbalancer/", 1),
        default_rule_arn: format!("{arn}/default"),
        default_rule_tags: Tags::new(),
        arn,
        port: 80,
        protocol: "HTTP".into(),
        ssl_policy: None,
        certificate_arn: None,
        extra_certificate_arns: Vec::new(),
        mutual_authentication: None,
        actions: vec![neargate_api::Stored(forward)],
        attributes: Tags::new(),
        tags: Tags::new(),
    }
}

/// The alarm, which looks back over a minute.
pub fn alarm(is_in_alarm: bool) -> Alarm {
    let watched = neargate_api::types::cloudwatch::MetricAlarm {
        period: Some(10),
        evaluation_periods: Some(6),
        ..Default::default()
    };
    Alarm {
        region: REGION.into(),
        name: ALARM.into(),
        arn: format!("arn:aws:cloudwatch:{REGION}:000000000000:alarm:{ALARM}"),
        definition: AlarmDefinition::Metric(neargate_api::Stored(watched)),
        state: if is_in_alarm { AlarmState::Alarm } else { AlarmState::Ok },
        state_reason: String::new(),
        state_reason_data: None,
        state_updated_at: START,
        state_transitioned_at: START,
        configured_at: START,
        held: None,
        tags: Tags::new(),
    }
}
