//! DeleteDhcpOptions: takes a set away, once no VPC has it.

use neargate_api::model::ec2::{DhcpOptions, Vpc};
use neargate_api::types::ec2::{DeleteDhcpOptionsOutput, DeleteDhcpOptionsRequest};
use neargate_api::{AwsError, Ctx, Record};

use crate::error::{self, dry_run};
use crate::resource::{all, find};
use crate::tag;

pub async fn call(
    ctx: Ctx,
    input: DeleteDhcpOptionsRequest,
) -> Result<DeleteDhcpOptionsOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let options = find::<DhcpOptions>(tx, &region, &input.dhcp_options_id)?;
        let id = &options.dhcp_options_id;
        if all::<Vpc>(tx, &region).any(|vpc| vpc.dhcp_options_id == *id) {
            return Err(error::has_dependencies("dhcpOptions", id));
        }
        tx.delete::<DhcpOptions>(&options.key());
        tag::forget(tx, &region, id);
        Ok(DeleteDhcpOptionsOutput {})
    })
    .await
}
