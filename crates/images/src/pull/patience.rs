//! Trying again what may pass, a little later each time.

use std::time::Duration;

use super::registry::Failure;

/// Tries before a failure that might have passed is final.
const TRIES: u32 = 5;

/// What is left of one undertaking's patience.
#[derive(Default)]
pub struct Patience {
    failed: u32,
}

impl Patience {
    /// Returns when it is time for another try. A failure that is final comes
    /// back with AWS's "retried N time(s)", which counts the first try.
    pub async fn spend(&mut self, failure: Failure) -> Result<(), (Failure, u32)> {
        self.failed += 1;
        if !failure.is_passing() || self.failed == TRIES {
            return Err((failure, self.failed));
        }
        tracing::debug!(%failure, failed = self.failed, "pulling again");
        tokio::time::sleep(Duration::from_millis(100) * 2u32.pow(self.failed - 1)).await;
        Ok(())
    }
}
