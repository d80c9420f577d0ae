//! ReleaseAddress: gives a public address back.

use neargate_api::model::ec2::Address;
use neargate_api::types::ec2::{ReleaseAddressOutput, ReleaseAddressRequest};
use neargate_api::{AwsError, Ctx, Record};

use crate::error::{self, dry_run};
use crate::tag;

pub async fn call(
    ctx: Ctx,
    input: ReleaseAddressRequest,
) -> Result<ReleaseAddressOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let (id, ip) = (input.allocation_id.as_deref(), input.public_ip.as_deref());
        let address = super::chosen(tx, &region, id, ip)?;
        if address.association.is_some() {
            let message = format!("Address {} is in use.", address.public_ip);
            return Err(error::of("InvalidIPAddress.InUse", message));
        }
        tx.delete::<Address>(&address.key());
        tag::forget(tx, &region, &address.allocation_id);
        Ok(ReleaseAddressOutput {})
    })
    .await
}
