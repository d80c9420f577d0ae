//! Elastic addresses, NAT gateways and interfaces.

use expect_test::expect;
use neargate_testkit::{text, texts};
use serde_json::json;

use super::{Cloud, ids_hidden};

/// A VPC with an attached internet gateway, and a subnet.
async fn network(cloud: &Cloud) -> (String, String, String) {
    let vpc = cloud.vpc().await;
    let subnet = cloud.subnet(&vpc, "10.0.1.0/24", "us-west-2a").await;
    let igw = cloud.get("CreateInternetGateway", json!({}), "internetGatewayId").await;
    cloud.call("AttachInternetGateway", json!({ "InternetGatewayId": igw, "VpcId": vpc })).await;
    (vpc, subnet, igw)
}

#[tokio::test]
async fn a_nat_gateway_has_an_interface_and_an_address() {
    let cloud = Cloud::new();
    let (vpc, subnet, igw) = network(&cloud).await;
    let allocated = cloud.call("AllocateAddress", json!({ "Domain": "vpc" })).await;
    let (allocation, ip) = (text(&allocated, "allocationId"), text(&allocated, "publicIp"));
    let input = json!({ "SubnetId": subnet, "AllocationId": allocation, "ClientToken": "once" });
    let nat = cloud.get("CreateNatGateway", input.clone(), "natGatewayId").await;
    assert_eq!(cloud.get("CreateNatGateway", input, "natGatewayId").await, nat);

    let shown = cloud.call("DescribeNatGateways", json!({ "NatGatewayId": [nat] })).await;
    let (eni, private) = (text(&shown, "networkInterfaceId"), text(&shown, "privateIp"));
    expect![[r#"
        <DescribeNatGatewaysResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15">
          <requestId>00000000-0000-4000-8000-000000000000</requestId>
          <natGatewaySet>
            <item>
              <availabilityMode>zonal</availabilityMode>
              <connectivityType>public</connectivityType>
              <createTime>2026-01-02T03:04:05.000Z</createTime>
              <natGatewayAddressSet>
                <item>
                  <allocationId>eipalloc-…</allocationId>
                  <associationId>eipassoc-…</associationId>
                  <isPrimary>true</isPrimary>
                  <networkInterfaceId>eni-…</networkInterfaceId>
                  <privateIp>PRIVATE</privateIp>
                  <publicIp>PUBLIC</publicIp>
                  <status>succeeded</status>
                </item>
              </natGatewayAddressSet>
              <natGatewayId>nat-…</natGatewayId>
              <state>available</state>
              <subnetId>subnet-…</subnetId>
              <tagSet></tagSet>
              <vpcId>vpc-…</vpcId>
            </item>
          </natGatewaySet>
        </DescribeNatGatewaysResponse>
    "#]]
    .assert_eq(&ids_hidden(&shown.replace(&ip, "PUBLIC").replace(&private, "PRIVATE")));
    let shown =
        cloud.call("DescribeNetworkInterfaces", json!({ "NetworkInterfaceId": [eni] })).await;
    let mac = text(&shown, "macAddress");
    let hidden = shown.replace(&ip, "PUBLIC").replace(&private, "PRIVATE").replace(&mac, "MAC");
    expect![[r#"
        <DescribeNetworkInterfacesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15">
          <requestId>00000000-0000-4000-8000-000000000000</requestId>
          <networkInterfaceSet>
            <item>
              <association>
                <allocationId>eipalloc-…</allocationId>
                <associationId>eipassoc-…</associationId>
                <ipOwnerId>000000000000</ipOwnerId>
                <publicIp>PUBLIC</publicIp>
              </association>
              <attachment>
                <attachTime>2026-01-02T03:04:05.000Z</attachTime>
                <attachmentId>eni-attach-…</attachmentId>
                <deleteOnTermination>false</deleteOnTermination>
                <deviceIndex>1</deviceIndex>
                <instanceOwnerId>amazon-aws</instanceOwnerId>
                <networkCardIndex>0</networkCardIndex>
                <status>attached</status>
              </attachment>
              <availabilityZone>us-west-2a</availabilityZone>
              <availabilityZoneId>usw2-az1</availabilityZoneId>
              <description>Interface for NAT Gateway nat-…</description>
              <groupSet></groupSet>
              <interfaceType>nat_gateway</interfaceType>
              <ipv6AddressesSet></ipv6AddressesSet>
              <macAddress>MAC</macAddress>
              <networkInterfaceId>eni-…</networkInterfaceId>
              <ownerId>000000000000</ownerId>
              <privateIpAddress>PRIVATE</privateIpAddress>
              <privateIpAddressesSet>
                <item>
                  <association>
                    <allocationId>eipalloc-…</allocationId>
                    <associationId>eipassoc-…</associationId>
                    <ipOwnerId>000000000000</ipOwnerId>
                    <publicIp>PUBLIC</publicIp>
                  </association>
                  <primary>true</primary>
                  <privateIpAddress>PRIVATE</privateIpAddress>
                </item>
              </privateIpAddressesSet>
              <requesterId>amazon-aws</requesterId>
              <requesterManaged>true</requesterManaged>
              <sourceDestCheck>false</sourceDestCheck>
              <status>in-use</status>
              <subnetId>subnet-…</subnetId>
              <tagSet></tagSet>
              <vpcId>vpc-…</vpcId>
            </item>
          </networkInterfaceSet>
        </DescribeNetworkInterfacesResponse>
    "#]]
    .assert_eq(&ids_hidden(&hidden));

    let mut said = Vec::new();
    said.push(cloud.refused("ReleaseAddress", json!({ "AllocationId": allocation })).await);
    said.push(cloud.refused("DisassociateAddress", json!({ "PublicIp": ip })).await);
    said.push(cloud.refused("DeleteNetworkInterface", json!({ "NetworkInterfaceId": eni })).await);
    said.push(cloud.refused("DeleteSubnet", json!({ "SubnetId": subnet })).await);
    let detach = json!({ "InternetGatewayId": igw, "VpcId": vpc });
    said.push(cloud.refused("DetachInternetGateway", detach.clone()).await);
    let said = said.join("\n").replace(&ip, "PUBLIC");
    expect![[r#"
        InvalidIPAddress.InUse: Address PUBLIC is in use.
        AuthFailure: You do not have permission to access the specified resource.
        InvalidParameterValue: Network interface 'eni-…' is currently in use.
        DependencyViolation: The subnet 'subnet-…' has dependencies and cannot be deleted.
        DependencyViolation: Network vpc-… has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."#]].assert_eq(&ids_hidden(&said));

    cloud.call("DeleteNatGateway", json!({ "NatGatewayId": nat })).await;
    let shown = cloud.call("DescribeNatGateways", json!({ "NatGatewayId": [nat] })).await;
    assert_eq!(text(&shown, "state"), "deleted");
    cloud.call("DetachInternetGateway", detach).await;
    cloud.call("ReleaseAddress", json!({ "AllocationId": allocation })).await;
    cloud.call("DeleteSubnet", json!({ "SubnetId": subnet })).await;
    cloud.call("DeleteInternetGateway", json!({ "InternetGatewayId": igw })).await;
    cloud.call("DeleteVpc", json!({ "VpcId": vpc })).await;

    cloud.ctx.cloud.clock.advance_millis(3_600_001);
    let refused = cloud.refused("DescribeNatGateways", json!({ "NatGatewayId": [nat] })).await;
    assert!(refused.starts_with("NatGatewayNotFound"), "{refused}");
}

#[tokio::test]
async fn a_nat_gateway_that_cannot_work_is_failed() {
    let cloud = Cloud::new();
    let vpc = cloud.vpc().await;
    let subnet = cloud.subnet(&vpc, "10.0.1.0/24", "us-west-2a").await;
    let allocation = cloud.get("AllocateAddress", json!({}), "allocationId").await;
    let input = json!({ "SubnetId": subnet, "AllocationId": allocation });
    let nat = cloud.get("CreateNatGateway", input, "natGatewayId").await;
    let shown = cloud.call("DescribeNatGateways", json!({ "NatGatewayId": [nat] })).await;
    assert_eq!(text(&shown, "state"), "failed");
    assert_eq!(text(&shown, "failureCode"), "Gateway.NotAttached");
    let refused = cloud.refused("CreateNatGateway", json!({ "SubnetId": subnet })).await;
    assert!(refused.starts_with("MissingParameter"), "{refused}");
    // Nothing of it stays in the way.
    cloud.call("ReleaseAddress", json!({ "AllocationId": allocation })).await;
    cloud.call("DeleteSubnet", json!({ "SubnetId": subnet })).await;
    cloud.call("DeleteVpc", json!({ "VpcId": vpc })).await;
}

#[tokio::test]
async fn an_address_stands_before_one_interface() {
    let cloud = Cloud::new();
    let (_, subnet, _) = network(&cloud).await;
    let make =
        || cloud.get("CreateNetworkInterface", json!({ "SubnetId": subnet }), "networkInterfaceId");
    let (first, second) = (make().await, make().await);
    let address = cloud.get("AllocateAddress", json!({}), "allocationId").await;
    let to = |eni: &str, again: bool| json!({ "AllocationId": address, "NetworkInterfaceId": eni, "AllowReassociation": again });
    cloud.call("AssociateAddress", to(&first, false)).await;
    let refused = cloud.refused("AssociateAddress", to(&second, false)).await;
    assert!(refused.starts_with("Resource.AlreadyAssociated"), "{refused}");
    let association = cloud.get("AssociateAddress", to(&second, true), "associationId").await;
    let shown = cloud.call("DescribeNetworkInterfaces", json!({})).await;
    // Once for the interface and once for its one private address.
    assert_eq!(texts(&shown, "publicIp").len(), 2);
    cloud.call("DisassociateAddress", json!({ "AssociationId": association })).await;
    let refused =
        cloud.refused("DisassociateAddress", json!({ "AssociationId": association })).await;
    assert!(refused.starts_with("InvalidAssociationID.NotFound"), "{refused}");
    cloud.call("ReleaseAddress", json!({ "AllocationId": address })).await;
    let refused = cloud.refused("ReleaseAddress", json!({ "AllocationId": address })).await;
    assert!(refused.starts_with("InvalidAllocationID.NotFound"), "{refused}");
}

#[tokio::test]
async fn interfaces_are_changed_while_they_are_the_accounts_own() {
    let cloud = Cloud::new();
    let (vpc, subnet, _) = network(&cloud).await;
    let input = json!({
        "SubnetId": subnet, "PrivateIpAddress": "10.0.1.77", "Description": "mine",
    });
    let eni = cloud.get("CreateNetworkInterface", input.clone(), "networkInterfaceId").await;
    let refused = cloud.refused("CreateNetworkInterface", input).await;
    assert_eq!(refused, "InvalidIPAddress.InUse: Address 10.0.1.77 is in use.");
    let group = json!({ "VpcId": vpc, "GroupName": "g", "GroupDescription": "g" });
    let group = cloud.get("CreateSecurityGroup", group, "groupId").await;
    let change = json!({ "NetworkInterfaceId": eni, "SecurityGroupId": [group] });
    cloud.call("ModifyNetworkInterfaceAttribute", change).await;
    let asked = json!({ "NetworkInterfaceId": eni, "Attribute": "groupSet" });
    let shown = cloud.call("DescribeNetworkInterfaceAttribute", asked).await;
    assert_eq!(texts(&shown, "groupId"), [group]);
    let filter = json!({ "Filter": [
        { "Name": "description", "Value": ["m?ne"] },
        { "Name": "addresses.private-ip-address", "Value": ["10.0.1.*"] },
        { "Name": "status", "Value": ["available"] },
    ] });
    let shown = cloud.call("DescribeNetworkInterfaces", filter).await;
    assert_eq!(texts(&shown, "networkInterfaceId"), [eni]);
}
