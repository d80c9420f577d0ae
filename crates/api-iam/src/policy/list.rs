//! ListPolicies: the customer's, AWS's own, or both. Without descriptions and tags.

use neargate_api::model::iam::ManagedPolicy;
use neargate_api::types::iam::{ListPoliciesRequest, ListPoliciesResponse, Policy};
use neargate_api::{AwsError, Ctx};

use crate::{aws_managed, pages, policy};

pub async fn call(ctx: Ctx, input: ListPoliciesRequest) -> Result<ListPoliciesResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let scope = input.scope.as_deref().unwrap_or("All");
    let mut all: Vec<Policy> = Vec::new();
    if scope != "AWS" {
        let own = snapshot.all::<ManagedPolicy>();
        all.extend(own.map(|found| policy::shown_own(&snapshot, &found)));
    }
    if scope != "Local" {
        all.extend(aws_managed::ALL.iter().map(|found| policy::shown_aws(&snapshot, found)));
    }
    let prefix = input.path_prefix.unwrap_or_else(|| "/".into());
    all.retain(|found| found.path.as_ref().is_some_and(|path| path.starts_with(&prefix)));
    let as_boundary = input.policy_usage_filter.as_deref() == Some("PermissionsBoundary");
    let uses = |found: &Policy| match as_boundary {
        true => found.permissions_boundary_usage_count,
        false => found.attachment_count,
    };
    if as_boundary || input.only_attached == Some(true) {
        all.retain(|found| uses(found).is_some_and(|uses| uses > 0));
    }
    all.sort_by(|a, b| a.arn.cmp(&b.arn));
    let key = |found: &Policy| found.arn.clone().unwrap_or_default();
    let page = pages::of(all, key, input.marker.as_deref(), input.max_items)?;
    let listed = |found: Policy| Policy { description: None, tags: None, ..found };
    Ok(ListPoliciesResponse {
        policies: Some(page.items.into_iter().map(listed).collect()),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
