//! Waiting for an instant of the cloud's time, which may be moved meanwhile.

use neargate_ids::Timestamp;

use crate::Cloud;

impl Cloud {
    /// Resolves once the cloud's time is `at`: by waiting, or because the clock was moved.
    pub async fn sleep_until(&self, at: Timestamp) {
        loop {
            // Before the look at the time: a move in between is not missed.
            let moved = self.clock.moved();
            match self.clock.wait_until(at) {
                Some(wait) if wait.is_zero() => return,
                Some(wait) => {
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        () = moved => {}
                    }
                }
                None => moved.await,
            }
        }
    }

    /// The same for `secs` from now: how a loop waits for its next turn.
    pub async fn sleep_secs(&self, secs: i64) {
        self.sleep_until(self.clock.now().plus_secs(secs)).await;
    }
}
