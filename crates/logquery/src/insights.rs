//! The query language of CloudWatch Logs Insights: parsed once, then run over any number of
//! events in whatever order they come. Pure, and bounded in memory.
//!
//! ```text
//! text ─ Query::parse ─▶ commands
//! Line ─ Run::push ─▶ fields, filter, parse ─▶ [ stats │ sort │ dedup │ limit ]… ─▶ Run::finish: rows
//! ```
//!
//! Commands that look at one row at a time run as it comes; those that need all rows keep no more
//! than they must (`sort … | limit 20` keeps twenty), and a query that would keep more than
//! [`MEMORY_BYTES`] ends as failed. Rows come by `@timestamp`, the latest first, unless the query
//! says otherwise.
//!
//! Source: "CloudWatch Logs Insights query syntax" in the CloudWatch Logs user guide; where it
//! is silent, the comment says what was chosen.

mod aggregate;
mod eval;
mod function;
mod parse;
mod period;
mod query;
mod record;
mod run;
mod scanner;
mod value;

pub use parse::Malformed;
pub use query::Query;
pub use record::{Line, all_fields};
pub use run::{MEMORY_BYTES, Row, Run, Statistics, TooMuch};

/// The most rows that `limit` can ask for.
pub const MOST_ROWS: usize = 10_000;

#[cfg(test)]
mod tests;
