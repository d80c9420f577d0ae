//! DeleteVpcEndpoints: takes endpoints away with their interfaces. Those that
//! are not there are told in the answer, which is a success all the same.

use neargate_api::model::ec2::{VpcEndpoint, key, release_interface};
use neargate_api::types::ec2::{
    DeleteVpcEndpointsRequest, DeleteVpcEndpointsResult, UnsuccessfulItem, UnsuccessfulItemError,
};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::resource::find;
use crate::tag;

pub async fn call(
    ctx: Ctx,
    input: DeleteVpcEndpointsRequest,
) -> Result<DeleteVpcEndpointsResult, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let mut unsuccessful = Vec::new();
        for id in input.vpc_endpoint_ids {
            match find::<VpcEndpoint>(tx, &region, &id) {
                Ok(endpoint) => {
                    for interface in &endpoint.interface_ids {
                        release_interface(tx, &region, interface);
                    }
                    tx.delete::<VpcEndpoint>(&key(&region, &id));
                    tag::forget(tx, &region, &id);
                }
                Err(missing) => unsuccessful.push(UnsuccessfulItem {
                    error: Some(UnsuccessfulItemError {
                        code: Some(missing.code),
                        message: Some(missing.message),
                    }),
                    resource_id: Some(id),
                }),
            }
        }
        Ok(DeleteVpcEndpointsResult { unsuccessful: Some(unsuccessful) })
    })
    .await
}
