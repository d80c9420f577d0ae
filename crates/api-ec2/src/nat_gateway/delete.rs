//! DeleteNatGateway: its interface goes at once and its address becomes free;
//! the gateway itself is shown as deleted for an hour, and routes to it are
//! black holes.

use neargate_api::model::ec2::{NatGateway, NatState, key, release_interface};
use neargate_api::types::ec2::{DeleteNatGatewayRequest, DeleteNatGatewayResult};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::resource::find;

pub async fn call(
    ctx: Ctx,
    input: DeleteNatGatewayRequest,
) -> Result<DeleteNatGatewayResult, AwsError> {
    dry_run(input.dry_run)?;
    let (region, now) = (ctx.region.clone(), ctx.now);
    ctx.write(move |tx| {
        let nat = find::<NatGateway>(tx, &region, &input.nat_gateway_id)?;
        for address in &nat.addresses {
            release_interface(tx, &region, &address.interface_id);
        }
        tx.update::<NatGateway>(&key(&region, &nat.nat_gateway_id), |nat| {
            nat.state = NatState::Deleted;
            nat.deleted_at.get_or_insert(now);
        });
        Ok(DeleteNatGatewayResult { nat_gateway_id: Some(input.nat_gateway_id) })
    })
    .await
}
