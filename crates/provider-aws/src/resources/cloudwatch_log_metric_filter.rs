//! `aws_cloudwatch_log_metric_filter`: what of a group's lines becomes a metric.

use async_trait::async_trait;
use neargate_api_types::logs;
use neargate_aws_client::pages;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};

pub struct LogMetricFilter;

const MISSING: [&str; 1] = ["ResourceNotFoundException"];

#[async_trait]
impl Resource for LogMetricFilter {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["log_group_name", "name"],
            defaults: &[("metric_transformation.unit", Fallback::Text("None"))],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        put(cloud, planned).await?;
        Ok(planned.required("name"))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let (id, group) = (known.id(), known.required("log_group_name"));
        let filters = pages(|next_token| {
            let input = logs::DescribeMetricFiltersRequest {
                filter_name_prefix: Some(id.clone()),
                log_group_name: Some(group.clone()),
                next_token,
                ..Default::default()
            };
            async move {
                let page = cloud.call::<logs::DescribeMetricFilters>(&input).await?;
                Ok((page.metric_filters.unwrap_or_default(), page.next_token))
            }
        });
        let filters = found(filters.await, &MISSING)?.unwrap_or_default();
        let filter = filters.into_iter().find(|filter| filter.filter_name.as_ref() == Some(&id));
        let Some(filter) = filter else { return Ok(None) };
        let transformations = filter.metric_transformations.unwrap_or_default().into_iter();
        let transformations = transformations.map(|made| {
            json!({
                "default_value": made.default_value.map_or(String::new(), |value| value.to_string()),
                "dimensions": made.dimensions,
                "name": made.metric_name,
                "namespace": made.metric_namespace,
                "unit": made.unit.unwrap_or_else(|| "None".to_owned()),
                "value": made.metric_value,
            })
        });
        known.extend(json!({
            "log_group_name": filter.log_group_name,
            "metric_transformation": transformations.collect::<Vec<_>>(),
            "name": filter.filter_name,
            "pattern": filter.filter_pattern.unwrap_or_default(),
        }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        put(cloud, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = logs::DeleteMetricFilterRequest {
            filter_name: prior.id(),
            log_group_name: prior.required("log_group_name"),
        };
        found(cloud.call::<logs::DeleteMetricFilter>(&input).await, &MISSING)?;
        Ok(())
    }

    /// `GROUP:FILTER`.
    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        let Some((group, name)) = id.split_once(':') else {
            return Err(Failure::told(format!("{id} is not of the form GROUP:FILTER")));
        };
        Ok(Attributes::from(json!({ "id": name, "log_group_name": group, "name": name })))
    }
}

async fn put(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let transformations = planned.blocks("metric_transformation").into_iter().map(|block| {
        logs::MetricTransformation {
            default_value: block.text("default_value").and_then(|value| value.parse().ok()),
            dimensions: Some(block.map("dimensions")).filter(|given| !given.is_empty()),
            metric_name: block.required("name"),
            metric_namespace: block.required("namespace"),
            metric_value: block.required("value"),
            unit: block.string("unit"),
        }
    });
    let input = logs::PutMetricFilterRequest {
        filter_name: planned.required("name"),
        filter_pattern: planned.required("pattern"),
        log_group_name: planned.required("log_group_name"),
        metric_transformations: transformations.collect(),
        ..Default::default()
    };
    cloud.call::<logs::PutMetricFilter>(&input).await?;
    Ok(())
}
