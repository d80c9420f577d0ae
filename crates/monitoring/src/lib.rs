//! The loops of CloudWatch.
//!
//! ```text
//!  PutMetricData ──▶ series ──▶ keep: the journal into the database, and old values out of it
//!                      ▲
//!  control groups ──▶ measure: each task once a second, each service once a minute,
//!  load balancers ──▶   │      and once a minute what load balancers have carried
//!  log lines ───────▶   │      and log groups have got,
//!  PostgreSQL ──────▶   │      and database servers use
//!                      │
//!                      └──▶ alarms: what the last periods were, against each alarm's threshold
//!                              └──▶ composites: their rules, over the states of other alarms
//! ```

mod alarms;
mod composites;
mod keep;
mod measure;
mod told;
mod turns;

use std::path::PathBuf;
use std::sync::Arc;

use neargate_api::Cloud;
use neargate_api_ecr::Pulls;
use neargate_balancers::Traffic;
use neargate_loglines::LogLines;
use neargate_reconcile::{Progress, Running};
use neargate_series::Series;
use tokio::sync::watch;

/// What the loops work with.
pub struct Monitoring {
    pub cloud: Arc<Cloud>,
    pub series: Arc<Series>,
    pub running: Running,
    pub traffic: Arc<Traffic>,
    pub lines: LogLines,
    /// What was pulled from repositories.
    pub pulls: Pulls,
    /// The directory of the database servers.
    pub databases: PathBuf,
    pub progress: Progress,
}

/// Runs until `stop` turns true.
pub async fn run(monitoring: Monitoring, stop: watch::Receiver<bool>) {
    tokio::join!(
        composites::run(&monitoring, stop.clone()),
        keep::run(&monitoring, stop.clone()),
        turns::run(&monitoring, stop)
    );
}
