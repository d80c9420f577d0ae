//! GetLogRecord: the event that a row's `@ptr` leads to, with all its fields.

use neargate_api::model::logs::lines_key;
use neargate_api::types::logs::{GetLogRecordRequest, GetLogRecordResponse, error};
use neargate_api::{AwsError, Ctx};
use neargate_loglines::{LogLines, Read, time_of_id};
use neargate_logquery::insights::{Line, all_fields};

use crate::{event, group};

/// Digits of an event's id.
const ID: usize = 56;

/// What a row's `@ptr` is: the event's id, so that pointers sort as events do, and where it is.
pub fn pointer(id: &str, group: &str, stream: &str) -> String {
    format!("{id}{}", hex::encode(format!("{group}\n{stream}")))
}

pub async fn call(
    ctx: Ctx,
    lines: LogLines,
    input: GetLogRecordRequest,
) -> Result<GetLogRecordResponse, AwsError> {
    let wrong =
        || error::invalid_parameter_exception("The specified log record pointer is invalid.");
    if input.unmask == Some(true) {
        return Err(error::invalid_parameter_exception(
            "Neargate masks no log data: leave unmask out.",
        ));
    }
    let pointer = &input.log_record_pointer;
    let (id, place) = pointer.split_at_checked(ID).ok_or_else(wrong)?;
    let place = hex::decode(place).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let place = place.ok_or_else(wrong)?;
    let (name, stream) = place.split_once('\n').ok_or_else(wrong)?;
    let at_ms = time_of_id(id).ok_or_else(wrong)?;
    group::find(&ctx, &ctx.snapshot(), name)?;
    ctx.authorize("logs:GetLogRecord", &group::resource(&ctx, name))?;
    let mut token = None;
    loop {
        let read = Read {
            start_ms: Some(at_ms),
            end_ms: Some(at_ms + 1),
            start_from_head: true,
            token: token.clone(),
            ..Read::default()
        };
        let page = lines.read(&lines_key(&ctx.region, name), stream, read).await;
        let page = page.map_err(event::failed)?;
        if let Some(found) = page.events.into_iter().find(|event| event.id == id) {
            let line = Line {
                timestamp_ms: found.timestamp_ms,
                ingestion_ms: found.ingestion_ms,
                message: found.message,
                stream: found.stream,
                log: format!("{}:{name}", ctx.account()).into(),
                ptr: pointer.clone(),
            };
            let fields = all_fields(&line).into_iter().collect();
            return Ok(GetLogRecordResponse { log_record: Some(fields) });
        }
        if token.as_ref() == Some(&page.next_forward_token) {
            return Err(error::resource_not_found_exception("The log record does not exist."));
        }
        token = Some(page.next_forward_token);
    }
}
