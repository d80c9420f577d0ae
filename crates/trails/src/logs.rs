//! A trail's events in its log group: through the operations that a client
//! would call, as the trail's role.

use neargate_api::model::cloudtrail::Trail;
use neargate_api::model::logs::LogStream;
use neargate_api::types::logs;
use neargate_api::types::logs::{CreateLogStreamRequest, InputLogEvent, PutLogEventsRequest};
use neargate_api::{Ctx, Opener, Wanted};
use neargate_api_cloudtrail::{PRINCIPAL, group_of};
use neargate_eventlog::Entry;

use crate::Trails;

/// Bytes and events of one PutLogEvents.
const BATCH_BYTES: usize = 900 << 10;
const BATCH_EVENTS: usize = 1000;

/// Bytes of a line that CloudWatch Logs takes; AWS leaves out longer events too.
const LINE_BYTES: usize = 256 << 10;

impl Trails {
    /// The error is the code that GetTrailStatus shows.
    pub async fn put_lines(&self, trail: &Trail, events: &[Entry]) -> Result<(), String> {
        let (Some(group_arn), Some(role_arn)) = (&trail.log_group_arn, &trail.log_role_arn) else {
            return Ok(());
        };
        let (region, group) = group_of(group_arn).ok_or("the log group's ARN is no ARN")?;
        let ctx = self.as_role(trail, role_arn, &region)?;
        let stream = format!("{}_CloudTrail_{}", self.cloud.account, trail.region);
        let model = &logs::SERVICE;
        // Its creation is an event too: asked for each time, deliveries would feed themselves.
        if !ctx.snapshot().contains::<LogStream>(&LogStream::key_of(&region, &group, &stream)) {
            let made = CreateLogStreamRequest {
                log_group_name: group.clone(),
                log_stream_name: stream.clone(),
            };
            let made = self.services.invoke::<logs::CreateLogStream>(model, ctx.clone(), made);
            made.await.map_err(|error| error.code)?;
        }
        for batch in batches(events) {
            let input = PutLogEventsRequest {
                log_events: batch,
                log_group_name: group.clone(),
                log_stream_name: stream.clone(),
                ..Default::default()
            };
            let put = self.services.invoke::<logs::PutLogEvents>(model, ctx.clone(), input).await;
            put.map_err(|error| error.code)?;
        }
        Ok(())
    }

    fn as_role(&self, trail: &Trail, role_arn: &str, region: &str) -> Result<Ctx, String> {
        let (cloud, now) = (&self.cloud, self.cloud.clock.now());
        let wanted = Wanted {
            opener: Opener::Service { name: PRINCIPAL, source_arn: &trail.arn },
            role_arn,
            session_name: "CLOUDWATCH_LOGS_DELIVERY_SESSION",
            now,
            expires_at: now.plus_secs(3600),
            session_policies: Vec::new(),
            external_id: None,
        };
        let session = cloud.identity.open_session(&cloud.store.snapshot(), &wanted);
        let session = session.map_err(|denied| denied.message)?;
        Ok(Ctx {
            cloud: cloud.clone(),
            caller: session.caller,
            region: region.to_owned(),
            request_id: cloud.rng.uuid(),
            now,
        })
    }
}

/// The events as lines in the order of time, in batches that one call takes.
fn batches(events: &[Entry]) -> Vec<Vec<InputLogEvent>> {
    let lines = events.iter().filter(|event| event.record.get().len() <= LINE_BYTES);
    let mut lines: Vec<InputLogEvent> = lines
        .map(|event| InputLogEvent {
            message: event.record.get().to_owned(),
            timestamp: event.at_ms,
        })
        .collect();
    lines.sort_by_key(|line| line.timestamp);
    let mut batches: Vec<Vec<InputLogEvent>> = Vec::new();
    let mut size = usize::MAX;
    for line in lines {
        let full = batches.last().is_some_and(|batch| batch.len() >= BATCH_EVENTS);
        let fits = size.checked_add(line.message.len()).is_some_and(|sum| sum <= BATCH_BYTES);
        if full || !fits {
            batches.push(Vec::new());
            size = 0;
        }
        size += line.message.len();
        if let Some(batch) = batches.last_mut() {
            batch.push(line);
        }
    }
    batches
}
