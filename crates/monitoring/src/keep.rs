//! Brings the metrics' journal into their database from time to time, and at the end. Nothing is
//! lost if it fails: the journal has it all, and it is tried again.

use std::time::Duration;

use neargate_api::Timestamp;
use tokio::sync::watch;

use crate::Monitoring;

/// How often it is looked whether the journal has grown large.
const LOOK: Duration = Duration::from_secs(10);
/// Looks until a checkpoint is due, whatever the size.
const LOOKS: u32 = 60;

pub async fn run(monitoring: &Monitoring, mut stop: watch::Receiver<bool>) {
    let mut looks = 0;
    loop {
        let stopped = tokio::select! {
            () = tokio::time::sleep(LOOK) => false,
            _ = stop.wait_for(|stop| *stop) => true,
        };
        looks += 1;
        let now = monitoring.cloud.clock.now();
        if stopped || looks == LOOKS || monitoring.series.is_journal_large() {
            looks = 0;
            checkpoint(monitoring, now).await;
        }
        if stopped {
            return;
        }
    }
}

async fn checkpoint(monitoring: &Monitoring, now: Timestamp) {
    let series = monitoring.series.clone();
    let written = tokio::task::spawn_blocking(move || series.checkpoint(now)).await;
    let problem = match written {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(error) => Some(error.to_string()),
    };
    if let Some(problem) = &problem {
        tracing::warn!(problem, "metrics stay in their journal for now");
    }
    monitoring.progress.note("metrics", now, problem.into_iter().collect());
}
