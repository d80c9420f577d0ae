//! The service as a whole, as clients see it.

use std::collections::BTreeMap;

use expect_test::expect;
use neargate_api::model::s3::{Bucket, Configuration, Versioning};
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
    expect![[r#"
        <CreateLoadBalancerResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
          <CreateLoadBalancerResult>
            <LoadBalancers>
              <member>
                <AvailabilityZones>
                  <member>
                    <LoadBalancerAddresses></LoadBalancerAddresses>
                    <SubnetId>subnet-e259a64f8b1c3a751</SubnetId>
                    <ZoneName>us-west-2a</ZoneName>
                  </member>
                  <member>
                    <LoadBalancerAddresses></LoadBalancerAddresses>
                    <SubnetId>subnet-ba339f659d9f7ccfd</SubnetId>
                    <ZoneName>us-west-2b</ZoneName>
                  </member>
                </AvailabilityZones>
                <CanonicalHostedZoneId>Z1H1FL5HABSF5</CanonicalHostedZoneId>
                <CreatedTime>2026-01-02T03:04:05.000Z</CreatedTime>
                <DNSName>web-3847932221.us-west-2.elb.localhost</DNSName>
                <IpAddressType>ipv4</IpAddressType>
                <LoadBalancerArn>arn:aws:elasticloadbalancing:us-west-2:000000000000:loadbalancer/app/web/d9435eb37f333f37</LoadBalancerArn>
                <LoadBalancerName>web</LoadBalancerName>
                <Scheme>internet-facing</Scheme>
                <SecurityGroups>
                  <member>sg-44f924331cbb84cc7</member>
                </SecurityGroups>
                <State>
                  <Code>active</Code>
                </State>
                <Type>application</Type>
                <VpcId>vpc-b896b216d8efea9e1</VpcId>
              </member>
            </LoadBalancers>
          </CreateLoadBalancerResult>
          <ResponseMetadata>
            <RequestId>00000000-0000-4000-8000-000000000000</RequestId>
          </ResponseMetadata>
        </CreateLoadBalancerResponse>
    "#]].assert_eq(&first);
    let again = stage.call("CreateLoadBalancer", input).await;
    assert_eq!(text(&again, "LoadBalancerArn"), text(&first, "LoadBalancerArn"));
    let other = json!({ "Name": "web", "Subnets": stage.subnets, "Scheme": "internal" });
    expect!["DuplicateLoadBalancerName: A load balancer with the same name exists, but with different settings"].assert_eq(&stage.refused("CreateLoadBalancer", other).await);
}

#[tokio::test]
async fn a_listener_and_a_target_group_are_shown_as_on_aws() {
    let stage = Stage::set().await;
    let balancer = stage.balancer("web").await;
    let group = stage.group("app").await;
    stage.listener(&balancer, &group).await;
    let shown = stage.call("DescribeListeners", json!({ "LoadBalancerArn": balancer })).await;
    expect![[r#"
        <DescribeListenersResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
          <DescribeListenersResult>
            <Listeners>
              <member>
                <DefaultActions>
                  <member>
                    <ForwardConfig>
                      <TargetGroupStickinessConfig>
                        <Enabled>false</Enabled>
                      </TargetGroupStickinessConfig>
                      <TargetGroups>
                        <member>
                          <TargetGroupArn>arn:aws:elasticloadbalancing:us-west-2:000000000000:targetgroup/app/3e5459996f89bbab</TargetGroupArn>
                          <Weight>1</Weight>
                        </member>
                      </TargetGroups>
                    </ForwardConfig>
                    <TargetGroupArn>arn:aws:elasticloadbalancing:us-west-2:000000000000:targetgroup/app/3e5459996f89bbab</TargetGroupArn>
                    <Type>forward</Type>
                  </member>
                </DefaultActions>
                <ListenerArn>arn:aws:elasticloadbalancing:us-west-2:000000000000:listener/app/web/d9435eb37f333f37/19ff498ae71a4162</ListenerArn>
                <LoadBalancerArn>arn:aws:elasticloadbalancing:us-west-2:000000000000:loadbalancer/app/web/d9435eb37f333f37</LoadBalancerArn>
                <Port>80</Port>
                <Protocol>HTTP</Protocol>
              </member>
            </Listeners>
          </DescribeListenersResult>
          <ResponseMetadata>
            <RequestId>00000000-0000-4000-8000-000000000000</RequestId>
          </ResponseMetadata>
        </DescribeListenersResponse>
    "#]].assert_eq(&shown);
    let shown = stage.call("DescribeTargetGroups", json!({ "Names": ["app"] })).await;
    expect![[r#"
        <DescribeTargetGroupsResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
          <DescribeTargetGroupsResult>
            <TargetGroups>
              <member>
                <HealthCheckEnabled>true</HealthCheckEnabled>
                <HealthCheckIntervalSeconds>30</HealthCheckIntervalSeconds>
                <HealthCheckPath>/health</HealthCheckPath>
                <HealthCheckPort>traffic-port</HealthCheckPort>
                <HealthCheckProtocol>HTTP</HealthCheckProtocol>
                <HealthCheckTimeoutSeconds>5</HealthCheckTimeoutSeconds>
                <HealthyThresholdCount>5</HealthyThresholdCount>
                <IpAddressType>ipv4</IpAddressType>
                <LoadBalancerArns>
                  <member>arn:aws:elasticloadbalancing:us-west-2:000000000000:loadbalancer/app/web/d9435eb37f333f37</member>
                </LoadBalancerArns>
                <Matcher>
                  <HttpCode>200</HttpCode>
                </Matcher>
                <Port>5000</Port>
                <Protocol>HTTP</Protocol>
                <ProtocolVersion>HTTP1</ProtocolVersion>
                <TargetGroupArn>arn:aws:elasticloadbalancing:us-west-2:000000000000:targetgroup/app/3e5459996f89bbab</TargetGroupArn>
                <TargetGroupName>app</TargetGroupName>
                <TargetType>ip</TargetType>
                <UnhealthyThresholdCount>2</UnhealthyThresholdCount>
                <VpcId>vpc-b896b216d8efea9e1</VpcId>
              </member>
            </TargetGroups>
          </DescribeTargetGroupsResult>
          <ResponseMetadata>
            <RequestId>00000000-0000-4000-8000-000000000000</RequestId>
          </ResponseMetadata>
        </DescribeTargetGroupsResponse>
    "#]].assert_eq(&shown);
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
    expect![[r##"
        [
            [
                "HTTPS",
                "HTTP",
            ],
            [
                "#{host}",
            ],
            [
                "443",
                "80",
            ],
            [
                "/#{path}",
            ],
            [
                "#{query}",
            ],
        ]
    "##]]
    .assert_debug_eq(&parts);
    let looping = to_https(json!({ "StatusCode": "HTTP_302", "Query": "a=b" }));
    expect!["InvalidLoadBalancerAction: The redirect would loop: at least one of protocol, host, port and path must be changed"].assert_eq(&stage.refused("CreateListener", looping).await);
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
    expect![[r#"
        ResourceInUse: Target group 'arn:aws:elasticloadbalancing:us-west-2:000000000000:targetgroup/app/3e5459996f89bbab' is currently in use by a listener or a rule
        OperationNotPermitted: Load balancer 'arn:aws:elasticloadbalancing:us-west-2:000000000000:loadbalancer/app/web/d9435eb37f333f37' cannot be deleted because deletion protection is enabled
        OperationNotPermitted: Default rule 'arn:aws:elasticloadbalancing:us-west-2:000000000000:listener-rule/app/web/d9435eb37f333f37/19ff498ae71a4162/a738df12ca7ad157' cannot be deleted"#]].assert_eq(&said.join("\n"));

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
    expect![[r#"
        PriorityInUse: Priority '10' is currently in use
        ValidationError: 1 validation error detected: Value '50001' at 'Priority' failed to satisfy constraint: Member must have value less than or equal to 50000
        PriorityInUse: Priority '10' is currently in use
        TooManyRules: A rule can have at most '5' condition values
        OperationNotPermitted: Neargate's rules match by wildcards, not yet by regular expressions: use Values instead of RegexValues.
        TargetGroupNotFound: Target group 'arn:aws:elasticloadbalancing:us-west-2:000000000000:targetgroup/app/3e5459996f89bbab0' not found"#]].assert_eq(&said.join("\n"));
}

#[tokio::test]
async fn a_target_group_serves_one_load_balancer() {
    let stage = Stage::set().await;
    let (one, two) = (stage.balancer("one").await, stage.balancer("two").await);
    let group = stage.group("app").await;
    stage.listener(&one, &group).await;
    let input = json!({ "LoadBalancerArn": two, "Protocol": "HTTP", "Port": 80,
        "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }] });
    expect!["TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer: arn:aws:elasticloadbalancing:us-west-2:000000000000:targetgroup/app/decad17b01ea9cf2"].assert_eq(&stage.refused("CreateListener", input).await);
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
    expect![[r#"
        InvalidTarget: The IP address '8.8.8.8' must be in the VPC of the target group, in a private range or in 100.64.0.0/10
        ValidationError: You must specify an Availability Zone for the IP address '192.168.1.1', which is outside of the VPC 'vpc-b896b216d8efea9e1'
        InvalidTarget: The IP address 'i-0123456789abcdef0' is not a valid IPv4 address"#]].assert_eq(&said.join("\n"));
    let health = stage.call("DescribeTargetHealth", json!({ "TargetGroupArn": group })).await;
    expect![[r#"
        <DescribeTargetHealthResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
          <DescribeTargetHealthResult>
            <TargetHealthDescriptions>
              <member>
                <AdministrativeOverride>
                  <Description>No override is currently active on target</Description>
                  <Reason>AdministrativeOverride.NoOverride</Reason>
                  <State>no_override</State>
                </AdministrativeOverride>
                <HealthCheckPort>5000</HealthCheckPort>
                <Target>
                  <AvailabilityZone>us-west-2b</AvailabilityZone>
                  <Id>10.0.1.7</Id>
                  <Port>5000</Port>
                </Target>
                <TargetHealth>
                  <Description>Target registration is in progress</Description>
                  <Reason>Elb.RegistrationInProgress</Reason>
                  <State>initial</State>
                </TargetHealth>
              </member>
            </TargetHealthDescriptions>
          </DescribeTargetHealthResult>
          <ResponseMetadata>
            <RequestId>00000000-0000-4000-8000-000000000000</RequestId>
          </ResponseMetadata>
        </DescribeTargetHealthResponse>
    "#]].assert_eq(&health);
    stage.call("DeregisterTargets", targets(json!([{ "Id": "10.0.1.7" }]))).await;
    let asked = targets(json!([{ "Id": "10.0.1.7" }, { "Id": "10.0.1.8" }]));
    let health = stage.call("DescribeTargetHealth", asked).await;
    assert_eq!(texts(&health, "State"), ["no_override", "draining", "no_override", "unused"]);
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
    expect![[r#"
        access_logs.s3.enabled=false
        access_logs.s3.bucket=
        access_logs.s3.prefix=
        connection_logs.s3.enabled=false
        connection_logs.s3.bucket=
        connection_logs.s3.prefix=
        health_check_logs.s3.enabled=false
        health_check_logs.s3.bucket=
        health_check_logs.s3.prefix=
        idle_timeout.timeout_seconds=60
        client_keep_alive.seconds=3600
        deletion_protection.enabled=false
        load_balancing.cross_zone.enabled=true
        routing.http2.enabled=true
        routing.http.drop_invalid_header_fields.enabled=false
        routing.http.xff_client_port.enabled=false
        routing.http.preserve_host_header.enabled=false
        routing.http.xff_header_processing.mode=append
        routing.http.desync_mitigation_mode=defensive
        routing.http.x_amzn_tls_version_and_cipher_suite.enabled=false
        waf.fail_open.enabled=false
        zonal_shift.config.enabled=false
        ipv6.deny_all_igw_traffic=false"#]]
    .assert_eq(&pairs.join("\n"));
    let mut said = Vec::new();
    for (key, value) in [
        ("deregistration_delay.timeout_seconds", "3601"),
        ("slow_start.duration_seconds", "10"),
        ("stickiness.type", "source_ip"),
        ("no.such.key", "1"),
    ] {
        said.push(stage.refused("ModifyTargetGroupAttributes", of_group(key, value)).await);
    }
    expect![[r#"
        ValidationError: 'deregistration_delay.timeout_seconds' value '3601' must be between '0-3600' inclusive
        ValidationError: 'slow_start.duration_seconds' value '10' must be 0 or between '30-900' inclusive
        ValidationError: 'stickiness.type' value 'source_ip' must be one of [lb_cookie, app_cookie]
        ValidationError: Target group attribute key 'no.such.key' is not recognized"#]].assert_eq(&said.join("\n"));
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
    expect![[r#"
        ValidationError: At least two subnets in two different Availability Zones must be specified
        OperationNotPermitted: Neargate has load balancers of type 'application' only, not 'network'.
        SubnetNotFound: The subnet ID 'subnet-1' does not exist
        InvalidSecurityGroup: The security group 'sg-1' does not exist
        ValidationError: Load balancer name '-x' cannot begin or end with '-'
        OperationNotPermitted: Neargate has target groups of type 'ip' only, as Fargate tasks need them, not 'instance'.
        OperationNotPermitted: Neargate's load balancers speak HTTP and HTTPS: a target group cannot be 'TCP'.
        ValidationError: The VPC ID 'vpc-1' is not found
        ValidationError: Health check timeout '30' must be smaller than the interval '30'
        ValidationError: Health check matcher HttpCode '200-600' must be within '200-499' inclusive
        CertificateNotFound: A certificate must be specified for HTTPS listeners
        CertificateNotFound: Certificate 'arn:aws:acm:us-west-2:000000000000:certificate/x' not found
        DuplicateListener: A listener already exists on this port for this load balancer
        TargetGroupNotFound: One or more target groups not found
        LoadBalancerNotFound: Load balancers '[none]' not found"#]].assert_eq(&said.join("\n"));
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
    expect![
        "ValidationError: The tag key 'aws:x' is reserved: system tags cannot be set by users."
    ]
    .assert_eq(&stage.refused("AddTags", reserved).await);
}

#[tokio::test]
async fn a_default_rule_has_tags_of_its_own() {
    let stage = Stage::set().await;
    let listener = stage.listener(&stage.balancer("web").await, &stage.group("app").await).await;
    let rules = stage.call("DescribeRules", json!({ "ListenerArn": listener })).await;
    let arns = json!([text(&rules, "RuleArn")]);
    let shown = stage.call("DescribeTags", json!({ "ResourceArns": arns })).await;
    assert_eq!(texts(&shown, "Key"), [""; 0]);
    let add = json!({ "ResourceArns": arns, "Tags": [
        { "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }] });
    stage.call("AddTags", add).await;
    stage.call("RemoveTags", json!({ "ResourceArns": arns, "TagKeys": ["a"] })).await;
    let shown = stage.call("DescribeTags", json!({ "ResourceArns": arns })).await;
    assert_eq!(texts(&shown, "Key"), ["b"]);
    let shown = stage.call("DescribeTags", json!({ "ResourceArns": [listener] })).await;
    assert_eq!(texts(&shown, "Key"), [""; 0]);
}

#[tokio::test]
async fn policies_list_their_ciphers_in_order() {
    let stage = Stage::set().await;
    let name = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06";
    let shown = stage.call("DescribeSSLPolicies", json!({ "Names": [name] })).await;
    expect![[r#"
        <DescribeSSLPoliciesResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
          <DescribeSSLPoliciesResult>
            <SslPolicies>
              <member>
                <Ciphers>
                  <member>
                    <Name>TLS_AES_128_GCM_SHA256</Name>
                    <Priority>1</Priority>
                  </member>
                  <member>
                    <Name>TLS_AES_256_GCM_SHA384</Name>
                    <Priority>2</Priority>
                  </member>
                  <member>
                    <Name>TLS_CHACHA20_POLY1305_SHA256</Name>
                    <Priority>3</Priority>
                  </member>
                  <member>
                    <Name>ECDHE-ECDSA-AES128-GCM-SHA256</Name>
                    <Priority>4</Priority>
                  </member>
                  <member>
                    <Name>ECDHE-RSA-AES128-GCM-SHA256</Name>
                    <Priority>5</Priority>
                  </member>
                  <member>
                    <Name>ECDHE-ECDSA-AES256-GCM-SHA384</Name>
                    <Priority>6</Priority>
                  </member>
                  <member>
                    <Name>ECDHE-RSA-AES256-GCM-SHA384</Name>
                    <Priority>7</Priority>
                  </member>
                </Ciphers>
                <Name>ELBSecurityPolicy-TLS13-1-2-Res-2021-06</Name>
                <SslProtocols>
                  <member>TLSv1.3</member>
                  <member>TLSv1.2</member>
                </SslProtocols>
                <SupportedLoadBalancerTypes>
                  <member>application</member>
                  <member>network</member>
                </SupportedLoadBalancerTypes>
              </member>
            </SslPolicies>
          </DescribeSSLPoliciesResult>
          <ResponseMetadata>
            <RequestId>00000000-0000-4000-8000-000000000000</RequestId>
          </ResponseMetadata>
        </DescribeSSLPoliciesResponse>
    "#]].assert_eq(&shown);
    let unknown = json!({ "Names": ["ELBSecurityPolicy-none"] });
    expect!["SSLPolicyNotFound: SSL policy 'ELBSecurityPolicy-none' not found"]
        .assert_eq(&stage.refused("DescribeSSLPolicies", unknown).await);
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
        { "Key": "connection_logs.s3.enabled", "Value": "true" },
        { "Key": "connection_logs.s3.bucket", "Value": "logs" }] });
    stage.call("ModifyLoadBalancerAttributes", input).await;
    let inert = service().inert_in(&stage.ctx.snapshot());
    let fields: Vec<&str> = inert.iter().map(|inert| inert.field.as_str()).collect();
    assert_eq!(fields, ["connection_logs.s3.enabled"]);
}

#[tokio::test]
async fn access_logs_need_a_bucket_that_lets_them_in() {
    let stage = Stage::set().await;
    let balancer = stage.balancer("web").await;
    let on = |bucket: &str| {
        json!({ "LoadBalancerArn": balancer, "Attributes": [
            { "Key": "access_logs.s3.enabled", "Value": "true" },
            { "Key": "access_logs.s3.bucket", "Value": bucket }] })
    };
    let bucket = |name: &str, region: &str, principal: Option<Value>| {
        let policy = principal.map(|principal| {
            json!({ "Version": "2012-10-17", "Statement": [
                { "Effect": "Allow", "Principal": principal, "Action": "s3:PutObject",
                  "Resource": format!("arn:aws:s3:::{name}/AWSLogs/*") }] })
        });
        let policy = policy
            .map(|policy| Configuration { document: policy.to_string(), headers: BTreeMap::new() });
        Bucket {
            region: region.into(),
            name: name.into(),
            created_at: stage.ctx.now,
            versioning: Versioning::Off,
            object_lock: false,
            tags: BTreeMap::new(),
            configurations: policy.into_iter().map(|policy| ("policy".into(), policy)).collect(),
        }
    };
    let service = json!({ "Service": "logdelivery.elasticloadbalancing.amazonaws.com" });
    let buckets = [
        bucket("closed", "us-west-2", None),
        bucket("far", "eu-west-1", Some(service.clone())),
        bucket("by-service", "us-west-2", Some(service)),
        bucket("by-account", "us-west-2", Some(json!({ "AWS": "arn:aws:iam::797873946194:root" }))),
        bucket("foreign", "us-west-2", Some(json!({ "AWS": "arn:aws:iam::127311923021:root" }))),
    ];
    let put = move |tx: &mut neargate_api::Tx| {
        buckets.into_iter().for_each(|bucket| tx.put(bucket));
        Ok(())
    };
    stage.ctx.write(put).await.unwrap();
    let mut refusals = String::new();
    for name in ["none", "closed", "far", "foreign"] {
        refusals += &stage.refused("ModifyLoadBalancerAttributes", on(name)).await;
        refusals += "\n";
    }
    expect![[r#"
        InvalidConfigurationRequest: S3Bucket: none does not exist
        InvalidConfigurationRequest: Access Denied for bucket: closed. Please check S3bucket permission
        InvalidConfigurationRequest: S3Bucket: far is in eu-west-1, and must be in the region of the load balancer, us-west-2
        InvalidConfigurationRequest: Access Denied for bucket: foreign. Please check S3bucket permission
    "#]]
    .assert_eq(&refusals);
    for name in ["by-service", "by-account"] {
        stage.call("ModifyLoadBalancerAttributes", on(name)).await;
    }
}
