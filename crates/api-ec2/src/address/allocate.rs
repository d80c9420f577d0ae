//! AllocateAddress: a public address to keep.

use std::net::Ipv4Addr;

use neargate_api::model::ec2::{Address, NetworkInterface, PUBLIC_POOL, free_public_ip};
use neargate_api::types::ec2::{AllocateAddressRequest, AllocateAddressResult};
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::error::{self, dry_run};
use crate::resource::Resource;
use crate::tag;

pub async fn call(
    ctx: Ctx,
    input: AllocateAddressRequest,
) -> Result<AllocateAddressResult, AwsError> {
    dry_run(input.dry_run)?;
    if input.customer_owned_ipv4_pool.is_some() || input.ipam_pool_id.is_some() {
        return Err(error::unsupported("IpamPoolId", "addresses come from Neargate's own pool."));
    }
    if let Some(pool) = input.public_ipv4_pool.filter(|pool| pool != "amazon") {
        let message = format!("The pool ID '{pool}' does not exist.");
        return Err(error::of("InvalidPublicIpv4PoolID.NotFound", message));
    }
    if let Some(group) = input.network_border_group.filter(|group| *group != ctx.region) {
        return Err(error::invalid_value(
            &group,
            "networkBorderGroup",
            "It is not of this region.",
        ));
    }
    let tags = tag::for_creation(input.tag_specifications, Address::TYPE)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let public_ip = match input.address {
            Some(text) => asked_for(tx, &text)?,
            None => free_public_ip(tx, at.rng()).ok_or_else(|| {
                error::of(
                    "AddressLimitExceeded",
                    "The maximum number of addresses has been reached.",
                )
            })?,
        };
        let address = Address {
            region: at.region.clone(),
            allocation_id: format!("eipalloc-{}", at.rng().hex(17)),
            public_ip,
            association: None,
        };
        tx.put(address.clone());
        tag::store(tx, &at.region, &address.allocation_id, Address::TYPE, tags);
        Ok(AllocateAddressResult {
            allocation_id: Some(address.allocation_id),
            domain: Some("vpc".into()),
            network_border_group: Some(at.region.clone()),
            public_ip: Some(public_ip.to_string()),
            public_ipv4_pool: Some("amazon".into()),
            ..AllocateAddressResult::default()
        })
    })
    .await
}

/// This very address: a way to have one back that was released.
fn asked_for(snapshot: &Snapshot, text: &str) -> Result<Ipv4Addr, AwsError> {
    let of_pool = |ip: &Ipv4Addr| {
        PUBLIC_POOL.iter().any(|(network, length)| {
            neargate_api::model::ec2::Cidr::around(*network, *length).contains(*ip)
        })
    };
    let ip = text.parse().ok().filter(of_pool).ok_or_else(|| super::not_found(text))?;
    let taken = snapshot.all::<Address>().any(|address| address.public_ip == ip)
        || snapshot
            .all::<NetworkInterface>()
            .any(|interface| interface.public.as_ref().is_some_and(|public| public.ip == ip));
    match taken {
        true => Err(super::not_found(text)),
        false => Ok(ip),
    }
}
