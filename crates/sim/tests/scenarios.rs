//! Ten thousand scenarios, in parts that run beside each other. In each part everything that can
//! go wrong does, and everything comes of it that can.

use neargate_sim::Tally;

/// The scenarios of `SHARE` seeds hold, and leave nothing out.
fn hold(part: u64) {
    let mut tally = Tally::default();
    for seed in part * SHARE..(part + 1) * SHARE {
        let outcome = neargate_sim::run(seed);
        assert!(outcome.broken.is_none(), "{}", outcome.told());
        tally.add(&outcome.tally);
    }
    assert_eq!(tally.never(), [], "in no scenario of this part: {tally:?}");
}

const SHARE: u64 = 2_500;

#[test]
fn the_first_quarter_holds() {
    hold(0);
}

#[test]
fn the_second_quarter_holds() {
    hold(1);
}

#[test]
fn the_third_quarter_holds() {
    hold(2);
}

#[test]
fn the_last_quarter_holds() {
    hold(3);
}

#[test]
fn a_seed_is_a_story() {
    for seed in 0..100 {
        assert_eq!(neargate_sim::run(seed), neargate_sim::run(seed));
    }
}
