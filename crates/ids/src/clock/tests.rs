//! The clock's two times, and how they are told in each other.

use super::*;

fn line(wall: i64, cloud: i64, rate: f64) -> Move {
    Move { wall: Timestamp(wall), cloud: Timestamp(cloud), rate }
}

#[test]
fn a_fixed_clock_moves_only_when_told() {
    let clock = Clock::fixed(Timestamp(5));
    let twin = clock.clone();
    clock.advance_millis(10);
    assert_eq!((twin.now(), twin.wall()), (Timestamp(15), Timestamp(15)));
    assert_eq!(clock.wait_until(Timestamp(15)), Some(Duration::ZERO));
    assert_eq!(clock.wait_until(Timestamp(16)), None);
}

#[test]
fn instants_are_told_in_either_time() {
    // At 100 an hour is leapt over; at 200 the time begins to run ten times as fast.
    let clock = Clock::with_moves(vec![line(100, 3_600_100, 1.0), line(200, 3_600_200, 10.0)]);
    let cloud: Vec<_> = [50, 100, 150, 200, 210].map(|t| clock.cloud_at(Timestamp(t)).0).into();
    assert_eq!(cloud, [50, 3_600_100, 3_600_150, 3_600_200, 3_600_300]);
    let wall: Vec<_> =
        [50, 5000, 3_600_100, 3_600_150, 3_600_300].map(|t| clock.wall_at(Timestamp(t)).0).into();
    assert_eq!(wall, [50, 100, 100, 150, 210], "5000 was leapt over at 100");
    assert_eq!(clock.rate(), 10.0);
}

#[test]
fn a_move_is_kept_before_it_is_seen_and_wakes_whoever_waits() {
    let clock = Clock::system();
    let before = clock.now();
    let refused = clock.change(60_000, None, |_| Err("the disk is full"));
    assert_eq!(refused, Err("the disk is full"));
    assert!(clock.now().millis_since(before) < 60_000);

    let mut moved = Box::pin(clock.moved());
    let mut context = Context::from_waker(Waker::noop());
    assert!(moved.as_mut().poll(&mut context).is_pending());
    let mut kept = Vec::new();
    clock
        .change(60_000, Some(2.0), |moves| {
            kept = moves.to_vec();
            Ok::<(), ()>(())
        })
        .unwrap();
    assert!(moved.as_mut().poll(&mut context).is_ready());
    assert!(clock.now().millis_since(before) >= 60_000);
    assert!(clock.of_the_machine().now().millis_since(before) < 60_000);

    // A restart goes on from there.
    let again = Clock::with_moves(kept);
    assert!(again.now() >= clock.now().plus_millis(-1000) && again.rate() == 2.0);
}

#[test]
fn a_slower_rate_does_not_turn_time_back() {
    let clock = Clock::system();
    clock.change(0, Some(100.0), |_| Ok::<(), ()>(())).unwrap();
    let before = clock.now();
    clock.change(0, Some(1.0), |_| Ok::<(), ()>(())).unwrap();
    assert!(clock.now() >= before);
}
