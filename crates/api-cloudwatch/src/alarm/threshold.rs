//! What a metric alarm must satisfy beyond its model. Pure. The rules are those
//! of PutMetricAlarm in the API reference.

use neargate_api::AwsError;
use neargate_api::types::cloudwatch::{MetricDataQuery, PutMetricAlarmInput, error};

use neargate_series::Statistic;

use crate::alarm::invalid;
use crate::metric::queries::is_sql;

const DAY_S: i64 = 24 * 60 * 60;
/// Operators that compare with an anomaly detection band.
const BAND_OPERATORS: [&str; 3] = [
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
];
const TREATMENTS: [&str; 4] = ["breaching", "notBreaching", "ignore", "missing"];

/// A parameter that is needed.
fn missing(message: &str) -> AwsError {
    AwsError::new(400, "MissingParameter", message)
}

/// Parameters that exclude each other.
fn combination(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "InvalidParameterCombination", message)
}

pub fn check(input: &PutMetricAlarmInput) -> Result<(), AwsError> {
    check_source(input)?;
    if input.evaluation_criteria.is_some() {
        return Ok(());
    }
    check_comparison(input)?;
    check_periods(input)?;
    if let Some(treatment) = &input.treat_missing_data
        && !TREATMENTS.contains(&treatment.as_str())
    {
        return Err(invalid(format!(
            "Option {treatment} is not supported for TreatMissingData. Supported options: {TREATMENTS:?}"
        )));
    }
    match input.evaluate_low_sample_count_percentile.as_deref() {
        None | Some("evaluate" | "ignore") => Ok(()),
        Some(option) => Err(invalid(format!(
            "Option {option} is not supported for parameter EvaluateLowSampleCountPercentile."
        ))),
    }
}

/// An alarm watches one metric, or a list of queries, or a PromQL query.
fn check_source(input: &PutMetricAlarmInput) -> Result<(), AwsError> {
    match (&input.metric_name, &input.metrics, &input.evaluation_criteria) {
        (Some(_), None, None) => check_metric(input),
        (None, Some(queries), None) => check_queries(input, queries),
        (None, None, Some(_)) => Ok(()),
        (None, None, None) => {
            Err(missing("Either MetricName, Metrics or EvaluationCriteria must be specified."))
        }
        _ => Err(combination(
            "Exactly one of MetricName, Metrics and EvaluationCriteria may be specified.",
        )),
    }
}

fn check_metric(input: &PutMetricAlarmInput) -> Result<(), AwsError> {
    if input.namespace.is_none() {
        return Err(missing("The parameter Namespace is required."));
    }
    if input.period.is_none() {
        return Err(missing("The parameter Period is required."));
    }
    match (&input.statistic, &input.extended_statistic) {
        (Some(_), None) => Ok(()),
        (None, Some(statistic)) if is_extended(statistic) => Ok(()),
        (None, Some(statistic)) => Err(error::invalid_parameter_value_exception(format!(
            "The value {statistic} for parameter ExtendedStatistic is not supported."
        ))),
        (None, None) => Err(missing("One of Statistic and ExtendedStatistic is required.")),
        (Some(_), Some(_)) => {
            Err(combination("Statistic and ExtendedStatistic are mutually exclusive."))
        }
    }
}

/// `p99.9`, `tm95`, `TC(0.5:10)`, `PR(:300)`, `IQM` and the like.
fn is_extended(statistic: &str) -> bool {
    matches!(
        Statistic::named(statistic),
        Some(Statistic::Percentile(_) | Statistic::Trimmed(..) | Statistic::PercentileRank(_))
    )
}

fn check_queries(input: &PutMetricAlarmInput, queries: &[MetricDataQuery]) -> Result<(), AwsError> {
    let single = [
        ("Namespace", input.namespace.is_some()),
        ("Dimensions", input.dimensions.as_ref().is_some_and(|d| !d.is_empty())),
        ("Period", input.period.is_some()),
        ("Unit", input.unit.is_some()),
        ("Statistic", input.statistic.is_some()),
        ("ExtendedStatistic", input.extended_statistic.is_some()),
    ];
    if let Some((name, _)) = single.iter().find(|(_, given)| *given) {
        return Err(combination(format!("{name} must not be specified together with Metrics.")));
    }
    for (index, query) in queries.iter().enumerate() {
        if queries[..index].iter().any(|other| other.id == query.id) {
            return Err(invalid(format!("The metric id {} is not unique.", query.id)));
        }
        if query.expression.is_some() == query.metric_stat.is_some() {
            return Err(invalid(format!(
                "Exactly one of Expression and MetricStat must be specified for {}.",
                query.id
            )));
        }
    }
    for query in queries {
        check_expression(query, queries)?;
    }
    let is_shown = |query: &&MetricDataQuery| query.return_data != Some(false);
    let is_threshold =
        |query: &&MetricDataQuery| input.threshold_metric_id.as_ref() == Some(&query.id);
    let watched = queries.iter().filter(is_shown).filter(|query| !is_threshold(query)).count();
    if watched != 1 {
        return Err(invalid("Exactly one element of the metrics list should return data."));
    }
    Ok(())
}

/// What is no expression, or none for an alarm.
fn check_expression(query: &MetricDataQuery, all: &[MetricDataQuery]) -> Result<(), AwsError> {
    let Some(expression) = &query.expression else { return Ok(()) };
    let wrong =
        |why: &dyn std::fmt::Display| invalid(format!("Error in expression '{}': {why}", query.id));
    if is_sql(expression) {
        return Err(wrong(&"Neargate does not evaluate Metrics Insights queries"));
    }
    let parsed = neargate_metricmath::parse(expression).map_err(|error| wrong(&error))?;
    let is_there = |name: &str| all.iter().any(|other| other.id == name);
    if let Some(unknown) = parsed.names().into_iter().find(|name| !is_there(name)) {
        return Err(wrong(&format!("Undefined variable {unknown}")));
    }
    match parsed.calls("SEARCH") {
        true => Err(wrong(&"SEARCH is not supported on Metric Alarms.")),
        false => Ok(()),
    }
}

fn check_comparison(input: &PutMetricAlarmInput) -> Result<(), AwsError> {
    let Some(operator) = &input.comparison_operator else {
        return Err(missing("The parameter ComparisonOperator is required."));
    };
    let band = BAND_OPERATORS.contains(&operator.as_str());
    match (input.threshold, &input.threshold_metric_id) {
        (Some(_), None) if !band => Ok(()),
        (None, Some(id)) if band => {
            let queries = input.metrics.iter().flatten();
            if queries.clone().any(|query| query.id == *id) {
                return Ok(());
            }
            Err(invalid(format!("ThresholdMetricId {id} is not an id of the metrics list.")))
        }
        (None, None) => {
            Err(missing("One of the parameters Threshold and ThresholdMetricId is required."))
        }
        (Some(_), Some(_)) => {
            Err(combination("Threshold and ThresholdMetricId are mutually exclusive."))
        }
        _ => Err(combination(format!(
            "ComparisonOperator {operator} {} ThresholdMetricId.",
            if band { "needs" } else { "cannot be used with" }
        ))),
    }
}

fn check_periods(input: &PutMetricAlarmInput) -> Result<(), AwsError> {
    let Some(periods) = input.evaluation_periods else {
        return Err(missing("The parameter EvaluationPeriods is required."));
    };
    if input.datapoints_to_alarm.is_some_and(|datapoints| datapoints > periods) {
        return Err(invalid(
            "The value for DatapointsToAlarm must be less than or equal to EvaluationPeriods.",
        ));
    }
    let of_queries = input.metrics.iter().flatten().filter_map(|query| {
        query.period.or_else(|| query.metric_stat.as_ref().map(|stat| stat.period))
    });
    for period in input.period.into_iter().chain(of_queries) {
        if ![10, 20, 30].contains(&period) && (period < 60 || period % 60 != 0) {
            return Err(invalid("Period must be 10, 20, 30 or a multiple of 60."));
        }
        let days = if period < 3600 { 1 } else { 7 };
        if i64::from(period) * i64::from(periods) > days * DAY_S {
            return Err(invalid(format!(
                "Metrics cannot be checked across more than {days} day(s) \
                 (EvaluationPeriods * Period must be <= {}).",
                days * DAY_S
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpu() -> PutMetricAlarmInput {
        PutMetricAlarmInput {
            alarm_name: "cpu".into(),
            namespace: Some("AWS/ECS".into()),
            metric_name: Some("CPUUtilization".into()),
            statistic: Some("Average".into()),
            comparison_operator: Some("GreaterThanThreshold".into()),
            threshold: Some(80.0),
            period: Some(60),
            evaluation_periods: Some(2),
            ..Default::default()
        }
    }

    #[track_caller]
    fn refused(change: impl FnOnce(&mut PutMetricAlarmInput)) -> String {
        let mut input = cpu();
        change(&mut input);
        check(&input).unwrap_err().to_string()
    }

    #[test]
    fn an_alarm_has_one_source_a_threshold_and_sound_periods() {
        assert_eq!(check(&cpu()), Ok(()));
        assert!(refused(|i| i.metric_name = None).starts_with("MissingParameter"));
        assert!(refused(|i| i.threshold = None).starts_with("MissingParameter"));
        assert!(refused(|i| i.period = Some(90)).starts_with("ValidationError"));
        assert!(refused(|i| i.evaluation_periods = Some(1441)).contains("86400"));
        assert!(refused(|i| i.datapoints_to_alarm = Some(3)).contains("DatapointsToAlarm"));
        assert!(refused(|i| i.treat_missing_data = Some("never".into())).contains("never"));
        let both = refused(|i| i.extended_statistic = Some("p99".into()));
        assert!(both.starts_with("InvalidParameterCombination"), "{both}");
    }

    #[test]
    fn extended_statistics_are_known_by_their_form() {
        for known in ["p99", "p99.9", "tm90", "TM(2%:98%)", "IQM", "PR(:300)", "wm95"] {
            assert!(is_extended(known), "{known}");
        }
        for unknown in ["", "p", "p101", "q50", "Average", "p(1:2)"] {
            assert!(!is_extended(unknown), "{unknown}");
        }
    }
}
