//! `aws_vpc_endpoint`: of type Gateway, in route tables; of type Interface, in subnets.

use async_trait::async_trait;
use neargate_api_types::ec2;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::policy;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::resources::filters;
use crate::{tags, waits};

pub struct VpcEndpoint;

const MISSING: [&str; 1] = ["InvalidVpcEndpointId.NotFound"];

#[async_trait]
impl Resource for VpcEndpoint {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "resource_configuration_arn",
                "service_name",
                "service_network_arn",
                "service_region",
                "vpc_endpoint_type",
                "vpc_id",
            ],
            defaults: &[("vpc_endpoint_type", Fallback::Text("Gateway"))],
            filled: &["dns_options", "subnet_configuration"],
            json: &["policy"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let input = ec2::CreateVpcEndpointRequest {
            client_token: Some(cloud.client.once()),
            dns_options: dns_options(planned),
            ip_address_type: planned.string("ip_address_type"),
            policy_document: planned.string("policy"),
            private_dns_enabled: planned.bool("private_dns_enabled"),
            route_table_ids: planned.some_texts("route_table_ids"),
            security_group_ids: planned.some_texts("security_group_ids"),
            service_name: planned.string("service_name"),
            subnet_ids: planned.some_texts("subnet_ids"),
            tag_specifications: tags::specifications("vpc-endpoint", planned),
            vpc_endpoint_type: planned.string("vpc_endpoint_type"),
            vpc_id: planned.required("vpc_id"),
            ..Default::default()
        };
        let endpoint = cloud.call::<ec2::CreateVpcEndpoint>(&input).await?.vpc_endpoint;
        Ok(endpoint.unwrap_or_default().vpc_endpoint_id.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        ready(cloud, &planned.id()).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let id = known.id();
        let Some(endpoint) = endpoint(cloud, &id).await? else { return Ok(None) };
        if endpoint.state.as_deref().is_some_and(|s| s.to_ascii_lowercase().starts_with("delet")) {
            return Ok(None);
        }
        let (service, kind) = (endpoint.service_name.clone(), endpoint.vpc_endpoint_type.clone());
        let groups =
            endpoint.groups.unwrap_or_default().into_iter().filter_map(|group| group.group_id);
        let policy = endpoint.policy_document.unwrap_or_default();
        let policy = policy::kept(known.text("policy"), &policy);
        let interfaces = endpoint.network_interface_ids.unwrap_or_default();
        known.extend(json!({
            "arn": cloud.arn("ec2", &format!("vpc-endpoint/{id}")),
            "cidr_blocks": [],
            "dns_entry": entries(endpoint.dns_entries),
            "dns_options": options(endpoint.dns_options),
            "ip_address_type": endpoint.ip_address_type.unwrap_or_default(),
            "network_interface_ids": interfaces,
            "owner_id": endpoint.owner_id,
            "policy": policy,
            "private_dns_enabled": endpoint.private_dns_enabled.unwrap_or(false),
            "requester_managed": endpoint.requester_managed.unwrap_or(false),
            "resource_configuration_arn": endpoint.resource_configuration_arn.unwrap_or_default(),
            "route_table_ids": endpoint.route_table_ids.unwrap_or_default(),
            "security_group_ids": groups.collect::<Vec<_>>(),
            "service_name": service,
            "service_network_arn": endpoint.service_network_arn.unwrap_or_default(),
            "service_region": endpoint.service_region.unwrap_or_default(),
            "state": endpoint.state,
            "subnet_configuration": addresses(cloud, interfaces.clone()).await?,
            "subnet_ids": endpoint.subnet_ids.unwrap_or_default(),
            "vpc_endpoint_type": kind,
            "vpc_id": endpoint.vpc_id,
        }));
        if kind.as_deref() == Some("Gateway")
            && let Some(list) = prefix_list(cloud, &service.unwrap_or_default()).await?
        {
            known.set("cidr_blocks", list.cidrs.unwrap_or_default());
            known.set("prefix_list_id", list.prefix_list_id);
        }
        tags::set(&mut known, cloud, tags::of_ec2(endpoint.tags));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let id = planned.id();
        let changed = |name: &str| prior.differs(planned, name);
        let lists = ["route_table_ids", "security_group_ids", "subnet_ids"];
        let singles = ["dns_options", "ip_address_type", "policy", "private_dns_enabled"];
        if lists.into_iter().chain(singles).any(changed) {
            let (add_route_table_ids, remove_route_table_ids) = moved(prior, planned, lists[0]);
            let (add_security_group_ids, remove_security_group_ids) =
                moved(prior, planned, lists[1]);
            let (add_subnet_ids, remove_subnet_ids) = moved(prior, planned, lists[2]);
            let policy = planned.string("policy").filter(|_| changed("policy"));
            let input = ec2::ModifyVpcEndpointRequest {
                add_route_table_ids,
                add_security_group_ids,
                add_subnet_ids,
                dns_options: dns_options(planned).filter(|_| changed("dns_options")),
                ip_address_type: planned
                    .string("ip_address_type")
                    .filter(|_| changed("ip_address_type")),
                private_dns_enabled: planned
                    .bool("private_dns_enabled")
                    .filter(|_| changed("private_dns_enabled")),
                remove_route_table_ids,
                remove_security_group_ids,
                remove_subnet_ids,
                reset_policy: (changed("policy") && policy.is_none()).then_some(true),
                policy_document: policy,
                vpc_endpoint_id: id.clone(),
                ..Default::default()
            };
            cloud.call::<ec2::ModifyVpcEndpoint>(&input).await?;
            ready(cloud, &id).await?;
        }
        tags::update_ec2(cloud, &id, prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let id = prior.id();
        let input = ec2::DeleteVpcEndpointsRequest {
            vpc_endpoint_ids: vec![id.clone()],
            ..Default::default()
        };
        let output = found(cloud.call::<ec2::DeleteVpcEndpoints>(&input).await, &MISSING)?;
        let failed = output.and_then(|output| output.unsuccessful?.into_iter().next());
        if let Some(error) = failed.and_then(|failed| failed.error)
            && error.code.as_deref() != Some(MISSING[0])
        {
            let (code, message) =
                (error.code.unwrap_or_default(), error.message.unwrap_or_default());
            return Err(Failure::told(format!("{code}: {message}")));
        }
        let on_the_way = ["deleting", "Deleting", "available", "pending"];
        let gone = [waits::GONE, "deleted", "Deleted"];
        waits::state(cloud, &format!("VPC endpoint {id}"), &on_the_way, &gone, || async {
            Ok(endpoint(cloud, &id).await?.and_then(|endpoint| endpoint.state))
        })
        .await
    }
}

async fn endpoint(cloud: &Cloud, id: &str) -> Result<Option<ec2::VpcEndpoint>, Failure> {
    let ids = Some(vec![id.to_owned()]);
    let input = ec2::DescribeVpcEndpointsRequest { vpc_endpoint_ids: ids, ..Default::default() };
    let described = found(cloud.call::<ec2::DescribeVpcEndpoints>(&input).await, &MISSING)?;
    Ok(described.and_then(|output| output.vpc_endpoints?.into_iter().next()))
}

async fn ready(cloud: &Cloud, id: &str) -> Result<(), Failure> {
    let on_the_way = ["pending", "Pending", waits::GONE];
    let wanted = ["available", "Available", "pendingAcceptance"];
    waits::state(cloud, &format!("VPC endpoint {id}"), &on_the_way, &wanted, || async {
        Ok(endpoint(cloud, id).await?.and_then(|endpoint| endpoint.state))
    })
    .await
}

/// What is new in a list, and what is gone from it.
fn moved(
    prior: &Attributes,
    planned: &Attributes,
    name: &str,
) -> (Option<Vec<String>>, Option<Vec<String>>) {
    let (before, after) = (prior.texts(name), planned.texts(name));
    let without = |of: &[String], others: &[String]| {
        let left: Vec<_> = of.iter().filter(|text| !others.contains(text)).cloned().collect();
        Some(left).filter(|left| !left.is_empty())
    };
    (without(&after, &before), without(&before, &after))
}

fn dns_options(planned: &Attributes) -> Option<ec2::DnsOptionsSpecification> {
    let block = planned.block("dns_options")?;
    Some(ec2::DnsOptionsSpecification {
        dns_record_ip_type: block.string("dns_record_ip_type"),
        private_dns_only_for_inbound_resolver_endpoint: block
            .bool("private_dns_only_for_inbound_resolver_endpoint"),
        ..Default::default()
    })
}

fn entries(entries: Option<Vec<ec2::DnsEntry>>) -> Vec<Json> {
    let entry = |entry: ec2::DnsEntry| {
        let (name, zone) =
            (entry.dns_name.unwrap_or_default(), entry.hosted_zone_id.unwrap_or_default());
        json!({ "dns_name": name, "hosted_zone_id": zone })
    };
    entries.unwrap_or_default().into_iter().map(entry).collect()
}

fn options(options: Option<ec2::DnsOptions>) -> Vec<Json> {
    let option = |options: ec2::DnsOptions| {
        json!({
            "dns_record_ip_type": options.dns_record_ip_type.unwrap_or_default(),
            "private_dns_only_for_inbound_resolver_endpoint":
                options.private_dns_only_for_inbound_resolver_endpoint.unwrap_or(false),
        })
    };
    options.into_iter().map(option).collect()
}

/// The addresses of an endpoint's interfaces, by subnet.
async fn addresses(cloud: &Cloud, interfaces: Vec<String>) -> Result<Vec<Json>, Failure> {
    if interfaces.is_empty() {
        return Ok(Vec::new());
    }
    let ids = Some(interfaces);
    let input =
        ec2::DescribeNetworkInterfacesRequest { network_interface_ids: ids, ..Default::default() };
    let found = cloud.call::<ec2::DescribeNetworkInterfaces>(&input).await?.network_interfaces;
    let address = |interface: ec2::NetworkInterface| {
        json!({
            "ipv4": interface.private_ip_address.unwrap_or_default(),
            "ipv6": "",
            "subnet_id": interface.subnet_id,
        })
    };
    Ok(found.unwrap_or_default().into_iter().map(address).collect())
}

async fn prefix_list(cloud: &Cloud, service: &str) -> Result<Option<ec2::PrefixList>, Failure> {
    let filters = filters([("prefix-list-name", service)]);
    let input = ec2::DescribePrefixListsRequest { filters, ..Default::default() };
    let lists = cloud.call::<ec2::DescribePrefixLists>(&input).await?.prefix_lists;
    Ok(lists.unwrap_or_default().into_iter().next())
}
