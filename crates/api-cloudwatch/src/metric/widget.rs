//! GetMetricWidgetImage: a picture of a metric widget, with the values that there are.
//!
//! ```text
//! MetricWidget (JSON) ─▶ read: queries and how they look ─▶ Queries ─▶ neargate-chart ─▶ PNG
//! ```
//!
//! Source: "GetMetricWidgetImage: Metric Widget Structure and Syntax" in the API reference.

mod lines;
mod read;

use std::sync::Arc;

use neargate_api::types::cloudwatch::{
    GetMetricWidgetImageInput, GetMetricWidgetImageOutput, MetricDataQuery,
};
use neargate_api::{AwsError, Blob, Ctx};
use neargate_chart::{Chart, Line, png};
use neargate_series::{Metric, Series};

use super::detector;
use super::label::{self, Labelled, Zone};
use super::queries::{Queries, metric_of, telling};
use lines::Asked;

fn invalid(why: impl std::fmt::Display) -> AwsError {
    AwsError::new(400, "ValidationError", format!("Invalid metric widget: {why}"))
}

pub async fn call(
    ctx: Ctx,
    series: Arc<Series>,
    input: GetMetricWidgetImageInput,
) -> Result<GetMetricWidgetImageOutput, AwsError> {
    if let Some(format) =
        input.output_format.as_deref().filter(|f| !["png", "image/png"].contains(f))
    {
        return Err(AwsError::new(
            400,
            "InvalidParameterValue",
            format!(
                "The value {format} for parameter OutputFormat is invalid: it is png or image/png."
            ),
        ));
    }
    let widget = serde_json::from_str(&input.metric_widget)
        .map_err(|error| invalid(format!("the JSON could not be parsed: {error}")))?;
    let mut chart = read::chart(&widget, ctx.now)?;
    let mut asked = lines::read(&widget)?;
    if asked.is_empty() {
        asked = read::of_alarms(&ctx, &widget, &mut chart)?;
    }
    if asked.is_empty() && chart.horizontal.is_empty() {
        return Err(invalid("it has no metrics"));
    }
    let zone = Zone::minutes(chart.zone_minutes);
    chart.lines = drawn(&ctx, &series, &chart, &asked, zone)?;
    let picture = png(&chart).ok_or_else(|| invalid("its size is none of a picture"))?;
    Ok(GetMetricWidgetImageOutput { metric_widget_image: Some(Blob(picture)) })
}

/// What the visible lines come to.
fn drawn(
    ctx: &Ctx,
    series: &Series,
    chart: &Chart,
    asked: &[Asked],
    zone: Zone,
) -> Result<Vec<Line>, AwsError> {
    let models = detector::models(ctx.snapshot(), &ctx.region);
    let range = (chart.from, chart.to);
    let queries: Vec<MetricDataQuery> = asked.iter().map(|one| one.query.clone()).collect();
    let all = Queries::new(series, &ctx.region, &queries, range, ctx.now, &models);
    let visible = || asked.iter().filter(|one| one.is_visible);
    let stats = visible().filter_map(|one| one.query.metric_stat.as_ref());
    let metrics: Vec<Metric> = stats.map(|stat| metric_of(&ctx.region, stat)).collect();
    let mut lines = Vec::new();
    for one in visible() {
        let found = all.found(&one.query);
        let found = found.map_err(|wrong| invalid(format!("{}: {wrong}", one.query.id)))?;
        for found in found {
            // A metric without a label has what tells it from the others.
            let own = one.query.metric_stat.as_ref().filter(|_| one.query.label.is_none());
            let own = own.map(|stat| telling(&metric_of(&ctx.region, stat), &metrics));
            let many = found.is_one_of_many.then_some(&*found.series.label);
            let points: Vec<_> = found.series.points.iter().map(|(at, v)| (*at, *v)).collect();
            let label = label::of(
                one.query.label.as_deref(),
                &Labelled {
                    id: one.query.expression.as_deref().unwrap_or(&one.query.id),
                    stat: found.stat.as_ref(),
                    series: many.or(own.as_deref()),
                    points: &points,
                    zone,
                },
            );
            lines.push(Line {
                label,
                colour: one.colour,
                is_right: one.is_right,
                period_s: found.series.period_s,
                points: found.series.points,
            });
        }
    }
    Ok(lines)
}
