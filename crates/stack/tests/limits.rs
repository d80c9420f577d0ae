//! Small configurations that ask for much: a clear error, and bounded memory.

mod fake;

use expect_test::{Expect, expect};
use fake::Bench;

async fn check(bench: &Bench, expected: Expect) {
    expected.assert_eq(&bench.plan().await.map(drop).expect_err("too much"));
}

#[tokio::test]
async fn modules_that_multiply_are_bounded() {
    let bench = Bench::new("module \"x\" {\n  source = \"./m1\"\n  count  = 100\n}\n");
    for level in 1..5 {
        let next = level + 1;
        bench.file(
            &format!("m{level}/main.tf"),
            &format!("module \"x\" {{\n  source   = \"../m{next}\"\n  for_each = toset([for n in range(100) : tostring(n)])\n}}\n"),
        );
    }
    bench.file("m5/main.tf", "resource \"fake_thing\" \"x\" {}\n");
    check(
        &bench,
        expect![[r#"
        ╷
        │ Error: Too many modules
        │
        │   on m1/main.tf line 1:
        │    1: module "x" {
        │
        │ All calls together make at most 10000 instances of modules.
        ╵
    "#]],
    )
    .await;
}

#[tokio::test]
async fn instances_of_all_resources_are_bounded() {
    let bench = Bench::new("module \"x\" {\n  source = \"./m\"\n  count  = 5000\n}\n");
    bench.file("m/main.tf", "resource \"terraform_data\" \"x\" {\n  count = 50000\n}\n");
    check(
        &bench,
        expect![[r#"
        ╷
        │ Error: Too many instances
        │
        │   on m/main.tf line 1:
        │    1: resource "terraform_data" "x" {
        │
        │ All resources together have at most 100000 instances.
        ╵
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_count_is_bounded() {
    let bench = Bench::new("resource \"fake_thing\" \"x\" {\n  name  = \"x\"\n  count = 1e9\n}\n");
    check(
        &bench,
        expect![[r#"
        ╷
        │ Error: Invalid count argument
        │
        │   on main.tf line 3, in resource "fake_thing" "x":
        │    3:   count = 1e9
        │
        │ The given "count" argument value is unsuitable: at most 100000 instances are made.
        ╵
    "#]],
    )
    .await;
}
