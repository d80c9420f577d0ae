//! CreateNatGateway. One that cannot work (its address is taken, its VPC has no
//! internet gateway) is created all the same, as on AWS, and is `failed`.

use neargate_api::model::ec2::{
    Address, InterfaceSpec, InterfaceType, InternetGateway, NatAddress, NatGateway, NatState,
    Subnet, allocate_interface, key,
};
use neargate_api::types::ec2::{CreateNatGatewayRequest, CreateNatGatewayResult};
use neargate_api::{AwsError, Ctx, Tx};

use crate::error::{self, dry_run};
use crate::resource::{Resource, all, find};
use crate::{address, tag};

pub async fn call(
    ctx: Ctx,
    input: CreateNatGatewayRequest,
) -> Result<CreateNatGatewayResult, AwsError> {
    dry_run(input.dry_run)?;
    refuse_unsupported(&input)?;
    let public = input.connectivity_type.as_deref() != Some("private");
    match (public, &input.allocation_id) {
        (true, None) => return Err(error::missing("AllocationId")),
        (false, Some(_)) => {
            return Err(error::combination(
                "The request must not include the AllocationId parameter for a private NAT gateway.",
            ));
        }
        _ => {}
    }
    let tags = tag::for_creation(input.tag_specifications.clone(), NatGateway::TYPE)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let client_token = input.client_token.clone();
        let before = all::<NatGateway>(tx, &at.region)
            .find(|nat| nat.client_token.is_some() && nat.client_token == client_token);
        let nat_gateway = match before {
            Some(before) => super::shape(tx, &before),
            None => {
                let nat = make(tx, &at, &input, public)?;
                tag::store(tx, &at.region, &nat.nat_gateway_id, NatGateway::TYPE, tags);
                let mut shape = super::shape(tx, &nat);
                shape.state = Some("pending".into());
                shape
            }
        };
        Ok(CreateNatGatewayResult { client_token, nat_gateway: Some(nat_gateway) })
    })
    .await
}

fn refuse_unsupported(input: &CreateNatGatewayRequest) -> Result<(), AwsError> {
    if input.availability_mode.as_deref().is_some_and(|mode| mode != "zonal") {
        return Err(error::unsupported("AvailabilityMode", "NAT gateways are zonal."));
    }
    let secondary = input.secondary_allocation_ids.as_ref().is_some_and(|ids| !ids.is_empty())
        || input.secondary_private_ip_addresses.as_ref().is_some_and(|ips| !ips.is_empty())
        || input.secondary_private_ip_address_count.is_some_and(|count| count > 0);
    if secondary {
        return Err(error::unsupported("SecondaryAllocationId", "a NAT gateway has one address."));
    }
    Ok(())
}

fn make(
    tx: &mut Tx,
    ctx: &Ctx,
    input: &CreateNatGatewayRequest,
    public: bool,
) -> Result<NatGateway, AwsError> {
    let subnet_id = input.subnet_id.clone().ok_or_else(|| error::missing("SubnetId"))?;
    let subnet = find::<Subnet>(tx, &ctx.region, &subnet_id)?;
    let eip = match &input.allocation_id {
        Some(id) => Some(find::<Address>(tx, &ctx.region, id)?),
        None => None,
    };
    let failure = failure(tx, &subnet, eip.as_deref(), public);
    let nat_gateway_id = format!("nat-{}", ctx.rng().hex(17));
    let private_ip = match &input.private_ip_address {
        Some(text) => Some(text.parse().map_err(|_| {
            error::invalid_value(text, "privateIpAddress", "It is not an IPv4 address.")
        })?),
        None => None,
    };
    let mut addresses = Vec::new();
    if failure.is_none() {
        let spec = InterfaceSpec {
            region: ctx.region.clone(),
            subnet_id: subnet_id.clone(),
            description: format!("Interface for NAT Gateway {nat_gateway_id}"),
            interface_type: InterfaceType::NatGateway,
            requester_id: Some("amazon-aws".into()),
            private_ip,
            ..InterfaceSpec::default()
        };
        let interface = allocate_interface(tx, spec, ctx.rng(), ctx.now)
            .map_err(|failed| error::allocation(&failed))?;
        let association = eip.as_ref().map(|eip| address::put_before(tx, ctx, eip, &interface));
        addresses.push(NatAddress {
            interface_id: interface.interface_id.clone(),
            private_ip: interface.private_ip,
            public_ip: eip.as_ref().map(|eip| eip.public_ip),
            allocation_id: eip.as_ref().map(|eip| eip.allocation_id.clone()),
            association_id: association.map(|association| association.association_id),
        });
    }
    let nat = NatGateway {
        region: ctx.region.clone(),
        nat_gateway_id,
        vpc_id: subnet.vpc_id.clone(),
        subnet_id,
        state: if failure.is_some() { NatState::Failed } else { NatState::Available },
        public,
        addresses,
        created_at: ctx.now,
        deleted_at: failure.as_ref().map(|_| ctx.now),
        failure,
        client_token: input.client_token.clone(),
    };
    forget_stale(tx, ctx);
    tx.put(nat.clone());
    Ok(nat)
}

/// Why a gateway cannot work. Source: "NAT gateway creation fails" in the VPC guide.
fn failure(
    tx: &Tx,
    subnet: &Subnet,
    eip: Option<&Address>,
    public: bool,
) -> Option<(String, String)> {
    if let Some(eip) = eip.filter(|eip| eip.association.is_some()) {
        let message = format!("Elastic IP address [{}] is already associated", eip.allocation_id);
        return Some(("Resource.AlreadyAssociated".into(), message));
    }
    let attached = all::<InternetGateway>(tx, &subnet.region)
        .any(|gateway| gateway.vpc_id.as_deref() == Some(&subnet.vpc_id));
    if public && !attached {
        let message = format!("Network {} has no Internet gateway attached", subnet.vpc_id);
        return Some(("Gateway.NotAttached".into(), message));
    }
    None
}

/// Forgets gateways that were deleted long ago.
fn forget_stale(tx: &mut Tx, ctx: &Ctx) {
    let stale: Vec<_> = all::<NatGateway>(tx, &ctx.region)
        .filter(|nat| nat.is_stale(ctx.now))
        .map(|nat| nat.nat_gateway_id.clone())
        .collect();
    for id in stale {
        tx.delete::<NatGateway>(&key(&ctx.region, &id));
        tag::forget(tx, &ctx.region, &id);
    }
}
