//! Deleting what others may still use, and waiting for a state: by asking.

use neargate_aws_client::{CallError, Seen};

use crate::cloud::Cloud;
use crate::resource::Failure;

/// Deletes: again and again while it is `busy` (something uses it still), until it is done or
/// `missing`.
///
/// # Errors
/// The service's other errors, or that it was busy for too long.
pub async fn delete<T, F>(
    cloud: &Cloud,
    what: &str,
    missing: &[&str],
    busy: &[&str],
    mut ask: impl FnMut() -> F,
) -> Result<(), Failure>
where
    F: Future<Output = Result<T, CallError>>,
{
    let look = || {
        let asked = ask();
        async {
            match asked.await {
                Ok(_) => Ok(Seen::Done(())),
                Err(error) if error.is_any(missing) => Ok(Seen::Done(())),
                Err(error) if error.is_any(busy) => Ok(Seen::NotYet(error.to_string())),
                Err(error) => Err(Failure::from(error)),
            }
        }
    };
    cloud.patience(15).sees(what, look).await
}

/// Asks again and again while what it needs is `late`: not yet known to the service.
///
/// # Errors
/// The service's other errors, or that it was late for too long.
pub async fn accepted<T, F>(
    cloud: &Cloud,
    what: &str,
    minutes: u64,
    late: &[&str],
    mut ask: impl FnMut() -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, CallError>>,
{
    let look = || {
        let asked = ask();
        async {
            match asked.await {
                Ok(done) => Ok(Seen::Done(done)),
                Err(error) if error.is_any(late) => Ok(Seen::NotYet(error.to_string())),
                Err(error) => Err(Failure::from(error)),
            }
        }
    };
    cloud.spread(minutes).sees(what, look).await
}

/// Waits until `state` (nothing: it is gone) is one of `wanted`.
///
/// # Errors
/// The service's, that it came to another state than `on_the_way`, or that it took too long.
pub async fn state<F>(
    cloud: &Cloud,
    what: &str,
    on_the_way: &[&str],
    wanted: &[&str],
    mut ask: impl FnMut() -> F,
) -> Result<(), Failure>
where
    F: Future<Output = Result<Option<String>, Failure>>,
{
    let look = || {
        let asked = ask();
        async {
            let state = asked.await?.unwrap_or_else(|| GONE.to_owned());
            if wanted.contains(&state.as_str()) {
                return Ok(Seen::Done(()));
            }
            if on_the_way.contains(&state.as_str()) {
                return Ok(Seen::NotYet(state));
            }
            Err(Failure::told(format!("{what} is {state}, and was to be {}", wanted.join(" or "))))
        }
    };
    cloud.patience(10).sees(what, look).await
}

/// The state of what is not there.
pub const GONE: &str = "gone";
