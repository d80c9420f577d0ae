//! TestMetricFilter: a pattern against messages, without any filter.

use neargate_api::types::logs::{
    MetricFilterMatchRecord, TestMetricFilterRequest, TestMetricFilterResponse,
};
use neargate_api::{AwsError, Ctx};

use crate::metric_filter;

pub async fn call(
    _: Ctx,
    input: TestMetricFilterRequest,
) -> Result<TestMetricFilterResponse, AwsError> {
    let pattern = metric_filter::pattern(&input.filter_pattern)?;
    let matching = input.log_event_messages.into_iter().zip(1..);
    let matching = matching.filter(|(message, _)| pattern.matches(message));
    let matches = matching.map(|(message, number)| MetricFilterMatchRecord {
        event_number: Some(number),
        extracted_values: Some(pattern.extract(&message)),
        event_message: Some(message),
    });
    Ok(TestMetricFilterResponse { matches: Some(matches.collect()) })
}
