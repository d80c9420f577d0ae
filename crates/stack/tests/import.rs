//! `import`, `state mv`, `console`: what works on a state without a plan.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fake;

use expect_test::{Expect, expect};
use fake::{Bench, told};
use neargate_hcl::Value;
use neargate_stack::address::Target;
use neargate_stack::console::{Console, is_whole};
use neargate_stack::import::import;
use neargate_stack::run::Unobserved;
use neargate_stack::state::moving::mv;

const THINGS: &str = r#"
variable "names" { default = ["a", "b"] }
resource "fake_thing" "one" {
  name = "one"
}
resource "fake_thing" "counted" {
  count = length(var.names)
  name  = var.names[count.index]
}
"#;

/// What an import says, or what it refuses.
async fn imported(bench: &mut Bench, address: &str, id: &str) -> String {
    let stack = bench.stack().unwrap();
    let at = address.parse().unwrap();
    match import(&stack, bench.state.clone(), &at, id, &Unobserved).await {
        Ok(state) => {
            bench.state = state;
            addresses(bench)
        }
        Err(problems) => told(problems),
    }
}

fn addresses(bench: &Bench) -> String {
    bench.state.instances().map(|(at, ..)| format!("{at}\n")).collect()
}

/// A bench whose things exist, and whose state does not know them.
async fn forgotten() -> Bench {
    let mut bench = Bench::new(THINGS);
    assert!(bench.apply().await.is_ok());
    bench.state.resources.clear();
    bench
}

#[tokio::test]
async fn an_object_comes_into_the_state() {
    let mut bench = forgotten().await;
    let is_b = |thing: &Value| thing.get("name").and_then(Value::as_str) == Some("b");
    let things = bench.world().things.clone();
    let [id] = things.iter().filter(|(_, t)| is_b(t)).map(|(id, _)| id).collect::<Vec<_>>()[..]
    else {
        panic!("there is one b");
    };
    expect![[r#"
        fake_thing.counted[1]
    "#]]
    .assert_eq(&imported(&mut bench, "fake_thing.counted[1]", id).await);
    let plan = bench.planned().await;
    assert!(plan.contains("Plan: 2 to add, 0 to change, 0 to destroy."), "{plan}");
}

#[tokio::test]
async fn what_cannot_be_imported_is_refused_as_terraform_refuses_it() {
    let mut bench = forgotten().await;
    let mut check = async |address: &str, expected: Expect| {
        expected.assert_eq(&imported(&mut bench, address, "thing-0").await);
    };
    check("fake_thing.one", expect![[r#"
        ╷
        │ Error: Cannot import non-existent remote object
        │
        │ While attempting to import an existing object to "fake_thing.one", the provider detected that no object exists with the given id. Only pre-existing objects can be imported; check that the id is correct and that it is associated with the provider's configured region or endpoint, or use "neargate apply" to create a new remote object for this resource.
        ╵
    "#]]).await;
    check("fake_thing.other", expect![[r#"
        ╷
        │ Error: resource address "fake_thing.other" does not exist in the configuration.
        │
        │ Before importing this resource, please create its configuration in the root module. For example:
        │
        │ resource "fake_thing" "other" {
        │   # (resource arguments)
        │ }
        ╵
    "#]]).await;
    check("fake_thing.counted", expect![[r#"
        ╷
        │ Error: Configuration for import target does not exist
        │
        │ The configuration for the given import fake_thing.counted does not exist. All target instances must have an associated configuration to be imported.
        ╵
    "#]]).await;
    check("fake_thing.counted[2]", expect![[r#"
        ╷
        │ Error: Configuration for import target does not exist
        │
        │ The configuration for the given import fake_thing.counted[2] does not exist. All target instances must have an associated configuration to be imported.
        ╵
    "#]]).await;
    check("module.m.fake_thing.one", expect![[r#"
        ╷
        │ Error: Import to non-existent module
        │
        │ module.m is not defined in the configuration. Please add configuration for this module before importing into it.
        ╵
    "#]]).await;
    check(
        "data.fake_thing.one",
        expect![[r#"
        ╷
        │ Error: A managed resource address is required
        │
        │ Importing into a data resource is not allowed.
        ╵
    "#]],
    )
    .await;
    bench = forgotten().await;
    let id = bench.world().things.keys().next().unwrap().clone();
    imported(&mut bench, "fake_thing.one", &id).await;
    expect![[r#"
        ╷
        │ Error: Resource already managed by Neargate
        │
        │ Neargate is already managing a remote object for fake_thing.one. To import to this address you must first remove the existing object from the state.
        ╵
    "#]].assert_eq(&imported(&mut bench, "fake_thing.one", &id).await);
}

#[tokio::test]
async fn objects_move_within_the_state() {
    let mut bench = Bench::new(THINGS);
    assert!(bench.apply().await.is_ok());
    let mut moved = |from: &str, to: &str| {
        let (from, to): (Target, Target) = (from.parse().unwrap(), to.parse().unwrap());
        match mv(&mut bench.state, &from, &to) {
            Ok(()) => addresses(&bench),
            Err(problem) => problem.to_string(),
        }
    };
    expect![[r#"
        fake_thing.counted[0]
        fake_thing.counted[1]
        fake_thing.kept["x"]
    "#]]
    .assert_eq(&moved("fake_thing.one", "fake_thing.kept[\"x\"]"));
    expect![[r#"
        fake_thing.kept["x"]
        module.m.fake_thing.counted[0]
        module.m.fake_thing.counted[1]
    "#]]
    .assert_eq(&moved("fake_thing.counted", "module.m.fake_thing.counted"));
    expect![[r#"
        fake_thing.kept["x"]
        module.n[0].fake_thing.counted[0]
        module.n[0].fake_thing.counted[1]
    "#]]
    .assert_eq(&moved("module.m", "module.n[0]"));
    expect![[r#"
        ╷
        │ Error: Invalid source address
        │
        │ Cannot move fake_thing.one: does not match anything in the current state.
        ╵
    "#]]
    .assert_eq(&moved("fake_thing.one", "fake_thing.two"));
    expect![[r#"
        ╷
        │ Error: Invalid state move request
        │
        │ Cannot move fake_thing.kept["x"] to other_thing.kept: resource types don't match.
        ╵
    "#]]
    .assert_eq(&moved("fake_thing.kept[\"x\"]", "other_thing.kept"));
    expect![[r#"
        ╷
        │ Error: Invalid target address
        │
        │ Cannot move to module.n[0].fake_thing.counted[1]: there is already a resource instance at that address in the current state.
        ╵
    "#]].assert_eq(&moved(
        "fake_thing.kept[\"x\"]",
        "module.n[0].fake_thing.counted[1]",
    ));
    expect![[r#"
        ╷
        │ Error: Invalid state move request
        │
        │ Cannot move module.n[0] to fake_thing.one: a module moves to a module, and a resource to a resource.
        ╵
    "#]].assert_eq(&moved("module.n[0]", "fake_thing.one"));
}

#[tokio::test]
async fn the_console_knows_variables_and_the_state() {
    let mut bench = Bench::new(THINGS);
    assert!(bench.apply().await.is_ok());
    let stack = bench.stack().unwrap();
    let console = Console::new(&stack, bench.state.clone()).await;
    let shown = |text: &str| match console.evaluate(text) {
        Ok(shown) => shown,
        Err(problem) => problem.to_string(),
    };
    expect![[r#"
        [
          "A",
          "B",
        ]"#]]
    .assert_eq(&shown("[for t in fake_thing.counted : upper(t.name)]"));
    expect![[r#"
        [
          "a",
          "b",
        ]"#]]
    .assert_eq(&shown("var.names"));
    expect![[r#"
        ╷
        │ Error: Reference to undeclared input variable
        │
        │   on <console-input> line 1:
        │    1: var.nams
        │
        │ An input variable with the name "nams" has not been declared. Did you mean "names"?
        ╵
    "#]]
    .assert_eq(&shown("var.nams"));
    expect![[r#"
        ╷
        │ Error: Invalid expression
        │
        │ unexpected token.
        ╵
    "#]]
    .assert_eq(&shown("1 +"));
    assert!(is_whole("[1, 2]") && !is_whole("[1,") && !is_whole("\"${"));
}
