//! Waiting for what a service does by itself: it is asked, with pauses that grow, so
//! that what is quick is seen at once and what is slow is not asked a hundred times.

use std::time::Duration;

use tokio::time::Instant;

/// What a look has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen<T> {
    Done(T),
    /// Not yet, and how it stands: for whoever loses patience.
    NotYet(String),
}

/// It took too long.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {last} still, after {} seconds", .limit.as_secs())]
pub struct TooLong {
    what: String,
    last: String,
    limit: Duration,
}

/// How a wait goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Until {
    pub first_pause: Duration,
    pub longest_pause: Duration,
    pub limit: Duration,
}

impl Until {
    /// Gives up after `limit`.
    pub fn within(limit: Duration) -> Self {
        Until {
            first_pause: Duration::from_millis(20),
            longest_pause: Duration::from_secs(5),
            limit,
        }
    }

    /// Looks until it is done. `what` names what is waited for in the error.
    ///
    /// # Errors
    /// The look's own, or that it took too long.
    pub async fn sees<T, F, E>(&self, what: &str, mut look: impl FnMut() -> F) -> Result<T, E>
    where
        F: Future<Output = Result<Seen<T>, E>>,
        E: From<TooLong>,
    {
        let began = Instant::now();
        let mut pause = self.first_pause;
        loop {
            let last = match look().await? {
                Seen::Done(found) => return Ok(found),
                Seen::NotYet(how) => how,
            };
            let left = self.limit.saturating_sub(began.elapsed());
            if left.is_zero() {
                let what = what.to_owned();
                return Err(TooLong { what, last, limit: self.limit }.into());
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = pause.mul_f64(1.6).min(self.longest_pause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    async fn after(looks: u32, limit_secs: u64) -> (Result<u32, TooLong>, u32, Duration) {
        let asked = Cell::new(0);
        let began = Instant::now();
        let wait = Until::within(Duration::from_secs(limit_secs));
        let seen = wait.sees("the gateway", || async {
            asked.set(asked.get() + 1);
            let done = asked.get() > looks;
            Ok::<_, TooLong>(if done { Seen::Done(7) } else { Seen::NotYet("pending".into()) })
        });
        let seen = seen.await;
        (seen, asked.get(), began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_quick_is_seen_at_once_and_what_is_slow_rarely_asked() {
        assert_eq!(after(0, 60).await, (Ok(7), 1, Duration::ZERO));
        let (seen, asked, took) = after(3, 60).await;
        assert_eq!((seen, asked), (Ok(7), 4));
        assert!(took < Duration::from_millis(200), "{took:?}");
        let (seen, asked, took) = after(u32::MAX, 600).await;
        let error = seen.unwrap_err().to_string();
        assert_eq!(error, "the gateway is pending still, after 600 seconds");
        assert!(asked < 140 && took >= Duration::from_secs(600), "{asked} {took:?}");
    }
}
