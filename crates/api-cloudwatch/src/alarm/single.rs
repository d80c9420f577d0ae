//! The one metric that a metric alarm watches, read out of its definition.

use neargate_api::types::cloudwatch::MetricAlarm;
use neargate_series::{Metric, Statistic, Unit};

/// What is watched of it.
pub struct Single {
    pub metric: Metric,
    pub unit: Option<Unit>,
    pub statistic: Statistic,
    /// As AWS spells it: `Average`, `p95`.
    pub statistic_name: String,
    pub period_s: i64,
}

impl Single {
    /// `None` for an alarm of several metrics, and of a statistic that there is not.
    pub fn of(region: &str, definition: &MetricAlarm) -> Option<Self> {
        let dimensions = definition.dimensions.iter().flatten();
        let metric = Metric::new(
            region,
            definition.namespace.as_ref()?,
            definition.metric_name.as_ref()?,
            dimensions.map(|dimension| (&dimension.name, &dimension.value)),
        );
        let name = definition.statistic.as_ref().or(definition.extended_statistic.as_ref())?;
        Some(Single {
            metric,
            unit: definition.unit.as_deref().and_then(Unit::named),
            statistic: Statistic::named(name)?,
            statistic_name: name.clone(),
            period_s: definition.period?.into(),
        })
    }
}
