//! StartLogging and StopLogging: from where to where in the log a trail delivers.

use neargate_api::model::cloudtrail::{Delivery, Place, Trail};
use neargate_api::types::cloudtrail::{
    StartLoggingRequest, StartLoggingResponse, StopLoggingRequest, StopLoggingResponse,
};
use neargate_api::{AwsError, Ctx};
use neargate_eventlog::EventLog;

use super::{key_at_home, unknown};

async fn end(log: &EventLog) -> Place {
    let end = log.end().await;
    Place { segment: end.segment, offset: end.offset }
}

pub async fn start(
    ctx: Ctx,
    log: EventLog,
    input: StartLoggingRequest,
) -> Result<StartLoggingResponse, AwsError> {
    let key = key_at_home(&ctx, &input.name)?;
    let (missing, now) = (unknown(&ctx, &input.name), ctx.now);
    let place = end(&log).await;
    ctx.write(move |tx| {
        let was = tx.get::<Trail>(&key).ok_or(missing)?;
        if was.logging {
            return Ok(StartLoggingResponse {});
        }
        tx.update::<Trail>(&key, |trail| {
            trail.logging = true;
            trail.started_at = Some(now);
        });
        let delivery = tx.get::<Delivery>(&key);
        let mut delivery = delivery.map_or_else(
            || Delivery::beginning(key.clone(), place),
            |delivery| Delivery::clone(&delivery),
        );
        // What was stopped and is not delivered yet still is.
        if delivery.until.is_none_or(|until| until == delivery.from) {
            delivery.from = place;
        }
        delivery.until = None;
        tx.put(delivery);
        Ok(StartLoggingResponse {})
    })
    .await
}

pub async fn stop(
    ctx: Ctx,
    log: EventLog,
    input: StopLoggingRequest,
) -> Result<StopLoggingResponse, AwsError> {
    let key = key_at_home(&ctx, &input.name)?;
    let (missing, now) = (unknown(&ctx, &input.name), ctx.now);
    let place = end(&log).await;
    ctx.write(move |tx| {
        let was = tx.get::<Trail>(&key).ok_or(missing)?;
        if was.logging {
            tx.update::<Trail>(&key, |trail| {
                trail.logging = false;
                trail.stopped_at = Some(now);
            });
            tx.update::<Delivery>(&key, |delivery| delivery.until = Some(place));
        }
        Ok(StopLoggingResponse {})
    })
    .await
}
