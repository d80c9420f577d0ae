//! ModifyVpcEndpoint: other route tables, subnets, groups, policy or names for
//! an endpoint.

use neargate_api::model::ec2::{
    EndpointKind, NetworkInterface, VpcEndpoint, key, release_interface,
};
use neargate_api::types::ec2::{ModifyVpcEndpointRequest, ModifyVpcEndpointResult};
use neargate_api::{AwsError, Ctx, Tx};

use super::create::{check_ip_type, subnets};
use super::{check_private_dns, check_tables, enter_subnets};
use crate::error::{self, dry_run};
use crate::resource::find;
use crate::security_group;

pub async fn call(
    ctx: Ctx,
    input: ModifyVpcEndpointRequest,
) -> Result<ModifyVpcEndpointResult, AwsError> {
    dry_run(input.dry_run)?;
    check_ip_type(input.ip_address_type.as_deref(), input.dns_options.as_ref())?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let endpoint = find::<VpcEndpoint>(tx, &at.region, &input.vpc_endpoint_id)?;
        let endpoint = VpcEndpoint::clone(&endpoint);
        let changed = match endpoint.kind {
            EndpointKind::Gateway => gateway(tx, endpoint, input)?,
            EndpointKind::Interface => interface(tx, &at, endpoint, input)?,
        };
        tx.put(changed);
        Ok(ModifyVpcEndpointResult { r#return: Some(true) })
    })
    .await
}

fn set_policy(endpoint: &mut VpcEndpoint, document: Option<String>, reset: Option<bool>) {
    if reset == Some(true) {
        endpoint.policy = None;
    } else if let Some(document) = document.filter(|text| !text.is_empty()) {
        endpoint.policy = Some(document);
    }
}

fn gateway(
    tx: &Tx,
    mut endpoint: VpcEndpoint,
    input: ModifyVpcEndpointRequest,
) -> Result<VpcEndpoint, AwsError> {
    let removed = input.remove_route_table_ids.unwrap_or_default();
    let mut added = input.add_route_table_ids.unwrap_or_default();
    added.retain(|id| !endpoint.route_table_ids.contains(id));
    check_tables(tx, &endpoint, &added)?;
    endpoint.route_table_ids.retain(|id| !removed.contains(id));
    endpoint.route_table_ids.extend(added);
    set_policy(&mut endpoint, input.policy_document, input.reset_policy);
    Ok(endpoint)
}

fn interface(
    tx: &mut Tx,
    ctx: &Ctx,
    mut endpoint: VpcEndpoint,
    input: ModifyVpcEndpointRequest,
) -> Result<VpcEndpoint, AwsError> {
    if input.add_route_table_ids.is_some_and(|ids| !ids.is_empty()) {
        let message = "Route table IDs are only supported for Gateway type VPC Endpoint.";
        return Err(error::of("InvalidParameter", message));
    }
    let groups = input.add_security_group_ids.unwrap_or_default();
    let gone = input.remove_security_group_ids.unwrap_or_default();
    if !groups.is_empty() {
        security_group::of_vpc(tx, &ctx.region, &endpoint.vpc_id, &groups)?;
    }
    endpoint.security_group_ids.retain(|id| !gone.contains(id) && !groups.contains(id));
    endpoint.security_group_ids.extend(groups);
    if endpoint.security_group_ids.is_empty() {
        let message = "An interface endpoint must have at least one security group.";
        return Err(error::of("InvalidParameter", message));
    }

    for id in input.remove_subnet_ids.unwrap_or_default() {
        let Some(index) = endpoint.subnet_ids.iter().position(|subnet| *subnet == id) else {
            continue;
        };
        endpoint.subnet_ids.remove(index);
        release_interface(tx, &ctx.region, &endpoint.interface_ids.remove(index));
    }
    let mut added = subnets(input.add_subnet_ids, input.subnet_configurations)?;
    added.retain(|(id, _)| !endpoint.subnet_ids.contains(id));
    enter_subnets(tx, ctx, &mut endpoint, &added)?;
    for id in &endpoint.interface_ids {
        let groups = endpoint.security_group_ids.clone();
        tx.update::<NetworkInterface>(&key(&ctx.region, id), |interface| {
            interface.security_group_ids = groups;
        });
    }

    endpoint.private_dns_enabled =
        input.private_dns_enabled.unwrap_or(endpoint.private_dns_enabled);
    check_private_dns(tx, &endpoint)?;
    set_policy(&mut endpoint, input.policy_document, input.reset_policy);
    Ok(endpoint)
}
