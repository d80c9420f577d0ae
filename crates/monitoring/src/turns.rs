//! One turn a second: tasks are measured, and when a minute of the cloud's time is over it is told,
//! and the alarms look at it. In this order, so that an alarm sees the minute that has just ended.

use std::time::Duration;

use tokio::sync::watch;

use crate::measure::Measures;
use crate::{Monitoring, alarms};

const EVERY: Duration = Duration::from_secs(1);
/// How often alarms with a period of less than a minute are evaluated, in seconds.
const FINE_S: i64 = 10;

pub async fn run(monitoring: &Monitoring, mut stop: watch::Receiver<bool>) {
    let mut before = monitoring.cloud.clock.now();
    let mut measures = Measures::begin(before);
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let now = monitoring.cloud.clock.now();
        let is_minute = measures.turn(monitoring, now);
        let is_fine = now.secs().div_euclid(FINE_S) != before.secs().div_euclid(FINE_S);
        if is_minute || is_fine {
            alarms::evaluate(monitoring, is_minute, now).await;
        }
        before = now;
    }
}
