//! ListMetrics: the metrics that had a value within the last two weeks.

use std::sync::Arc;

use neargate_api::types::cloudwatch::{
    DimensionFilter, ListMetricsInput, ListMetricsOutput, error,
};
use neargate_api::{AwsError, Ctx, page};
use neargate_series::{Metric, Series};

use super::shown;

const PAGE: usize = 500;
const LISTED_S: i64 = 14 * 86_400;
const RECENT_S: i64 = 3 * 3600;

pub async fn call(
    ctx: Ctx,
    series: Arc<Series>,
    input: ListMetricsInput,
) -> Result<ListMetricsOutput, AwsError> {
    let seconds = match input.recently_active.as_deref() {
        Some(_) => RECENT_S,
        None => LISTED_S,
    };
    let since = ctx.now.plus_secs(-seconds);
    let found = series
        .find(|l| l.last >= since && l.metric.region == ctx.region && is_asked(&l.metric, &input));
    // There is this account alone, linked to none.
    let is_other = |account: &String| *account != ctx.cloud.account;
    let found =
        if input.owning_account.as_ref().is_some_and(is_other) { Vec::new() } else { found };
    let mut metrics: Vec<Metric> = found.into_iter().map(|listed| listed.metric).collect();
    metrics.dedup();
    let page = page(metrics, key, input.next_token.as_deref(), PAGE)
        .ok_or_else(|| error::invalid_parameter_value_exception("The NextToken is invalid."))?;
    let owners = vec![ctx.cloud.account.clone(); page.items.len()];
    Ok(ListMetricsOutput {
        metrics: Some(page.items.iter().map(shown).collect()),
        next_token: page.next_token,
        owning_accounts: (input.include_linked_accounts == Some(true)).then_some(owners),
    })
}

/// What orders them, as [`Series::find`] does.
fn key(metric: &Metric) -> String {
    let mut key = format!("{}\0{}", metric.namespace, metric.name);
    for (name, value) in metric.dimensions() {
        key.push_str(&format!("\0{name}\0{value}"));
    }
    key
}

fn is_asked(metric: &Metric, input: &ListMetricsInput) -> bool {
    let has = |filter: &DimensionFilter| match (metric.dimension(&filter.name), &filter.value) {
        (Some(value), Some(wanted)) => value == wanted,
        (value, _) => value.is_some(),
    };
    input.namespace.as_ref().is_none_or(|wanted| metric.namespace == *wanted)
        && input.metric_name.as_ref().is_none_or(|wanted| metric.name == *wanted)
        && input.dimensions.iter().flatten().all(has)
}
