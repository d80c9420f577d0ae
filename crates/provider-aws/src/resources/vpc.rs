//! `aws_vpc`. Its DNS settings are attributes that EC2 sets by calls of their own.

use async_trait::async_trait;
use neargate_api_types::ec2;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::resources::filters;
use crate::{tags, waits};

pub struct Vpc;

const SETTINGS: [&str; 3] =
    ["enable_dns_support", "enable_dns_hostnames", "enable_network_address_usage_metrics"];

#[async_trait]
impl Resource for Vpc {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "cidr_block",
                "instance_tenancy",
                "ipv4_ipam_pool_id",
                "ipv4_netmask_length",
            ],
            defaults: &[
                ("enable_dns_support", Fallback::Bool(true)),
                ("instance_tenancy", Fallback::Text("default")),
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        if planned.is("assign_generated_ipv6_cidr_block")
            || planned.text("ipv6_cidr_block").is_some()
        {
            return Err(Failure::told("IPv6 of VPCs is not supported: leave it out"));
        }
        let input = ec2::CreateVpcRequest {
            cidr_block: planned.string("cidr_block"),
            instance_tenancy: planned.string("instance_tenancy"),
            tag_specifications: tags::specifications("vpc", planned),
            ..Default::default()
        };
        let vpc = cloud.call::<ec2::CreateVpc>(&input).await?.vpc.unwrap_or_default();
        Ok(vpc.vpc_id.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        let id = planned.id();
        waits::state(
            cloud,
            &format!("VPC {id}"),
            &["pending", waits::GONE],
            &["available"],
            || async { Ok(vpc(cloud, &id).await?.and_then(|vpc| vpc.state)) },
        )
        .await?;
        for (name, new) in SETTINGS.into_iter().zip([true, false, false]) {
            if planned.bool(name).is_some_and(|wanted| wanted != new) {
                set(cloud, planned, name).await?;
            }
        }
        Ok(())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let id = known.id();
        let Some(vpc) = vpc(cloud, &id).await? else { return Ok(None) };
        for name in SETTINGS {
            let input = ec2::DescribeVpcAttributeRequest {
                attribute: attribute(name).to_owned(),
                vpc_id: id.clone(),
                ..Default::default()
            };
            let is = cloud.call::<ec2::DescribeVpcAttribute>(&input).await?;
            let value = [
                is.enable_dns_support,
                is.enable_dns_hostnames,
                is.enable_network_address_usage_metrics,
            ];
            let value = value.into_iter().flatten().next().and_then(|value| value.value);
            known.set(name, value.unwrap_or_default());
        }
        let main = route_table(cloud, &id).await?;
        known.extend(json!({
            "arn": cloud.arn("ec2", &format!("vpc/{id}")),
            "assign_generated_ipv6_cidr_block": false,
            "cidr_block": vpc.cidr_block,
            "default_network_acl_id": network_acl(cloud, &id).await?,
            "default_route_table_id": main,
            "default_security_group_id": security_group(cloud, &id).await?,
            "dhcp_options_id": vpc.dhcp_options_id,
            "instance_tenancy": vpc.instance_tenancy,
            "ipv6_association_id": "",
            "ipv6_cidr_block": "",
            "ipv6_cidr_block_network_border_group": "",
            "ipv6_ipam_pool_id": "",
            "ipv6_netmask_length": 0,
            "main_route_table_id": main,
            "owner_id": vpc.owner_id,
        }));
        tags::set(&mut known, cloud, tags::of_ec2(vpc.tags));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        for name in SETTINGS {
            if prior.differs(planned, name) {
                set(cloud, planned, name).await?;
            }
        }
        tags::update_ec2(cloud, &planned.id(), prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = ec2::DeleteVpcRequest { vpc_id: prior.id(), ..Default::default() };
        let what = format!("VPC {}", prior.id());
        waits::delete(cloud, &what, &["InvalidVpcID.NotFound"], &["DependencyViolation"], || {
            cloud.call::<ec2::DeleteVpc>(&input)
        })
        .await
    }
}

async fn vpc(cloud: &Cloud, id: &str) -> Result<Option<ec2::Vpc>, Failure> {
    let input =
        ec2::DescribeVpcsRequest { vpc_ids: Some(vec![id.to_owned()]), ..Default::default() };
    let described = cloud.call::<ec2::DescribeVpcs>(&input).await;
    let described = found(described, &["InvalidVpcID.NotFound"])?;
    Ok(described.and_then(|output| output.vpcs?.into_iter().next()))
}

/// EC2's name of an attribute.
fn attribute(name: &str) -> &'static str {
    match name {
        "enable_dns_support" => "enableDnsSupport",
        "enable_dns_hostnames" => "enableDnsHostnames",
        _ => "enableNetworkAddressUsageMetrics",
    }
}

/// Sets one attribute: EC2 takes no two at once.
async fn set(cloud: &Cloud, planned: &Attributes, name: &str) -> Result<(), Failure> {
    let value = Some(ec2::AttributeBooleanValue { value: planned.bool(name) });
    let mut input = ec2::ModifyVpcAttributeRequest { vpc_id: planned.id(), ..Default::default() };
    match name {
        "enable_dns_support" => input.enable_dns_support = value,
        "enable_dns_hostnames" => input.enable_dns_hostnames = value,
        _ => input.enable_network_address_usage_metrics = value,
    }
    cloud.call::<ec2::ModifyVpcAttribute>(&input).await?;
    Ok(())
}

async fn route_table(cloud: &Cloud, id: &str) -> Result<Option<String>, Failure> {
    let filters = filters([("vpc-id", id), ("association.main", "true")]);
    let input = ec2::DescribeRouteTablesRequest { filters, ..Default::default() };
    let tables = cloud.call::<ec2::DescribeRouteTables>(&input).await?.route_tables;
    Ok(tables.unwrap_or_default().into_iter().next().and_then(|table| table.route_table_id))
}

async fn network_acl(cloud: &Cloud, id: &str) -> Result<Option<String>, Failure> {
    let filters = filters([("vpc-id", id), ("default", "true")]);
    let input = ec2::DescribeNetworkAclsRequest { filters, ..Default::default() };
    let acls = cloud.call::<ec2::DescribeNetworkAcls>(&input).await?.network_acls;
    Ok(acls.unwrap_or_default().into_iter().next().and_then(|acl| acl.network_acl_id))
}

async fn security_group(cloud: &Cloud, id: &str) -> Result<Option<String>, Failure> {
    let filters = filters([("vpc-id", id), ("group-name", "default")]);
    let input = ec2::DescribeSecurityGroupsRequest { filters, ..Default::default() };
    let groups = cloud.call::<ec2::DescribeSecurityGroups>(&input).await?.security_groups;
    Ok(groups.unwrap_or_default().into_iter().next().and_then(|group| group.group_id))
}
