//! Metric filters: kept and shown; TestMetricFilter acts. That they publish
//! nothing yet is told as inert.

pub mod delete;
pub mod describe;
pub mod put;
pub mod test;

use neargate_api::AwsError;
use neargate_api::types::logs::error;
use neargate_loglines::filter_pattern::FilterPattern;

/// A pattern, or AWS's error for one that cannot be read.
fn pattern(text: &str) -> Result<FilterPattern, AwsError> {
    FilterPattern::parse(text)
        .map_err(|invalid| error::invalid_parameter_exception(invalid.to_string()))
}
