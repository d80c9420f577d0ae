//! Insight selectors: kept and shown back; told as inert.

use neargate_api::model::cloudtrail::Trail;
use neargate_api::types::cloudtrail::{
    GetInsightSelectorsRequest, GetInsightSelectorsResponse, InsightSelector,
    PutInsightSelectorsRequest, PutInsightSelectorsResponse, error,
};
use neargate_api::{AwsError, Ctx, Stored};

use crate::trail;

const TYPES: [&str; 2] = ["ApiCallRateInsight", "ApiErrorRateInsight"];

/// The trail that is named. Event data stores, the other place of insights, are not here.
fn named(trail: Option<String>, store: Option<&String>) -> Result<String, AwsError> {
    match (trail, store) {
        (Some(name), None) => Ok(name),
        (_, Some(store)) => Err(error::event_data_store_not_found_exception(format!(
            "There is no event data store {store}: Neargate has trails only."
        ))),
        (None, None) => Err(error::invalid_parameter_combination_exception(
            "You must specify either TrailName or EventDataStore.",
        )),
    }
}

pub async fn get(
    ctx: Ctx,
    input: GetInsightSelectorsRequest,
) -> Result<GetInsightSelectorsResponse, AwsError> {
    let name = named(input.trail_name, input.event_data_store.as_ref())?;
    let trail = trail::find(&ctx, &name)?;
    if trail.insight_selectors.is_empty() {
        return Err(error::insight_not_enabled_exception(format!(
            "The trail {} does not have Insights enabled. Edit the trail settings to enable \
             Insights, and then try the operation again.",
            trail.name
        )));
    }
    let selectors = trail.insight_selectors.iter().map(|selector| selector.0.clone());
    Ok(GetInsightSelectorsResponse {
        insight_selectors: Some(selectors.collect()),
        trail_arn: Some(trail.arn.clone()),
        ..Default::default()
    })
}

pub async fn put(
    ctx: Ctx,
    input: PutInsightSelectorsRequest,
) -> Result<PutInsightSelectorsResponse, AwsError> {
    let name = named(input.trail_name, input.event_data_store.as_ref())?;
    let key = trail::key_at_home(&ctx, &name)?;
    let selectors: Vec<InsightSelector> = input.insight_selectors;
    let known = |selector: &InsightSelector| {
        selector.insight_type.as_deref().is_some_and(|kind| TYPES.contains(&kind))
    };
    if !selectors.iter().all(known) {
        return Err(error::invalid_insight_selectors_exception(
            "InsightType must be ApiCallRateInsight or ApiErrorRateInsight.",
        ));
    }
    let missing = trail::unknown(&ctx, &name);
    let kept: Vec<_> = selectors.iter().cloned().map(Stored).collect();
    let arn = ctx
        .write(move |tx| {
            let changed = tx.update::<Trail>(&key, |trail| trail.insight_selectors = kept);
            Ok(changed.ok_or(missing)?.arn.clone())
        })
        .await?;
    Ok(PutInsightSelectorsResponse {
        insight_selectors: Some(selectors),
        trail_arn: Some(arn),
        ..Default::default()
    })
}
