//! CreateNetworkInterface: an interface of the account's own, attached to nothing.

use neargate_api::model::ec2::{InterfaceSpec, NetworkInterface, allocate_interface, key};
use neargate_api::types::ec2::{CreateNetworkInterfaceRequest, CreateNetworkInterfaceResult};
use neargate_api::{AwsError, Ctx};

use crate::error::{self, dry_run};
use crate::resource::{Resource, all};
use crate::tag;

pub async fn call(
    ctx: Ctx,
    input: CreateNetworkInterfaceRequest,
) -> Result<CreateNetworkInterfaceResult, AwsError> {
    dry_run(input.dry_run)?;
    refuse_unsupported(&input)?;
    let tags = tag::for_creation(input.tag_specifications, NetworkInterface::TYPE)?;
    let listed = input.private_ip_addresses.unwrap_or_default();
    let asked = input
        .private_ip_address
        .or_else(|| listed.into_iter().next().and_then(|address| address.private_ip_address));
    let private_ip = match asked {
        Some(text) => Some(text.parse().map_err(|_| {
            error::invalid_value(&text, "privateIpAddress", "It is not an IPv4 address.")
        })?),
        None => None,
    };
    let spec = InterfaceSpec {
        region: ctx.region.clone(),
        subnet_id: input.subnet_id,
        security_group_ids: input.groups.unwrap_or_default(),
        description: input.description.unwrap_or_default(),
        private_ip,
        ..InterfaceSpec::default()
    };
    let client_token = input.client_token;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let before = all::<NetworkInterface>(tx, &at.region)
            .find(|i| i.client_token.is_some() && i.client_token == client_token);
        if let Some(before) = before {
            let network_interface = Some(super::shape(&at, tx, &before));
            return Ok(CreateNetworkInterfaceResult { client_token, network_interface });
        }
        let made = allocate_interface(tx, spec, at.rng(), at.now)
            .map_err(|failed| error::allocation(&failed))?;
        let id = &made.interface_id;
        tx.update::<NetworkInterface>(&key(&at.region, id), |interface| {
            interface.client_token = client_token.clone();
        });
        tag::store(tx, &at.region, id, NetworkInterface::TYPE, tags);
        let network_interface = Some(super::shape(&at, tx, &made));
        Ok(CreateNetworkInterfaceResult { client_token, network_interface })
    })
    .await
}

fn refuse_unsupported(input: &CreateNetworkInterfaceRequest) -> Result<(), AwsError> {
    let many = |count: Option<i32>| count.is_some_and(|count| count > 0);
    if many(input.ipv6_address_count)
        || many(input.ipv6_prefix_count)
        || input.ipv6_addresses.as_ref().is_some_and(|list| !list.is_empty())
        || input.enable_primary_ipv6 == Some(true)
    {
        return Err(error::unsupported("Ipv6Addresses", "interfaces have IPv4 addresses only."));
    }
    if many(input.secondary_private_ip_address_count)
        || many(input.ipv4_prefix_count)
        || input.private_ip_addresses.as_ref().is_some_and(|list| list.len() > 1)
        || input.ipv4_prefixes.as_ref().is_some_and(|list| !list.is_empty())
    {
        return Err(error::unsupported("PrivateIpAddresses", "an interface has one address."));
    }
    if input.interface_type.as_deref().is_some_and(|kind| kind != "interface") {
        return Err(error::unsupported("InterfaceType", "only plain interfaces can be made."));
    }
    if input.connection_tracking_specification.is_some() || input.operator.is_some() {
        return Err(error::unsupported("ConnectionTrackingSpecification", "leave it out."));
    }
    Ok(())
}
