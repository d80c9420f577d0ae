//! VPCs, subnets, gateways and routes.

use expect_test::expect;
use neargate_testkit::{text, texts};
use serde_json::json;

use super::{Cloud, ids_hidden};

#[tokio::test]
async fn a_vpc_comes_with_what_every_vpc_has() {
    let cloud = Cloud::new();
    let created = cloud
        .call(
            "CreateVpc",
            json!({
                "CidrBlock": "10.0.7.9/16",
                "TagSpecification": [
                    { "ResourceType": "vpc", "Tag": [{ "Key": "Name", "Value": "main" }] },
                ],
            }),
        )
        .await;
    expect![[r#"
        <CreateVpcResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15">
          <requestId>00000000-0000-4000-8000-000000000000</requestId>
          <vpc>
            <cidrBlock>10.0.0.0/16</cidrBlock>
            <cidrBlockAssociationSet>
              <item>
                <associationId>vpc-cidr-assoc-…</associationId>
                <cidrBlock>10.0.0.0/16</cidrBlock>
                <cidrBlockState>
                  <state>associated</state>
                </cidrBlockState>
              </item>
            </cidrBlockAssociationSet>
            <dhcpOptionsId>dopt-…</dhcpOptionsId>
            <instanceTenancy>default</instanceTenancy>
            <isDefault>false</isDefault>
            <ownerId>000000000000</ownerId>
            <state>pending</state>
            <tagSet>
              <item>
                <key>Name</key>
                <value>main</value>
              </item>
            </tagSet>
            <vpcId>vpc-…</vpcId>
          </vpc>
        </CreateVpcResponse>
    "#]]
    .assert_eq(&ids_hidden(&created));
    let vpc = text(&created, "vpcId");
    let filter = json!({ "Filter": [{ "Name": "vpc-id", "Value": [vpc] }] });

    let tables = cloud.call("DescribeRouteTables", filter.clone()).await;
    expect![[r#"
        <DescribeRouteTablesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15">
          <requestId>00000000-0000-4000-8000-000000000000</requestId>
          <routeTableSet>
            <item>
              <associationSet>
                <item>
                  <associationState>
                    <state>associated</state>
                  </associationState>
                  <main>true</main>
                  <routeTableAssociationId>rtbassoc-…</routeTableAssociationId>
                  <routeTableId>rtb-…</routeTableId>
                </item>
              </associationSet>
              <ownerId>000000000000</ownerId>
              <propagatingVgwSet></propagatingVgwSet>
              <routeTableId>rtb-…</routeTableId>
              <routeSet>
                <item>
                  <destinationCidrBlock>10.0.0.0/16</destinationCidrBlock>
                  <gatewayId>local</gatewayId>
                  <origin>CreateRouteTable</origin>
                  <state>active</state>
                </item>
              </routeSet>
              <tagSet></tagSet>
              <vpcId>vpc-…</vpcId>
            </item>
          </routeTableSet>
        </DescribeRouteTablesResponse>
    "#]]
    .assert_eq(&ids_hidden(&tables));
    let groups = cloud.call("DescribeSecurityGroups", filter.clone()).await;
    expect![[r#"
        <DescribeSecurityGroupsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15">
          <requestId>00000000-0000-4000-8000-000000000000</requestId>
          <securityGroupInfo>
            <item>
              <groupDescription>default VPC security group</groupDescription>
              <groupId>sg-…</groupId>
              <groupName>default</groupName>
              <ipPermissions>
                <item>
                  <ipProtocol>-1</ipProtocol>
                  <ipRanges></ipRanges>
                  <ipv6Ranges></ipv6Ranges>
                  <prefixListIds></prefixListIds>
                  <groups>
                    <item>
                      <groupId>sg-…</groupId>
                      <userId>000000000000</userId>
                    </item>
                  </groups>
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
    "#]].assert_eq(&ids_hidden(&groups));
    let acls = cloud.call("DescribeNetworkAcls", filter).await;
    assert_eq!(texts(&acls, "ruleNumber"), ["100", "32767", "100", "32767"]);
    assert_eq!(texts(&acls, "default"), ["true"]);

    let attribute = json!({ "VpcId": vpc, "Attribute": "enableDnsHostnames" });
    let shown = cloud.call("DescribeVpcAttribute", attribute.clone()).await;
    assert_eq!(text(&shown, "value"), "false");
    cloud
        .call(
            "ModifyVpcAttribute",
            json!({ "VpcId": vpc, "EnableDnsHostnames": { "Value": true } }),
        )
        .await;
    let shown = cloud.call("DescribeVpcAttribute", attribute).await;
    assert_eq!(text(&shown, "value"), "true");

    cloud.call("DeleteVpc", json!({ "VpcId": vpc })).await;
    for listed in ["DescribeVpcs", "DescribeRouteTables", "DescribeSecurityGroups", "DescribeTags"]
    {
        let left = cloud.call(listed, json!({})).await;
        assert!(!left.contains(&vpc) && !left.contains("<item>"), "{listed}: {left}");
    }
}

#[tokio::test]
async fn what_a_vpc_refuses() {
    let cloud = Cloud::new();
    let mut said = Vec::new();
    for cidr in ["10.0.0.0/8", "10.0.0.0/29", "ten", "10.0.0.0"] {
        said.push(cloud.refused("CreateVpc", json!({ "CidrBlock": cidr })).await);
    }
    said.push(cloud.refused("CreateVpc", json!({})).await);
    said.push(cloud.refused("DeleteVpc", json!({ "VpcId": "vpc-0" })).await);
    said.push(cloud.refused("DescribeVpcs", json!({ "VpcId": ["vpc-0"] })).await);
    said.push(
        cloud.refused("CreateVpc", json!({ "CidrBlock": "10.0.0.0/16", "DryRun": true })).await,
    );
    said.push(
        cloud
            .refused("DescribeVpcs", json!({ "Filter": [{ "Name": "colour", "Value": ["x"] }] }))
            .await,
    );
    said.push(cloud.refused("DescribeVpcs", json!({ "NextToken": "%%" })).await);
    expect![[r#"
        InvalidVpc.Range: The CIDR '10.0.0.0/8' is invalid.
        InvalidVpc.Range: The CIDR '10.0.0.0/29' is invalid.
        InvalidParameterValue: Value (ten) for parameter cidrBlock is invalid. This is not a valid CIDR block.
        InvalidParameterValue: Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block.
        MissingParameter: The request must contain the parameter CidrBlock
        InvalidVpcID.NotFound: The vpc ID 'vpc-0' does not exist
        InvalidVpcID.NotFound: The vpc ID 'vpc-0' does not exist
        DryRunOperation: Request would have succeeded, but DryRun flag is set.
        InvalidParameterValue: The filter 'colour' is invalid
        InvalidNextToken: The specified NextToken value is not valid."#]].assert_eq(&said.join("\n"));
}

#[tokio::test]
async fn a_subnet_is_a_free_part_of_its_vpc() {
    let cloud = Cloud::new();
    let vpc = cloud.vpc().await;
    let input = json!({
        "VpcId": vpc, "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "us-west-2b",
    });
    let created = cloud.call("CreateSubnet", input).await;
    expect![[r#"
        <CreateSubnetResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15">
          <requestId>00000000-0000-4000-8000-000000000000</requestId>
          <subnet>
            <assignIpv6AddressOnCreation>false</assignIpv6AddressOnCreation>
            <availabilityZone>us-west-2b</availabilityZone>
            <availabilityZoneId>usw2-az2</availabilityZoneId>
            <availableIpAddressCount>251</availableIpAddressCount>
            <cidrBlock>10.0.1.0/24</cidrBlock>
            <defaultForAz>false</defaultForAz>
            <enableDns64>false</enableDns64>
            <ipv6CidrBlockAssociationSet></ipv6CidrBlockAssociationSet>
            <ipv6Native>false</ipv6Native>
            <mapCustomerOwnedIpOnLaunch>false</mapCustomerOwnedIpOnLaunch>
            <mapPublicIpOnLaunch>false</mapPublicIpOnLaunch>
            <ownerId>000000000000</ownerId>
            <privateDnsNameOptionsOnLaunch>
              <enableResourceNameDnsAAAARecord>false</enableResourceNameDnsAAAARecord>
              <enableResourceNameDnsARecord>false</enableResourceNameDnsARecord>
              <hostnameType>ip-name</hostnameType>
            </privateDnsNameOptionsOnLaunch>
            <state>available</state>
            <subnetArn>arn:aws:ec2:us-west-2:000000000000:subnet/subnet-…</subnetArn>
            <subnetId>subnet-…</subnetId>
            <tagSet></tagSet>
            <vpcId>vpc-…</vpcId>
          </subnet>
        </CreateSubnetResponse>
    "#]]
    .assert_eq(&ids_hidden(&created));
    let subnet = text(&created, "subnetId");

    let mut said = Vec::new();
    for (cidr, zone) in [
        ("10.0.1.128/25", "us-west-2a"),
        ("10.1.0.0/24", "us-west-2a"),
        ("10.0.2.0/29", "us-west-2a"),
        ("10.0.2.0/24", "us-west-2z"),
    ] {
        let input = json!({ "VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone });
        said.push(cloud.refused("CreateSubnet", input).await);
    }
    said.push(cloud.refused("DeleteVpc", json!({ "VpcId": vpc })).await.replace(&vpc, "VPC"));

    let interface = cloud
        .get("CreateNetworkInterface", json!({ "SubnetId": subnet }), "networkInterfaceId")
        .await;
    let shown = cloud.call("DescribeSubnets", json!({ "SubnetId": [subnet] })).await;
    assert_eq!(text(&shown, "availableIpAddressCount"), "250");
    said.push(
        cloud
            .refused("DeleteSubnet", json!({ "SubnetId": subnet }))
            .await
            .replace(&subnet, "SUBNET"),
    );
    expect![[r#"
        InvalidSubnet.Conflict: The CIDR '10.0.1.128/25' conflicts with another subnet
        InvalidSubnet.Range: The CIDR '10.1.0.0/24' is invalid.
        InvalidSubnet.Range: The CIDR '10.0.2.0/29' is invalid.
        InvalidParameterValue: Value (us-west-2z) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: us-west-2a, us-west-2b, us-west-2c.
        DependencyViolation: The vpc 'VPC' has dependencies and cannot be deleted.
        DependencyViolation: The subnet 'SUBNET' has dependencies and cannot be deleted."#]].assert_eq(&said.join("\n"));

    cloud.call("DeleteNetworkInterface", json!({ "NetworkInterfaceId": interface })).await;
    let public = json!({ "SubnetId": subnet, "MapPublicIpOnLaunch": { "Value": true } });
    cloud.call("ModifySubnetAttribute", public).await;
    let shown = cloud.call("DescribeSubnets", json!({})).await;
    assert_eq!(text(&shown, "mapPublicIpOnLaunch"), "true");
    cloud.call("DeleteSubnet", json!({ "SubnetId": subnet })).await;
    cloud.call("DeleteVpc", json!({ "VpcId": vpc })).await;
}

#[tokio::test]
async fn a_vpc_can_have_more_blocks() {
    let cloud = Cloud::new();
    let vpc = cloud.vpc().await;
    let added = cloud
        .call("AssociateVpcCidrBlock", json!({ "VpcId": vpc, "CidrBlock": "10.1.0.0/16" }))
        .await;
    let association = text(&added, "associationId");
    let subnet = cloud.subnet(&vpc, "10.1.3.0/24", "us-west-2a").await;
    let tables = cloud.call("DescribeRouteTables", json!({})).await;
    assert_eq!(texts(&tables, "destinationCidrBlock"), ["10.0.0.0/16", "10.1.0.0/16"]);

    let gone = json!({ "AssociationId": association });
    let refused = cloud.refused("DisassociateVpcCidrBlock", gone.clone()).await;
    assert!(refused.starts_with("InvalidCidrBlock.InUse"), "{refused}");
    cloud.call("DeleteSubnet", json!({ "SubnetId": subnet })).await;
    cloud.call("DisassociateVpcCidrBlock", gone).await;
    let again = json!({ "VpcId": vpc, "CidrBlock": "10.0.128.0/17" });
    let refused = cloud.refused("AssociateVpcCidrBlock", again).await;
    assert!(refused.starts_with("InvalidVpc.Range"), "{refused}");
}

#[tokio::test]
async fn routes_lead_to_gateways_of_the_vpc() {
    let cloud = Cloud::new();
    let (vpc, other) = (cloud.vpc().await, cloud.vpc().await);
    let subnet = cloud.subnet(&vpc, "10.0.1.0/24", "us-west-2a").await;
    let igw = cloud.get("CreateInternetGateway", json!({}), "internetGatewayId").await;
    let table = cloud.get("CreateRouteTable", json!({ "VpcId": vpc }), "routeTableId").await;
    let hide = |text: String| {
        let named = text.replace(&igw, "IGW").replace(&table, "TABLE");
        named.replace(&vpc, "VPC").replace(&other, "OTHER").replace(&subnet, "SUBNET")
    };
    let attach = |vpc: &str| json!({ "InternetGatewayId": igw, "VpcId": vpc });
    let route = json!({
        "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": igw,
    });
    let mut said = Vec::new();

    said.push(cloud.refused("CreateRoute", route.clone()).await);
    cloud.call("AttachInternetGateway", attach(&vpc)).await;
    said.push(cloud.refused("AttachInternetGateway", attach(&other)).await);
    said.push(cloud.refused("DetachInternetGateway", attach(&other)).await);
    said.push(cloud.refused("DeleteInternetGateway", json!({ "InternetGatewayId": igw })).await);
    cloud.call("CreateRoute", route.clone()).await;
    said.push(cloud.refused("CreateRoute", route).await);
    let local = json!({
        "RouteTableId": table, "DestinationCidrBlock": "10.0.0.0/16", "GatewayId": igw,
    });
    said.push(cloud.refused("CreateRoute", local.clone()).await);
    said.push(cloud.refused("DeleteRoute", local).await);
    let unknown = json!({ "RouteTableId": table, "DestinationCidrBlock": "1.0.0.0/8" });
    said.push(cloud.refused("DeleteRoute", unknown).await);
    let nat = json!({
        "RouteTableId": table, "DestinationCidrBlock": "1.0.0.0/8", "NatGatewayId": "nat-0",
    });
    said.push(cloud.refused("CreateRoute", nat).await);

    let associate = json!({ "RouteTableId": table, "SubnetId": subnet });
    let association = cloud.get("AssociateRouteTable", associate.clone(), "associationId").await;
    said.push(cloud.refused("AssociateRouteTable", associate).await);
    said.push(cloud.refused("DeleteRouteTable", json!({ "RouteTableId": table })).await);
    let filter = json!({ "Filter": [{ "Name": "association.subnet-id", "Value": [subnet] }] });
    let shown = cloud.call("DescribeRouteTables", filter).await;
    assert_eq!(texts(&shown, "gatewayId"), ["local", igw.as_str()]);
    assert_eq!(texts(&shown, "state"), ["associated", "active", "active"]);
    expect![[r#"
        InvalidParameterValue: route table TABLE and network gateway IGW belong to different networks
        Resource.AlreadyAssociated: resource IGW is already attached to network VPC
        Gateway.NotAttached: resource IGW is not attached to network OTHER
        DependencyViolation: The internetGateway 'IGW' has dependencies and cannot be deleted.
        RouteAlreadyExists: The route identified by 0.0.0.0/0 already exists.
        RouteAlreadyExists: The route identified by 10.0.0.0/16 already exists.
        InvalidParameterValue: cannot remove local route 10.0.0.0/16 in route table TABLE
        InvalidRoute.NotFound: no route with destination-cidr-block 1.0.0.0/8 in route table TABLE
        InvalidNatGatewayID.NotFound: The natGateway ID 'nat-0' does not exist
        Resource.AlreadyAssociated: the specified association for route table TABLE conflicts with an existing association
        DependencyViolation: The routeTable 'TABLE' has dependencies and cannot be deleted."#]].assert_eq(&hide(said.join("\n")));

    cloud.call("DisassociateRouteTable", json!({ "AssociationId": association })).await;
    cloud.call("DetachInternetGateway", attach(&vpc)).await;
    let shown = cloud.call("DescribeRouteTables", json!({ "RouteTableId": [table] })).await;
    assert_eq!(texts(&shown, "state"), ["active", "blackhole"]);
    cloud.call("DeleteRouteTable", json!({ "RouteTableId": table })).await;
    cloud.call("DeleteInternetGateway", json!({ "InternetGatewayId": igw })).await;
}

#[tokio::test]
async fn another_table_can_become_the_main_one() {
    let cloud = Cloud::new();
    let vpc = cloud.vpc().await;
    let main = json!({ "Filter": [{ "Name": "association.main", "Value": ["true"] }] });
    let shown = cloud.call("DescribeRouteTables", main.clone()).await;
    let first = text(&shown, "routeTableId");
    let association = text(&shown, "routeTableAssociationId");
    let refused =
        cloud.refused("DisassociateRouteTable", json!({ "AssociationId": association })).await;
    assert!(refused.contains("cannot disassociate the main route table"), "{refused}");
    let table = cloud.get("CreateRouteTable", json!({ "VpcId": vpc }), "routeTableId").await;
    let replace = json!({ "AssociationId": association, "RouteTableId": table });
    cloud.call("ReplaceRouteTableAssociation", replace).await;
    let shown = cloud.call("DescribeRouteTables", main).await;
    assert_eq!(text(&shown, "routeTableId"), table);
    cloud.call("DeleteRouteTable", json!({ "RouteTableId": first })).await;
    cloud.call("DeleteVpc", json!({ "VpcId": vpc })).await;
}

#[tokio::test]
async fn pages_join_to_the_whole() {
    let cloud = Cloud::new();
    for _ in 0..12 {
        cloud.vpc().await;
    }
    let mut seen = Vec::new();
    let mut input = json!({ "MaxResults": 5 });
    loop {
        let page = cloud.call("DescribeVpcs", input).await;
        let vpcs = texts(&page, "vpcId");
        assert!(vpcs.len() <= 5);
        seen.extend(vpcs);
        let Some(token) = texts(&page, "nextToken").pop() else { break };
        input = json!({ "MaxResults": 5, "NextToken": token });
    }
    let all = texts(&cloud.call("DescribeVpcs", json!({})).await, "vpcId");
    assert_eq!((seen.len(), &seen), (12, &all));
}
