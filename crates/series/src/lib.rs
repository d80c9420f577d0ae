//! The memory of CloudWatch: what metrics were, and nothing of what that means.
//!
//! ```text
//!  put ─▶ the end of the journal ─▶ the open blocks, in memory, of every tier
//!                                      │ checkpoint: changed blocks ─▶ one transaction,
//!                                      │             then the journal begins anew
//!  read ─▶ open blocks, else the database ◀┘
//! ```
//!
//! A value is never kept as such: what comes in is added to the statistic set of its second (where
//! its metric has that resolution), its minute, its five minutes and its hour. So rolling up is no
//! job that could be late, a value that comes late is added like any other, and each tier is kept
//! for as long as AWS keeps it ([`Tier::kept`]). A block is 120 points of one series in one tier.
//!
//! What was put survives `kill -9`: it is in the journal before `put` returns. A loss of power can
//! cost what the kernel had not written. The crate decides nothing: no limits, no clock.

mod block;
mod error;
mod journal;
mod metric;
mod statistics;
mod store;
mod tier;

pub use error::SeriesError;
pub use metric::{Metric, Unit};
pub use statistics::StatisticSet;
pub use statistics::statistic::Statistic;
pub use store::{Datum, Listed, Query, Series, SeriesId};
pub use tier::Tier;
