//! Blocks come back as they went, and take few bytes.

use expect_test::expect;
use proptest::prelude::*;

use super::*;

fn block(points: impl IntoIterator<Item = (u8, StatisticSet)>) -> Block {
    let mut block = Block::default();
    points.into_iter().for_each(|(slot, set)| block.add(slot, &set));
    block
}

#[test]
fn sizes() {
    let minutes = || 0..120_u8;
    let constant = block(minutes().map(|slot| (slot, StatisticSet::of(2.0))));
    let counts =
        block(minutes().map(|slot| (slot, StatisticSet::repeated(1.0, 100.0 + f64::from(slot)))));
    let percents = block(minutes().map(|slot| (slot, StatisticSet::of(f64::from(slot) / 7.0))));
    let latencies = block(minutes().map(|slot| {
        let one =
            |n: u32| StatisticSet::of(0.010 + f64::from((n * 37 + u32::from(slot)) % 100) / 1000.0);
        (slot, StatisticSet::all((0..1000).map(one)).expect("values"))
    }));
    let two_tasks = block(minutes().map(|slot| {
        let of = |value: f64| StatisticSet::of(value / 13.0);
        (slot, StatisticSet::all([of(f64::from(slot)), of(90.0)]).expect("values"))
    }));
    let told: String = [
        ("a constant", constant),
        ("counts of requests", counts),
        ("percents of one task", percents),
        ("latencies of 1000 requests each", latencies),
        ("percents of two tasks", two_tasks),
    ]
    .iter()
    .map(|(name, block)| format!("{name}: {} bytes\n", block.encode().len()))
    .collect();
    expect![[r#"
        a constant: 22 bytes
        counts of requests: 282 bytes
        percents of one task: 910 bytes
        latencies of 1000 requests each: 13204 bytes
        percents of two tasks: 2827 bytes
    "#]]
    .assert_eq(&told);
}

#[test]
fn values_of_the_same_slot_are_added() {
    let added =
        block([(3, StatisticSet::of(1.0)), (1, StatisticSet::of(5.0)), (3, StatisticSet::of(2.0))]);
    let points: Vec<(u8, f64, f64)> =
        added.points().map(|(slot, set)| (slot, set.count, set.sum)).collect();
    assert_eq!(points, [(1, 1.0, 5.0), (3, 2.0, 3.0)]);
}

fn sets() -> impl Strategy<Value = StatisticSet> {
    let value = prop_oneof![Just(0.0), Just(1.0), -1e6..1e6_f64, any::<u16>().prop_map(f64::from)];
    let published = (1.0..1e6_f64, value.clone())
        .prop_map(|(count, v)| StatisticSet::published(count, v * count, v, v + 1.0));
    let values = prop::collection::vec(value, 1..20).prop_map(|values| {
        StatisticSet::all(values.into_iter().map(StatisticSet::of)).expect("values")
    });
    prop_oneof![published, values]
}

proptest! {
    #[test]
    fn come_back_as_they_went(points in prop::collection::btree_map(0..SLOTS as u8, sets(), 0..120)) {
        let before = block(points);
        let after = Block::decode(&before.encode()).expect("a block");
        for ((slot, set), (same_slot, same)) in before.points().zip(after.points()) {
            prop_assert_eq!(slot, same_slot);
            prop_assert_eq!((set.count, set.sum, set.min, set.max), (same.count, same.sum, same.min, same.max));
            prop_assert_eq!(set.buckets(), same.buckets());
        }
        prop_assert_eq!(before.points().count(), after.points().count());
    }

    #[test]
    fn other_bytes_are_no_block(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Block::decode(&bytes);
        let mut formed = vec![FORM];
        formed.extend(bytes);
        let _ = Block::decode(&formed);
    }
}
