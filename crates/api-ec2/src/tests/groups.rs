//! Security groups and their rules, in both forms.

use expect_test::expect;
use neargate_testkit::{text, texts};
use serde_json::{Value as Json, json};

use super::{Cloud, ids_hidden};

async fn group(cloud: &Cloud, vpc: &str, name: &str) -> String {
    let input = json!({ "VpcId": vpc, "GroupName": name, "GroupDescription": "a group" });
    cloud.get("CreateSecurityGroup", input, "groupId").await
}

fn ingress(group: &str, permission: Json) -> Json {
    json!({ "GroupId": group, "IpPermissions": [permission] })
}

fn http() -> Json {
    json!({
        "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
        "IpRanges": [{ "CidrIp": "0.0.0.0/0", "Description": "all" }, { "CidrIp": "10.1.2.3/8" }],
        "Ipv6Ranges": [{ "CidrIpv6": "::/0" }],
    })
}

#[tokio::test]
async fn rules_are_shown_gathered_and_one_by_one() {
    let cloud = Cloud::new();
    let vpc = cloud.vpc().await;
    let (web, app) = (group(&cloud, &vpc, "web").await, group(&cloud, &vpc, "app").await);
    let authorized = cloud.call("AuthorizeSecurityGroupIngress", ingress(&web, http())).await;
    assert_eq!(texts(&authorized, "securityGroupRuleId").len(), 3);
    let from_web = json!({
        "IpProtocol": "6", "FromPort": 5000, "ToPort": 5000, "Groups": [{ "GroupId": web }],
    });
    cloud.call("AuthorizeSecurityGroupIngress", ingress(&app, from_web)).await;

    let shown = cloud.call("DescribeSecurityGroups", json!({ "GroupId": [web] })).await;
    expect![[r#"
        <DescribeSecurityGroupsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15">
          <requestId>00000000-0000-4000-8000-000000000000</requestId>
          <securityGroupInfo>
            <item>
              <groupDescription>a group</groupDescription>
              <groupId>sg-…</groupId>
              <groupName>web</groupName>
              <ipPermissions>
                <item>
                  <fromPort>80</fromPort>
                  <ipProtocol>tcp</ipProtocol>
                  <ipRanges>
                    <item>
                      <cidrIp>0.0.0.0/0</cidrIp>
                      <description>all</description>
                    </item>
                    <item>
                      <cidrIp>10.0.0.0/8</cidrIp>
                    </item>
                  </ipRanges>
                  <ipv6Ranges>
                    <item>
                      <cidrIpv6>::/0</cidrIpv6>
                    </item>
                  </ipv6Ranges>
                  <prefixListIds></prefixListIds>
                  <toPort>80</toPort>
                  <groups></groups>
                </item>
              </ipPermissions>
              <ipPermissionsEgress>
                <item>
                  <ipProtocol>-1</ipProtocol>
                  <ipRanges>
                    <item>
                      <cidrIp>0.0.0.0/0</cidrIp>
                    </item>
                  </ipRanges>
                  <ipv6Ranges></ipv6Ranges>
                  <prefixListIds></prefixListIds>
                  <groups></groups>
                </item>
              </ipPermissionsEgress>
              <ownerId>000000000000</ownerId>
              <securityGroupArn>arn:aws:ec2:us-west-2:000000000000:security-group/sg-…</securityGroupArn>
              <tagSet></tagSet>
              <vpcId>vpc-…</vpcId>
            </item>
          </securityGroupInfo>
        </DescribeSecurityGroupsResponse>
    "#]].assert_eq(&ids_hidden(&shown));
    let filter = json!({ "Filter": [{ "Name": "group-id", "Value": [app] }] });
    let shown = cloud.call("DescribeSecurityGroupRules", filter).await;
    expect![[r#"
        <DescribeSecurityGroupRulesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15">
          <requestId>00000000-0000-4000-8000-000000000000</requestId>
          <securityGroupRuleSet>
            <item>
              <cidrIpv4>0.0.0.0/0</cidrIpv4>
              <fromPort>-1</fromPort>
              <groupId>sg-…</groupId>
              <groupOwnerId>000000000000</groupOwnerId>
              <ipProtocol>-1</ipProtocol>
              <isEgress>true</isEgress>
              <securityGroupRuleArn>arn:aws:ec2:us-west-2:000000000000:security-group-rule/sgr-…</securityGroupRuleArn>
              <securityGroupRuleId>sgr-…</securityGroupRuleId>
              <tagSet></tagSet>
              <toPort>-1</toPort>
            </item>
            <item>
              <fromPort>5000</fromPort>
              <groupId>sg-…</groupId>
              <groupOwnerId>000000000000</groupOwnerId>
              <ipProtocol>tcp</ipProtocol>
              <isEgress>false</isEgress>
              <referencedGroupInfo>
                <groupId>sg-…</groupId>
                <userId>000000000000</userId>
                <vpcId>vpc-…</vpcId>
              </referencedGroupInfo>
              <securityGroupRuleArn>arn:aws:ec2:us-west-2:000000000000:security-group-rule/sgr-…</securityGroupRuleArn>
              <securityGroupRuleId>sgr-…</securityGroupRuleId>
              <tagSet></tagSet>
              <toPort>5000</toPort>
            </item>
          </securityGroupRuleSet>
        </DescribeSecurityGroupRulesResponse>
    "#]].assert_eq(&ids_hidden(&shown));
}

#[tokio::test]
async fn what_rules_refuse() {
    let cloud = Cloud::new();
    let (vpc, other) = (cloud.vpc().await, cloud.vpc().await);
    let web = group(&cloud, &vpc, "web").await;
    let stranger = group(&cloud, &other, "web").await;
    cloud.call("AuthorizeSecurityGroupIngress", ingress(&web, http())).await;
    let mut said = Vec::new();
    for permission in [
        http(),
        json!({ "IpProtocol": "tcp", "FromPort": 90, "ToPort": 80, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }),
        json!({ "IpProtocol": "tcp", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }),
        json!({ "IpProtocol": "quic", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }),
        json!({ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "everything" }] }),
        json!({ "IpProtocol": "-1", "Groups": [{ "GroupId": "sg-0" }] }),
        json!({ "IpProtocol": "-1", "Groups": [{ "GroupId": stranger }] }),
        json!({ "IpProtocol": "-1", "PrefixListIds": [{ "PrefixListId": "pl-0" }] }),
        json!({ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0", "Description": "naïve" }] }),
        json!({ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "1.0.0.0/8" }, { "CidrIp": "1.0.0.0/8" }] }),
    ] {
        said.push(cloud.refused("AuthorizeSecurityGroupIngress", ingress(&web, permission)).await);
    }
    let absent = json!({ "IpProtocol": "udp", "FromPort": 1, "ToPort": 2, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] });
    said.push(cloud.refused("RevokeSecurityGroupIngress", ingress(&web, absent)).await);
    let unknown = json!({ "GroupId": web, "SecurityGroupRuleId": ["sgr-0"] });
    said.push(cloud.refused("RevokeSecurityGroupIngress", unknown).await);
    expect![[r#"
        InvalidPermission.Duplicate: the specified rule "peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW" already exists
        InvalidParameterValue: Invalid TCP port range (90:80)
        InvalidParameterValue: Invalid value 'Must specify both from and to ports with TCP.' for portRange.
        InvalidParameterValue: Invalid value 'quic' for IP protocol. Unknown protocol.
        InvalidParameterValue: CIDR block everything is malformed
        InvalidGroup.NotFound: The security group 'sg-0' does not exist
        InvalidParameterValue: You have specified two resources that belong to different networks.
        InvalidPrefixListID.NotFound: The prefix list ID 'pl-0' does not exist.
        InvalidParameterValue: Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*
        InvalidParameterValue: The same permission must not appear multiple times
        InvalidPermission.NotFound: The specified rule does not exist in this security group.
        InvalidSecurityGroupRuleId.NotFound: The security group rule ID 'sgr-0' does not exist"#]].assert_eq(&said.join("\n"));
}

#[tokio::test]
async fn what_groups_refuse() {
    let cloud = Cloud::new();
    let vpc = cloud.vpc().await;
    let (web, app) = (group(&cloud, &vpc, "web").await, group(&cloud, &vpc, "app").await);
    let hide = |text: String| text.replace(&vpc, "VPC").replace(&web, "WEB").replace(&app, "APP");
    let mut said = Vec::new();
    for name in ["web", "default", "sg-web", "wéb"] {
        let input = json!({ "VpcId": vpc, "GroupName": name, "GroupDescription": "x" });
        said.push(cloud.refused("CreateSecurityGroup", input).await);
    }
    let without = json!({ "GroupName": "x", "GroupDescription": "x" });
    said.push(cloud.refused("CreateSecurityGroup", without).await);
    said.push(cloud.refused("DeleteSecurityGroup", json!({ "GroupId": "web" })).await);
    said.push(cloud.refused("DeleteSecurityGroup", json!({ "GroupId": "sg-0" })).await);
    let default = cloud
        .get(
            "DescribeSecurityGroups",
            json!({ "Filter": [{ "Name": "group-name", "Value": ["def*"] }] }),
            "groupId",
        )
        .await;
    let refused = cloud.refused("DeleteSecurityGroup", json!({ "GroupId": default })).await;
    said.push(refused.replace(&default, "DEFAULT"));

    let from_web = json!({ "IpProtocol": "-1", "Groups": [{ "GroupId": web }] });
    cloud.call("AuthorizeSecurityGroupIngress", ingress(&app, from_web)).await;
    said.push(cloud.refused("DeleteSecurityGroup", json!({ "GroupId": web })).await);
    let subnet = cloud.subnet(&vpc, "10.0.1.0/24", "us-west-2a").await;
    let input = json!({ "SubnetId": subnet, "SecurityGroupId": [app] });
    let interface = cloud.get("CreateNetworkInterface", input, "networkInterfaceId").await;
    said.push(cloud.refused("DeleteSecurityGroup", json!({ "GroupId": app })).await);
    expect![[r#"
        InvalidGroup.Duplicate: The security group 'web' already exists for VPC 'VPC'
        InvalidParameterValue: Cannot use reserved security group name: default
        InvalidParameterValue: Value (sg-web) for parameter GroupName is invalid. Group names may not be in the format sg-*.
        InvalidParameterValue: Value (wéb) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.
        VPCIdNotSpecified: No default VPC for this user
        InvalidGroupId.Malformed: Invalid id: "web" (expecting "sg-...")
        InvalidGroup.NotFound: The security group 'sg-0' does not exist
        CannotDelete: the specified group: "DEFAULT" name: "default" cannot be deleted by a user
        DependencyViolation: resource WEB has a dependent object
        DependencyViolation: resource APP has a dependent object"#]].assert_eq(&hide(said.join("\n")));

    cloud.call("DeleteNetworkInterface", json!({ "NetworkInterfaceId": interface })).await;
    cloud.call("DeleteSecurityGroup", json!({ "GroupId": app })).await;
    cloud.call("DeleteSecurityGroup", json!({ "GroupId": web })).await;
}

#[tokio::test]
async fn rules_are_changed_and_revoked() {
    let cloud = Cloud::new();
    let vpc = cloud.vpc().await;
    let web = group(&cloud, &vpc, "web").await;
    // The way of Terraform's inline rules: the default egress rule goes first.
    let anything = json!({
        "IpProtocol": "-1", "FromPort": 0, "ToPort": 0, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }],
    });
    let revoked = cloud.call("RevokeSecurityGroupEgress", ingress(&web, anything)).await;
    assert_eq!(text(&revoked, "isEgress"), "true");
    let made = cloud.call("AuthorizeSecurityGroupIngress", ingress(&web, http())).await;
    let ids = texts(&made, "securityGroupRuleId");

    let change = json!({
        "GroupId": web,
        "SecurityGroupRule": [{
            "SecurityGroupRuleId": ids[0],
            "SecurityGroupRule": {
                "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv4": "10.0.0.0/8",
                "Description": "inside",
            },
        }],
    });
    cloud.call("ModifySecurityGroupRules", change).await;
    let one = json!({ "SecurityGroupRuleId": [ids[0]] });
    let shown = cloud.call("DescribeSecurityGroupRules", one).await;
    assert_eq!(text(&shown, "fromPort"), "443");
    assert_eq!(text(&shown, "description"), "inside");
    let described = json!({
        "GroupId": web,
        "SecurityGroupRuleDescription": [{ "SecurityGroupRuleId": ids[0], "Description": "new" }],
    });
    cloud.call("UpdateSecurityGroupRuleDescriptionsIngress", described).await;
    let by_id = json!({ "GroupId": web, "SecurityGroupRuleId": ids });
    let revoked = cloud.call("RevokeSecurityGroupIngress", by_id).await;
    assert_eq!(texts(&revoked, "securityGroupRuleId").len(), 3);
    assert!(texts(&revoked, "description").contains(&"new".to_owned()));
    let left = cloud.call("DescribeSecurityGroups", json!({ "GroupId": [web] })).await;
    assert_eq!(texts(&left, "ipProtocol"), Vec::<String>::new());
}

#[tokio::test]
async fn a_group_holds_sixty_rules_of_a_direction() {
    let cloud = Cloud::new();
    let vpc = cloud.vpc().await;
    let web = group(&cloud, &vpc, "web").await;
    let ranges = |from: u8, count: u8| -> Vec<Json> {
        (from..from + count).map(|n| json!({ "CidrIp": format!("10.{n}.0.0/16") })).collect()
    };
    let all = json!({ "IpProtocol": "-1", "IpRanges": ranges(0, 60) });
    cloud.call("AuthorizeSecurityGroupIngress", ingress(&web, all)).await;
    let more = json!({ "IpProtocol": "-1", "IpRanges": ranges(60, 1) });
    let refused = cloud.refused("AuthorizeSecurityGroupIngress", ingress(&web, more)).await;
    assert!(refused.starts_with("RulesPerSecurityGroupLimitExceeded"), "{refused}");
}
