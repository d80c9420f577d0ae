//! A log group: the input is a line in it, in a stream of the rule's target.

use neargate_api::Timestamp;
use neargate_api::model::logs::{LogGroup, LogStream, ResourcePolicy};
use neargate_api::types::logs::{self, CreateLogStreamRequest, InputLogEvent, PutLogEventsRequest};
use serde_json::Value;

use super::Destination;
use crate::deliver::Refusal;
use crate::fingerprint::uuid_of;

impl Destination<'_> {
    pub(super) async fn put_line(&self, group: &str, text: &str) -> Result<(), Refusal> {
        let region = &self.rule.region;
        let snapshot = self.bridge.cloud.store.snapshot();
        let Some(found) = snapshot.get::<LogGroup>(&LogGroup::key_of(region, group)) else {
            return Err(Refusal::for_good(format!("there is no log group {group}")));
        };
        // AWS names its streams by ids that tell nothing either.
        let stream = uuid_of(&format!("{} {}", self.rule.arn, self.target.id));
        self.permitted_to_write(&format!("{}:log-stream:{stream}", found.arn))?;
        let ctx = self.ctx()?;
        let services = &self.bridge.services;
        if !snapshot.contains::<LogStream>(&LogStream::key_of(region, group, &stream)) {
            let made = CreateLogStreamRequest {
                log_group_name: group.to_owned(),
                log_stream_name: stream.clone(),
            };
            let made = services.invoke::<logs::CreateLogStream>(&logs::SERVICE, ctx.clone(), made);
            made.await?;
        }
        let input = PutLogEventsRequest {
            log_events: vec![line(text, self.delivery.received_at)],
            log_group_name: group.to_owned(),
            log_stream_name: stream,
            ..Default::default()
        };
        services.invoke::<logs::PutLogEvents>(&logs::SERVICE, ctx, input).await?;
        Ok(())
    }

    fn permitted_to_write(&self, stream_arn: &str) -> Result<(), Refusal> {
        let snapshot = self.bridge.cloud.store.snapshot();
        let policies: Vec<_> = snapshot
            .scan::<ResourcePolicy>(&ResourcePolicy::key_of(&self.rule.region, ""))
            .collect();
        for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
            let documents = policies.iter().map(|policy| policy.document.as_str());
            self.permitted(documents, action, stream_arn)?;
        }
        Ok(())
    }
}

/// The line. An input that has `timestamp` and `message` says what stands in it and of when.
fn line(text: &str, received_at: Timestamp) -> InputLogEvent {
    let parsed: Option<Value> = serde_json::from_str(text).ok();
    let told = parsed.as_ref().and_then(|json| {
        let at = match &json["timestamp"] {
            Value::Number(millis) => millis.as_i64()?,
            Value::String(text) => Timestamp::parse_iso8601(text)?.millis(),
            _ => return None,
        };
        let message = match &json["message"] {
            Value::Null => return None,
            Value::String(message) => message.clone(),
            other => other.to_string(),
        };
        (json.as_object()?.len() == 2).then_some((at, message))
    });
    let (timestamp, message) = told.unwrap_or_else(|| (received_at.millis(), text.to_owned()));
    InputLogEvent { message, timestamp }
}
