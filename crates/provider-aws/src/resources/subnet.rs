//! `aws_subnet`. All but its place and its addresses is set by calls of their own.

use async_trait::async_trait;
use neargate_api_types::ec2;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::{tags, waits};

pub struct Subnet;

/// What EC2 sets one at a time.
const SETTINGS: [&str; 5] = [
    "map_public_ip_on_launch",
    "enable_dns64",
    "enable_resource_name_dns_a_record_on_launch",
    "enable_resource_name_dns_aaaa_record_on_launch",
    "private_dns_hostname_type_on_launch",
];

#[async_trait]
impl Resource for Subnet {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "availability_zone",
                "availability_zone_id",
                "cidr_block",
                "ipv6_native",
                "outpost_arn",
                "vpc_id",
            ],
            defaults: &[
                ("assign_ipv6_address_on_creation", Fallback::Bool(false)),
                ("enable_dns64", Fallback::Bool(false)),
                ("enable_resource_name_dns_a_record_on_launch", Fallback::Bool(false)),
                ("enable_resource_name_dns_aaaa_record_on_launch", Fallback::Bool(false)),
                ("ipv6_native", Fallback::Bool(false)),
                ("map_public_ip_on_launch", Fallback::Bool(false)),
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let input = ec2::CreateSubnetRequest {
            availability_zone: planned.string("availability_zone"),
            availability_zone_id: planned.string("availability_zone_id"),
            cidr_block: planned.string("cidr_block"),
            ipv6_cidr_block: planned.string("ipv6_cidr_block"),
            ipv6_native: planned.bool("ipv6_native").filter(|is| *is),
            outpost_arn: planned.string("outpost_arn"),
            tag_specifications: tags::specifications("subnet", planned),
            vpc_id: planned.required("vpc_id"),
            ..Default::default()
        };
        let subnet = cloud.call::<ec2::CreateSubnet>(&input).await?.subnet.unwrap_or_default();
        Ok(subnet.subnet_id.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        let id = planned.id();
        let what = format!("Subnet {id}");
        waits::state(cloud, &what, &["pending", waits::GONE], &["available"], || async {
            Ok(subnet(cloud, &id).await?.and_then(|subnet| subnet.state))
        })
        .await?;
        for name in SETTINGS {
            let wanted = planned.is(name) || planned.text(name).is_some_and(|t| t != "ip-name");
            if wanted {
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
        let Some(subnet) = subnet(cloud, &known.id()).await? else { return Ok(None) };
        let names = subnet.private_dns_name_options_on_launch.unwrap_or_default();
        let ipv6 = subnet.ipv6_cidr_block_association_set.unwrap_or_default().into_iter().next();
        let ipv6 = ipv6.unwrap_or_default();
        known.extend(json!({
            "arn": subnet.subnet_arn,
            "assign_ipv6_address_on_creation": subnet.assign_ipv6_address_on_creation.unwrap_or(false),
            "availability_zone": subnet.availability_zone,
            "availability_zone_id": subnet.availability_zone_id,
            "cidr_block": subnet.cidr_block.unwrap_or_default(),
            "customer_owned_ipv4_pool": subnet.customer_owned_ipv4_pool.unwrap_or_default(),
            "enable_dns64": subnet.enable_dns64.unwrap_or(false),
            "enable_lni_at_device_index": subnet.enable_lni_at_device_index.unwrap_or(0),
            "enable_resource_name_dns_a_record_on_launch":
                names.enable_resource_name_dns_a_record.unwrap_or(false),
            "enable_resource_name_dns_aaaa_record_on_launch":
                names.enable_resource_name_dns_aaaa_record.unwrap_or(false),
            "ipv6_cidr_block": ipv6.ipv6_cidr_block.unwrap_or_default(),
            "ipv6_cidr_block_association_id": ipv6.association_id.unwrap_or_default(),
            "ipv6_native": subnet.ipv6_native.unwrap_or(false),
            "map_customer_owned_ip_on_launch": subnet.map_customer_owned_ip_on_launch.unwrap_or(false),
            "map_public_ip_on_launch": subnet.map_public_ip_on_launch.unwrap_or(false),
            "outpost_arn": subnet.outpost_arn.unwrap_or_default(),
            "owner_id": subnet.owner_id,
            "private_dns_hostname_type_on_launch": names.hostname_type.unwrap_or_default(),
            "vpc_id": subnet.vpc_id,
        }));
        tags::set(&mut known, cloud, tags::of_ec2(subnet.tags));
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
        let input = ec2::DeleteSubnetRequest { subnet_id: prior.id(), ..Default::default() };
        let what = format!("Subnet {}", prior.id());
        waits::delete(cloud, &what, &["InvalidSubnetID.NotFound"], &["DependencyViolation"], || {
            cloud.call::<ec2::DeleteSubnet>(&input)
        })
        .await
    }
}

async fn subnet(cloud: &Cloud, id: &str) -> Result<Option<ec2::Subnet>, Failure> {
    let input =
        ec2::DescribeSubnetsRequest { subnet_ids: Some(vec![id.to_owned()]), ..Default::default() };
    let described = cloud.call::<ec2::DescribeSubnets>(&input).await;
    let described = found(described, &["InvalidSubnetID.NotFound"])?;
    Ok(described.and_then(|output| output.subnets?.into_iter().next()))
}

async fn set(cloud: &Cloud, planned: &Attributes, name: &str) -> Result<(), Failure> {
    let value = Some(ec2::AttributeBooleanValue { value: planned.bool(name) });
    let mut input =
        ec2::ModifySubnetAttributeRequest { subnet_id: planned.id(), ..Default::default() };
    match name {
        "map_public_ip_on_launch" => input.map_public_ip_on_launch = value,
        "enable_dns64" => input.enable_dns64 = value,
        "enable_resource_name_dns_a_record_on_launch" => {
            input.enable_resource_name_dns_a_record_on_launch = value;
        }
        "enable_resource_name_dns_aaaa_record_on_launch" => {
            input.enable_resource_name_dns_aaaa_record_on_launch = value;
        }
        _ => input.private_dns_hostname_type_on_launch = planned.string(name),
    }
    cloud.call::<ec2::ModifySubnetAttribute>(&input).await?;
    Ok(())
}
