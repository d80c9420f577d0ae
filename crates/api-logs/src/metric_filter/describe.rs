//! DescribeMetricFilters: of a group, of a metric, or all.

use neargate_api::model::logs::MetricFilter;
use neargate_api::types::logs::{
    DescribeMetricFiltersRequest, DescribeMetricFiltersResponse, error,
};
use neargate_api::{AwsError, Ctx, Record};

use crate::{group, pages};

pub async fn call(
    ctx: Ctx,
    input: DescribeMetricFiltersRequest,
) -> Result<DescribeMetricFiltersResponse, AwsError> {
    if input.metric_name.is_some() != input.metric_namespace.is_some() {
        return Err(error::invalid_parameter_exception(
            "metricName and metricNamespace must be given together.",
        ));
    }
    let snapshot = ctx.snapshot();
    let prefix = match &input.log_group_name {
        Some(name) => group::find(&ctx, &snapshot, name)?.children(),
        None => format!("{}/", ctx.region),
    };
    let filters = snapshot.scan::<MetricFilter>(&prefix).filter(|found| is_asked(found, &input));
    let token = input.next_token.as_deref();
    let page = pages::of(filters, |filter| filter.key(), token, input.limit)?;
    Ok(DescribeMetricFiltersResponse {
        metric_filters: Some(page.items.iter().map(|found| found.filter.0.clone()).collect()),
        next_token: page.next_token,
    })
}

fn is_asked(found: &MetricFilter, input: &DescribeMetricFiltersRequest) -> bool {
    let prefix = input.filter_name_prefix.as_deref().unwrap_or_default();
    let mut metrics = found.filter.metric_transformations.iter().flatten();
    found.name.starts_with(prefix)
        && match (&input.metric_namespace, &input.metric_name) {
            (Some(namespace), Some(name)) => metrics
                .any(|metric| metric.metric_namespace == *namespace && metric.metric_name == *name),
            _ => true,
        }
}
