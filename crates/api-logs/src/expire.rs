//! Retention acts: lines past it are hidden and freed. `model::logs` says what
//! expires when; whoever calls this says how often. After a restart nothing is
//! hidden until it was called once.

use neargate_api::Cloud;
use neargate_api::model::logs::{LogGroup, expired_before_ms};
use neargate_loglines::{LogError, LogLines};

/// Expires the lines of all groups that have a retention.
pub async fn expire(cloud: &Cloud, lines: &LogLines) -> Result<(), LogError> {
    let now = cloud.clock.now();
    for group in cloud.store.snapshot().all::<LogGroup>() {
        if let Some(before_ms) = expired_before_ms(&group, now.millis()) {
            lines.expire(&group.lines_key(), before_ms).await?;
        }
    }
    Ok(())
}
