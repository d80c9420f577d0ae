//! `aws_lb`.

pub mod settings;

use async_trait::async_trait;
use neargate_api_types::elbv2;
use neargate_hcl::Value;
use serde_json::{Value as Json, json};

use super::lb_attributes::Keyed;
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::resources::security_group::prefix_of;
use crate::{tags, waits};

pub struct Lb;

const MISSING: [&str; 2] = ["LoadBalancerNotFound", "LoadBalancerNotFoundException"];

#[async_trait]
impl Resource for Lb {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "customer_owned_ipv4_pool",
                "internal",
                "load_balancer_type",
                "name",
                "name_prefix",
            ],
            defaults: &[
                ("access_logs.enabled", Fallback::Bool(false)),
                ("client_keep_alive", Fallback::Number(3600)),
                ("connection_logs.enabled", Fallback::Bool(false)),
                ("desync_mitigation_mode", Fallback::Text("defensive")),
                ("dns_record_client_routing_policy", Fallback::Text("any_availability_zone")),
                ("drop_invalid_header_fields", Fallback::Bool(false)),
                ("enable_cross_zone_load_balancing", Fallback::Bool(false)),
                ("enable_deletion_protection", Fallback::Bool(false)),
                ("enable_http2", Fallback::Bool(true)),
                ("enable_tls_version_and_cipher_suite_headers", Fallback::Bool(false)),
                ("enable_waf_fail_open", Fallback::Bool(false)),
                ("enable_xff_client_port", Fallback::Bool(false)),
                ("enable_zonal_shift", Fallback::Bool(false)),
                ("idle_timeout", Fallback::Number(60)),
                ("load_balancer_type", Fallback::Text("application")),
                ("preserve_host_header", Fallback::Bool(false)),
                ("xff_header_processing_mode", Fallback::Text("append")),
            ],
            // Of another type of load balancer, or of logs that are off, whatever is written.
            alike: &[
                ("access_logs.bucket", has_no_access_logs),
                ("access_logs.prefix", has_no_access_logs),
                ("connection_logs.bucket", has_no_connection_logs),
                ("connection_logs.prefix", has_no_connection_logs),
                ("client_keep_alive", is_no_application),
                ("desync_mitigation_mode", is_no_application),
                ("dns_record_client_routing_policy", is_no_network),
                ("drop_invalid_header_fields", is_no_application),
                ("enable_cross_zone_load_balancing", is_application),
                ("enable_http2", is_no_application),
                ("enable_tls_version_and_cipher_suite_headers", is_no_application),
                ("enable_waf_fail_open", is_no_application),
                ("enable_xff_client_port", is_no_application),
                ("idle_timeout", is_no_application),
                ("preserve_host_header", is_no_application),
                ("xff_header_processing_mode", is_no_application),
            ],
            filled: &["subnet_mapping"],
            emptied: &["access_logs", "connection_logs"],
            unsettles: &[("subnets", "subnet_mapping"), ("subnet_mapping", "subnets")],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let mappings = mappings(planned);
        let input = elbv2::CreateLoadBalancerInput {
            customer_owned_ipv4_pool: planned.string("customer_owned_ipv4_pool"),
            ip_address_type: planned.string("ip_address_type"),
            name: name(cloud, planned),
            scheme: planned.is("internal").then(|| "internal".to_owned()),
            security_groups: planned.some_texts("security_groups"),
            subnets: planned.some_texts("subnets").filter(|_| mappings.is_none()),
            subnet_mappings: mappings,
            tags: tags::elbv2::given(planned),
            r#type: planned.string("load_balancer_type"),
            ..Default::default()
        };
        let made = cloud.call::<elbv2::CreateLoadBalancer>(&input).await?.load_balancers;
        let made = made.unwrap_or_default().into_iter().next().unwrap_or_default();
        Ok(made.load_balancer_arn.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        let arn = planned.id();
        active(cloud, &arn).await?;
        set_attributes(cloud, &arn, planned).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let arn = known.id();
        let Some(lb) = load_balancer(cloud, &arn).await? else { return Ok(None) };
        let name = lb.load_balancer_name.clone().unwrap_or_default();
        known.set("name_prefix", prefix_of(&name, &known));
        let of_type = lb.r#type.clone();
        known.extend(described(lb));
        known.extend(settings::described(&attributes(cloud, &arn, of_type.as_deref()).await?));
        tags::set(&mut known, cloud, tags::elbv2::of(cloud, &arn).await?);
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let arn = planned.id();
        if prior.differs(planned, "security_groups") {
            let input = elbv2::SetSecurityGroupsInput {
                load_balancer_arn: arn.clone(),
                security_groups: planned.texts("security_groups"),
                ..Default::default()
            };
            cloud.call::<elbv2::SetSecurityGroups>(&input).await?;
        }
        if prior.any_differs(planned, &["subnets", "subnet_mapping"]) {
            let mappings = mappings(planned);
            let input = elbv2::SetSubnetsInput {
                load_balancer_arn: arn.clone(),
                subnets: planned.some_texts("subnets").filter(|_| mappings.is_none()),
                subnet_mappings: mappings,
                ..Default::default()
            };
            cloud.call::<elbv2::SetSubnets>(&input).await?;
        }
        if prior.differs(planned, "ip_address_type") && planned.text("ip_address_type").is_some() {
            let input = elbv2::SetIpAddressTypeInput {
                ip_address_type: planned.required("ip_address_type"),
                load_balancer_arn: arn.clone(),
            };
            cloud.call::<elbv2::SetIpAddressType>(&input).await?;
        }
        set_attributes(cloud, &arn, planned).await?;
        tags::elbv2::update(cloud, &arn, prior, planned).await?;
        active(cloud, &arn).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let arn = prior.id();
        let input = elbv2::DeleteLoadBalancerInput { load_balancer_arn: arn.clone() };
        found(cloud.call::<elbv2::DeleteLoadBalancer>(&input).await, &MISSING)?;
        let what = format!("Load balancer {}", prior.required("name"));
        let on_the_way = ["active", "active_impaired", "provisioning"];
        waits::state(cloud, &what, &on_the_way, &[waits::GONE], || state(cloud, &arn)).await
    }
}

fn of_type(planned: &Value) -> Option<&str> {
    planned.get("load_balancer_type").and_then(Value::as_str)
}

fn is_application(_before: &Value, planned: &Value) -> bool {
    of_type(planned) == Some("application")
}

fn is_no_application(_before: &Value, planned: &Value) -> bool {
    of_type(planned) != Some("application")
}

fn has_no_access_logs(_before: &Value, planned: &Value) -> bool {
    !writes(planned, "access_logs")
}

fn has_no_connection_logs(_before: &Value, planned: &Value) -> bool {
    !writes(planned, "connection_logs")
}

fn writes(planned: &Value, logs: &str) -> bool {
    let block = planned.get(logs).and_then(|blocks| blocks.elements()?.first());
    // Unknown is not off.
    block
        .and_then(|block| block.get("enabled"))
        .is_some_and(|enabled| enabled.as_bool() != Some(false))
}

fn is_no_network(_before: &Value, planned: &Value) -> bool {
    of_type(planned) != Some("network")
}

/// The load balancer with an ARN.
pub async fn load_balancer(
    cloud: &Cloud,
    arn: &str,
) -> Result<Option<elbv2::LoadBalancer>, Failure> {
    let input = elbv2::DescribeLoadBalancersInput {
        load_balancer_arns: Some(vec![arn.to_owned()]),
        ..Default::default()
    };
    let described = found(cloud.call::<elbv2::DescribeLoadBalancers>(&input).await, &MISSING)?;
    Ok(described.and_then(|output| output.load_balancers?.into_iter().next()))
}

/// What a new load balancer is called.
pub fn name(cloud: &Cloud, planned: &Attributes) -> String {
    let prefix = planned.text("name_prefix").unwrap_or("tf-lb-");
    planned.string("name").unwrap_or_else(|| cloud.unique_name(Some(prefix)))
}

/// What there is beside it.
pub async fn attributes(cloud: &Cloud, arn: &str, of_type: Option<&str>) -> Result<Keyed, Failure> {
    let input = elbv2::DescribeLoadBalancerAttributesInput { load_balancer_arn: arn.to_owned() };
    let has = cloud.call::<elbv2::DescribeLoadBalancerAttributes>(&input).await?.attributes;
    let has = Keyed::new(has.unwrap_or_default().into_iter().map(|has| (has.key, has.value)));
    Ok(has.or(settings::defaults(of_type)))
}

async fn set_attributes(cloud: &Cloud, arn: &str, planned: &Attributes) -> Result<(), Failure> {
    let has = attributes(cloud, arn, planned.text("load_balancer_type")).await?;
    let changes = has.changes(settings::wanted(planned));
    if changes.is_empty() {
        return Ok(());
    }
    let attribute =
        |(key, value)| elbv2::LoadBalancerAttribute { key: Some(key), value: Some(value) };
    let input = elbv2::ModifyLoadBalancerAttributesInput {
        attributes: changes.into_iter().map(attribute).collect(),
        load_balancer_arn: arn.to_owned(),
    };
    cloud.call::<elbv2::ModifyLoadBalancerAttributes>(&input).await?;
    Ok(())
}

async fn state(cloud: &Cloud, arn: &str) -> Result<Option<String>, Failure> {
    Ok(load_balancer(cloud, arn).await?.and_then(|lb| lb.state).and_then(|state| state.code))
}

async fn active(cloud: &Cloud, arn: &str) -> Result<(), Failure> {
    let what = format!("Load balancer {arn}");
    let on_the_way = ["provisioning", waits::GONE];
    waits::state(cloud, &what, &on_the_way, &["active", "active_impaired"], || state(cloud, arn))
        .await
}

/// Of the addresses that are given; what AWS has made of subnets is not.
fn mappings(planned: &Attributes) -> Option<Vec<elbv2::SubnetMapping>> {
    if planned.some_texts("subnets").is_some() {
        return None;
    }
    let mapping = |block: Attributes| elbv2::SubnetMapping {
        allocation_id: block.string("allocation_id"),
        i_pv6_address: block.string("ipv6_address"),
        private_i_pv4_address: block.string("private_ipv4_address"),
        subnet_id: block.string("subnet_id"),
        ..Default::default()
    };
    let mappings: Vec<_> = planned.blocks("subnet_mapping").into_iter().map(mapping).collect();
    Some(mappings).filter(|mappings| !mappings.is_empty())
}

/// What its description says.
pub fn described(lb: elbv2::LoadBalancer) -> Json {
    let arn = lb.load_balancer_arn.unwrap_or_default();
    let suffix = arn.split_once(":loadbalancer/").map(|(_, suffix)| suffix.to_owned());
    let zones = lb.availability_zones.unwrap_or_default();
    let subnets: Vec<Json> = zones.iter().map(|zone| json!(zone.subnet_id)).collect();
    let mappings: Vec<Json> = zones.into_iter().map(mapping).collect();
    let pools = lb.ipam_pools.and_then(|pools| pools.ipv4_ipam_pool_id).into_iter();
    let pools: Vec<Json> = pools.map(|pool| json!({ "ipv4_ipam_pool_id": pool })).collect();
    json!({
        "arn": arn,
        "arn_suffix": suffix,
        "customer_owned_ipv4_pool": lb.customer_owned_ipv4_pool.unwrap_or_default(),
        "dns_name": lb.dns_name,
        "enforce_security_group_inbound_rules_on_private_link_traffic":
            lb.enforce_security_group_inbound_rules_on_private_link_traffic.unwrap_or_default(),
        "internal": lb.scheme.as_deref() == Some("internal"),
        "ip_address_type": lb.ip_address_type,
        "ipam_pools": pools,
        "load_balancer_type": lb.r#type,
        "name": lb.load_balancer_name,
        "security_groups": lb.security_groups.unwrap_or_default(),
        "subnet_mapping": mappings,
        "subnets": subnets,
        "vpc_id": lb.vpc_id,
        "zone_id": lb.canonical_hosted_zone_id,
    })
}

fn mapping(zone: elbv2::AvailabilityZone) -> Json {
    let address = zone.load_balancer_addresses.unwrap_or_default().into_iter().next();
    let address = address.unwrap_or_default();
    json!({
        "allocation_id": address.allocation_id.unwrap_or_default(),
        "ipv6_address": address.i_pv6_address.unwrap_or_default(),
        "outpost_id": zone.outpost_id.unwrap_or_default(),
        "private_ipv4_address": address.private_i_pv4_address.unwrap_or_default(),
        "subnet_id": zone.subnet_id,
    })
}
