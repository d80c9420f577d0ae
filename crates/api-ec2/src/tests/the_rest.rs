//! Zones, regions, network ACLs, DHCP options, flow logs, and what is inert.

use expect_test::expect;
use neargate_testkit::{text, texts};
use serde_json::json;

use super::Cloud;

#[tokio::test]
async fn every_region_has_three_zones() {
    let cloud = Cloud::new();
    let filter = json!({ "Filter": [{ "Name": "state", "Value": ["available"] }] });
    let shown = cloud.call("DescribeAvailabilityZones", filter).await;
    assert_eq!(texts(&shown, "zoneName"), ["us-west-2a", "us-west-2b", "us-west-2c"]);
    assert_eq!(texts(&shown, "zoneId"), ["usw2-az1", "usw2-az2", "usw2-az3"]);
    let asked = json!({ "ZoneName": ["us-west-2z"] });
    let refused = cloud.refused("DescribeAvailabilityZones", asked).await;
    assert_eq!(refused, "InvalidParameterValue: Invalid availability zone: [us-west-2z]");
    let shown = cloud.call("DescribeRegions", json!({ "RegionName": ["eu-west-1"] })).await;
    assert_eq!(text(&shown, "regionEndpoint"), "ec2.eu-west-1.amazonaws.com");
    let shown = cloud.call("DescribeAccountAttributes", json!({})).await;
    assert!(texts(&shown, "attributeName").contains(&"default-vpc".to_owned()));
}

#[tokio::test]
async fn regions_do_not_see_each_other() {
    let here = Cloud::new();
    let vpc = here.vpc().await;
    let mut there = Cloud::new();
    there.ctx = neargate_api::Ctx { region: "eu-west-1".into(), ..here.ctx.clone() };
    let refused = there.refused("DeleteVpc", json!({ "VpcId": vpc })).await;
    assert!(refused.starts_with("InvalidVpcID.NotFound"), "{refused}");
    assert!(texts(&there.call("DescribeVpcs", json!({})).await, "vpcId").is_empty());
}

#[tokio::test]
async fn network_acls_are_kept() {
    let cloud = Cloud::new();
    let vpc = cloud.vpc().await;
    cloud.subnet(&vpc, "10.0.1.0/24", "us-west-2a").await;
    let acl = cloud.get("CreateNetworkAcl", json!({ "VpcId": vpc }), "networkAclId").await;
    let entry = json!({
        "NetworkAclId": acl, "RuleNumber": 100, "Protocol": "tcp", "RuleAction": "allow",
        "Egress": false, "CidrBlock": "0.0.0.0/0", "PortRange": { "From": 80, "To": 80 },
    });
    cloud.call("CreateNetworkAclEntry", entry.clone()).await;
    let refused = cloud.refused("CreateNetworkAclEntry", entry.clone()).await;
    assert!(refused.starts_with("NetworkAclEntryAlreadyExists"), "{refused}");
    cloud.call("ReplaceNetworkAclEntry", entry).await;
    let asked = json!({ "NetworkAclId": [acl] });
    let shown = cloud.call("DescribeNetworkAcls", asked.clone()).await;
    assert_eq!(texts(&shown, "protocol"), ["-1", "6", "-1"]);

    let default = json!({ "Filter": [{ "Name": "default", "Value": ["true"] }] });
    let shown = cloud.call("DescribeNetworkAcls", default.clone()).await;
    let association = text(&shown, "networkAclAssociationId");
    let replace = json!({ "AssociationId": association, "NetworkAclId": acl });
    let new = cloud.get("ReplaceNetworkAclAssociation", replace, "newAssociationId").await;
    let refused = cloud.refused("DeleteNetworkAcl", json!({ "NetworkAclId": acl })).await;
    assert!(refused.starts_with("DependencyViolation"), "{refused}");
    let shown = cloud.call("DescribeNetworkAcls", default).await;
    let back = json!({ "AssociationId": new, "NetworkAclId": text(&shown, "networkAclId") });
    cloud.call("ReplaceNetworkAclAssociation", back).await;
    let entry = json!({ "NetworkAclId": acl, "RuleNumber": 100, "Egress": false });
    cloud.call("DeleteNetworkAclEntry", entry.clone()).await;
    let refused = cloud.refused("DeleteNetworkAclEntry", entry).await;
    assert!(refused.starts_with("InvalidNetworkAclEntry.NotFound"), "{refused}");
    cloud.call("DeleteNetworkAcl", json!({ "NetworkAclId": acl })).await;
}

#[tokio::test]
async fn what_does_not_act_is_told() {
    let cloud = Cloud::new();
    let vpc = cloud.vpc().await;
    cloud.subnet(&vpc, "10.0.1.0/24", "us-west-2a").await;
    let told = || {
        let all = cloud.service.inert_in(&cloud.ctx.snapshot());
        let mut fields: Vec<_> = all.into_iter().map(|inert| inert.field).collect();
        fields.sort();
        fields.join(" ")
    };
    assert_eq!(told(), "");

    let log = json!({
        "ResourceType": "VPC", "ResourceId": [vpc], "TrafficType": "ALL",
        "LogDestination": "arn:aws:logs:us-west-2:000000000000:log-group:/vpc/x:*",
        "DeliverLogsPermissionArn": "arn:aws:iam::000000000000:role/r",
    });
    let log = cloud.get("CreateFlowLogs", log, "item").await;
    let shown = cloud.call("DescribeFlowLogs", json!({ "FlowLogId": [log] })).await;
    assert_eq!(text(&shown, "logGroupName"), "/vpc/x");
    let options = json!({ "DhcpConfiguration": [{ "Key": "domain-name", "Value": ["x.test"] }] });
    let options = cloud.get("CreateDhcpOptions", options, "dhcpOptionsId").await;
    cloud.call("AssociateDhcpOptions", json!({ "DhcpOptionsId": options, "VpcId": vpc })).await;
    let refused = cloud.refused("DeleteDhcpOptions", json!({ "DhcpOptionsId": options })).await;
    assert!(refused.starts_with("DependencyViolation"), "{refused}");
    let acl = cloud.get("DescribeNetworkAcls", json!({}), "networkAclId").await;
    let deny = json!({
        "NetworkAclId": acl, "RuleNumber": 10, "Protocol": "-1", "RuleAction": "deny",
        "Egress": true, "CidrBlock": "1.0.0.0/8",
    });
    cloud.call("CreateNetworkAclEntry", deny).await;
    let endpoint = json!({
        "VpcId": vpc, "ServiceName": "com.amazonaws.us-west-2.s3", "PolicyDocument": "{}",
    });
    cloud.call("CreateVpcEndpoint", endpoint).await;
    expect!["DhcpOptionsId Entries FlowLog PolicyDocument ServiceName"].assert_eq(&told());

    let deleted = cloud.call("DeleteFlowLogs", json!({ "FlowLogId": [log, "fl-0"] })).await;
    assert_eq!(texts(&deleted, "code"), ["InvalidFlowLogId.NotFound"]);
}
