//! ModifyNetworkInterfaceAttribute: changes one setting of an interface. The
//! groups of an interface that a service made are that service's to choose.

use neargate_api::model::ec2::{NetworkInterface, key};
use neargate_api::types::ec2::{
    ModifyNetworkInterfaceAttributeOutput, ModifyNetworkInterfaceAttributeRequest,
};
use neargate_api::{AwsError, Ctx};

use crate::error::{self, dry_run};
use crate::resource::find;
use crate::security_group;

pub async fn call(
    ctx: Ctx,
    input: ModifyNetworkInterfaceAttributeRequest,
) -> Result<ModifyNetworkInterfaceAttributeOutput, AwsError> {
    dry_run(input.dry_run)?;
    if input.attachment.is_some()
        || input.ena_srd_specification.is_some()
        || input.enable_primary_ipv6.is_some()
        || input.connection_tracking_specification.is_some()
        || input.associate_public_ip_address.is_some()
        || input.associated_subnet_ids.is_some()
    {
        return Err(error::unsupported(
            "attribute",
            "description, groups and the source/destination check can be changed.",
        ));
    }
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let id = input.network_interface_id.as_str();
        let interface = find::<NetworkInterface>(tx, &region, id)?;
        if interface.requester_id.is_some() {
            return Err(error::of(
                "OperationNotPermitted",
                format!("You do not have permission to modify the network interface {id}: it is managed by a service."),
            ));
        }
        let groups = match input.groups {
            Some(groups) => {
                Some(security_group::of_vpc(tx, &region, &interface.vpc_id, &groups)?)
            }
            None => None,
        };
        let description = input.description.and_then(|new| new.value);
        let check = input.source_dest_check.and_then(|new| new.value);
        if groups.is_none() && description.is_none() && check.is_none() {
            return Err(error::missing("attribute"));
        }
        tx.update::<NetworkInterface>(&key(&region, id), |interface| {
            if let Some(groups) = groups {
                interface.security_group_ids = groups;
            }
            if let Some(description) = description {
                interface.description = description;
            }
            interface.source_dest_check = check.unwrap_or(interface.source_dest_check);
        });
        Ok(ModifyNetworkInterfaceAttributeOutput {})
    })
    .await
}
