//! VPC endpoints, their services and prefix lists.

use expect_test::expect;
use neargate_testkit::{text, texts};
use serde_json::{Value as Json, json};

use super::{Cloud, ids_hidden};

fn service_of(name: &str) -> String {
    format!("com.amazonaws.us-west-2.{name}")
}

fn interface(vpc: &str, service: &str, subnets: &[&str]) -> Json {
    json!({
        "VpcId": vpc, "ServiceName": service_of(service), "VpcEndpointType": "Interface",
        "SubnetId": subnets, "PrivateDnsEnabled": true,
    })
}

#[tokio::test]
async fn a_gateway_endpoint_is_a_route() {
    let cloud = Cloud::new();
    let vpc = cloud.vpc().await;
    let tables = cloud.call("DescribeRouteTables", json!({})).await;
    let table = text(&tables, "routeTableId");
    let input = json!({
        "VpcId": vpc, "ServiceName": service_of("s3"), "RouteTableId": [table],
    });
    let endpoint = cloud.get("CreateVpcEndpoint", input.clone(), "vpcEndpointId").await;
    let lists = json!({ "Filter": [{ "Name": "prefix-list-name", "Value": [service_of("s3")] }] });
    let list = cloud.get("DescribePrefixLists", lists, "prefixListId").await;
    let tables = cloud.call("DescribeRouteTables", json!({})).await;
    assert_eq!(text(&tables, "destinationPrefixListId"), list);
    assert_eq!(texts(&tables, "gatewayId"), ["local", endpoint.as_str()]);
    let refused = cloud.refused("CreateVpcEndpoint", input).await;
    assert_eq!(
        refused,
        format!(
            "RouteAlreadyExists: route table {table} already has a route with \
             destination-prefix-list-id {list}"
        )
    );

    let remove = json!({ "VpcEndpointId": endpoint, "RemoveRouteTableId": [table] });
    cloud.call("ModifyVpcEndpoint", remove).await;
    let tables = cloud.call("DescribeRouteTables", json!({})).await;
    assert_eq!(texts(&tables, "gatewayId"), ["local"]);
    let shown = cloud.call("DescribeVpcEndpoints", json!({ "VpcEndpointId": [endpoint] })).await;
    expect![[r#"
        <DescribeVpcEndpointsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15">
          <requestId>00000000-0000-4000-8000-000000000000</requestId>
          <vpcEndpointSet>
            <item>
              <creationTimestamp>2026-01-02T03:04:05.000Z</creationTimestamp>
              <dnsEntrySet></dnsEntrySet>
              <dnsOptions>
                <dnsRecordIpType>service-defined</dnsRecordIpType>
              </dnsOptions>
              <groupSet></groupSet>
              <ipAddressType>ipv4</ipAddressType>
              <networkInterfaceIdSet></networkInterfaceIdSet>
              <ownerId>000000000000</ownerId>
              <policyDocument>{&quot;Statement&quot;:[{&quot;Action&quot;:&quot;*&quot;,&quot;Effect&quot;:&quot;Allow&quot;,&quot;Principal&quot;:&quot;*&quot;,&quot;Resource&quot;:&quot;*&quot;}],&quot;Version&quot;:&quot;2008-10-17&quot;}</policyDocument>
              <privateDnsEnabled>false</privateDnsEnabled>
              <requesterManaged>false</requesterManaged>
              <routeTableIdSet></routeTableIdSet>
              <serviceName>com.amazonaws.us-west-2.s3</serviceName>
              <serviceRegion>us-west-2</serviceRegion>
              <state>available</state>
              <subnetIdSet></subnetIdSet>
              <tagSet></tagSet>
              <vpcEndpointId>vpce-…</vpcEndpointId>
              <vpcEndpointType>Gateway</vpcEndpointType>
              <vpcId>vpc-…</vpcId>
            </item>
          </vpcEndpointSet>
        </DescribeVpcEndpointsResponse>
    "#]].assert_eq(&ids_hidden(&shown));
}

#[tokio::test]
async fn an_interface_endpoint_has_an_address_in_each_subnet() {
    let cloud = Cloud::new();
    let vpc = cloud.vpc().await;
    let a = cloud.subnet(&vpc, "10.0.1.0/24", "us-west-2a").await;
    let b = cloud.subnet(&vpc, "10.0.2.0/24", "us-west-2b").await;
    let also_b = cloud.subnet(&vpc, "10.0.3.0/24", "us-west-2b").await;
    let hide = |said: String| {
        said.replace(&vpc, "VPC").replace(&also_b, "ALSO_B").replace(&a, "A").replace(&b, "B")
    };
    let mut said = Vec::new();
    said.push(cloud.refused("CreateVpcEndpoint", interface(&vpc, "ecr.api", &[&a])).await);
    cloud
        .call(
            "ModifyVpcAttribute",
            json!({ "VpcId": vpc, "EnableDnsHostnames": { "Value": true } }),
        )
        .await;
    said.push(cloud.refused("CreateVpcEndpoint", interface(&vpc, "mind", &[&a])).await);
    said.push(cloud.refused("CreateVpcEndpoint", interface(&vpc, "logs", &[&b, &also_b])).await);
    said.push(cloud.refused("CreateVpcEndpoint", interface("vpc-0", "logs", &[&b])).await);

    let created = cloud.call("CreateVpcEndpoint", interface(&vpc, "ecr.api", &[&a])).await;
    let endpoint = text(&created, "vpcEndpointId");
    said.push(cloud.refused("CreateVpcEndpoint", interface(&vpc, "ecr.api", &[&b])).await);
    said.push(cloud.refused("DeleteVpc", json!({ "VpcId": vpc })).await);
    expect![[r#"
        InvalidParameter: Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for VPC
        InvalidServiceName: The Vpc Endpoint Service 'com.amazonaws.us-west-2.mind' does not exist
        DuplicateSubnetsInSameZone: Found another VPC endpoint subnet in the availability zone of ALSO_B. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.
        InvalidVpcId.NotFound: The Vpc Id vpc-0 does not exist
        InvalidParameter: private-dns-enabled cannot be set because there is already a conflicting DNS domain for api.ecr.us-west-2.amazonaws.com in the VPC VPC
        DependencyViolation: The vpc 'VPC' has dependencies and cannot be deleted."#]].assert_eq(&hide(said.join("\n")));

    let add = json!({ "VpcEndpointId": endpoint, "AddSubnetId": [b] });
    cloud.call("ModifyVpcEndpoint", add).await;
    let shown = cloud.call("DescribeVpcEndpoints", json!({})).await;
    assert_eq!(text(&shown, "state"), "available");
    let names = texts(&shown, "dnsName");
    assert_eq!(names.len(), 4);
    assert!(names.contains(&"api.ecr.us-west-2.amazonaws.com".to_owned()), "{names:?}");
    let interfaces = cloud.call("DescribeNetworkInterfaces", json!({})).await;
    assert_eq!(texts(&interfaces, "interfaceType"), ["vpc_endpoint", "vpc_endpoint"]);

    let remove = json!({ "VpcEndpointId": endpoint, "RemoveSubnetId": [a] });
    cloud.call("ModifyVpcEndpoint", remove).await;
    cloud.call("DeleteSubnet", json!({ "SubnetId": a })).await;
    let both = json!({ "VpcEndpointId": [endpoint, "vpce-0"] });
    let deleted = cloud.call("DeleteVpcEndpoints", both).await;
    assert_eq!(texts(&deleted, "code"), ["InvalidVpcEndpointId.NotFound"]);
    let interfaces = cloud.call("DescribeNetworkInterfaces", json!({})).await;
    assert!(texts(&interfaces, "networkInterfaceId").is_empty());
}

#[tokio::test]
async fn services_and_lists_can_be_looked_up() {
    let cloud = Cloud::new();
    let asked = json!({ "ServiceName": [service_of("s3")] });
    let shown = cloud.call("DescribeVpcEndpointServices", asked).await;
    assert_eq!(texts(&shown, "serviceType"), ["Gateway", "Interface"]);
    let asked = json!({ "Filter": [{ "Name": "service-type", "Value": ["Gateway"] }] });
    let shown = cloud.call("DescribeVpcEndpointServices", asked).await;
    assert_eq!(texts(&shown, "serviceName"), [service_of("dynamodb"), service_of("s3")]);
    let refused = cloud
        .refused("DescribeVpcEndpointServices", json!({ "ServiceName": ["com.example.x"] }))
        .await;
    assert!(refused.starts_with("InvalidServiceName"), "{refused}");

    let lists = cloud.call("DescribeManagedPrefixLists", json!({})).await;
    assert_eq!(texts(&lists, "ownerId"), ["AWS", "AWS"]);
    let id = text(&lists, "prefixListId");
    let entries = cloud.call("GetManagedPrefixListEntries", json!({ "PrefixListId": id })).await;
    assert!(!texts(&entries, "cidr").is_empty());
    let refused =
        cloud.refused("GetManagedPrefixListEntries", json!({ "PrefixListId": "pl-0" })).await;
    assert!(refused.starts_with("InvalidPrefixListID.NotFound"), "{refused}");
}
