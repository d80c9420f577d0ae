//! Metric filters. What they make of lines is published by the `logmetrics` loop.

pub mod delete;
pub mod describe;
pub mod put;
pub mod test;

use neargate_api::AwsError;
use neargate_api::types::logs::error;
use neargate_logquery::filter_pattern::FilterPattern;

/// A pattern, or AWS's error for one that cannot be read.
fn pattern(text: &str) -> Result<FilterPattern, AwsError> {
    FilterPattern::parse(text)
        .map_err(|invalid| error::invalid_parameter_exception(invalid.to_string()))
}
