//! BatchCheckLayerAvailability: which layers need not be pushed.

use neargate_api::model::ecr::Layer;
use neargate_api::types::ecr::{
    self, BatchCheckLayerAvailabilityRequest, BatchCheckLayerAvailabilityResponse, LayerFailure,
};
use neargate_api::{AwsError, Ctx};
use neargate_blobs::Digest;

use crate::repository;

pub async fn call(
    ctx: Ctx,
    input: BatchCheckLayerAvailabilityRequest,
) -> Result<BatchCheckLayerAvailabilityResponse, AwsError> {
    let name = input.repository_name;
    repository::get(&ctx, input.registry_id.as_deref(), &name)?;
    let snapshot = ctx.snapshot();
    let (mut layers, mut failures) = (Vec::new(), Vec::new());
    for digest in input.layer_digests {
        if digest.parse::<Digest>().is_err() {
            failures.push(LayerFailure {
                failure_code: Some("InvalidLayerDigest".into()),
                failure_reason: Some("Invalid layer digest".into()),
                layer_digest: Some(digest),
            });
            continue;
        }
        let found = snapshot.get::<Layer>(&Layer::key_of(&ctx.region, &name, &digest));
        let availability = if found.is_some() { "AVAILABLE" } else { "UNAVAILABLE" };
        layers.push(ecr::Layer {
            layer_availability: Some(availability.into()),
            layer_digest: Some(digest),
            layer_size: found.map(|layer| layer.size as i64),
            media_type: None,
        });
    }
    Ok(BatchCheckLayerAvailabilityResponse { failures: Some(failures), layers: Some(layers) })
}
