//! GetDownloadUrlForLayer: where a layer can be fetched for an hour with no
//! more than its URL. AWS's is S3's; ours is the registry's own blob, with a token.

use neargate_api::model::ecr::Layer;
use neargate_api::types::ecr::{
    GetDownloadUrlForLayerRequest, GetDownloadUrlForLayerResponse, error,
};
use neargate_api::{AwsError, Ctx};

use crate::address::registry_host;
use crate::{repository, token};

const LIFETIME_SECS: i64 = 3600;

pub async fn call(
    ctx: Ctx,
    input: GetDownloadUrlForLayerRequest,
) -> Result<GetDownloadUrlForLayerResponse, AwsError> {
    let (name, digest) = (input.repository_name, input.layer_digest);
    repository::get(&ctx, input.registry_id.as_deref(), &name)?;
    if !ctx.snapshot().contains::<Layer>(&Layer::key_of(&ctx.region, &name, &digest)) {
        return Err(error::layers_not_found_exception(format!(
            "The layer with digest '{digest}' does not exist in the repository with name '{name}' in the registry with id '{}'",
            ctx.account()
        )));
    }
    token::ensure_key(&ctx.cloud.store).await?;
    let token = token::seal(&ctx, ctx.now.plus_secs(LIFETIME_SECS))?;
    let (host, query) = (registry_host(ctx.cloud.port), token::url_query(&token));
    Ok(GetDownloadUrlForLayerResponse {
        download_url: Some(format!("http://{host}/v2/{name}/blobs/{digest}?{query}")),
        layer_digest: Some(digest),
    })
}
