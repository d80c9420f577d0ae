//! `aws_eip`: an address of the internet. What it is associated with is another
//! resource's: an instance cannot be given here.

use async_trait::async_trait;
use neargate_api_types::ec2;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};
use crate::{tags, waits};

pub struct Eip;

const MISSING: [&str; 2] = ["InvalidAllocationID.NotFound", "InvalidAddress.NotFound"];

#[async_trait]
impl Resource for Eip {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "address",
                "domain",
                "ipam_pool_id",
                "network_border_group",
                "public_ipv4_pool",
                "vpc",
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        unassociated(planned)?;
        let input = ec2::AllocateAddressRequest {
            address: planned.string("address"),
            customer_owned_ipv4_pool: planned.string("customer_owned_ipv4_pool"),
            domain: Some("vpc".to_owned()),
            ipam_pool_id: planned.string("ipam_pool_id"),
            network_border_group: planned.string("network_border_group"),
            public_ipv4_pool: planned.string("public_ipv4_pool"),
            tag_specifications: tags::specifications("elastic-ip", planned),
            ..Default::default()
        };
        Ok(cloud.call::<ec2::AllocateAddress>(&input).await?.allocation_id.unwrap_or_default())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let id = known.id();
        let ids = Some(vec![id.clone()]);
        let input = ec2::DescribeAddressesRequest { allocation_ids: ids, ..Default::default() };
        let described = found(cloud.call::<ec2::DescribeAddresses>(&input).await, &MISSING)?;
        let address = described.and_then(|output| output.addresses?.into_iter().next());
        let Some(address) = address else { return Ok(None) };
        let region = cloud.region();
        let (public, private) = match region {
            "us-east-1" => ("compute-1".to_owned(), "ec2".to_owned()),
            region => (format!("{region}.compute"), format!("{region}.compute")),
        };
        let dashed = |ip: &str| ip.replace('.', "-");
        let public_dns = address
            .public_ip
            .as_deref()
            .map(|ip| format!("ec2-{}.{public}.amazonaws.com", dashed(ip)));
        let private_dns = address
            .private_ip_address
            .as_deref()
            .map(|ip| format!("ip-{}.{private}.internal", dashed(ip)));
        if let Some(name) = public_dns {
            known.set("public_dns", name);
        }
        if let Some(name) = private_dns {
            known.set("private_dns", name);
        }
        known.extend(json!({
            "allocation_id": id,
            "arn": cloud.arn("ec2", &format!("elastic-ip/{id}")),
            "association_id": address.association_id.unwrap_or_default(),
            "carrier_ip": address.carrier_ip.unwrap_or_default(),
            "customer_owned_ip": address.customer_owned_ip.unwrap_or_default(),
            "customer_owned_ipv4_pool": address.customer_owned_ipv4_pool.unwrap_or_default(),
            "domain": address.domain,
            "instance": address.instance_id.unwrap_or_default(),
            "network_border_group": address.network_border_group.unwrap_or_default(),
            "network_interface": address.network_interface_id.unwrap_or_default(),
            "private_ip": address.private_ip_address.unwrap_or_default(),
            "ptr_record": ptr_record(cloud, &id).await?,
            "public_ip": address.public_ip,
            "public_ipv4_pool": address.public_ipv4_pool.unwrap_or_default(),
            "vpc": true,
        }));
        tags::set(&mut known, cloud, tags::of_ec2(address.tags));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        if prior.any_differs(planned, &["instance", "network_interface"]) {
            unassociated(planned)?;
        }
        tags::update_ec2(cloud, &planned.id(), prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let id = Some(prior.id());
        let input = ec2::ReleaseAddressRequest { allocation_id: id, ..Default::default() };
        let what = format!("Address {}", prior.id());
        // A NAT gateway that is on its way out has it still.
        let busy = ["AuthFailure", "InvalidIPAddress.InUse", "DependencyViolation"];
        waits::delete(cloud, &what, &MISSING, &busy, || cloud.call::<ec2::ReleaseAddress>(&input))
            .await
    }
}

fn unassociated(planned: &Attributes) -> Result<(), Failure> {
    match ["instance", "network_interface"].into_iter().find(|name| planned.text(name).is_some()) {
        Some(name) => Err(Failure::told(format!("aws_eip does not support {name}: leave it out"))),
        None => Ok(()),
    }
}

async fn ptr_record(cloud: &Cloud, id: &str) -> Result<Json, Failure> {
    let input = ec2::DescribeAddressesAttributeRequest {
        allocation_ids: Some(vec![id.to_owned()]),
        attribute: Some("domain-name".to_owned()),
        ..Default::default()
    };
    let output = cloud.call::<ec2::DescribeAddressesAttribute>(&input).await?;
    let first = output.addresses.unwrap_or_default().into_iter().next();
    Ok(first.and_then(|address| address.ptr_record).unwrap_or_default().into())
}
