//! GetPredictiveScalingForecast: what a policy of predictive scaling expects.

use neargate_api::model::application_autoscaling::{Expected, ScalingForecast, ScalingPolicy};
use neargate_api::types::application_autoscaling::{
    CapacityForecast, GetPredictiveScalingForecastRequest, GetPredictiveScalingForecastResponse,
    LoadForecast, error,
};
use neargate_api::{AwsError, Ctx};

use crate::target::Reference;

/// The longest range that can be asked for.
const DAYS: i64 = 30;

pub async fn call(
    ctx: Ctx,
    input: GetPredictiveScalingForecastRequest,
) -> Result<GetPredictiveScalingForecastResponse, AwsError> {
    let refuse = |message: String| Err(error::validation_exception(message));
    let reference =
        Reference::new(&input.service_namespace, &input.scalable_dimension, &input.resource_id);
    let (dimension, resource) = (&reference.dimension, &reference.resource_id);
    let key = ScalingPolicy::key_of(&ctx.region, dimension, resource, &input.policy_name);
    let snapshot = ctx.snapshot();
    let Some(policy) = snapshot.get::<ScalingPolicy>(&key) else {
        return refuse(format!(
            "No scaling policy found for {}, policy name: {}",
            reference.described(),
            input.policy_name
        ));
    };
    let Some(configuration) = &policy.shown.predictive_scaling_policy_configuration else {
        return refuse(format!("{} is no policy of predictive scaling.", input.policy_name));
    };
    let span_ms = input.end_time.millis_since(input.start_time);
    if span_ms <= 0 || span_ms > DAYS * 86_400_000 {
        return refuse(format!("EndTime must be after StartTime, by at most {DAYS} days."));
    }
    let Some(forecast) = snapshot.get::<ScalingForecast>(&key) else {
        return refuse(
            "There is no forecast yet: it needs at least 24 hours of data of the load metric."
                .into(),
        );
    };
    let asked = |all: &[Expected]| -> Vec<Expected> {
        let within = |e: &&Expected| e.at >= input.start_time && e.at < input.end_time;
        all.iter().filter(within).copied().collect()
    };
    let of_metric = |(load, specification): (&Vec<Expected>, &_)| {
        let load = asked(load);
        LoadForecast {
            metric_specification: Clone::clone(specification),
            timestamps: load.iter().map(|expected| expected.at).collect(),
            values: load.iter().map(|expected| expected.value).collect(),
        }
    };
    let capacity = asked(&forecast.capacity);
    Ok(GetPredictiveScalingForecastResponse {
        load_forecast: Some(
            forecast
                .loads
                .iter()
                .zip(&configuration.metric_specifications)
                .map(of_metric)
                .collect(),
        ),
        capacity_forecast: Some(CapacityForecast {
            timestamps: capacity.iter().map(|expected| expected.at).collect(),
            values: capacity.iter().map(|expected| expected.value).collect(),
        }),
        update_time: Some(forecast.made_at),
    })
}
