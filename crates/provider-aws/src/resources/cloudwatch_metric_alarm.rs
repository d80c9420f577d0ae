//! `aws_cloudwatch_metric_alarm`: on one metric, or on an expression over several.

use std::collections::BTreeMap;

use async_trait::async_trait;
use neargate_api_types::cloudwatch;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::tags;

pub struct CloudwatchMetricAlarm;

#[async_trait]
impl Resource for CloudwatchMetricAlarm {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["alarm_name"],
            defaults: &[
                ("actions_enabled", Fallback::Bool(true)),
                ("treat_missing_data", Fallback::Text("missing")),
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let tag = |(key, value)| cloudwatch::Tag { key, value };
        let tags: Vec<_> = planned.map("tags_all").into_iter().map(tag).collect();
        let mut input = request(planned);
        input.tags = Some(tags).filter(|tags| !tags.is_empty());
        cloud.call::<cloudwatch::PutMetricAlarm>(&input).await?;
        Ok(planned.required("alarm_name"))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let input = cloudwatch::DescribeAlarmsInput {
            alarm_names: Some(vec![known.id()]),
            alarm_types: Some(vec!["MetricAlarm".to_owned()]),
            ..Default::default()
        };
        let alarms = cloud.call::<cloudwatch::DescribeAlarms>(&input).await?.metric_alarms;
        let Some(alarm) = alarms.unwrap_or_default().into_iter().next() else { return Ok(None) };
        let resource_arn = alarm.alarm_arn.clone().unwrap_or_default();
        known.extend(described(alarm));
        let input = cloudwatch::ListTagsForResourceInput { resource_arn };
        let tags = cloud.call::<cloudwatch::ListTagsForResource>(&input).await?.tags;
        let tags = tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
        tags::set(&mut known, cloud, tags.collect());
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let input = request(planned);
        if input != request(prior) {
            cloud.call::<cloudwatch::PutMetricAlarm>(&input).await?;
        }
        let Some(tags::Changes { set, removed }) = tags::changes(prior, planned) else {
            return Ok(());
        };
        let resource_arn = prior.required("arn");
        if !removed.is_empty() {
            let resource_arn = resource_arn.clone();
            let input = cloudwatch::UntagResourceInput { resource_arn, tag_keys: removed };
            cloud.call::<cloudwatch::UntagResource>(&input).await?;
        }
        if !set.is_empty() {
            let tags = set.into_iter().map(|(key, value)| cloudwatch::Tag { key, value }).collect();
            let input = cloudwatch::TagResourceInput { resource_arn, tags };
            cloud.call::<cloudwatch::TagResource>(&input).await?;
        }
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = cloudwatch::DeleteAlarmsInput { alarm_names: vec![prior.id()] };
        let missing = ["ResourceNotFound", "ResourceNotFoundException"];
        found(cloud.call::<cloudwatch::DeleteAlarms>(&input).await, &missing)?;
        Ok(())
    }
}

fn dimensions(map: BTreeMap<String, String>) -> Option<Vec<cloudwatch::Dimension>> {
    let dimension = |(name, value)| cloudwatch::Dimension { name, value };
    (!map.is_empty()).then(|| map.into_iter().map(dimension).collect())
}

fn positive(attributes: &Attributes, name: &str) -> Option<i32> {
    attributes.number(name).filter(|number| *number > 0)
}

fn request(planned: &Attributes) -> cloudwatch::PutMetricAlarmInput {
    let metrics: Vec<_> = planned.blocks("metric_query").iter().map(query).collect();
    let anomaly = planned.string("threshold_metric_id");
    let threshold = planned.get("threshold").as_f64().unwrap_or_default();
    cloudwatch::PutMetricAlarmInput {
        actions_enabled: planned.bool("actions_enabled"),
        alarm_actions: planned.some_texts("alarm_actions"),
        alarm_description: planned.string("alarm_description"),
        alarm_name: planned.required("alarm_name"),
        comparison_operator: planned.string("comparison_operator"),
        datapoints_to_alarm: positive(planned, "datapoints_to_alarm"),
        dimensions: dimensions(planned.map("dimensions")),
        evaluate_low_sample_count_percentile: planned
            .string("evaluate_low_sample_count_percentiles"),
        evaluation_periods: planned.number("evaluation_periods"),
        extended_statistic: planned.string("extended_statistic"),
        insufficient_data_actions: planned.some_texts("insufficient_data_actions"),
        metric_name: planned.string("metric_name"),
        metrics: Some(metrics).filter(|metrics| !metrics.is_empty()),
        namespace: planned.string("namespace"),
        ok_actions: planned.some_texts("ok_actions"),
        period: positive(planned, "period"),
        statistic: planned.string("statistic"),
        threshold: anomaly.is_none().then_some(threshold),
        threshold_metric_id: anomaly,
        treat_missing_data: planned.string("treat_missing_data"),
        unit: planned.string("unit"),
        ..Default::default()
    }
}

fn query(block: &Attributes) -> cloudwatch::MetricDataQuery {
    let stat = block.block("metric").map(|metric| cloudwatch::MetricStat {
        metric: cloudwatch::Metric {
            dimensions: dimensions(metric.map("dimensions")),
            metric_name: metric.string("metric_name"),
            namespace: metric.string("namespace"),
        },
        period: metric.number("period").unwrap_or_default(),
        stat: metric.required("stat"),
        unit: metric.string("unit"),
    });
    cloudwatch::MetricDataQuery {
        account_id: block.string("account_id"),
        expression: block.string("expression"),
        id: block.required("id"),
        label: block.string("label"),
        metric_stat: stat,
        period: positive(block, "period"),
        return_data: Some(block.is("return_data")),
    }
}

fn described(alarm: cloudwatch::MetricAlarm) -> Json {
    let queries = alarm.metrics.unwrap_or_default().into_iter().map(query_block);
    json!({
        "actions_enabled": alarm.actions_enabled.unwrap_or(false),
        "alarm_actions": alarm.alarm_actions.unwrap_or_default(),
        "alarm_description": alarm.alarm_description.unwrap_or_default(),
        "alarm_name": alarm.alarm_name,
        "arn": alarm.alarm_arn,
        "comparison_operator": alarm.comparison_operator,
        "datapoints_to_alarm": alarm.datapoints_to_alarm.unwrap_or(0),
        "dimensions": map_of(alarm.dimensions),
        "evaluate_low_sample_count_percentiles":
            alarm.evaluate_low_sample_count_percentile.unwrap_or_default(),
        "evaluation_periods": alarm.evaluation_periods,
        "extended_statistic": alarm.extended_statistic.unwrap_or_default(),
        "insufficient_data_actions": alarm.insufficient_data_actions.unwrap_or_default(),
        "metric_name": alarm.metric_name.unwrap_or_default(),
        "metric_query": queries.collect::<Vec<Json>>(),
        "namespace": alarm.namespace.unwrap_or_default(),
        "ok_actions": alarm.ok_actions.unwrap_or_default(),
        "period": alarm.period.unwrap_or(0),
        "statistic": alarm.statistic.unwrap_or_default(),
        "threshold": alarm.threshold.unwrap_or_default(),
        "threshold_metric_id": alarm.threshold_metric_id.unwrap_or_default(),
        "treat_missing_data": alarm.treat_missing_data.unwrap_or_else(|| "missing".to_owned()),
        "unit": alarm.unit.unwrap_or_default(),
    })
}

fn map_of(dimensions: Option<Vec<cloudwatch::Dimension>>) -> BTreeMap<String, String> {
    dimensions.unwrap_or_default().into_iter().map(|one| (one.name, one.value)).collect()
}

fn query_block(query: cloudwatch::MetricDataQuery) -> Json {
    let metric = query.metric_stat.into_iter().map(|stat| {
        json!({
            "dimensions": map_of(stat.metric.dimensions),
            "metric_name": stat.metric.metric_name.unwrap_or_default(),
            "namespace": stat.metric.namespace.unwrap_or_default(),
            "period": stat.period,
            "stat": stat.stat,
            "unit": stat.unit.unwrap_or_default(),
        })
    });
    json!({
        "account_id": query.account_id.unwrap_or_default(),
        "expression": query.expression.unwrap_or_default(),
        "id": query.id,
        "label": query.label.unwrap_or_default(),
        "metric": metric.collect::<Vec<Json>>(),
        "period": query.period.unwrap_or(0),
        "return_data": query.return_data.unwrap_or(false),
    })
}
