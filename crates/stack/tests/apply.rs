//! Applies against the made-up world: in order, with what fails kept, and interrupted at every call.

mod fake;

use fake::{Bench, told};
use neargate_stack::plan::{Action, PlanMode};
use neargate_stack::run::Stop;

const CHAIN: &str = r#"
resource "fake_thing" "a" {
  name = "a"
}
resource "fake_thing" "b" {
  count    = 2
  name     = "b${count.index}"
  upstream = fake_thing.a.id
}
data "fake_thing" "found" {
  name       = "a"
  depends_on = [fake_thing.a]
}
resource "fake_thing" "c" {
  name     = "c"
  size     = data.fake_thing.found.size
  upstream = fake_thing.b[1].arn
}
output "c" { value = fake_thing.c.id }
"#;

fn calls(bench: &Bench) -> String {
    bench.world().calls.join(", ")
}

#[tokio::test]
async fn things_are_made_in_their_order_and_destroyed_in_the_other() {
    let mut bench = Bench::new(CHAIN);
    let outcome = bench.apply().await;
    assert!(outcome.is_ok(), "{}", told(outcome.problems));
    assert_eq!(calls(&bench), "create a, create b0, create b1, create c");
    assert!(bench.plan().await.unwrap().is_empty());
    let c = bench.state.instances().find(|(at, ..)| at.to_string() == "fake_thing.c").unwrap();
    assert_eq!(c.2.dependencies, ["data.fake_thing.found", "fake_thing.a", "fake_thing.b"]);

    bench.world().start_anew();
    bench.options.mode = PlanMode::Destroy;
    let outcome = bench.apply().await;
    assert!(outcome.is_ok(), "{}", told(outcome.problems));
    assert_eq!(calls(&bench), "delete c, delete b0, delete b1, delete a");
    assert!(bench.state.resources.is_empty() && bench.state.outputs.is_empty());
}

#[tokio::test]
async fn a_replacement_takes_what_needs_it_along() {
    let mut bench = Bench::new(CHAIN);
    bench.apply().await;
    bench.world().start_anew();
    bench.file("main.tf", &CHAIN.replace("name = \"a\"", "name = \"a\"\n  kind = \"new\""));
    let outcome = bench.apply().await;
    assert!(outcome.is_ok(), "{}", told(outcome.problems));
    // The data that c is made of is read once a is there again.
    assert_eq!(calls(&bench), "delete a, create a, update b0, update b1, update c");
    assert!(bench.plan().await.unwrap().is_empty());
}

#[tokio::test]
async fn create_before_destroy_makes_room_first() {
    let text = CHAIN.replace(
        "name = \"a\"\n}",
        "name = \"a\"\n  lifecycle {\n    create_before_destroy = true\n  }\n}",
    );
    let mut bench = Bench::new(&text);
    bench.apply().await;
    bench.world().start_anew();
    bench.file(
        "main.tf",
        &text.replace("name = \"a\"\n  lifecycle", "name = \"a\"\n  kind = \"new\"\n  lifecycle"),
    );
    let outcome = bench.apply().await;
    assert!(outcome.is_ok(), "{}", told(outcome.problems));
    assert_eq!(calls(&bench), "create a, update b0, update b1, update c, delete a");
    assert!(bench.plan().await.unwrap().is_empty());
    assert_eq!(bench.names(), ["a", "b0", "b1", "c"]);
}

#[tokio::test]
async fn what_fails_is_told_and_the_next_apply_goes_on() {
    let mut bench = Bench::new(CHAIN);
    bench.world().fail_at = Some(2);
    let outcome = bench.apply().await;
    expect_test::expect![[r#"
        ╷
        │ Error: The made-up world failed
        │
        │   with fake_thing.b[0],
        │   on main.tf line 5, in resource "fake_thing" "b":
        │    5: resource "fake_thing" "b" {
        │
        │ As it was told to.
        ╵
    "#]]
    .assert_eq(&told(outcome.problems));
    assert_eq!(bench.names(), ["a", "b1"]);
    bench.world().start_anew();
    assert!(bench.apply().await.is_ok());
    assert_eq!(calls(&bench), "create b0, create c");
}

/// Whatever fails, or whenever it is stopped: the next apply comes to the same end.
#[tokio::test]
async fn an_apply_can_be_interrupted_at_every_call() {
    let changed = CHAIN
        .replace("name = \"a\"\n}", "name = \"a\"\n  kind = \"new\"\n  lifecycle {\n    create_before_destroy = true\n  }\n}")
        .replace("count    = 2", "count    = 3");
    for stops in [false, true] {
        for at in 1..20 {
            let mut bench = Bench::new(CHAIN);
            let mut ended = true;
            for (text, mode) in [
                (CHAIN, PlanMode::Normal),
                (changed.as_str(), PlanMode::Normal),
                (changed.as_str(), PlanMode::Destroy),
            ] {
                bench.file("main.tf", text);
                bench.options.mode = mode;
                let stop = Stop::default();
                {
                    let mut world = bench.world();
                    world.start_anew();
                    world.fail_at = (!stops).then_some(at);
                    world.stop_at = stops.then(|| (at, stop.clone()));
                }
                bench.apply_until(stop).await;
                ended &= bench.world().changes() < at;
                bench.world().start_anew();
                let outcome = bench.apply().await;
                assert!(outcome.is_ok(), "at {at}: {}", told(outcome.problems));
                let expected: &[&str] = match (mode, text == CHAIN) {
                    (PlanMode::Destroy, _) => &[],
                    (_, true) => &["a", "b0", "b1", "c"],
                    (_, false) => &["a", "b0", "b1", "b2", "c"],
                };
                assert_eq!(bench.names(), expected, "at {at}");
                let managed = bench.state.resources.iter().filter(|r| r.mode == "managed");
                let known: usize = managed.map(|r| r.instances.len()).sum();
                assert_eq!(known, expected.len(), "at {at}: the state has what there is");
            }
            if ended {
                break;
            }
        }
    }
}

#[tokio::test]
async fn what_is_gone_is_made_again_and_what_has_changed_is_put_right() {
    let mut bench = Bench::new(CHAIN);
    bench.apply().await;
    bench.world().things.retain(|id, _| id != "thing-4");
    let plan = bench.plan().await.unwrap();
    let changed: Vec<_> = plan.changes.iter().filter(|c| c.action != Action::NoOp).collect();
    assert_eq!((changed.len(), changed[0].action), (1, Action::Create));
    assert_eq!(plan.drift.len(), 1);
    bench.options.mode = PlanMode::RefreshOnly;
    assert!(
        neargate_stack::render::plan(&bench.plan().await.unwrap())
            .contains("# fake_thing.c has been deleted")
    );
}

#[tokio::test]
async fn moved_removed_and_imported() {
    let mut bench = Bench::new(
        "resource \"fake_thing\" \"a\" {\n  name = \"a\"\n}\nresource \"fake_thing\" \"gone\" {\n  name = \"gone\"\n}\n",
    );
    bench.apply().await;
    bench.world().start_anew();
    bench.file(
        "main.tf",
        r#"
moved {
  from = fake_thing.a
  to   = module.m["x"].fake_thing.b
}
removed {
  from = fake_thing.gone
  lifecycle {
    destroy = false
  }
}
module "m" {
  source   = "./m"
  for_each = toset(["x"])
}
"#,
    );
    bench.file("m/main.tf", "resource \"fake_thing\" \"b\" {\n  name = \"a\"\n}\n");
    expect_test::expect![[r#"

        Neargate will perform the following actions:

         # fake_thing.gone will no longer be managed by Neargate, but will not be destroyed
         # (destroy = false is set in the configuration)
         . resource "fake_thing" "gone" {
                id   = "thing-2"
                name = "gone"
                # (1 unchanged attribute hidden)
            }

          # fake_thing.a has moved to module.m["x"].fake_thing.b
            resource "fake_thing" "b" {
                id   = "thing-1"
                name = "a"
                # (1 unchanged attribute hidden)
            }

        Plan: 0 to add, 0 to change, 0 to destroy.
    "#]]
    .assert_eq(&bench.planned().await);
    assert!(bench.apply().await.is_ok());
    assert_eq!(calls(&bench), "");
    bench.file(
        "more.tf",
        "import {\n  to = fake_thing.back\n  id = \"thing-2\"\n}\nresource \"fake_thing\" \"back\" {\n  name = \"gone\"\n  size = 3\n}\n",
    );
    expect_test::expect![[r#"
        Resource actions are indicated with the following symbols:
          ~ update in-place

        Neargate will perform the following actions:

          # fake_thing.back will be updated in-place
          # (imported from "thing-2")
          ~ resource "fake_thing" "back" {
                id   = "thing-2"
                name = "gone"
              + size = 3
                # (1 unchanged attribute hidden)
            }

        Plan: 1 to import, 0 to add, 1 to change, 0 to destroy.
    "#]]
    .assert_eq(&bench.planned().await);
    assert!(bench.apply().await.is_ok());
    assert_eq!(calls(&bench), "update gone");
}

#[tokio::test]
async fn what_is_asked_for_is_replaced_and_only_targets_are_looked_at() {
    let mut bench = Bench::new(CHAIN);
    bench.options.targets = vec!["fake_thing.b[0]".parse().unwrap()];
    bench.apply().await;
    assert_eq!(bench.names(), ["a", "b0", "b1"]);
    bench.options.targets.clear();
    bench.apply().await;
    bench.world().start_anew();
    bench.options.replace = vec!["fake_thing.b[0]".parse().unwrap()];
    let planned = bench.planned().await;
    assert!(planned.contains("# fake_thing.b[0] will be replaced, as requested"), "{planned}");
    bench.apply().await;
    assert_eq!(calls(&bench), "delete b0, create b0");
}

#[tokio::test]
async fn lifecycles_are_kept() {
    let with = |lifecycle: &str, kind: &str, size: u32| {
        format!(
            "resource \"fake_thing\" \"a\" {{\n  name = \"a\"\n  kind = \"{kind}\"\n  size = {size}\n  lifecycle {{\n    {lifecycle}\n  }}\n}}\n"
        )
    };
    let mut bench = Bench::new(&with("prevent_destroy = true", "x", 1));
    bench.apply().await;
    bench.file("main.tf", &with("prevent_destroy = true", "y", 1));
    assert!(bench.planned().await.contains("Error: Instance cannot be destroyed"));
    bench.file("main.tf", &with("ignore_changes = [kind, size]", "y", 2));
    assert!(bench.plan().await.unwrap().is_empty());
    bench.file(
        "main.tf",
        &with("postcondition {\n      condition     = self.size < 2\n      error_message = \"too large\"\n    }", "x", 2),
    );
    assert!(bench.planned().await.contains("Error: Resource postcondition failed"));
    bench.file(
        "main.tf",
        &format!(
            "{}resource \"fake_thing\" \"t\" {{\n  name = \"t\"\n  size = 1\n}}\n",
            with("replace_triggered_by = [fake_thing.t.size]", "x", 1)
        ),
    );
    bench.apply().await;
    bench.file(
        "main.tf",
        &format!(
            "{}resource \"fake_thing\" \"t\" {{\n  name = \"t\"\n  size = 2\n}}\n",
            with("replace_triggered_by = [fake_thing.t.size]", "x", 1)
        ),
    );
    let planned = bench.planned().await;
    assert!(
        planned.contains("# fake_thing.a will be replaced due to changes in replace_triggered_by"),
        "{planned}"
    );
}

/// As Terraform: what a source names in its own module keeps it waiting, what it reaches by a local value
/// does not.
#[tokio::test]
async fn data_wait_for_the_resources_that_they_name() {
    const THINGS: &str = r#"
resource "fake_thing" "a" {
  name = "a"
}
resource "fake_thing" "b" {
  name     = "b"
  upstream = fake_thing.a.name
}
"#;
    const SOURCES: &str = r#"
locals { name = fake_thing.a.name }
data "fake_thing" "by_name" {
  name = fake_thing.a.name
}
data "fake_thing" "by_local" {
  name = local.name
}
data "fake_thing" "after_b" {
  name       = "b"
  depends_on = [fake_thing.b]
}
data "fake_thing" "counted" {
  count = fake_thing.a.name == "a" ? 1 : 0
  name  = "b"
}
"#;
    let mut bench = Bench::new(THINGS);
    assert!(bench.apply().await.is_ok());
    let changed = THINGS.replace("name = \"a\"", "name = \"a\"\n  size = 1");
    bench.file("main.tf", &format!("{changed}{SOURCES}"));
    let plan = bench.plan().await.unwrap();
    let read = plan.changes.iter().filter(|change| change.action == Action::Read);
    let read: Vec<String> = read.map(|change| change.address.to_string()).collect();
    assert_eq!(read, ["data.fake_thing.by_name", "data.fake_thing.counted[0]"]);
}
