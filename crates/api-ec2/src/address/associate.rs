//! AssociateAddress: puts an address before an interface.

use neargate_api::model::ec2::NetworkInterface;
use neargate_api::types::ec2::{AssociateAddressRequest, AssociateAddressResult};
use neargate_api::{AwsError, Ctx};

use crate::error::{self, dry_run};
use crate::resource::find;

pub async fn call(
    ctx: Ctx,
    input: AssociateAddressRequest,
) -> Result<AssociateAddressResult, AwsError> {
    dry_run(input.dry_run)?;
    if let Some(id) = input.instance_id {
        let message = format!("The instance ID '{id}' does not exist");
        return Err(error::of("InvalidInstanceID.NotFound", message));
    }
    let interface_id =
        input.network_interface_id.ok_or_else(|| error::missing("NetworkInterfaceId"))?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let (id, ip) = (input.allocation_id.as_deref(), input.public_ip.as_deref());
        let address = super::chosen(tx, &at.region, id, ip)?;
        let interface = find::<NetworkInterface>(tx, &at.region, &interface_id)?;
        if input.private_ip_address.is_some_and(|ip| ip != interface.private_ip.to_string()) {
            return Err(error::invalid(format!(
                "The private IP address is not one of the network interface {interface_id}"
            )));
        }
        let allowed = input.allow_reassociation != Some(false);
        match &address.association {
            Some(now) if now.interface_id == interface_id => {
                return Ok(AssociateAddressResult {
                    association_id: Some(now.association_id.clone()),
                });
            }
            Some(now) if !allowed => {
                return Err(error::of(
                    "Resource.AlreadyAssociated",
                    format!(
                        "resource {} is already associated with {}",
                        address.allocation_id, now.interface_id
                    ),
                ));
            }
            _ => {}
        }
        if interface.public.as_ref().is_some_and(|public| public.allocation_id.is_some())
            && !allowed
        {
            return Err(error::of(
                "Resource.AlreadyAssociated",
                format!("resource {interface_id} is already associated with an Elastic IP address"),
            ));
        }
        let before = interface.public.as_ref().and_then(|public| public.allocation_id.clone());
        if let Some(before) = before {
            let before = super::chosen(tx, &at.region, Some(&before), None)?;
            super::take_away(tx, &before);
        }
        super::take_away(tx, &address);
        let association = super::put_before(tx, &at, &address, &interface);
        Ok(AssociateAddressResult { association_id: Some(association.association_id) })
    })
    .await
}
