//! GetMetricData: many metrics at once, each with one statistic, and expressions over them.

use std::sync::Arc;

use neargate_api::types::cloudwatch::{
    GetMetricDataInput, GetMetricDataOutput, MetricDataQuery, MetricDataResult, error,
};
use neargate_api::{AwsError, Ctx};
use neargate_series::Series;

use super::detector;
use super::label::{self, Labelled, Zone};
use super::queries::{Found, Queries, is_sql};
use super::{invalid_value, is_period, statistic, unit};

const QUERIES_MAX: usize = 500;
const DATAPOINTS_MAX: i32 = 100_800;

pub async fn call(
    ctx: Ctx,
    series: Arc<Series>,
    input: GetMetricDataInput,
) -> Result<GetMetricDataOutput, AwsError> {
    check(&input)?;
    let zone = input.label_options.as_ref().and_then(|options| options.timezone.as_deref());
    let zone = zone
        .map_or(Some(Zone::UTC), Zone::parse)
        .ok_or_else(|| invalid("LabelOptions.Timezone must be an offset such as +0130."))?;
    let models = detector::models(ctx.snapshot(), &ctx.region);
    let range = (input.start_time, input.end_time);
    let queries = &input.metric_data_queries;
    let queries = Queries::new(&series, &ctx.region, queries, range, ctx.now, &models);
    let mut results = Vec::new();
    for query in input.metric_data_queries.iter().filter(|query| query.return_data != Some(false)) {
        let found = queries.found(query).map_err(|wrong| match query.expression {
            Some(_) => invalid(format!("Error in expression '{}': {wrong}", query.id)),
            None => invalid_value(wrong.0),
        })?;
        let is_ascending = input.scan_by.as_deref() == Some("TimestampAscending");
        results.extend(found.iter().map(|found| result(query, found, zone, is_ascending)));
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
        check_query(query)?;
    }
    Ok(())
}

fn check_query(query: &MetricDataQuery) -> Result<(), AwsError> {
    if query.expression.is_some() == query.metric_stat.is_some() {
        return Err(invalid(format!(
            "Exactly one of Expression and MetricStat must be specified for {}.",
            query.id
        )));
    }
    if let Some(stat) = &query.metric_stat {
        if !is_period(stat.period) {
            return Err(invalid_value(
                "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
            ));
        }
        statistic(&stat.stat)?;
        unit(stat.unit.as_deref())?;
    }
    if query.expression.as_deref().is_some_and(is_sql) {
        return Err(invalid(format!(
            "Neargate does not evaluate Metrics Insights queries: {} begins with SELECT. Use SEARCH.",
            query.id
        )));
    }
    Ok(())
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "ValidationError", message)
}

fn result(
    query: &MetricDataQuery,
    found: &Found,
    zone: Zone,
    is_ascending: bool,
) -> MetricDataResult {
    let mut points: Vec<_> = found.series.points.iter().map(|(at, value)| (*at, *value)).collect();
    let label = label::of(
        query.label.as_deref(),
        &Labelled {
            id: &query.id,
            stat: found.stat.as_ref(),
            series: found.is_one_of_many.then_some(&*found.series.label),
            points: &points,
            zone,
        },
    );
    if !is_ascending {
        points.reverse();
    }
    MetricDataResult {
        id: Some(query.id.clone()),
        label: Some(label),
        timestamps: Some(points.iter().map(|(at, _)| *at).collect()),
        values: Some(points.iter().map(|(_, value)| *value).collect()),
        status_code: Some("Complete".into()),
        messages: None,
    }
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
