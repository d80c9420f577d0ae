//! The same directories by Terraform itself, where it is installed: its state is ours, our state is
//! its own, and both plans read the same. The built-in `terraform_data` needs no provider.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fake;

use std::path::Path;
use std::process::Command;

use fake::Bench;
use neargate_stack::state::State;

const MAIN: &str = r#"
variable "secret" {
  type      = string
  sensitive = true
  default   = "s3cr<et>&"
}
variable "x" { default = 1 }
resource "terraform_data" "a" {
  input = { x = var.x, y = ["a", true, null], z = 1.5e10, "odd key" = "v" }
}
resource "terraform_data" "b" {
  count            = 2
  input            = var.secret
  triggers_replace = [count.index, var.x]
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "text" {
  input            = "one\ntwo ${var.x}\n"
  triggers_replace = jsonencode({ Version = var.x, List = ["a", "b"] })
}
module "m" {
  source   = "./m"
  for_each = toset(["k<1", "k2"])
  x        = terraform_data.a.output.x
}
output "o" {
  value = { a = terraform_data.a.output.x, s = "a\u2028b", list = [for k, m in module.m : "${k}-${m.c}"] }
}
output "secret" {
  value     = var.secret
  sensitive = true
}
check "c" {
  assert {
    condition     = terraform_data.a.id != ""
    error_message = "no"
  }
}
"#;

const MODULE: &str = r#"
variable "x" {
  validation {
    condition     = var.x > 0
    error_message = "must be more"
  }
}
resource "terraform_data" "c" {
  input = var.x
}
output "c" { value = terraform_data.c.output }
"#;

/// What is there, and what it becomes.
const CHANGES: [(&str, &str); 6] = [
    (
        "resource \"terraform_data\" \"a\" {\n  count = 3\n  input = count.index\n}\n",
        "resource \"terraform_data\" \"a\" {\n  count = 1\n  input = 7\n}\n",
    ),
    (
        "resource \"terraform_data\" \"a\" {\n  for_each = toset([\"x\", \"y\"])\n  input = each.key\n}\n",
        "resource \"terraform_data\" \"a\" {\n  for_each = toset([\"x\"])\n  input = [each.key]\n}\noutput \"a\" {\n  value = terraform_data.a[\"x\"].output\n}\n",
    ),
    (
        "resource \"terraform_data\" \"a\" {\n  input = { l = [1, 2, 3, 4, 5, 6], m = \"one\\ntwo\\nthree\\n\", j = jsonencode([{ a = 1, b = [1, 2] }]) }\n}\n",
        "resource \"terraform_data\" \"a\" {\n  input = { l = [1, 2, 3, 9, 5, 6], m = \"one\\n2\\nthree\\n\", j = jsonencode([{ a = 2, b = [1, 2] }]), n = null }\n}\n",
    ),
    (
        "resource \"terraform_data\" \"a\" {\n  input = 1\n}\nresource \"terraform_data\" \"b\" {\n  input = terraform_data.a.id\n}\n",
        "moved {\n  from = terraform_data.a\n  to   = terraform_data.c\n}\nresource \"terraform_data\" \"c\" {\n  input = 1\n}\nremoved {\n  from = terraform_data.b\n  lifecycle {\n    destroy = false\n  }\n}\n",
    ),
    (
        "resource \"terraform_data\" \"a\" {\n  input = 1\n}\nresource \"terraform_data\" \"b\" {\n  input = terraform_data.a.output\n}\noutput \"o\" {\n  value = { a = terraform_data.a.id, b = [1, 2] }\n}\n",
        "resource \"terraform_data\" \"b\" {\n  input = { k = 1 }\n  triggers_replace = [1]\n}\noutput \"o\" {\n  value = { a = \"x\", b = [1] }\n}\n",
    ),
    (
        "resource \"terraform_data\" \"a\" {\n  input = 1\n}\nresource \"terraform_data\" \"b\" {\n  input = 1\n}\n",
        "resource \"terraform_data\" \"a\" {\n  input = 2\n}\nresource \"terraform_data\" \"b\" {\n  input = 1\n  lifecycle {\n    replace_triggered_by = [terraform_data.a.input]\n    create_before_destroy = true\n  }\n}\n",
    ),
];

#[tokio::test]
async fn every_change_reads_as_terraform_tells_it() {
    let mut differ = Vec::new();
    for (before, after) in CHANGES {
        let Some(mut bench) = bench() else { return };
        bench.file("main.tf", before);
        assert!(bench.apply().await.is_ok());
        write_state(&bench);
        bench.file("main.tf", after);
        let (ours, theirs) =
            (body(&bench.planned().await), body(&terraform(bench.path(), &["plan"])));
        if ours != theirs {
            differ.push(format!("ours:\n{ours}\n\ntheirs:\n{theirs}\n"));
        }
        assert!(bench.apply().await.is_ok());
        write_state(&bench);
        let plan = terraform(bench.path(), &["plan"]);
        assert!(plan.contains("No changes."), "{plan}");
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

fn bench() -> Option<Bench> {
    if Command::new("terraform").arg("version").output().is_err() {
        eprintln!("SKIPPED: terraform is not on the PATH");
        return None;
    }
    let bench = Bench::new(MAIN);
    bench.file("m/main.tf", MODULE);
    terraform(bench.path(), &["init"]);
    Some(bench)
}

fn terraform(directory: &Path, arguments: &[&str]) -> String {
    let out = Command::new("terraform")
        .arg(arguments[0])
        .arg("-no-color")
        // What only shows asks for nothing.
        .args((arguments[0] != "show").then_some("-input=false"))
        .args(&arguments[1..])
        .current_dir(directory)
        .env_remove("TF_CLI_CONFIG_FILE")
        .output()
        .unwrap();
    let (told, wrong) =
        (String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap());
    assert!(out.status.success(), "terraform {arguments:?}: {told}{wrong}");
    told
}

/// From the first resource to the last output: how the two introduce and end a plan differs.
fn body(plan: &str) -> String {
    let start = plan.find(" actions:\n").unwrap_or(0);
    let ends = ["\n─", "\nWarning: "].map(|end| plan.find(end).unwrap_or(plan.len()));
    let told = &plan[start..ends[0].min(ends[1])];
    told.trim_end().replace("Terraform", "Neargate")
}

/// Line by line: the first that differs is told.
fn same(ours: &str, theirs: &str) {
    for (at, (our, their)) in ours.lines().zip(theirs.lines()).enumerate() {
        assert_eq!(our, their, "line {}, of ours:\n{ours}", at + 1);
    }
    assert_eq!(ours.lines().count(), theirs.lines().count(), "{ours}");
}

/// What `show -json` tells, without what differs from run to run, and what only Terraform tells.
fn comparable_json(mut json: serde_json::Value, without: &[&str]) -> String {
    if let Some(members) = json.as_object_mut() {
        members.retain(|name, _| !without.contains(&name.as_str()));
        if let Some(checks) = members.get_mut("checks").and_then(|checks| checks.as_array_mut()) {
            for check in checks.iter_mut() {
                check["instances"].as_array_mut().unwrap().sort_by_key(ToString::to_string);
            }
            checks.sort_by_key(ToString::to_string);
        }
    }
    serde_json::to_string_pretty(&json).unwrap()
}

#[tokio::test]
async fn plans_and_states_are_those_of_terraform_for_machines_too() {
    let Some(mut bench) = bench() else { return };
    let shown = |bench: &Bench, arguments: &[&str]| -> serde_json::Value {
        serde_json::from_str(&terraform(bench.path(), arguments)).unwrap()
    };
    let told = ["timestamp", "relevant_attributes"];
    // Terraform's prior state has the outputs that it knows before there is any.
    let first = ["timestamp", "relevant_attributes", "prior_state"];
    for (change, without) in [("x = 1\n", &first[..]), ("x = 2\n", &told[..])] {
        bench.file("terraform.tfvars", change);
        let (plan, stack) = (bench.plan().await.unwrap(), bench.stack().unwrap());
        let ours = neargate_stack::show::plan(&stack, &plan, "");
        terraform(bench.path(), &["plan", "-out=plan"]);
        let theirs = shown(&bench, &["show", "-json", "plan"]);
        same(&comparable_json(ours, without), &comparable_json(theirs, without));
        assert!(bench.apply().await.is_ok());
        write_state(&bench);
    }
    let ours = neargate_stack::show::state(&bench.state, &bench.providers());
    let theirs = shown(&bench, &["show", "-json"]);
    same(&comparable_json(ours, &[]), &comparable_json(theirs, &["checks"]));
    let people = neargate_stack::render::state(&bench.state, &bench.providers());
    same(people.trim_end(), terraform(bench.path(), &["show"]).trim_end());
}

fn write_state(bench: &Bench) {
    std::fs::write(bench.path().join("terraform.tfstate"), bench.state.to_text()).unwrap();
}

fn read_state(bench: &mut Bench) {
    let path = bench.path().join("terraform.tfstate");
    bench.state = State::parse(&std::fs::read_to_string(&path).unwrap(), &path).unwrap();
}

/// Terraform writes results of checks in any order.
fn in_order(results: &str) -> Box<serde_json::value::RawValue> {
    let mut results: Vec<serde_json::Value> = serde_json::from_str(results).unwrap();
    for result in &mut results {
        result["objects"].as_array_mut().unwrap().sort_by_key(ToString::to_string);
    }
    results.sort_by_key(ToString::to_string);
    serde_json::value::to_raw_value(&results).unwrap()
}

/// A state without what differs from run to run.
fn comparable(state: &State) -> String {
    let mut state = state.clone();
    (state.serial, state.lineage) = (0, String::new());
    state.check_results = state.check_results.map(|results| in_order(results.get()));
    let mut text = state.to_text();
    let ids: Vec<String> = state
        .instances()
        .filter_map(|(_, _, instance)| {
            let json: serde_json::Value =
                serde_json::from_str(instance.attributes.as_ref()?.get()).ok()?;
            json["id"].as_str().map(str::to_owned)
        })
        .collect();
    for id in ids {
        text = text.replace(&id, "ID");
    }
    text
}

#[tokio::test]
async fn plans_and_states_are_those_of_terraform() {
    let Some(mut ours) = bench() else { return };
    let Some(mut theirs) = bench() else { return };
    same(&body(&ours.planned().await), &body(&terraform(theirs.path(), &["plan"])));

    let outcome = ours.apply().await;
    assert!(outcome.is_ok(), "{}", fake::told(outcome.problems));
    terraform(theirs.path(), &["apply", "-auto-approve"]);
    read_state(&mut theirs);
    same(&comparable(&ours.state), &comparable(&theirs.state));

    // Each finds nothing to do on the other's state.
    write_state(&ours);
    let plan = terraform(ours.path(), &["plan"]);
    assert!(plan.contains("No changes."), "{plan}");
    assert!(theirs.plan().await.unwrap().is_empty());

    // A change reads the same, on the same state.
    write_state(&theirs);
    ours.state = theirs.state.clone();
    for bench in [&ours, &theirs] {
        bench.file("terraform.tfvars", "x = 2\n");
    }
    same(&body(&ours.planned().await), &body(&terraform(theirs.path(), &["plan"])));
    let outcome = ours.apply().await;
    assert!(outcome.is_ok(), "{}", fake::told(outcome.problems));
    terraform(theirs.path(), &["apply", "-auto-approve"]);
    read_state(&mut theirs);
    same(&comparable(&ours.state), &comparable(&theirs.state));
}
