//! A run as lines of JSON, and as lines for people.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fake;

use expect_test::expect;
use fake::{Bench, Seen};
use neargate_ids::{Clock, Rng, Timestamp};
use neargate_stack::apply::{Surroundings, apply};
use neargate_stack::render::{lines::Lines, progress};
use neargate_stack::run::Stop;

#[tokio::test]
async fn a_run_is_told_line_by_line() {
    let bench = Bench::new(
        "resource \"fake_thing\" \"a\" {\n  count = 1\n  name  = \"a\"\n}\noutput \"a\" {\n  value = fake_thing.a[0].arn\n}\n",
    );
    let plan = bench.plan().await.unwrap();
    let (kept, seen) = (fake::Kept::default(), Seen::default());
    let around = Surroundings {
        keeper: &kept,
        observer: &seen,
        stop: Stop::default(),
        clock: Clock::fixed(Timestamp(0)),
        rng: Rng::seeded(2),
        parallelism: 1,
    };
    let lines = Lines { version: "0.1.0".to_owned() };
    let at = Timestamp(0);
    let mut told = lines.first(at) + &lines.plan(at, &plan);
    let mode = plan.mode;
    let outcome = apply(&bench.stack().unwrap(), plan, &around).await;
    let events = seen.0.into_inner().unwrap();
    told.extend(events.iter().map(|event| lines.event(at, event)));
    told.push_str(&lines.outcome(at, mode, &outcome));
    expect![[r#"
        {"@level":"info","@message":"Neargate 0.1.0","@module":"neargate.ui","@timestamp":"1970-01-01T00:00:00.000Z","neargate":"0.1.0","terraform":"1.11.4","type":"version","ui":"1.2"}
        {"@level":"info","@message":"fake_thing.a[0]: Plan to create","@module":"neargate.ui","@timestamp":"1970-01-01T00:00:00.000Z","change":{"action":"create","resource":{"addr":"fake_thing.a[0]","implied_provider":"fake","module":"","resource":"fake_thing.a[0]","resource_key":0,"resource_name":"a","resource_type":"fake_thing"}},"type":"planned_change"}
        {"@level":"info","@message":"Plan: 1 to add, 0 to change, 0 to destroy.","@module":"neargate.ui","@timestamp":"1970-01-01T00:00:00.000Z","changes":{"add":1,"change":0,"import":0,"operation":"plan","remove":0},"type":"change_summary"}
        {"@level":"info","@message":"Outputs: 1","@module":"neargate.ui","@timestamp":"1970-01-01T00:00:00.000Z","outputs":{"a":{"action":"create","sensitive":false}},"type":"outputs"}
        {"@level":"info","@message":"fake_thing.a[0]: Creating...","@module":"neargate.ui","@timestamp":"1970-01-01T00:00:00.000Z","hook":{"action":"create","resource":{"addr":"fake_thing.a[0]","implied_provider":"fake","module":"","resource":"fake_thing.a[0]","resource_key":0,"resource_name":"a","resource_type":"fake_thing"}},"type":"apply_start"}
        {"@level":"info","@message":"fake_thing.a[0]: Creation complete after 0s [id=thing-1]","@module":"neargate.ui","@timestamp":"1970-01-01T00:00:00.000Z","hook":{"action":"create","elapsed_seconds":0,"id_key":"id","id_value":"thing-1","resource":{"addr":"fake_thing.a[0]","implied_provider":"fake","module":"","resource":"fake_thing.a[0]","resource_key":0,"resource_name":"a","resource_type":"fake_thing"}},"type":"apply_complete"}
        {"@level":"info","@message":"Apply complete! Resources: 1 added, 0 changed, 0 destroyed.","@module":"neargate.ui","@timestamp":"1970-01-01T00:00:00.000Z","changes":{"add":1,"change":0,"import":0,"operation":"apply","remove":0},"type":"change_summary"}
        {"@level":"info","@message":"Outputs: 1","@module":"neargate.ui","@timestamp":"1970-01-01T00:00:00.000Z","outputs":{"a":{"sensitive":false,"type":"string","value":"arn:fake:a"}},"type":"outputs"}
    "#]].assert_eq(&told);
    expect![[r#"
        fake_thing.a[0]: Creating...
        fake_thing.a[0]: Creation complete after 0s [id=thing-1]
    "#]]
    .assert_eq(&events.iter().map(progress).collect::<String>());
}
