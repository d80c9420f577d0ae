//! The languages of CloudWatch Logs. Pure.
//!
//! | module | what it reads |
//! |---|---|
//! | [`filter_pattern`] | the patterns of FilterLogEvents, metric filters and live tails |
//! | [`metric_filter`] | lines, for the metrics that a metric filter makes of them |
//! | [`insights`] | the queries of Logs Insights |
//!
//! Nothing here knows where lines come from.

pub mod filter_pattern;
pub mod insights;
pub mod metric_filter;
