//! A metric filter of the store, ready to be used.

use neargate_api::model::logs::MetricFilter;
use neargate_api::types::logs::MetricTransformation;
use neargate_logquery::filter_pattern::{FilterPattern, Selector};
use neargate_logquery::metric_filter::{self, MetricValue, Transformation};
use neargate_series::Unit;

/// See the module.
pub struct Rule {
    pub region: String,
    pub name: String,
    /// Lines until this sequence are not its.
    pub since: u64,
    pub filter: metric_filter::MetricFilter,
    /// Of each transformation: namespace, name, unit.
    pub metrics: Vec<(String, String, Unit)>,
}

impl Rule {
    /// None for one that cannot be read: PutMetricFilter takes no such thing.
    pub fn of(filter: &MetricFilter) -> Option<Rule> {
        let given = filter.filter.metric_transformations.as_deref().unwrap_or_default();
        let pattern = filter.filter.filter_pattern.as_deref().unwrap_or_default();
        let metric = |metric: &MetricTransformation| {
            let unit = metric.unit.as_deref().and_then(Unit::named).unwrap_or(Unit::NONE);
            (metric.metric_namespace.clone(), metric.metric_name.clone(), unit)
        };
        Some(Rule {
            region: filter.region.clone(),
            name: filter.name.clone(),
            since: filter.since,
            filter: metric_filter::MetricFilter {
                pattern: FilterPattern::parse(pattern).ok()?,
                transformations: given.iter().map(transformation).collect::<Option<_>>()?,
            },
            metrics: given.iter().map(metric).collect(),
        })
    }
}

fn transformation(metric: &MetricTransformation) -> Option<Transformation> {
    let dimension =
        |(name, field): (&String, &String)| Some((name.clone(), Selector::parse(field).ok()?));
    let dimensions =
        metric.dimensions.iter().flatten().map(|(name, field)| dimension((name, field)));
    Some(Transformation {
        value: MetricValue::parse(&metric.metric_value).ok()?,
        default_value: metric.default_value,
        dimensions: dimensions.collect::<Option<_>>()?,
    })
}
