//! TestEventPattern: whether a pattern would select an event.

use neargate_api::types::events::{TestEventPatternRequest, TestEventPatternResponse, error};
use neargate_api::{AwsError, Ctx};
use neargate_rules::Pattern;
use serde_json::Value;

use crate::invalid;

/// What every event has.
const REQUIRED: [&str; 7] =
    ["id", "detail-type", "source", "account", "time", "region", "resources"];

pub async fn call(
    _: Ctx,
    input: TestEventPatternRequest,
) -> Result<TestEventPatternResponse, AwsError> {
    let pattern = Pattern::parse(&input.event_pattern)
        .map_err(|why| error::invalid_event_pattern_exception(why.to_string()))?;
    let event: Option<Value> = serde_json::from_str(&input.event).ok();
    let event = event.filter(Value::is_object);
    let event = event.ok_or_else(|| invalid("Parameter Event is not valid."))?;
    if let Some(missing) = REQUIRED.iter().find(|member| event.get(member).is_none()) {
        return Err(invalid(format!(
            "Parameter Event is not valid. Reason: the member {missing} is missing."
        )));
    }
    Ok(TestEventPatternResponse { result: Some(pattern.matches(&event)) })
}
