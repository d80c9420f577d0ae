//! DeleteNetworkInterface: takes an interface away that nothing is attached to.

use neargate_api::model::ec2::{NetworkInterface, release_interface};
use neargate_api::types::ec2::{DeleteNetworkInterfaceOutput, DeleteNetworkInterfaceRequest};
use neargate_api::{AwsError, Ctx};

use crate::error::{self, dry_run};
use crate::resource::find;

pub async fn call(
    ctx: Ctx,
    input: DeleteNetworkInterfaceRequest,
) -> Result<DeleteNetworkInterfaceOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let id = input.network_interface_id.as_str();
        let interface = find::<NetworkInterface>(tx, &region, id)?;
        if interface.attachment.is_some() {
            let message = format!("Network interface '{id}' is currently in use.");
            return Err(error::of("InvalidParameterValue", message));
        }
        release_interface(tx, &region, id);
        Ok(DeleteNetworkInterfaceOutput {})
    })
    .await
}
