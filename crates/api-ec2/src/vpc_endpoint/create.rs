//! CreateVpcEndpoint: a gateway endpoint in route tables, or an interface
//! endpoint with an address in each of its subnets.

use std::net::Ipv4Addr;

use neargate_api::model::ec2::{EndpointKind, EndpointService, EndpointState, Vpc, VpcEndpoint};
use neargate_api::types::ec2::{
    CreateVpcEndpointRequest, CreateVpcEndpointResult, DnsOptionsSpecification, SubnetConfiguration,
};
use neargate_api::{AwsError, Ctx, Tx};

use super::{check_private_dns, check_tables, enter_subnets};
use crate::error::{self, dry_run};
use crate::resource::{Resource, all};
use crate::{security_group, tag};

pub async fn call(
    ctx: Ctx,
    input: CreateVpcEndpointRequest,
) -> Result<CreateVpcEndpointResult, AwsError> {
    dry_run(input.dry_run)?;
    refuse_unsupported(&input)?;
    let tags = tag::for_creation(input.tag_specifications.clone(), VpcEndpoint::TYPE)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let client_token = input.client_token.clone();
        let before = all::<VpcEndpoint>(tx, &at.region).find(|endpoint| {
            endpoint.client_token.is_some() && endpoint.client_token == client_token
        });
        if let Some(before) = before {
            let vpc_endpoint = Some(super::shape(&at, tx, &before));
            return Ok(CreateVpcEndpointResult { client_token, vpc_endpoint });
        }
        let endpoint = make(tx, &at, input)?;
        tag::store(tx, &at.region, &endpoint.endpoint_id, VpcEndpoint::TYPE, tags);
        let mut shape = super::shape(&at, tx, &endpoint);
        if endpoint.kind == EndpointKind::Interface {
            shape.state = Some("pending".into());
        }
        Ok(CreateVpcEndpointResult { client_token, vpc_endpoint: Some(shape) })
    })
    .await
}

fn refuse_unsupported(input: &CreateVpcEndpointRequest) -> Result<(), AwsError> {
    if !matches!(input.vpc_endpoint_type.as_deref(), None | Some("Gateway" | "Interface")) {
        return Err(error::unsupported("VpcEndpointType", "Gateway and Interface can be made."));
    }
    if input.resource_configuration_arn.is_some() || input.service_network_arn.is_some() {
        return Err(error::unsupported("ServiceNetworkArn", "endpoints are of AWS's services."));
    }
    check_ip_type(input.ip_address_type.as_deref(), input.dns_options.as_ref())
}

/// Endpoints have IPv4 addresses, and names to match.
pub fn check_ip_type(
    address: Option<&str>,
    dns: Option<&DnsOptionsSpecification>,
) -> Result<(), AwsError> {
    if !matches!(address, None | Some("ipv4")) {
        return Err(error::unsupported("IpAddressType", "endpoints have IPv4 addresses only."));
    }
    let Some(dns) = dns else { return Ok(()) };
    if !matches!(dns.dns_record_ip_type.as_deref(), None | Some("ipv4" | "service-defined")) {
        return Err(error::unsupported("DnsRecordIpType", "endpoints have IPv4 addresses only."));
    }
    if dns.private_dns_only_for_inbound_resolver_endpoint == Some(true) {
        return Err(error::unsupported(
            "PrivateDnsOnlyForInboundResolverEndpoint",
            "there are no resolver endpoints.",
        ));
    }
    Ok(())
}

fn make(tx: &mut Tx, ctx: &Ctx, input: CreateVpcEndpointRequest) -> Result<VpcEndpoint, AwsError> {
    let vpc = tx
        .get::<Vpc>(&neargate_api::model::ec2::key(&ctx.region, &input.vpc_id))
        .ok_or_else(|| {
            let message = format!("The Vpc Id {} does not exist", input.vpc_id);
            error::of("InvalidVpcId.NotFound", message)
        })?;
    let kind = match input.vpc_endpoint_type.as_deref() {
        Some("Interface") => EndpointKind::Interface,
        _ => EndpointKind::Gateway,
    };
    let service_name = input.service_name.ok_or_else(|| error::missing("ServiceName"))?;
    let offered = EndpointService::find(&ctx.region, &service_name).filter(|service| {
        if kind == EndpointKind::Gateway { service.gateway } else { service.interface }
    });
    if offered.is_none() {
        let message = format!("The Vpc Endpoint Service '{service_name}' does not exist");
        return Err(error::of("InvalidServiceName", message));
    }
    let groups = input.security_group_ids.unwrap_or_default();
    let tables = input.route_table_ids.unwrap_or_default();
    let subnets = subnets(input.subnet_ids, input.subnet_configurations)?;
    let mut endpoint = VpcEndpoint {
        region: ctx.region.clone(),
        endpoint_id: format!("vpce-{}", ctx.rng().hex(17)),
        kind,
        vpc_id: vpc.vpc_id.clone(),
        service_name,
        state: EndpointState::Available,
        policy: input.policy_document.filter(|text| !text.is_empty()),
        route_table_ids: Vec::new(),
        subnet_ids: Vec::new(),
        security_group_ids: Vec::new(),
        interface_ids: Vec::new(),
        // AWS's own default for interface endpoints of its services.
        private_dns_enabled: kind == EndpointKind::Interface
            && input.private_dns_enabled.unwrap_or(true),
        dns_suffix: ctx.rng().letters(8).to_lowercase(),
        created_at: ctx.now,
        client_token: input.client_token,
    };
    match kind {
        EndpointKind::Gateway => {
            if !subnets.is_empty() || !groups.is_empty() {
                let message =
                    "Subnets and security groups are not supported for Gateway endpoints.";
                return Err(error::of("InvalidParameter", message));
            }
            check_tables(tx, &endpoint, &tables)?;
            endpoint.route_table_ids = tables;
        }
        EndpointKind::Interface => {
            if !tables.is_empty() {
                let message = "Route table IDs are only supported for Gateway type VPC Endpoint.";
                return Err(error::of("InvalidParameter", message));
            }
            endpoint.security_group_ids =
                security_group::of_vpc(tx, &ctx.region, &vpc.vpc_id, &groups)?;
            check_private_dns(tx, &endpoint)?;
            enter_subnets(tx, ctx, &mut endpoint, &subnets)?;
        }
    }
    tx.put(endpoint.clone());
    Ok(endpoint)
}

/// The subnets of a request, with the addresses asked for in them.
pub fn subnets(
    ids: Option<Vec<String>>,
    configurations: Option<Vec<SubnetConfiguration>>,
) -> Result<Vec<(String, Option<Ipv4Addr>)>, AwsError> {
    let mut addresses = Vec::new();
    for configuration in configurations.unwrap_or_default() {
        if configuration.ipv6.is_some() {
            return Err(error::unsupported("Ipv6", "endpoints have IPv4 addresses only."));
        }
        let (Some(id), Some(text)) = (configuration.subnet_id, configuration.ipv4) else {
            continue;
        };
        let ip: Ipv4Addr = text
            .parse()
            .map_err(|_| error::invalid_value(&text, "Ipv4", "It is not an IPv4 address."))?;
        addresses.push((id, ip));
    }
    let address = |id: &str| addresses.iter().find(|(of, _)| of == id).map(|(_, ip)| *ip);
    let ids = ids.unwrap_or_default();
    Ok(ids.into_iter().map(|id| (id.clone(), address(&id))).collect())
}
