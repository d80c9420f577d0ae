//! What a stack costs a month on AWS, by resource, from its Terraform plan or state. Pure.
//!
//! ```text
//! state, `terraform show -json` ─read─▶ Resource… ─estimate─▶ Estimate ─Display─▶ a table
//!                                                     ▲
//!                                         prices.json, with its date and source
//! ```
//!
//! What is there by the hour or the month is counted; what depends on traffic is not, and is said
//! among the assumptions with its price. A service that scales costs from its least to its most.

mod change;
mod database;
mod estimate;
mod fargate;
mod monitoring;
mod network;
mod prices;
mod read;
mod resource;
mod storage;
mod table;

pub use change::{Change, change};
pub use estimate::{Estimate, Line, UnknownRegion, estimate};
pub use prices::{HOURS, PRICES, Prices};
pub use read::{NotReadable, read};
pub use resource::Resource;
