//! Saved plans: what is in the file is done, as long as the state is the one that it was made from.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fake;

use std::sync::Arc;

use expect_test::expect;
use fake::{Bench, Kept, told};
use neargate_hcl::scope::Nothing;
use neargate_ids::{Clock, Rng, Timestamp};
use neargate_stack::apply::{Outcome, Surroundings, apply};
use neargate_stack::render;
use neargate_stack::run::{Stop, Unobserved};
use neargate_stack::saved::{self, NoPlan, Origin, Saved};
use neargate_stack::state::State;

const THINGS: &str = r#"
variable "size" { default = 1 }
resource "fake_thing" "base" {
  name     = "base"
  size     = var.size
  password = "secret"
  zones    = toset(["z1"])
  rule {
    port = 80
  }
}
resource "fake_thing" "user" {
  for_each = toset(["a", "b"])
  name     = each.key
  upstream = fake_thing.base.id
}
output "arn" { value = fake_thing.base.arn }
"#;

async fn saved(bench: &Bench) -> String {
    let plan = bench.plan().await.unwrap();
    let origin = Origin {
        directory: "/a".into(),
        state: "terraform.tfstate".into(),
        cloud: "neargate".to_owned(),
        planned_at: 7,
    };
    saved::write(&bench.stack().unwrap(), &plan, &origin)
}

async fn applied(bench: &mut Bench, saved: Saved) -> Outcome {
    let stack = saved.stack(bench.providers(), Arc::new(Nothing)).map_err(told).unwrap();
    let plan = saved.plan(&stack).map_err(told).unwrap();
    let kept = Kept::default();
    let around = Surroundings {
        keeper: &kept,
        observer: &Unobserved,
        stop: Stop::default(),
        clock: Clock::fixed(Timestamp(0)),
        rng: Rng::seeded(2),
        parallelism: 1,
    };
    let outcome = apply(&stack, plan, &around).await;
    bench.state = kept.0.into_inner().unwrap().pop().unwrap();
    outcome
}

#[tokio::test]
async fn the_plan_that_was_saved_is_done_whatever_the_files_say_now() {
    let mut bench = Bench::new(THINGS);
    let (shown, text) = (bench.planned().await, saved(&bench).await);
    bench.file("main.tf", "resource \"fake_thing\" \"other\" {\n  name = \"other\"\n}\n");

    let plan = saved::read(&text).unwrap();
    let stack = plan.stack(bench.providers(), Arc::new(Nothing)).map_err(told).unwrap();
    assert_eq!(render::plan(&plan.plan(&stack).map_err(told).unwrap()), shown);

    let outcome = applied(&mut bench, saved::read(&text).unwrap()).await;
    assert!(outcome.is_ok(), "{}", told(outcome.problems));
    assert_eq!(bench.names(), ["a", "b", "base"]);

    // What it was made into is what the files said.
    bench.file("main.tf", THINGS);
    assert!(bench.plan().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_change_and_a_replacement_come_back_from_the_file() {
    let mut bench = Bench::new(THINGS);
    assert!(bench.apply().await.is_ok());
    bench
        .file("main.tf", &THINGS.replace("name     = \"base\"", "name = \"base\"\n  kind = \"k\""));
    let (shown, text) = (bench.planned().await, saved(&bench).await);
    let plan = saved::read(&text).unwrap();
    let stack = plan.stack(bench.providers(), Arc::new(Nothing)).map_err(told).unwrap();
    assert_eq!(render::plan(&plan.plan(&stack).map_err(told).unwrap()), shown);
    let outcome = applied(&mut bench, saved::read(&text).unwrap()).await;
    assert!(outcome.is_ok(), "{}", told(outcome.problems));
    assert!(bench.plan().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_plan_whose_state_has_moved_on_is_refused() {
    let mut bench = Bench::new(THINGS);
    let text = saved(&bench).await;
    let first = saved::read(&text).unwrap();
    assert!(first.check(None).is_ok());
    assert!(bench.apply().await.is_ok());
    let stale = |plan: &str, state: &State| {
        saved::read(plan).unwrap().check(Some(state)).unwrap_err().to_string()
    };
    expect![[r#"
        ╷
        │ Error: Saved plan is stale
        │
        │ The given plan file can no longer be applied because the state was changed by another operation after the plan was created.
        ╵
    "#]]
    .assert_eq(&stale(&text, &bench.state));

    let text = saved(&bench).await;
    assert!(saved::read(&text).unwrap().check(Some(&bench.state)).is_ok());
    let other = State { lineage: "another".to_owned(), ..bench.state.clone() };
    expect![[r#"
        ╷
        │ Error: Saved plan does not match the given state
        │
        │ The given plan file can not be applied because it was created from a different state lineage.
        ╵
    "#]]
    .assert_eq(&stale(&text, &other));
}

#[test]
fn what_is_no_plan_is_told() {
    let wrong = |text: &str| saved::read(text).err().unwrap().to_string();
    assert!(matches!(saved::read("PK\u{3}\u{4}").err(), Some(NoPlan::Other)));
    assert_eq!(wrong("{}"), "this is no plan that neargate plan --out has written");
    assert_eq!(
        wrong("{\"neargate_plan\": 9}"),
        "this is a plan of form 9, and this program knows form 1: make a new plan"
    );
    assert_eq!(
        wrong("{\"neargate_plan\": 1}"),
        "this plan is broken: missing field `origin` at line 1 column 20"
    );
}
