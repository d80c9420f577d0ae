//! Whoever waits for an instant of the cloud's time is woken when the clock is moved there.

use std::convert::Infallible;
use std::time::Duration;

use neargate_api::{Clock, Timestamp};
use neargate_testkit::ctx;

#[tokio::test]
async fn a_move_ends_the_wait() {
    let cloud = ctx().cloud.clone();
    let at = cloud.clock.now().plus_secs(900);
    let waiting = tokio::spawn({
        let cloud = cloud.clone();
        async move { cloud.sleep_until(at).await }
    });
    tokio::task::yield_now().await;
    cloud.clock.advance_millis(899_999);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!waiting.is_finished());
    cloud.clock.advance_millis(1);
    waiting.await.unwrap();
}

#[tokio::test]
async fn a_rate_shortens_the_wait() {
    let clock = Clock::system();
    let hour: Timestamp = clock.now().plus_secs(3600);
    let before = clock.wait_until(hour).unwrap();
    let Ok(()) = clock.change(0, Some(100.0), |_| Ok::<(), Infallible>(()));
    assert!(clock.wait_until(hour).unwrap() <= before / 99);
    assert_eq!(clock.wait_until(clock.now()), Some(Duration::ZERO));
}
