//! Brings composite alarms to the states of their rules whenever an alarm changes, and brings on
//! the actions that their suppressors hold back.

use std::time::Duration;

use neargate_api::StoreError;
use neargate_api::model::cloudwatch::Alarm;
use neargate_api_cloudwatch::composite;
use tokio::sync::watch;

use crate::Monitoring;

/// How exactly wait and extension periods end.
const TICK: Duration = Duration::from_secs(1);

pub async fn run(monitoring: &Monitoring, mut stop: watch::Receiver<bool>) {
    let cloud = &monitoring.cloud;
    let mut alarms = cloud.store.changes_in::<Alarm>();
    loop {
        let now = cloud.clock.now();
        if composite::is_unsettled(&cloud.store.snapshot(), now) {
            let settled = cloud.store.write(move |tx| {
                composite::settle(tx, now);
                Ok::<(), StoreError>(())
            });
            if let Err(error) = settled.await {
                tracing::warn!(%error, "composite alarms could not be told their states");
            }
        }
        let is_holding = composite::is_holding(&cloud.store.snapshot());
        tokio::select! {
            _ = alarms.changed() => {}
            () = tokio::time::sleep(TICK), if is_holding => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}
