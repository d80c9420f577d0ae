//! The same directories by Terraform itself, where it is installed: its state is ours, our state is
//! its own, and both plans read the same. The built-in `terraform_data` needs no provider.

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
        .args(arguments)
        .args(["-no-color", "-input=false"])
        .current_dir(directory)
        .env_remove("TF_CLI_CONFIG_FILE")
        .output()
        .unwrap();
    let (told, wrong) = (String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap());
    assert!(out.status.success(), "terraform {arguments:?}: {told}{wrong}");
    told
}

/// From the first resource to the last output: how the two introduce and end a plan differs.
fn body(plan: &str) -> String {
    let start = plan.find("  # ").unwrap_or(0);
    let end = plan.find("\n─").unwrap_or(plan.len());
    plan[start..end].trim_end().to_owned()
}

fn write_state(bench: &Bench) {
    std::fs::write(bench.path().join("terraform.tfstate"), bench.state.to_text()).unwrap();
}

fn read_state(bench: &mut Bench) {
    let path = bench.path().join("terraform.tfstate");
    bench.state = State::parse(&std::fs::read_to_string(&path).unwrap(), &path).unwrap();
}

/// A state without what differs from run to run.
fn comparable(state: &State) -> String {
    let mut state = state.clone();
    (state.serial, state.lineage) = (0, String::new());
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
    assert_eq!(body(&ours.planned().await), body(&terraform(theirs.path(), &["plan"])));

    let outcome = ours.apply().await;
    assert!(outcome.is_ok(), "{}", fake::told(outcome.problems));
    terraform(theirs.path(), &["apply", "-auto-approve"]);
    read_state(&mut theirs);
    assert_eq!(comparable(&ours.state), comparable(&theirs.state));

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
    assert_eq!(body(&ours.planned().await), body(&terraform(theirs.path(), &["plan"])));
    let outcome = ours.apply().await;
    assert!(outcome.is_ok(), "{}", fake::told(outcome.problems));
    terraform(theirs.path(), &["apply", "-auto-approve"]);
    read_state(&mut theirs);
    assert_eq!(comparable(&ours.state), comparable(&theirs.state));
}
