//! PutScheduledAction: bounds that are to hold from a time on.

use neargate_api::model::application_autoscaling::ScheduledAction;
use neargate_api::types::application_autoscaling::{
    self as wire, PutScheduledActionRequest, PutScheduledActionResponse, error,
};
use neargate_api::{AwsError, Ctx, Stored};
use neargate_rules::{Schedule, Zone};

use crate::target::Reference;

pub async fn call(
    ctx: Ctx,
    input: PutScheduledActionRequest,
) -> Result<PutScheduledActionResponse, AwsError> {
    let reference =
        Reference::new(&input.service_namespace, &input.scalable_dimension, &input.resource_id);
    let inner = ctx.clone();
    ctx.write(move |tx| {
        let ctx = inner;
        reference.registered(tx.view(), &ctx.region)?;
        let key = ScheduledAction::key_of(
            &ctx.region,
            &reference.dimension,
            &reference.resource_id,
            &input.scheduled_action_name,
        );
        let before = tx.get::<ScheduledAction>(&key).map(|action| action.shown.0.clone());
        let shown = merged(before.unwrap_or_else(|| named(&ctx, &input)), input);
        check(&shown)?;
        tx.put(ScheduledAction {
            region: ctx.region.clone(),
            scalable_dimension: reference.dimension,
            shown: Stored(shown),
            counted_from: ctx.now,
        });
        Ok(PutScheduledActionResponse {})
    })
    .await
}

fn named(ctx: &Ctx, input: &PutScheduledActionRequest) -> wire::ScheduledAction {
    let resource = format!(
        "scheduledAction:{}:resource/{}/{}:scheduledActionName/{}",
        ctx.rng().uuid(),
        input.service_namespace,
        input.resource_id,
        input.scheduled_action_name
    );
    wire::ScheduledAction {
        creation_time: ctx.now,
        resource_id: input.resource_id.clone(),
        scalable_dimension: Some(input.scalable_dimension.clone()),
        scheduled_action_arn: ctx.arn("autoscaling", resource),
        scheduled_action_name: input.scheduled_action_name.clone(),
        service_namespace: input.service_namespace.clone(),
        ..Default::default()
    }
}

/// What an update does not give stays, but for its start and end.
fn merged(
    mut action: wire::ScheduledAction,
    input: PutScheduledActionRequest,
) -> wire::ScheduledAction {
    if let Some(schedule) = input.schedule {
        action.schedule = schedule;
    }
    action.scalable_target_action = input.scalable_target_action.or(action.scalable_target_action);
    // These two are gone where they are not given.
    (action.start_time, action.end_time) = (input.start_time, input.end_time);
    action.timezone = input.timezone.or(action.timezone);
    action
}

fn check(action: &wire::ScheduledAction) -> Result<(), AwsError> {
    let refuse = |message: String| Err(error::validation_exception(message));
    if Schedule::parse(&action.schedule).is_none() {
        return refuse(format!(
            "Invalid schedule: {:?}. Give at(yyyy-mm-ddThh:mm:ss), rate(VALUE UNIT) or cron(FIELDS), with six fields.",
            action.schedule
        ));
    }
    if let Some(zone) = action.timezone.as_deref().filter(|zone| Zone::named(zone).is_none()) {
        return refuse(format!(
            "The timezone {zone} is not a valid timezone of the IANA database."
        ));
    }
    let bounds = action.scalable_target_action.as_ref();
    let (min, max) = bounds.map_or((None, None), |b| (b.min_capacity, b.max_capacity));
    match (min, max) {
        (None, None) => refuse("MinCapacity or MaxCapacity must be specified.".into()),
        (Some(min), Some(max)) if min > max => refuse(format!(
            "Maximum capacity ({max}) must be greater than or equal to minimum capacity ({min})."
        )),
        (Some(bound), _) | (_, Some(bound)) if bound < 0 || max.is_some_and(|max| max < 0) => {
            refuse("Capacities must be 0 or more.".into())
        }
        _ => match (action.start_time, action.end_time) {
            (Some(start), Some(end)) if end <= start => {
                refuse("EndTime must be later than StartTime.".into())
            }
            _ => Ok(()),
        },
    }
}
