//! What a directory declares, and every error that needs no evaluation, in Terraform's words.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use expect_test::{Expect, expect};
use neargate_stack::config::{Config, load};
use neargate_stack::graph::Graph;

/// Loads a directory of these files, each `name: text`.
fn directory(files: &[(&str, &str)]) -> (tempfile::TempDir, Result<Config, String>) {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let loaded = load(directory.path()).and_then(|config| Graph::of(&config).map(|_| config));
    let told = loaded.map_err(|problems| problems.iter().map(ToString::to_string).collect());
    (directory, told)
}

fn check(text: &str, expected: Expect) {
    let (_kept, loaded) = directory(&[("main.tf", text)]);
    expected.assert_eq(&loaded.err().unwrap_or_else(|| "no error\n".to_owned()));
}

#[test]
fn unknown_blocks_and_arguments_have_their_nearest_name() {
    check(
        "resorce \"a\" \"b\" {}\nfoo = 1\nvariable \"a\" {\n  tipe = string\n}\n",
        expect![[r#"
            ╷
            │ Error: Unsupported argument
            │
            │   on main.tf line 2:
            │    2: foo = 1
            │
            │ An argument named "foo" is not expected here.
            ╵
            ╷
            │ Error: Unsupported block type
            │
            │   on main.tf line 1:
            │    1: resorce "a" "b" {}
            │
            │ Blocks of type "resorce" are not expected here. Did you mean "resource"?
            ╵
            ╷
            │ Error: Unsupported argument
            │
            │   on main.tf line 4, in variable "a":
            │    4:   tipe = string
            │
            │ An argument named "tipe" is not expected here. Did you mean "type"?
            ╵
        "#]],
    );
}

#[test]
fn labels_and_names_are_counted() {
    check(
        "resource \"terraform_data\" {}\nvariable \"a\" \"b\" {}\nresource \"9a\" \"b\" {}\nvariable \"c\" {}\nvariable \"c\" {}\n",
        expect![[r#"
            ╷
            │ Error: Missing name for resource
            │
            │   on main.tf line 1, in resource "terraform_data":
            │    1: resource "terraform_data" {}
            │
            │ All resource blocks must have 2 labels (type, name).
            ╵
            ╷
            │ Error: Extraneous label for variable
            │
            │   on main.tf line 2, in variable "a" "b":
            │    2: variable "a" "b" {}
            │
            │ Only 1 labels (name) are expected for variable blocks.
            ╵
            ╷
            │ Error: Invalid resource type name
            │
            │   on main.tf line 3, in resource "9a" "b":
            │    3: resource "9a" "b" {}
            │
            │ A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.
            ╵
            ╷
            │ Error: Duplicate variable declaration
            │
            │   on main.tf line 5:
            │    5: variable "c" {}
            │
            │ A variable named "c" was already declared at main.tf:4,1-13. Variable names must be unique within a module.
            ╵
        "#]],
    );
}

#[test]
fn what_is_missing_or_excludes_another_is_told() {
    check(
        "output \"x\" {}\nmodule \"y\" {}\nresource \"terraform_data\" \"z\" {\n  count    = 1\n  for_each = {}\n  depends_on = \"x\"\n  lifecycle {\n    ignore_changes = foo\n    prevent        = true\n  }\n}\n",
        expect![[r#"
            ╷
            │ Error: Missing required argument
            │
            │   on main.tf line 1, in output "x":
            │    1: output "x" {}
            │
            │ The argument "value" is required, but no definition was found.
            ╵
            ╷
            │ Error: Missing required argument
            │
            │   on main.tf line 2, in module "y":
            │    2: module "y" {}
            │
            │ The argument "source" is required, but no definition was found.
            ╵
            ╷
            │ Error: Invalid combination of "count" and "for_each"
            │
            │   on main.tf line 5, in resource "terraform_data" "z":
            │    5:   for_each = {}
            │
            │ The "count" and "for_each" meta-arguments are mutually-exclusive, only one should be used to be explicit about the number of resources to be created.
            ╵
            ╷
            │ Error: Unsupported argument
            │
            │   on main.tf line 9, in resource "terraform_data" "z":
            │    9:     prevent        = true
            │
            │ An argument named "prevent" is not expected here.
            ╵
            ╷
            │ Error: Invalid expression
            │
            │   on main.tf line 8, in resource "terraform_data" "z":
            │    8:     ignore_changes = foo
            │
            │ A static list expression is required.
            ╵
            ╷
            │ Error: Invalid expression
            │
            │   on main.tf line 6, in resource "terraform_data" "z":
            │    6:   depends_on = "x"
            │
            │ A static list expression is required.
            ╵
        "#]],
    );
}

#[test]
fn what_we_do_not_have_says_what_to_do() {
    check(
        r#"terraform {
  required_version = ">= 2.0"
  backend "s3" {}
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}
module "consul" {
  source = "hashicorp/consul/aws"
}
variable "token" {
  ephemeral = true
}
resource "terraform_data" "x" {
  provisioner "local-exec" {
    command = "true"
  }
}
"#,
        expect![[r#"
            ╷
            │ Error: Unsupported Terraform Core version
            │
            │   on main.tf line 2, in terraform:
            │    2:   required_version = ">= 2.0"
            │
            │ This configuration does not support Terraform version 1.11.4, which Neargate behaves as. To proceed, update this version constraint. Version constraints are normally set for good reason, so updating the constraint may lead to other errors or unexpected behavior.
            ╵
            ╷
            │ Error: Unsupported backend type
            │
            │   on main.tf line 3, in terraform:
            │    3:   backend "s3" {}
            │
            │ Neargate keeps the state in a file beside the configuration, and has no backend "s3". Leave the block out, or write backend "local" {}.
            ╵
            ╷
            │ Error: Unsupported provider version
            │
            │   on main.tf line 5, in terraform:
            │    5:     aws = { source = "hashicorp/aws", version = "~> 6.0" }
            │
            │ Neargate behaves as version 5.100.0 of the AWS provider, which "~> 6.0" does not allow. Allow it, such as by ">= 5.0".
            ╵
            ╷
            │ Error: Module source is not a local directory
            │
            │   on main.tf line 9, in module "consul":
            │    9:   source = "hashicorp/consul/aws"
            │
            │ Neargate fetches no modules, and "hashicorp/consul/aws" is not a directory beside this one. Copy the module into your repository (git clone, or terraform get and .terraform/modules), and give its path, starting with "./" or "../".
            ╵
            ╷
            │ Error: Ephemeral variables are not supported
            │
            │   on main.tf line 12, in variable "token":
            │   12:   ephemeral = true
            │
            │ Neargate keeps no ephemeral values yet. Use sensitive = true, which hides the value and keeps it in the state.
            ╵
            ╷
            │ Error: Provisioners are not supported
            │
            │   on main.tf line 15, in resource "terraform_data" "x":
            │   15:   provisioner "local-exec" {
            │
            │ Neargate runs no provisioners: Terraform itself calls them a last resort. Build what they would set up into the image, or run it as a task.
            ╵
        "#]],
    );
}

#[test]
fn references_to_nothing_have_their_nearest_name() {
    check(
        r#"variable "region" {}
locals { name = var.regoin }
resource "terraform_data" "web" {}
output "a" { value = terraform_data.wep.id }
output "b" { value = local.names }
output "c" { value = module.z.id }
output "d" { value = var.other }
output "e" { value = data.aws_vpc.x.id }
"#,
        expect![[r#"
            ╷
            │ Error: Reference to undeclared input variable
            │
            │   on main.tf line 2, in locals:
            │    2: locals { name = var.regoin }
            │
            │ An input variable with the name "regoin" has not been declared. Did you mean "region"?
            ╵
            ╷
            │ Error: Reference to undeclared resource
            │
            │   on main.tf line 4, in output "a":
            │    4: output "a" { value = terraform_data.wep.id }
            │
            │ A managed resource "terraform_data" "wep" has not been declared in the root module. Did you mean "web"?
            ╵
            ╷
            │ Error: Reference to undeclared local value
            │
            │   on main.tf line 5, in output "b":
            │    5: output "b" { value = local.names }
            │
            │ A local value with the name "names" has not been declared. Did you mean "name"?
            ╵
            ╷
            │ Error: Reference to undeclared module
            │
            │   on main.tf line 6, in output "c":
            │    6: output "c" { value = module.z.id }
            │
            │ No module call named "z" is declared in the root module.
            ╵
            ╷
            │ Error: Reference to undeclared input variable
            │
            │   on main.tf line 7, in output "d":
            │    7: output "d" { value = var.other }
            │
            │ An input variable with the name "other" has not been declared. This variable can be declared with a variable "other" {} block.
            ╵
            ╷
            │ Error: Reference to undeclared resource
            │
            │   on main.tf line 8, in output "e":
            │    8: output "e" { value = data.aws_vpc.x.id }
            │
            │ A data resource "aws_vpc" "x" has not been declared in the root module.
            ╵
        "#]],
    );
}

#[test]
fn a_cycle_is_told_with_its_path() {
    check(
        "locals {\n  a = local.b\n  b = local.c\n  c = local.a\n}\n",
        expect![[r#"
            ╷
            │ Error: Cycle: local.a, local.b, local.c
            ╵
        "#]],
    );
}

#[test]
fn modules_that_call_themselves_are_found() {
    let (_kept, loaded) = directory(&[
        ("main.tf", "module \"a\" {\n  source = \"./a\"\n}\n"),
        ("a/main.tf", "module \"b\" {\n  source = \"../b\"\n}\n"),
        ("b/main.tf", "module \"a\" {\n  source = \"../a\"\n}\n"),
    ]);
    expect![[r#"
        ╷
        │ Error: Module cycle
        │
        │   on b/main.tf line 2, in module "a":
        │    2:   source = "../a"
        │
        │ The module in ../a calls itself: module.a.module.b.module.a. A module may call only modules that do not call it.
        ╵
    "#]].assert_eq(&loaded.unwrap_err());
}

#[test]
fn a_call_gives_what_its_module_asks_for() {
    let (_kept, loaded) = directory(&[
        ("main.tf", "module \"a\" {\n  source = \"./a\"\n  nmae   = 1\n}\n"),
        ("a/main.tf", "variable \"name\" {}\n"),
    ]);
    expect![[r#"
        ╷
        │ Error: Unsupported argument
        │
        │   on main.tf line 3, in module "a":
        │    3:   nmae   = 1
        │
        │ An argument named "nmae" is not expected here. Did you mean "name"?
        ╵
        ╷
        │ Error: Missing required argument
        │
        │   on main.tf line 1, in module "a":
        │    1: module "a" {
        │
        │ The argument "name" is required, but no definition was found.
        ╵
    "#]]
    .assert_eq(&loaded.unwrap_err());
}

#[test]
fn overrides_replace_what_they_name() {
    let (_kept, loaded) = directory(&[
        (
            "main.tf",
            "variable \"image\" {\n  default = \"a\"\n  description = \"d\"\n}\nlocals {\n  x = 1\n  y = 2\n}\n",
        ),
        ("image_override.tf", "variable \"image\" {\n  default = \"b\"\n}\nlocals {\n  y = 3\n}\n"),
    ]);
    let config = loaded.unwrap();
    let image = &config.root().variables["image"];
    assert_eq!(image.default.as_ref().unwrap().as_str(), Some("b"));
    assert_eq!(image.description.as_deref(), Some("d"));
    assert_eq!(config.root().locals["y"].text(), "3");
    let (_kept, loaded) = directory(&[("override.tf", "variable \"nothing\" {}\n")]);
    assert!(loaded.unwrap_err().contains("Missing variable declaration to override"));
}

#[test]
fn the_modules_and_examples_load() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for example in ["examples/dev", "examples/prod"] {
        let config = load(&root.join(example)).unwrap_or_else(|e| panic!("{example}: {}", e[0]));
        let graph = Graph::of(&config).unwrap_or_else(|e| panic!("{example}: {}", e[0]));
        assert!(graph.order().len() == graph.needs.len());
    }
}
