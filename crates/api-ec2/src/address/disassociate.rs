//! DisassociateAddress: takes an address from its interface. Those of NAT
//! gateways stay as long as the gateway does.

use neargate_api::model::ec2::{Address, InterfaceType, NetworkInterface, key};
use neargate_api::types::ec2::{DisassociateAddressOutput, DisassociateAddressRequest};
use neargate_api::{AwsError, Ctx};

use crate::error::{self, dry_run};
use crate::resource::all;

pub async fn call(
    ctx: Ctx,
    input: DisassociateAddressRequest,
) -> Result<DisassociateAddressOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let address = match &input.association_id {
            Some(id) => all::<Address>(tx, &region)
                .find(|a| a.association.as_ref().is_some_and(|a| a.association_id == *id))
                .ok_or_else(|| {
                    let message = format!("The association ID '{id}' does not exist");
                    error::of("InvalidAssociationID.NotFound", message)
                })?,
            None => super::chosen(tx, &region, None, input.public_ip.as_deref())?,
        };
        let interface = address.association.as_ref().and_then(|association| {
            tx.get::<NetworkInterface>(&key(&region, &association.interface_id))
        });
        if interface.is_some_and(|i| i.interface_type == InterfaceType::NatGateway) {
            return Err(error::of(
                "AuthFailure",
                "You do not have permission to access the specified resource.",
            ));
        }
        super::take_away(tx, &address);
        Ok(DisassociateAddressOutput {})
    })
    .await
}
