//! `aws_nat_gateway`.

use async_trait::async_trait;
use neargate_api_types::ec2;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::{tags, waits};

pub struct NatGateway;

const MISSING: [&str; 2] = ["NatGatewayNotFound", "InvalidNatGatewayID.NotFound"];

#[async_trait]
impl Resource for NatGateway {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["allocation_id", "connectivity_type", "private_ip", "subnet_id"],
            defaults: &[("connectivity_type", Fallback::Text("public"))],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let input = ec2::CreateNatGatewayRequest {
            allocation_id: planned.string("allocation_id"),
            client_token: Some(cloud.client.once()),
            connectivity_type: planned.string("connectivity_type"),
            private_ip_address: planned.string("private_ip"),
            secondary_allocation_ids: planned.some_texts("secondary_allocation_ids"),
            subnet_id: planned.string("subnet_id"),
            tag_specifications: tags::specifications("natgateway", planned),
            ..Default::default()
        };
        let gateway = cloud.call::<ec2::CreateNatGateway>(&input).await?.nat_gateway;
        Ok(gateway.unwrap_or_default().nat_gateway_id.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        let id = planned.id();
        let look = || async {
            let gateway = gateway(cloud, &id).await?;
            match gateway {
                Some(ec2::NatGateway {
                    state: Some(state), failure_message: Some(why), ..
                }) if state == "failed" => Err(Failure::told(why)),
                gateway => Ok(gateway.and_then(|gateway| gateway.state)),
            }
        };
        let what = format!("NAT gateway {id}");
        waits::state(cloud, &what, &["pending", waits::GONE], &["available"], look).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let Some(gateway) = gateway(cloud, &known.id()).await? else { return Ok(None) };
        if gateway.state.as_deref().is_some_and(|state| state.starts_with("delet")) {
            return Ok(None);
        }
        let addresses = gateway.nat_gateway_addresses.unwrap_or_default();
        let (first, others): (Vec<_>, Vec<_>) =
            addresses.into_iter().partition(|address| address.is_primary != Some(false));
        let first = first.into_iter().next().unwrap_or_default();
        let allocations: Vec<_> = others.iter().filter_map(|a| a.allocation_id.clone()).collect();
        let privates: Vec<_> = others.iter().filter_map(|a| a.private_ip.clone()).collect();
        known.extend(json!({
            "allocation_id": first.allocation_id.unwrap_or_default(),
            "association_id": first.association_id.unwrap_or_default(),
            "connectivity_type": gateway.connectivity_type,
            "network_interface_id": first.network_interface_id.unwrap_or_default(),
            "private_ip": first.private_ip.unwrap_or_default(),
            "public_ip": first.public_ip.unwrap_or_default(),
            "secondary_private_ip_address_count": privates.len(),
            "secondary_private_ip_addresses": privates,
            "subnet_id": gateway.subnet_id,
        }));
        if !allocations.is_empty() || known.get("secondary_allocation_ids").is_array() {
            known.set("secondary_allocation_ids", allocations);
        }
        tags::set(&mut known, cloud, tags::of_ec2(gateway.tags));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let secondary = ["secondary_allocation_ids", "secondary_private_ip_addresses"];
        if prior.any_differs(planned, &secondary) {
            return Err(Failure::told(
                "Secondary addresses of a NAT gateway cannot be changed: replace it",
            ));
        }
        tags::update_ec2(cloud, &planned.id(), prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let id = prior.id();
        let input =
            ec2::DeleteNatGatewayRequest { nat_gateway_id: id.clone(), ..Default::default() };
        if found(cloud.call::<ec2::DeleteNatGateway>(&input).await, &MISSING)?.is_none() {
            return Ok(());
        }
        let what = format!("NAT gateway {id}");
        let gone = [waits::GONE, "deleted"];
        waits::state(cloud, &what, &["deleting", "available", "failed"], &gone, || async {
            Ok(gateway(cloud, &id).await?.and_then(|gateway| gateway.state))
        })
        .await
    }
}

async fn gateway(cloud: &Cloud, id: &str) -> Result<Option<ec2::NatGateway>, Failure> {
    let ids = Some(vec![id.to_owned()]);
    let input = ec2::DescribeNatGatewaysRequest { nat_gateway_ids: ids, ..Default::default() };
    let described = found(cloud.call::<ec2::DescribeNatGateways>(&input).await, &MISSING)?;
    Ok(described.and_then(|output| output.nat_gateways?.into_iter().next()))
}
