//! ListTaskDefinitionFamilies.

use neargate_api::model::ecs::{Family, TaskDefinition};
use neargate_api::types::ecs::{
    ListTaskDefinitionFamiliesRequest, ListTaskDefinitionFamiliesResponse,
};
use neargate_api::{AwsError, Ctx};

use crate::pages;

pub async fn call(
    ctx: Ctx,
    input: ListTaskDefinitionFamiliesRequest,
) -> Result<ListTaskDefinitionFamiliesResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let prefix = format!("{}/{}", ctx.region, input.family_prefix.as_deref().unwrap_or_default());
    let is_active = |family: &str| {
        snapshot.scan::<TaskDefinition>(&format!("{}/{family}/", ctx.region)).any(|d| d.active)
    };
    let families = snapshot.scan::<Family>(&prefix).map(|f| f.name.clone()).filter(|name| {
        match input.status.as_deref() {
            Some("ALL") => true,
            Some("INACTIVE") => !is_active(name),
            _ => is_active(name),
        }
    });
    let page = pages::of(families, input.next_token.as_deref(), input.max_results)?;
    Ok(ListTaskDefinitionFamiliesResponse {
        families: Some(page.items),
        next_token: page.next_token,
    })
}
