//! GetMetricData: many metrics at once, each with one statistic.

use std::sync::Arc;

use neargate_api::types::cloudwatch::{
    GetMetricDataInput, GetMetricDataOutput, MetricDataQuery, MetricDataResult, MetricStat, error,
};
use neargate_api::{AwsError, Ctx, Timestamp};
use neargate_series::{Query, Series};

use super::label::{self, Labelled};
use super::{invalid_value, is_period, named, statistic, unit, unreadable};

const QUERIES_MAX: usize = 500;
const DATAPOINTS_MAX: i32 = 100_800;

pub async fn call(
    ctx: Ctx,
    series: Arc<Series>,
    input: GetMetricDataInput,
) -> Result<GetMetricDataOutput, AwsError> {
    check(&input)?;
    let mut results = Vec::new();
    for query in input.metric_data_queries.iter().filter(|query| query.return_data != Some(false)) {
        results.push(answered(&ctx, &series, &input, query)?);
    }
    let limit = input.max_datapoints.unwrap_or(DATAPOINTS_MAX).max(1) as usize;
    let skip = match input.next_token.as_deref() {
        None => 0,
        Some(token) => token
            .parse::<usize>()
            .map_err(|_| error::invalid_next_token("The NextToken is invalid."))?,
    };
    let (results, next) = paged(results, skip, limit);
    Ok(GetMetricDataOutput {
        metric_data_results: Some(results),
        messages: Some(Vec::new()),
        next_token: next.map(|next| next.to_string()),
    })
}

fn check(input: &GetMetricDataInput) -> Result<(), AwsError> {
    if input.start_time >= input.end_time {
        return Err(invalid("The parameter StartTime must be less than the parameter EndTime."));
    }
    let queries = &input.metric_data_queries;
    if queries.len() > QUERIES_MAX {
        return Err(invalid(format!(
            "The collection MetricDataQueries must not have a size greater than {QUERIES_MAX}."
        )));
    }
    for (place, query) in queries.iter().enumerate() {
        let mut letters = query.id.chars();
        let begins_well = letters.next().is_some_and(|first| first.is_ascii_lowercase());
        if !begins_well || !letters.all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(invalid(format!(
                "The value {} for parameter MetricDataQueries.member.{}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.",
                query.id,
                place + 1
            )));
        }
        if queries[..place].iter().any(|other| other.id == query.id) {
            return Err(invalid(format!("The metric id {} is not unique.", query.id)));
        }
        if query.expression.is_some() == query.metric_stat.is_some() {
            return Err(invalid(format!(
                "Exactly one of Expression and MetricStat must be specified for {}.",
                query.id
            )));
        }
        if query.expression.is_some() {
            return Err(invalid(format!(
                "Neargate does not evaluate metric math yet: {} has an Expression.",
                query.id
            )));
        }
    }
    Ok(())
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "ValidationError", message)
}

fn answered(
    ctx: &Ctx,
    series: &Series,
    input: &GetMetricDataInput,
    query: &MetricDataQuery,
) -> Result<MetricDataResult, AwsError> {
    let Some(asked) = &query.metric_stat else {
        return Err(invalid(format!("{} has no MetricStat.", query.id)));
    };
    let mut points = points(ctx, series, input, asked)?;
    let labelled = Labelled { stat: asked, points: &points };
    let label = label::of(query.label.as_deref(), &labelled);
    if input.scan_by.as_deref() != Some("TimestampAscending") {
        points.reverse();
    }
    Ok(MetricDataResult {
        id: Some(query.id.clone()),
        label: Some(label),
        timestamps: Some(points.iter().map(|(at, _)| *at).collect()),
        values: Some(points.iter().map(|(_, value)| *value).collect()),
        status_code: Some("Complete".into()),
        messages: None,
    })
}

/// What is known of the statistic, by time.
fn points(
    ctx: &Ctx,
    series: &Series,
    input: &GetMetricDataInput,
    asked: &MetricStat,
) -> Result<Vec<(Timestamp, f64)>, AwsError> {
    if !is_period(asked.period) {
        return Err(invalid_value(
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
        ));
    }
    let of = |text: &Option<String>| text.clone().unwrap_or_default();
    let statistic = statistic(&asked.stat)?;
    let (namespace, name) = (of(&asked.metric.namespace), of(&asked.metric.metric_name));
    let metric = named(ctx, &namespace, &name, asked.metric.dimensions.as_deref());
    let query = Query {
        metric: &metric,
        unit: unit(asked.unit.as_deref())?,
        period: asked.period.into(),
        from: input.start_time,
        to: input.end_time,
        now: ctx.now,
    };
    let periods = series.query(&query).map_err(unreadable)?;
    Ok(periods.iter().filter_map(|(at, set)| Some((*at, statistic.of(set)?))).collect())
}

/// At most `limit` datapoints after the first `skip`, and where the next page begins.
fn paged(
    results: Vec<MetricDataResult>,
    skip: usize,
    limit: usize,
) -> (Vec<MetricDataResult>, Option<usize>) {
    let size = |result: &MetricDataResult| result.values.as_ref().map_or(0, Vec::len);
    let all: usize = results.iter().map(size).sum();
    if skip == 0 && all <= limit {
        return (results, None);
    }
    let end = skip + limit;
    let mut shown = Vec::new();
    let mut begin = 0;
    for mut result in results {
        let length = size(&result);
        let from = skip.saturating_sub(begin).min(length);
        let to = end.saturating_sub(begin).min(length);
        begin += length;
        if from >= to {
            continue;
        }
        result.timestamps = result.timestamps.map(|all| all[from..to].to_vec());
        result.values = result.values.map(|all| all[from..to].to_vec());
        result.status_code = Some(if to < length { "PartialData" } else { "Complete" }.into());
        shown.push(result);
    }
    (shown, (end < all).then_some(end))
}
