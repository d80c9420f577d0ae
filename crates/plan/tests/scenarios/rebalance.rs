//! Availability-zone rebalancing: tasks move to the zone that has the fewest, start before stop.

use expect_test::expect;

use crate::world::World;

/// A service whose tasks are in these zones.
fn in_zones(configuration: &str, zones: &[&str]) -> World {
    let mut world = World::new(zones.len() as u32, configuration);
    world.run(4);
    for (number, zone) in (1..).zip(zones) {
        world.place(&format!("t{number}"), zone);
    }
    world.rebalanced(&["a", "b"])
}

#[test]
fn a_task_is_started_where_there_are_the_fewest_and_then_one_stopped_where_there_are_the_most() {
    let mut world = in_zones("{}", &["a", "a", "a", "b"]);
    world.run(6);
    assert!(world.fewest_healthy_since_steady >= 4, "{}", world.story());
    expect![[r#"
        0s has started 4 tasks: (task t1) (task t2) (task t3) (task t4).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s is not AZ balanced with 3 tasks in a, 1 tasks in b. AZ Rebalancing in progress.
        4s has started 1 tasks in b to AZ Rebalance: (task t5).
        6s has stopped 1 running tasks in a due to AZ rebalancing: (task t3).
        6s is AZ balanced with 2 tasks in a, 2 tasks in b.
        6s has reached a steady state.
        6s t1 d1 RUNNING
        6s t2 d1 RUNNING
        6s t4 d1 RUNNING
        6s t5 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn one_more_in_a_zone_is_its_share() {
    let mut world = in_zones("{}", &["a", "a", "b"]);
    world.run(6);
    expect![[r#"
        0s has started 3 tasks: (task t1) (task t2) (task t3).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        2s t1 d1 RUNNING
        2s t2 d1 RUNNING
        2s t3 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn as_many_move_at_once_as_the_maximum_allows() {
    let mut world = in_zones(r#"{"maximumPercent": 150}"#, &["a"; 6]);
    world.run(4);
    expect![[r#"
        0s has started 6 tasks: (task t1) (task t2) (task t3) (task t4) (task t5) (task t6).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s is not AZ balanced with 6 tasks in a, 0 tasks in b. AZ Rebalancing in progress.
        4s has started 3 tasks in b to AZ Rebalance: (task t7) (task t8) (task t9).
        6s has stopped 3 running tasks in a due to AZ rebalancing: (task t6) (task t5) (task t4).
        6s is AZ balanced with 3 tasks in a, 3 tasks in b.
        6s has reached a steady state.
        6s t1 d1 RUNNING
        6s t2 d1 RUNNING
        6s t3 d1 RUNNING
        6s t7 d1 RUNNING
        6s t8 d1 RUNNING
        6s t9 d1 RUNNING"#]]
    .assert_eq(&world.story());
    let mut world = in_zones(r#"{"maximumPercent": 120}"#, &["a"; 6]);
    world.run(8);
    expect![[r#"
        0s has started 6 tasks: (task t1) (task t2) (task t3) (task t4) (task t5) (task t6).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s is not AZ balanced with 6 tasks in a, 0 tasks in b. AZ Rebalancing in progress.
        4s has started 1 tasks in b to AZ Rebalance: (task t7).
        6s has stopped 1 running tasks in a due to AZ rebalancing: (task t6).
        6s has started 1 tasks in b to AZ Rebalance: (task t8).
        8s has stopped 1 running tasks in a due to AZ rebalancing: (task t5).
        8s has started 1 tasks in b to AZ Rebalance: (task t9).
        10s has stopped 1 running tasks in a due to AZ rebalancing: (task t4).
        10s is AZ balanced with 3 tasks in a, 3 tasks in b.
        10s has reached a steady state.
        10s t1 d1 RUNNING
        10s t2 d1 RUNNING
        10s t3 d1 RUNNING
        10s t7 d1 RUNNING
        10s t8 d1 RUNNING
        10s t9 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn without_room_for_one_more_nothing_begins() {
    let mut world = in_zones(r#"{"maximumPercent": 120, "minimumHealthyPercent": 50}"#, &["a"; 4]);
    world.run(4);
    expect![[r#"
        0s has started 4 tasks: (task t1) (task t2) (task t3) (task t4).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        2s t1 d1 RUNNING
        2s t2 d1 RUNNING
        2s t3 d1 RUNNING
        2s t4 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn a_deployment_comes_first() {
    let mut world = in_zones("{}", &["a", "a", "b", "a"]);
    world.run(1);
    world.deploy("app:2");
    world.run(1);
    expect![[r#"
        0s has started 4 tasks: (task t1) (task t2) (task t3) (task t4).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s is not AZ balanced with 3 tasks in a, 1 tasks in b. AZ Rebalancing in progress.
        4s has started 1 tasks in b to AZ Rebalance: (task t5).
        5s stopped AZ Rebalancing.
        5s has stopped 1 running tasks: (task t5).
        5s has started 4 tasks: (task t6) (task t7) (task t8) (task t9).
        5s t1 d1 RUNNING
        5s t2 d1 RUNNING
        5s t3 d1 RUNNING
        5s t4 d1 RUNNING
        5s t6 d2 PENDING
        5s t7 d2 PENDING
        5s t8 d2 PENDING
        5s t9 d2 PENDING"#]]
    .assert_eq(&world.story());
}

#[test]
fn switched_off_half_way_what_is_too_many_is_scaled_in() {
    let mut world = in_zones("{}", &["a", "a", "a", "b"]);
    world.run(1);
    world.stop_rebalancing();
    world.run(3);
    expect![[r#"
        0s has started 4 tasks: (task t1) (task t2) (task t3) (task t4).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s is not AZ balanced with 3 tasks in a, 1 tasks in b. AZ Rebalancing in progress.
        4s has started 1 tasks in b to AZ Rebalance: (task t5).
        5s stopped AZ Rebalancing.
        5s has stopped 1 running tasks: (task t5).
        5s has reached a steady state.
        5s t1 d1 RUNNING
        5s t2 d1 RUNNING
        5s t3 d1 RUNNING
        5s t4 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn protected_tasks_stay_until_their_protection_ends() {
    let mut world = in_zones("{}", &["a", "a"]);
    world.protect("t1", 20);
    world.protect("t2", 10);
    world.run(16);
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s was unable to AZ Rebalance because (taskSet d1) was unable to scale in due to (reason 2 tasks under protection)
        14s is not AZ balanced with 2 tasks in a, 0 tasks in b. AZ Rebalancing in progress.
        14s has started 1 tasks in b to AZ Rebalance: (task t3).
        16s has stopped 1 running tasks in a due to AZ rebalancing: (task t2).
        16s is AZ balanced with 1 tasks in a, 1 tasks in b.
        16s has reached a steady state.
        16s t1 d1 RUNNING
        16s t3 d1 RUNNING"#]].assert_eq(&world.story());
}

#[test]
fn protected_half_way_it_is_given_up() {
    let mut world = in_zones("{}", &["a", "a"]);
    world.run(1);
    world.protect("t1", 20);
    world.protect("t2", 30);
    world.run(5);
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s is not AZ balanced with 2 tasks in a, 0 tasks in b. AZ Rebalancing in progress.
        4s has started 1 tasks in b to AZ Rebalance: (task t3).
        5s stopped AZ Rebalancing.
        5s has stopped 1 running tasks: (task t3).
        5s has reached a steady state.
        5s was unable to AZ Rebalance because (taskSet d1) was unable to scale in due to (reason 2 tasks under protection)
        5s t1 d1 RUNNING
        5s t2 d1 RUNNING"#]].assert_eq(&world.story());
}

#[test]
fn a_task_that_ends_half_way_is_replaced_by_the_one_that_has_come() {
    let mut world = in_zones("{}", &["a", "a", "a", "b"]);
    world.run(1);
    world.exit("t1");
    world.run(6);
    expect![[r#"
        0s has started 4 tasks: (task t1) (task t2) (task t3) (task t4).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s is not AZ balanced with 3 tasks in a, 1 tasks in b. AZ Rebalancing in progress.
        4s has started 1 tasks in b to AZ Rebalance: (task t5).
        6s is AZ balanced with 2 tasks in a, 2 tasks in b.
        6s has reached a steady state.
        6s t2 d1 RUNNING
        6s t3 d1 RUNNING
        6s t4 d1 RUNNING
        6s t5 d1 RUNNING"#]]
    .assert_eq(&world.story());
}
