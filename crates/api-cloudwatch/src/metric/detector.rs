//! PutAnomalyDetector, DescribeAnomalyDetectors and DeleteAnomalyDetector: what detection is told of
//! a metric. The model is made of the stored values whenever a band is asked for
//! ([`super::anomaly`]), so that there is nothing to train or to wait for.

use neargate_api::model::cloudwatch::AnomalyDetector;
use neargate_api::types::cloudwatch::{
    self, AnomalyDetectorConfiguration, DeleteAnomalyDetectorInput, DeleteAnomalyDetectorOutput,
    DescribeAnomalyDetectorsInput, DescribeAnomalyDetectorsOutput, Dimension,
    PutAnomalyDetectorInput, PutAnomalyDetectorOutput, SingleMetricAnomalyDetector, error,
};
use neargate_api::{AwsError, Ctx, Record, Snapshot, Stored, page};
use neargate_series::Metric;

use super::anomaly::Model;

/// What is learned of a metric's statistic, by what its detector was told.
pub fn models(snapshot: Snapshot, region: &str) -> impl Fn(&Metric, &str) -> Model + use<> {
    let region = region.to_owned();
    move |metric, stat| {
        let key = AnomalyDetector::key_of(&region, &words_of(metric, stat));
        let Some(found) = snapshot.get::<AnomalyDetector>(&key) else { return Model::default() };
        let configuration = found.detector.configuration.as_ref();
        let excluded = configuration.and_then(|told| told.excluded_time_ranges.as_ref());
        let excluded = excluded.into_iter().flatten();
        Model { excluded: excluded.map(|range| (range.start_time, range.end_time)).collect() }
    }
}

/// The same for the same metric and statistic, whatever the order of dimensions.
fn words_of(metric: &Metric, stat: &str) -> String {
    let mut words = format!("{}\n{}\n{stat}", metric.namespace, metric.name);
    for (name, value) in metric.dimensions() {
        words.push_str(&format!("\n{name}\n{value}"));
    }
    words
}

/// The metric that an input names, in one way or the other.
struct Named {
    single: SingleMetricAnomalyDetector,
}

impl Named {
    fn of(
        single: Option<SingleMetricAnomalyDetector>,
        is_math: bool,
        plain: SingleMetricAnomalyDetector,
    ) -> Result<Self, AwsError> {
        if is_math {
            return Err(error::invalid_parameter_value_exception(
                "Neargate detects anomalies of single metrics, and not of metric math.",
            ));
        }
        let is_plain = plain.namespace.is_some() || plain.metric_name.is_some();
        let single = match (single, is_plain) {
            (Some(single), false) => single,
            (None, true) => plain,
            (Some(_), true) => {
                return Err(error::invalid_parameter_combination_exception(
                    "SingleMetricAnomalyDetector can't be used with Namespace, MetricName, Dimensions or Stat.",
                ));
            }
            (None, false) => {
                return Err(error::missing_required_parameter_exception(
                    "The parameter SingleMetricAnomalyDetector is required.",
                ));
            }
        };
        for (name, value) in [
            ("Namespace", &single.namespace),
            ("MetricName", &single.metric_name),
            ("Stat", &single.stat),
        ] {
            if value.is_none() {
                return Err(error::missing_required_parameter_exception(format!(
                    "The parameter {name} is required."
                )));
            }
        }
        Ok(Named { single })
    }

    fn words(&self, region: &str) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let dimensions = self.single.dimensions.iter().flatten();
        let (namespace, name) = (text(&self.single.namespace), text(&self.single.metric_name));
        let dimensions = dimensions.map(|dimension| (&dimension.name, &dimension.value));
        let metric = Metric::new(region, &namespace, &name, dimensions);
        words_of(&metric, &text(&self.single.stat))
    }
}

fn plain(
    namespace: Option<String>,
    metric_name: Option<String>,
    dimensions: Option<Vec<Dimension>>,
    stat: Option<String>,
) -> SingleMetricAnomalyDetector {
    SingleMetricAnomalyDetector { namespace, metric_name, dimensions, stat, ..Default::default() }
}

pub async fn put(
    ctx: Ctx,
    input: PutAnomalyDetectorInput,
) -> Result<PutAnomalyDetectorOutput, AwsError> {
    let plain = plain(input.namespace, input.metric_name, input.dimensions, input.stat);
    let is_math = input.metric_math_anomaly_detector.is_some();
    let named = Named::of(input.single_metric_anomaly_detector, is_math, plain)?;
    if let Some(stat) = &named.single.stat {
        super::statistic(stat)?;
    }
    check_ranges(input.configuration.as_ref())?;
    let of = named.words(&ctx.region);
    let single = named.single;
    let made_id = ctx.rng().uuid();
    let detector = cloudwatch::AnomalyDetector {
        namespace: single.namespace.clone(),
        metric_name: single.metric_name.clone(),
        dimensions: Some(single.dimensions.clone().unwrap_or_default()),
        stat: single.stat.clone(),
        configuration: input.configuration,
        metric_characteristics: input.metric_characteristics,
        single_metric_anomaly_detector: Some(single),
        ..Default::default()
    };
    let mut made = AnomalyDetector { region: ctx.region.clone(), of, detector: Stored(detector) };
    let id = ctx
        .write(move |tx| {
            let old = tx.get::<AnomalyDetector>(&made.key());
            let kept = old.and_then(|old| old.detector.0.anomaly_detector_id.clone());
            let id = kept.unwrap_or(made_id);
            made.detector.0.anomaly_detector_id = Some(id.clone());
            tx.put(made);
            Ok(id)
        })
        .await?;
    Ok(PutAnomalyDetectorOutput { anomaly_detector_id: Some(id) })
}

fn check_ranges(told: Option<&AnomalyDetectorConfiguration>) -> Result<(), AwsError> {
    let ranges = told.and_then(|told| told.excluded_time_ranges.as_ref());
    match ranges.into_iter().flatten().any(|range| range.start_time >= range.end_time) {
        true => Err(error::invalid_parameter_value_exception(
            "The StartTime of an excluded time range must be before its EndTime.",
        )),
        false => Ok(()),
    }
}

pub async fn delete(
    ctx: Ctx,
    input: DeleteAnomalyDetectorInput,
) -> Result<DeleteAnomalyDetectorOutput, AwsError> {
    let key = match &input.anomaly_detector_id {
        Some(id) => by_id(&ctx, id),
        None => {
            let plain = plain(input.namespace, input.metric_name, input.dimensions, input.stat);
            let is_math = input.metric_math_anomaly_detector.is_some();
            let named = Named::of(input.single_metric_anomaly_detector, is_math, plain)?;
            AnomalyDetector::key_of(&ctx.region, &named.words(&ctx.region))
        }
    };
    ctx.write(move |tx| match tx.delete::<AnomalyDetector>(&key) {
        Some(_) => Ok(()),
        None => Err(error::resource_not_found_exception("The anomaly detector does not exist.")),
    })
    .await?;
    Ok(DeleteAnomalyDetectorOutput {})
}

/// The key of the one with this id; of none where there is none.
fn by_id(ctx: &Ctx, id: &str) -> String {
    let snapshot = ctx.snapshot();
    let mut all = snapshot.scan::<AnomalyDetector>(&AnomalyDetector::key_of(&ctx.region, ""));
    let found = all.find(|found| found.detector.anomaly_detector_id.as_deref() == Some(id));
    found.map(|found| found.key()).unwrap_or_default()
}

pub async fn describe(
    ctx: Ctx,
    input: DescribeAnomalyDetectorsInput,
) -> Result<DescribeAnomalyDetectorsOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let found = snapshot.scan::<AnomalyDetector>(&AnomalyDetector::key_of(&ctx.region, ""));
    let types = input.anomaly_detector_types.as_ref().filter(|types| !types.is_empty());
    let of_type = types.is_none_or(|types| types.iter().any(|one| one == "SINGLE_METRIC"));
    let found = found.filter(|found| of_type && is_asked(&found.detector, &input));
    let limit = usize::try_from(input.max_results.unwrap_or(10)).unwrap_or(10);
    let page = page(found, |found| found.key(), input.next_token.as_deref(), limit)
        .ok_or_else(|| error::invalid_next_token("The NextToken is invalid."))?;
    let shown = page.items.iter().map(|found| cloudwatch::AnomalyDetector {
        state_value: Some("TRAINED".into()),
        ..found.detector.0.clone()
    });
    Ok(DescribeAnomalyDetectorsOutput {
        anomaly_detectors: Some(shown.collect()),
        next_token: page.next_token,
    })
}

fn is_asked(found: &cloudwatch::AnomalyDetector, input: &DescribeAnomalyDetectorsInput) -> bool {
    let has = |wanted: &Dimension| {
        let own = found.dimensions.iter().flatten();
        own.clone().any(|own| own.name == wanted.name && own.value == wanted.value)
    };
    let ids = input.anomaly_detector_ids.as_ref().filter(|ids| !ids.is_empty());
    ids.is_none_or(|ids| found.anomaly_detector_id.as_ref().is_some_and(|id| ids.contains(id)))
        && input.namespace.as_ref().is_none_or(|wanted| found.namespace.as_ref() == Some(wanted))
        && input
            .metric_name
            .as_ref()
            .is_none_or(|wanted| found.metric_name.as_ref() == Some(wanted))
        && input.dimensions.iter().flatten().all(has)
}
