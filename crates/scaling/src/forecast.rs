//! Predictive scaling: forecasts are made anew every six hours, and where a policy scales by them,
//! the capacity is there before its hour begins. A forecast takes nothing away: it is a minimum
//! for its hour, below which the other policies do not go.

use neargate_api::model::application_autoscaling::{
    CapacityChange, Expected, ScalableTarget, ScalingForecast, ScalingPolicy, of_target,
};
use neargate_api::types::application_autoscaling::PredictiveScalingPolicyConfiguration;
use neargate_api::{Record, Rng, Snapshot, Timestamp, Tx};
use neargate_api_application_autoscaling::{activity, load_of};
use neargate_plan::scaling::forecast;
use neargate_series::{Metric, Query, Series, SeriesError};

use crate::look::service_of;

/// How long a forecast is good for.
const HOLDS_S: i64 = 6 * 3600;
/// AWS's default of the time by which an hour's capacity comes early.
const BUFFER_S: i32 = 300;
const HOUR_S: i64 = 3600;

/// The minimum that a forecast sets for the time being.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Floor {
    pub policy: String,
    pub capacity: u32,
    /// The maximum, where the policy may raise it.
    pub max: u32,
}

/// The policies whose forecast has to be made anew.
pub fn due(snapshot: &Snapshot, now: Timestamp) -> Vec<ScalingPolicy> {
    let is_due = |policy: &ScalingPolicy| {
        let forecast = snapshot.get::<ScalingForecast>(&policy.key());
        let age_ms = forecast.map(|forecast| now.millis_since(forecast.made_at));
        policy.shown.predictive_scaling_policy_configuration.is_some()
            && age_ms.is_none_or(|age_ms| age_ms >= HOLDS_S * 1000)
    };
    let all = snapshot.all::<ScalingPolicy>().filter(|policy| is_due(policy));
    all.map(|policy| ScalingPolicy::clone(&policy)).collect()
}

/// The forecast of a policy; `None` before there are 24 hours of data.
pub fn made(
    policy: &ScalingPolicy,
    series: &Series,
    now: Timestamp,
) -> Result<Option<ScalingForecast>, SeriesError> {
    let Some(configuration) = &policy.shown.predictive_scaling_policy_configuration else {
        return Ok(None);
    };
    let hour = now.secs().div_euclid(HOUR_S);
    let mut loads = Vec::new();
    let mut capacity: Vec<Expected> = Vec::new();
    for specification in &configuration.metric_specifications {
        let Some(load) = load_of(specification, &policy.shown.resource_id) else { return Ok(None) };
        let metric = Metric::new(&policy.region, load.namespace, load.name, load.dimensions);
        let history = forecast::hourly(minutes(series, &metric, now)?);
        let Some(expected) = forecast::expected(&history, hour) else { return Ok(None) };
        let at = |hour: i64| Timestamp::from_secs(hour * HOUR_S);
        let needed = |load| f64::from(forecast::capacity(load, specification.target_value));
        let wanted = expected.iter().map(|(hour, load)| (at(*hour), needed(*load)));
        capacity = wanted.map(|(at, value)| Expected { at, value }).collect();
        // AWS tells the load of an hour as the sum of its minutes.
        let sums = expected.iter().map(|(hour, load)| (at(*hour), load * 60.0));
        loads.push(sums.map(|(at, value)| Expected { at, value }).collect());
    }
    Ok(Some(ScalingForecast { policy: policy.key(), made_at: now, loads, capacity }))
}

/// The load of every minute that AWS looks back.
fn minutes(
    series: &Series,
    metric: &Metric,
    now: Timestamp,
) -> Result<Vec<(i64, f64)>, SeriesError> {
    let query = Query {
        metric,
        unit: None,
        period: 60,
        from: now.plus_secs(-forecast::HOURS_BACK * HOUR_S),
        to: now,
        now,
    };
    let points = series.query(&query)?;
    Ok(points.into_iter().map(|(at, set)| (at.secs().div_euclid(60), set.sum)).collect())
}

/// The highest minimum that the forecasts of a target set now.
pub fn floor(snapshot: &Snapshot, target: &ScalableTarget, now: Timestamp) -> Option<Floor> {
    let shown = &target.shown;
    let prefix = of_target(&target.region, &shown.scalable_dimension, &shown.resource_id);
    let floors = snapshot.scan::<ScalingPolicy>(&prefix).filter_map(|policy| {
        let configuration = policy.shown.predictive_scaling_policy_configuration.as_ref()?;
        if configuration.mode.as_deref() != Some("ForecastAndScale") {
            return None;
        }
        let forecast = snapshot.get::<ScalingForecast>(&policy.key())?;
        let early = now.plus_secs(configuration.scheduling_buffer_time.unwrap_or(BUFFER_S).into());
        let wanted = [now, early].into_iter().filter_map(|at| expected_at(&forecast, at));
        let wanted = wanted.reduce(f64::max)? as u32;
        let max = max(configuration, wanted, shown.max_capacity.max(0) as u32);
        let capacity = wanted.min(max);
        Some(Floor { policy: policy.shown.policy_name.clone(), capacity, max })
    });
    floors.max_by_key(|floor| floor.capacity)
}

fn expected_at(forecast: &ScalingForecast, at: Timestamp) -> Option<f64> {
    let hour = Timestamp::from_secs(at.secs().div_euclid(HOUR_S) * HOUR_S);
    forecast.capacity.iter().find(|expected| expected.at == hour).map(|expected| expected.value)
}

/// The maximum, raised where the policy says so and what is expected comes near it.
fn max(configuration: &PredictiveScalingPolicyConfiguration, wanted: u32, max: u32) -> u32 {
    if configuration.max_capacity_breach_behavior.as_deref() != Some("IncreaseMaxCapacity") {
        return max;
    }
    let percent = f64::from(configuration.max_capacity_buffer.unwrap_or(0));
    let with_buffer = f64::from(wanted) * (1.0 + percent / 100.0);
    max.max((with_buffer - 1e-9).ceil() as u32)
}

/// Raises the capacity to what is expected.
pub fn apply(tx: &mut Tx, key: &str, rng: &Rng, now: Timestamp) {
    let Some(target) = tx.get::<ScalableTarget>(key) else { return };
    let shown = &target.shown;
    let Some(floor) = below(tx.view(), &target, now) else { return };
    let Some(service) = service_of(tx.view(), &target.region, &shown.resource_id) else { return };
    let change = CapacityChange {
        from: service.desired_count,
        to: floor.capacity,
        policy: None,
        cooldown_s: 0,
    };
    let cause = format!(
        "predictive scaling policy {} forecast a capacity of {}",
        floor.policy, floor.capacity
    );
    activity::put(tx, activity::begun(rng, &target.region, shown, now, cause, change));
}

/// The minimum of its forecasts, where a target is below it and may be scaled out.
pub fn below(snapshot: &Snapshot, target: &ScalableTarget, now: Timestamp) -> Option<Floor> {
    let suspended = target.shown.suspended_state.as_ref();
    if suspended.is_some_and(|state| state.dynamic_scaling_out_suspended == Some(true)) {
        return None;
    }
    let service = service_of(snapshot, &target.region, &target.shown.resource_id)?;
    let is_pending = crate::pending(snapshot)
        .iter()
        .any(|activity| activity.shown.resource_id == target.shown.resource_id);
    floor(snapshot, target, now)
        .filter(|floor| !is_pending && floor.capacity > service.desired_count)
}
