//! The service as a whole, as clients see it.

use expect_test::expect;
use neargate_api::{AwsError, Ctx};
use neargate_testkit::{self as testkit, text, texts};
use serde_json::{Value, json};

use super::service;

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(service().unregistered(), [""; 0]);
}

/// A VPC with a way out and a subnet in two zones.
struct Stage {
    ctx: Ctx,
    vpc: String,
    subnets: Vec<String>,
}

impl Stage {
    async fn set() -> Stage {
        let ctx = testkit::ctx();
        let ec2 = neargate_api_ec2::service();
        let vpc = call(&ctx, &ec2, "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" })).await;
        let vpc = text(&vpc, "vpcId");
        let gateway = call(&ctx, &ec2, "CreateInternetGateway", json!({})).await;
        let gateway = text(&gateway, "internetGatewayId");
        let attach = json!({ "InternetGatewayId": gateway, "VpcId": vpc });
        call(&ctx, &ec2, "AttachInternetGateway", attach).await;
        let mut subnets = Vec::new();
        for (zone, block) in [("us-west-2a", "10.0.0.0/24"), ("us-west-2b", "10.0.1.0/24")] {
            let input = json!({ "VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone });
            subnets.push(text(&call(&ctx, &ec2, "CreateSubnet", input).await, "subnetId"));
        }
        Stage { ctx, vpc, subnets }
    }

    async fn try_call(&self, operation: &str, input: Value) -> Result<String, AwsError> {
        testkit::call(&self.ctx, &service(), operation, input).await
    }

    async fn call(&self, operation: &str, input: Value) -> String {
        self.try_call(operation, input).await.unwrap_or_else(|e| panic!("{operation}: {e}"))
    }

    /// `code: message` of a refusal.
    async fn refused(&self, operation: &str, input: Value) -> String {
        match self.try_call(operation, input).await {
            Ok(answer) => panic!("{operation} was not refused:\n{answer}"),
            Err(error) => error.to_string(),
        }
    }

    async fn balancer(&self, name: &str) -> String {
        let input = json!({ "Name": name, "Subnets": self.subnets });
        text(&self.call("CreateLoadBalancer", input).await, "LoadBalancerArn")
    }

    fn group_input(&self, name: &str) -> Value {
        json!({ "Name": name, "Protocol": "HTTP", "Port": 5000, "VpcId": self.vpc,
                "TargetType": "ip", "HealthCheckPath": "/health" })
    }

    async fn group(&self, name: &str) -> String {
        text(&self.call("CreateTargetGroup", self.group_input(name)).await, "TargetGroupArn")
    }

    async fn listener(&self, balancer: &str, group: &str) -> String {
        let input = json!({ "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80,
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }] });
        text(&self.call("CreateListener", input).await, "ListenerArn")
    }
}

async fn call(ctx: &Ctx, of: &neargate_api::Service, operation: &str, input: Value) -> String {
    let answer = testkit::call(ctx, of, operation, input).await;
    answer.unwrap_or_else(|e| panic!("{operation}: {e}"))
}

fn path(pattern: &str) -> Value {
    json!([{ "Field": "path-pattern", "Values": [pattern] }])
}

fn fixed(status: &str) -> Value {
    json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": status } }])
}

#[tokio::test]
async fn a_load_balancer_is_shown_as_on_aws() {
    let stage = Stage::set().await;
    let input = json!({ "Name": "web", "Subnets": stage.subnets,
                        "Tags": [{ "Key": "Project", "Value": "realworld" }] });
    let first = stage.call("CreateLoadBalancer", input.clone()).await;
    expect![[""]].assert_eq(&first);
    let again = stage.call("CreateLoadBalancer", input).await;
    assert_eq!(text(&again, "LoadBalancerArn"), text(&first, "LoadBalancerArn"));
    let other = json!({ "Name": "web", "Subnets": stage.subnets, "Scheme": "internal" });
    expect![[""]].assert_eq(&stage.refused("CreateLoadBalancer", other).await);
}

#[tokio::test]
async fn a_listener_and_a_target_group_are_shown_as_on_aws() {
    let stage = Stage::set().await;
    let balancer = stage.balancer("web").await;
    let group = stage.group("app").await;
    stage.listener(&balancer, &group).await;
    let shown = stage.call("DescribeListeners", json!({ "LoadBalancerArn": balancer })).await;
    expect![[""]].assert_eq(&shown);
    let shown = stage.call("DescribeTargetGroups", json!({ "Names": ["app"] })).await;
    expect![[""]].assert_eq(&shown);
}

#[tokio::test]
async fn what_is_missing_in_a_redirect_is_filled_in() {
    let stage = Stage::set().await;
    let balancer = stage.balancer("web").await;
    let to_https = |config: Value| {
        json!({ "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80,
            "DefaultActions": [{ "Type": "redirect", "RedirectConfig": config }] })
    };
    let config = json!({ "StatusCode": "HTTP_301", "Protocol": "HTTPS", "Port": "443" });
    let made = stage.call("CreateListener", to_https(config)).await;
    let parts = ["Protocol", "Host", "Port", "Path", "Query"].map(|part| texts(&made, part));
    expect![[""]].assert_debug_eq(&parts);
    let looping = to_https(json!({ "StatusCode": "HTTP_302", "Query": "a=b" }));
    expect![[""]].assert_eq(&stage.refused("CreateListener", looping).await);
}

#[tokio::test]
async fn deletes_in_the_wrong_order_are_refused() {
    let stage = Stage::set().await;
    let balancer = stage.balancer("web").await;
    let group = stage.group("app").await;
    let listener = stage.listener(&balancer, &group).await;
    let target_group = json!({ "TargetGroupArn": group });
    let mut said = vec![stage.refused("DeleteTargetGroup", target_group.clone()).await];
    let protect = |value: &str| {
        json!({ "LoadBalancerArn": balancer,
            "Attributes": [{ "Key": "deletion_protection.enabled", "Value": value }] })
    };
    stage.call("ModifyLoadBalancerAttributes", protect("true")).await;
    let gone = json!({ "LoadBalancerArn": balancer });
    said.push(stage.refused("DeleteLoadBalancer", gone.clone()).await);
    let rules = stage.call("DescribeRules", json!({ "ListenerArn": listener })).await;
    let default = json!({ "RuleArn": text(&rules, "RuleArn") });
    said.push(stage.refused("DeleteRule", default).await);
    expect![[""]].assert_eq(&said.join("\n"));

    stage.call("ModifyLoadBalancerAttributes", protect("false")).await;
    for _ in 0..2 {
        stage.call("DeleteLoadBalancer", gone.clone()).await;
        stage.call("DeleteTargetGroup", target_group.clone()).await;
    }
    let snapshot = stage.ctx.snapshot();
    assert_eq!(snapshot.count::<neargate_api::model::elbv2::Listener>(), 0);
    assert_eq!(snapshot.count::<neargate_api::model::ec2::NetworkInterface>(), 0);
}

#[tokio::test]
async fn rules_keep_their_places() {
    let stage = Stage::set().await;
    let balancer = stage.balancer("web").await;
    let group = stage.group("app").await;
    let listener = stage.listener(&balancer, &group).await;
    let rule = |priority: i32, pattern: &str| {
        json!({ "ListenerArn": listener, "Priority": priority,
            "Conditions": path(pattern), "Actions": fixed("404") })
    };
    let first = text(&stage.call("CreateRule", rule(10, "/a")).await, "RuleArn");
    let second = text(&stage.call("CreateRule", rule(20, "/b")).await, "RuleArn");
    let mut said = vec![stage.refused("CreateRule", rule(10, "/c")).await];
    said.push(stage.refused("CreateRule", rule(50_001, "/c")).await);
    let exchange = json!({ "RulePriorities": [
        { "RuleArn": first, "Priority": 20 }, { "RuleArn": second, "Priority": 10 }] });
    stage.call("SetRulePriorities", exchange).await;
    let clash = json!({ "RulePriorities": [{ "RuleArn": first, "Priority": 10 }] });
    said.push(stage.refused("SetRulePriorities", clash).await);
    let shown = stage.call("DescribeRules", json!({ "ListenerArn": listener })).await;
    assert_eq!(texts(&shown, "Priority"), ["10", "20", "default"]);
    assert_eq!(texts(&shown, "RuleArn")[..2], [second, first]);

    let mut many = rule(30, "/x");
    many["Conditions"] = json!([{ "Field": "path-pattern",
        "PathPatternConfig": { "Values": ["/1", "/2", "/3", "/4", "/5", "/6"] } }]);
    said.push(stage.refused("CreateRule", many).await);
    let mut regex = rule(30, "/x");
    regex["Conditions"] = json!([{ "Field": "path-pattern", "RegexValues": ["^/x$"] }]);
    said.push(stage.refused("CreateRule", regex).await);
    let mut unknown = rule(30, "/x");
    unknown["Actions"] = json!([{ "Type": "forward", "TargetGroupArn": format!("{group}0") }]);
    said.push(stage.refused("CreateRule", unknown).await);
    expect![[""]].assert_eq(&said.join("\n"));
}

#[tokio::test]
async fn a_target_group_serves_one_load_balancer() {
    let stage = Stage::set().await;
    let (one, two) = (stage.balancer("one").await, stage.balancer("two").await);
    let group = stage.group("app").await;
    stage.listener(&one, &group).await;
    let input = json!({ "LoadBalancerArn": two, "Protocol": "HTTP", "Port": 80,
        "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }] });
    expect![[""]].assert_eq(&stage.refused("CreateListener", input).await);
}

#[tokio::test]
async fn targets_are_registered_where_they_are() {
    let stage = Stage::set().await;
    let balancer = stage.balancer("web").await;
    let group = stage.group("app").await;
    stage.listener(&balancer, &group).await;
    let targets = |list: Value| json!({ "TargetGroupArn": group, "Targets": list });
    stage.call("RegisterTargets", targets(json!([{ "Id": "10.0.1.7" }]))).await;
    let mut said = Vec::new();
    for id in ["8.8.8.8", "192.168.1.1", "i-0123456789abcdef0"] {
        said.push(stage.refused("RegisterTargets", targets(json!([{ "Id": id }]))).await);
    }
    expect![[""]].assert_eq(&said.join("\n"));
    let health = stage.call("DescribeTargetHealth", json!({ "TargetGroupArn": group })).await;
    expect![[""]].assert_eq(&health);
    stage.call("DeregisterTargets", targets(json!([{ "Id": "10.0.1.7" }]))).await;
    let asked = targets(json!([{ "Id": "10.0.1.7" }, { "Id": "10.0.1.8" }]));
    let health = stage.call("DescribeTargetHealth", asked).await;
    assert_eq!(texts(&health, "State"), ["draining", "no_override", "unused", "no_override"]);
}

#[tokio::test]
async fn attributes_have_defaults_and_bounds() {
    let stage = Stage::set().await;
    let balancer = stage.balancer("web").await;
    let group = stage.group("app").await;
    let of_group = |key: &str, value: &str| json!({ "TargetGroupArn": group, "Attributes": [{ "Key": key, "Value": value }] });
    let shown =
        stage.call("DescribeLoadBalancerAttributes", json!({ "LoadBalancerArn": balancer })).await;
    let pairs: Vec<String> = texts(&shown, "Key")
        .into_iter()
        .zip(texts(&shown, "Value"))
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    expect![[""]].assert_eq(&pairs.join("\n"));
    let mut said = Vec::new();
    for (key, value) in [
        ("deregistration_delay.timeout_seconds", "3601"),
        ("slow_start.duration_seconds", "10"),
        ("stickiness.type", "source_ip"),
        ("no.such.key", "1"),
    ] {
        said.push(stage.refused("ModifyTargetGroupAttributes", of_group(key, value)).await);
    }
    expect![[""]].assert_eq(&said.join("\n"));
    let set = of_group("deregistration_delay.timeout_seconds", "5");
    let shown = stage.call("ModifyTargetGroupAttributes", set).await;
    assert_eq!(texts(&shown, "Value")[0], "5");
}

#[tokio::test]
async fn what_aws_refuses_is_refused() {
    let stage = Stage::set().await;
    let balancer = stage.balancer("web").await;
    let group = stage.group("app").await;
    let mut said = Vec::new();
    let one_zone = json!({ "Name": "x", "Subnets": [stage.subnets[0]] });
    said.push(stage.refused("CreateLoadBalancer", one_zone).await);
    let network = json!({ "Name": "x", "Type": "network", "Subnets": stage.subnets });
    said.push(stage.refused("CreateLoadBalancer", network).await);
    let no_subnet = json!({ "Name": "x", "Subnets": ["subnet-1", "subnet-2"] });
    said.push(stage.refused("CreateLoadBalancer", no_subnet).await);
    let no_group = json!({ "Name": "x", "Subnets": stage.subnets, "SecurityGroups": ["sg-1"] });
    said.push(stage.refused("CreateLoadBalancer", no_group).await);
    let bad_name = json!({ "Name": "-x", "Subnets": stage.subnets });
    said.push(stage.refused("CreateLoadBalancer", bad_name).await);
    for (member, value) in [
        ("TargetType", json!("instance")),
        ("Protocol", json!("TCP")),
        ("VpcId", json!("vpc-1")),
        ("HealthCheckTimeoutSeconds", json!(30)),
        ("Matcher", json!({ "HttpCode": "200-600" })),
    ] {
        let mut input = stage.group_input("other");
        input[member] = value;
        said.push(stage.refused("CreateTargetGroup", input).await);
    }
    let listener = |protocol: &str, port: i32| {
        json!({ "LoadBalancerArn": balancer, "Protocol": protocol, "Port": port,
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }] })
    };
    said.push(stage.refused("CreateListener", listener("HTTPS", 443)).await);
    let mut unknown = listener("HTTPS", 443);
    unknown["Certificates"] =
        json!([{ "CertificateArn": "arn:aws:acm:us-west-2:000000000000:certificate/x" }]);
    said.push(stage.refused("CreateListener", unknown).await);
    stage.call("CreateListener", listener("HTTP", 80)).await;
    let mut other = listener("HTTP", 80);
    other["DefaultActions"] = fixed("404");
    said.push(stage.refused("CreateListener", other).await);
    said.push(stage.refused("DescribeTargetGroups", json!({ "Names": ["none"] })).await);
    said.push(stage.refused("DescribeLoadBalancers", json!({ "Names": ["none"] })).await);
    expect![[""]].assert_eq(&said.join("\n"));
}

#[tokio::test]
async fn tags_come_and_go() {
    let stage = Stage::set().await;
    let group = stage.group("app").await;
    let arns = json!([group]);
    let add = json!({ "ResourceArns": arns, "Tags": [
        { "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }] });
    stage.call("AddTags", add).await;
    stage.call("RemoveTags", json!({ "ResourceArns": arns, "TagKeys": ["a"] })).await;
    let shown = stage.call("DescribeTags", json!({ "ResourceArns": arns })).await;
    assert_eq!(texts(&shown, "Key"), ["b"]);
    let reserved = json!({ "ResourceArns": arns, "Tags": [{ "Key": "aws:x", "Value": "1" }] });
    expect![[""]].assert_eq(&stage.refused("AddTags", reserved).await);
}

#[tokio::test]
async fn policies_list_their_ciphers_in_order() {
    let stage = Stage::set().await;
    let name = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06";
    let shown = stage.call("DescribeSSLPolicies", json!({ "Names": [name] })).await;
    expect![[""]].assert_eq(&shown);
    let unknown = json!({ "Names": ["ELBSecurityPolicy-none"] });
    expect![[""]].assert_eq(&stage.refused("DescribeSSLPolicies", unknown).await);
}

#[tokio::test]
async fn listings_come_in_pages() {
    let stage = Stage::set().await;
    for name in ["a", "b", "c"] {
        stage.group(name).await;
    }
    let page = stage.call("DescribeTargetGroups", json!({ "PageSize": 2 })).await;
    assert_eq!(texts(&page, "TargetGroupName"), ["a", "b"]);
    let next = json!({ "PageSize": 2, "Marker": text(&page, "NextMarker") });
    let page = stage.call("DescribeTargetGroups", next).await;
    assert_eq!(texts(&page, "TargetGroupName"), ["c"]);
    assert_eq!(texts(&page, "NextMarker"), [""; 0]);
}

#[tokio::test]
async fn what_does_not_act_is_told() {
    let stage = Stage::set().await;
    let balancer = stage.balancer("web").await;
    let input = json!({ "LoadBalancerArn": balancer, "Attributes": [
        { "Key": "access_logs.s3.enabled", "Value": "true" },
        { "Key": "access_logs.s3.bucket", "Value": "logs" }] });
    stage.call("ModifyLoadBalancerAttributes", input).await;
    let inert = service().inert_in(&stage.ctx.snapshot());
    let fields: Vec<&str> = inert.iter().map(|inert| inert.field.as_str()).collect();
    assert_eq!(fields, ["access_logs.s3.enabled"]);
}
