//! Previews: what a policy, the repository's or a given one, would expire now.
//! A preview is complete as soon as it has been started.

use neargate_api::model::ecr::{Image, Preview, Previewed};
use neargate_api::types::ecr::{
    GetLifecyclePolicyPreviewRequest, GetLifecyclePolicyPreviewResponse,
    LifecyclePolicyPreviewResult, LifecyclePolicyPreviewSummary, LifecyclePolicyRuleAction,
    StartLifecyclePolicyPreviewRequest, StartLifecyclePolicyPreviewResponse, error,
};
use neargate_api::{AwsError, Ctx};

use super::{none, parse};
use crate::{image, repository};

/// StartLifecyclePolicyPreview.
pub async fn start(
    ctx: Ctx,
    input: StartLifecyclePolicyPreviewRequest,
) -> Result<StartLifecyclePolicyPreviewResponse, AwsError> {
    let (name, registry) = (input.repository_name, input.registry_id.as_deref());
    let found = repository::get(&ctx, registry, &name)?;
    let text = input.lifecycle_policy_text.or_else(|| found.lifecycle_policy.clone());
    let text = text.ok_or_else(|| none(&ctx, &name))?;
    let policy = parse(&text)?;
    let images = Image::all_of(&ctx.snapshot(), &ctx.region, &name);
    let images: Vec<&Image> = images.iter().map(|image| &**image).collect();
    let expired = policy.evaluate(&images, ctx.now);
    let previewed = |expired: &neargate_plan::lifecycle::Expired| {
        let image = images.iter().find(|image| image.digest == expired.digest)?;
        Some(Previewed {
            digest: image.digest.clone(),
            tags: image.tags.iter().cloned().collect(),
            pushed_at: image.pushed_at,
            rule_priority: expired.priority,
        })
    };
    let results = expired.iter().filter_map(previewed).collect();
    let preview = Preview { policy: text.clone(), results };
    repository::change(&ctx, registry, &name, |r| r.preview = Some(preview)).await?;
    Ok(StartLifecyclePolicyPreviewResponse {
        lifecycle_policy_text: Some(text),
        registry_id: Some(ctx.account().to_owned()),
        repository_name: Some(name),
        status: Some("IN_PROGRESS".into()),
    })
}

/// GetLifecyclePolicyPreview.
pub async fn get(
    ctx: Ctx,
    input: GetLifecyclePolicyPreviewRequest,
) -> Result<GetLifecyclePolicyPreviewResponse, AwsError> {
    let name = input.repository_name;
    let found = repository::get(&ctx, input.registry_id.as_deref(), &name)?;
    let preview = found.preview.clone().ok_or_else(|| {
        error::lifecycle_policy_preview_not_found_exception(format!(
            "Lifecycle policy preview does not exist for the repository with name '{name}' in the registry with id '{}'",
            ctx.account()
        ))
    })?;
    let total = preview.results.len() as i32;
    let status = input.filter.and_then(|filter| filter.tag_status);
    let ids = input.image_ids;
    let mut results = preview.results;
    results.retain(|result| {
        let named = |ids: &Vec<_>| ids.iter().any(|id| image::is(id, &result.digest, &result.tags));
        image::has_status(status.as_deref(), !result.tags.is_empty())
            && ids.as_ref().is_none_or(named)
    });
    results.sort_by(|a, b| a.digest.cmp(&b.digest));
    let limit = input.max_results.unwrap_or(100) as usize;
    let page =
        neargate_api::page(results, |r| r.digest.clone(), input.next_token.as_deref(), limit)
            .ok_or_else(|| repository::invalid("nextToken", "it must come from the last answer"))?;
    Ok(GetLifecyclePolicyPreviewResponse {
        lifecycle_policy_text: Some(preview.policy),
        next_token: page.next_token,
        preview_results: Some(page.items.into_iter().map(shown).collect()),
        registry_id: Some(ctx.account().to_owned()),
        repository_name: Some(name),
        status: Some("COMPLETE".into()),
        summary: Some(LifecyclePolicyPreviewSummary {
            expiring_image_total_count: Some(total),
            ..Default::default()
        }),
    })
}

fn shown(result: Previewed) -> LifecyclePolicyPreviewResult {
    LifecyclePolicyPreviewResult {
        action: Some(LifecyclePolicyRuleAction {
            r#type: Some("EXPIRE".into()),
            ..Default::default()
        }),
        applied_rule_priority: Some(result.rule_priority),
        image_digest: Some(result.digest),
        image_pushed_at: Some(result.pushed_at),
        image_tags: Some(result.tags),
        storage_class: None,
    }
}
