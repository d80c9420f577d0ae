//! `import` blocks: which instances they name, and what is refused rather than made a second time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fake;

use fake::{Bench, text};

const THINGS: &str = r#"
locals {
  ids    = IDS
  places = { one = { module = "p", index = 1, id = local.ids["p1"] }, two = { module = "q", index = 0, id = local.ids["q0"] } }
}
module "m" {
  for_each = toset(["p", "q"])
  source   = "./m"
  name     = each.key
}
resource "fake_thing" "named" {
  for_each = toset(["x", "y-1"])
  name     = each.key
}
resource "fake_thing" "counted" {
  count = 2
  name  = "c${count.index}"
}
"#;
const MODULE: &str = "variable \"name\" {}\nresource \"fake_thing\" \"d\" {\n  count = 2\n  name  = \"${var.name}${count.index}\"\n}\n";

/// A bench whose things exist, and whose state does not know them.
async fn forgotten() -> Bench {
    let mut bench = Bench::new(&THINGS.replace("IDS", "{ p1 = \"\", q0 = \"\" }"));
    bench.file("m/main.tf", MODULE);
    assert!(bench.apply().await.is_ok());
    let things = bench.world().things.clone();
    let ids: Vec<String> =
        things.iter().map(|(id, thing)| format!("{:?} = {id:?}", text(thing, "name"))).collect();
    bench.file("main.tf", &THINGS.replace("IDS", &format!("{{ {} }}", ids.join(", "))));
    bench.state.resources.clear();
    bench
}

/// The addresses that are imported, or what is refused.
async fn imports(bench: &Bench, block: &str) -> String {
    bench.file("imports.tf", block);
    match bench.plan().await {
        Ok(plan) => plan
            .changes
            .iter()
            .filter(|change| change.importing.is_some())
            .map(|change| format!("{} ", change.address))
            .collect(),
        Err(told) => told,
    }
}

#[tokio::test]
async fn keys_are_expressions_of_each() {
    let bench = forgotten().await;
    let block = |each: &str, to: &str, id: &str| {
        let each = if each.is_empty() { String::new() } else { format!("  for_each = {each}\n") };
        format!("import {{\n{each}  to = {to}\n  id = {id}\n}}\n")
    };
    for (each, to, id, expected) in [
        ("", "fake_thing.counted[1]", "local.ids.c1", "fake_thing.counted[1] "),
        ("", "module.m[\"q\"].fake_thing.d[1]", "local.ids.q1", "module.m[\"q\"].fake_thing.d[1] "),
        (
            "local.places",
            "module.m[each.value.module].fake_thing.d[each.value[\"index\"]]",
            "each.value.id",
            "module.m[\"p\"].fake_thing.d[1] module.m[\"q\"].fake_thing.d[0] ",
        ),
        (
            "toset([\"1\"])",
            "fake_thing.named[\"y-${each.key}\"]",
            "local.ids[\"y-${each.value}\"]",
            "fake_thing.named[\"y-1\"] ",
        ),
        (
            "[\"x\", \"y-1\"]",
            "fake_thing.named[each.value]",
            "local.ids[each.value]",
            "fake_thing.named[\"x\"] fake_thing.named[\"y-1\"] ",
        ),
        (
            "sensitive(toset([\"x\"]))",
            "fake_thing.named[each.key]",
            "local.ids.x",
            "fake_thing.named[\"x\"] ",
        ),
        ("{}", "fake_thing.named[each.key]", "each.value", ""),
    ] {
        assert_eq!(imports(&bench, &block(each, to, id)).await, expected, "{to}");
    }
}

#[tokio::test]
async fn what_names_no_instance_or_no_object_is_refused() {
    let bench = forgotten().await;
    let to = |to: &str| format!("import {{\n  to = {to}\n  id = \"thing-1\"\n}}\n");
    let id = |id: &str| format!("import {{\n  to = fake_thing.counted[0]\n  id = {id}\n}}\n");
    let each = |each: &str, key: &str| {
        format!(
            "import {{\n  for_each = {each}\n  to = fake_thing.named[{key}]\n  id = \"thing-1\"\n}}\n"
        )
    };
    for (block, expected) in [
        (to("fake_thing.other"), "import target fake_thing.other does not exist"),
        (to("fake_thing.named"), "import fake_thing.named does not exist"),
        (to("fake_thing.counted[2]"), "import fake_thing.counted[2] does not exist"),
        (to("fake_thing.named[local.ids.x]"), "Only constant keys can be used"),
        (to("module.m[\"p\"]"), "A resource instance address is required"),
        (to("data.fake_thing.named"), "Only managed resources can be imported."),
        (to("fake_thing.counted[0].id"), "Unexpected extra operators"),
        (to("fake_thing.counted[0]").repeat(2), "Duplicate import configuration"),
        (id("null"), "The import ID cannot be null."),
        (id("\"\""), "evaluates to an empty string"),
        (id("[\"a\"]"), "The import ID must be a text."),
        (id("fake_thing.named[\"x\"].id"), "depends on resource attributes"),
        (
            each("toset([\"x\", \"z\"])", "each.key"),
            "import fake_thing.named[\"z\"] does not exist",
        ),
        (each("toset([\"x\"])", "local.ids.x"), "There is no variable named \"local\""),
        (each("{ x = null }", "each.value"), "an index key which is null"),
        (each("toset([fake_thing.counted[1].id])", "each.key"), "cannot be determined until apply"),
        (each("\"x\"", "each.key"), "must be a collection"),
    ] {
        let told = imports(&bench, &block).await;
        assert!(told.contains("Error: ") && told.contains(expected), "{block}{told}");
    }
    bench.file("m/imports.tf", &to("fake_thing.d[0]"));
    let told = imports(&bench, "").await;
    assert!(told.contains("Import blocks are only allowed in the root module."), "{told}");
}
