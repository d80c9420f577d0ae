//! A batch of PutLogEvents: which of its events are taken. Pure.
//! The limits are those of PutLogEvents in the API reference.

use neargate_api::AwsError;
use neargate_api::types::logs::{InputLogEvent, RejectedLogEventsInfo, error};
use neargate_loglines::event_size;

const BATCH_BYTES: u64 = 1 << 20;
const HOUR_MS: i64 = 60 * 60 * 1000;
const FUTURE_MS: i64 = 2 * HOUR_MS;
const PAST_MS: i64 = 14 * 24 * HOUR_MS;
const SPAN_MS: i64 = 24 * HOUR_MS;

/// A batch, judged.
#[derive(Debug)]
pub struct Sorted {
    pub accepted: Vec<InputLogEvent>,
    pub rejected: Option<RejectedLogEventsInfo>,
}

/// Takes the events that are neither too old, nor expired in their group, nor
/// too new; refuses the whole batch for its size, order and span.
pub fn sort(
    mut events: Vec<InputLogEvent>,
    now_ms: i64,
    expired_before_ms: Option<i64>,
) -> Result<Sorted, AwsError> {
    check_size(&events)?;
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(error::invalid_parameter_exception(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    let before = |time_ms: i64| events.partition_point(|event| event.timestamp < time_ms);
    let too_old = before(now_ms - PAST_MS);
    let expired = expired_before_ms.map_or(0, before);
    let too_new = events.partition_point(|event| event.timestamp <= now_ms + FUTURE_MS);
    let count = events.len();
    let accepted: Vec<InputLogEvent> =
        events.drain(too_old.max(expired).min(too_new)..too_new).collect();
    check_span(&accepted)?;
    let index = |index: usize| Some(index as i32);
    let rejected = (accepted.len() < count).then(|| RejectedLogEventsInfo {
        expired_log_event_end_index: index(expired).filter(|end| *end > 0),
        too_new_log_event_start_index: index(too_new).filter(|_| too_new < count),
        too_old_log_event_end_index: index(too_old).filter(|end| *end > 0),
    });
    Ok(Sorted { accepted, rejected })
}

fn check_size(events: &[InputLogEvent]) -> Result<(), AwsError> {
    let sizes = || events.iter().map(|event| event_size(&event.message));
    if let Some(size) = sizes().find(|size| *size > BATCH_BYTES) {
        return Err(error::invalid_parameter_exception(format!(
            "Log event too large: {size} bytes exceeds limit of {BATCH_BYTES}"
        )));
    }
    let size: u64 = sizes().sum();
    if size > BATCH_BYTES {
        return Err(error::invalid_parameter_exception(format!(
            "Upload too large: {size} bytes exceeds limit of {BATCH_BYTES}"
        )));
    }
    Ok(())
}

fn check_span(accepted: &[InputLogEvent]) -> Result<(), AwsError> {
    let (Some(first), Some(last)) = (accepted.first(), accepted.last()) else { return Ok(()) };
    if last.timestamp - first.timestamp > SPAN_MS {
        return Err(error::invalid_parameter_exception(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_323_045_000;

    fn at(hours: &[i64]) -> Vec<InputLogEvent> {
        let event = |hours: &i64| InputLogEvent {
            message: format!("{hours}"),
            timestamp: NOW + hours * HOUR_MS,
        };
        hours.iter().map(event).collect()
    }

    fn taken(sorted: &Sorted) -> Vec<&str> {
        sorted.accepted.iter().map(|event| event.message.as_str()).collect()
    }

    #[test]
    fn the_old_the_expired_and_the_new_are_left_out_and_told() {
        let days_3 = Some(NOW - 72 * HOUR_MS);
        let sorted = sort(at(&[-340, -100, -2, 0, 2, 3]), NOW, days_3).unwrap();
        assert_eq!(taken(&sorted), ["-2", "0", "2"]);
        let told = RejectedLogEventsInfo {
            expired_log_event_end_index: Some(2),
            too_new_log_event_start_index: Some(5),
            too_old_log_event_end_index: Some(1),
        };
        assert_eq!(sorted.rejected, Some(told));
        assert_eq!(sort(at(&[-1, 0]), NOW, days_3).unwrap().rejected, None);
        assert_eq!(taken(&sort(at(&[3, 4]), NOW, days_3).unwrap()), [""; 0]);
    }

    #[test]
    fn a_batch_is_in_order_within_a_day_and_a_mebibyte() {
        let message = |events| sort(events, NOW, None).unwrap_err().message;
        assert!(message(at(&[0, -1])).contains("chronological order"));
        assert!(message(at(&[-25, 0])).contains("24 hours"));
        let event = InputLogEvent { message: "x".repeat(1 << 19), timestamp: NOW };
        assert!(message(vec![event.clone(), event]).contains("Upload too large: 1048628 bytes"));
        let event = InputLogEvent { message: "x".repeat(1 << 20), timestamp: NOW };
        assert!(message(vec![event]).contains("Log event too large"));
    }
}
