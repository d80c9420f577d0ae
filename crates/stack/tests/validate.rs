//! `validate`: the modules and examples are right by AWS's schemas, and what is wrong is told as
//! Terraform tells it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fake;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use expect_test::expect;
use neargate_hcl::{Diagnostic, Disk, Value};
use neargate_ids::Rng;
use neargate_stack::address::Mode;
use neargate_stack::provider::{Configured, Problems, Provider, Providers};
use neargate_stack::schema::{Schema, aws};
use neargate_stack::validate::{to_json, validate};

/// AWS's schemas, and nothing behind them.
struct Schemas;

#[async_trait]
impl Provider for Schemas {
    fn schema(&self, mode: Mode, of_type: &str) -> Option<Arc<Schema>> {
        aws().get(mode, of_type)
    }

    fn types(&self, mode: Mode) -> Vec<String> {
        aws().names(mode).map(str::to_owned).collect()
    }

    fn config_schema(&self) -> Arc<Schema> {
        aws().provider()
    }

    async fn configure(&self, _config: Value) -> Result<Arc<dyn Configured>, Problems> {
        Err(vec![Diagnostic::error("There is only a schema", "")])
    }
}

fn problems(directory: &Path) -> Vec<Diagnostic> {
    let providers = Providers::builtin(&Rng::seeded(1))
        .with("registry.terraform.io/hashicorp/aws", Arc::new(Schemas));
    let outside = Disk {
        directory: directory.to_owned(),
        home: None,
        now: None,
        planned_at: None,
        random: None,
    };
    validate(directory, &providers, Arc::new(outside))
}

fn check(text: &str, expected: expect_test::Expect) {
    let bench = fake::Bench::new(text);
    expected.assert_eq(&fake::told(problems(bench.path())));
}

#[test]
fn the_modules_and_examples_are_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for directory in [
        "examples/dev",
        "examples/prod",
        "modules/ECS",
        "modules/networking",
        "modules/database",
        "modules/acm",
    ] {
        let told = fake::told(problems(&root.join(directory)));
        assert!(told.is_empty(), "{directory}:\n{told}");
    }
}

#[test]
fn what_the_schema_does_not_have_is_told() {
    check(
        r#"
resource "aws_vpc" "main" {
  cidr_blok            = "10.0.0.0/16"
  enable_dns_hostnames = "perhaps"
  arn                  = "arn"
}
resource "aws_ecs_service" "app" {
  cluster = "c"
  load_balncer {}
  load_balancer {
    container_name = "app"
  }
  network_configuration {
    subnets = ["a"]
  }
  network_configuration {
    subnets = ["b"]
  }
  tags {
    a = 1
  }
}
resource "aws_ecs_servise" "app" {}
data "aws_regoin" "here" {}
"#,
        expect![[r#"
            ╷
            │ Error: Invalid data source
            │
            │   on main.tf line 24, in data "aws_regoin" "here":
            │   24: data "aws_regoin" "here" {}
            │
            │ The provider hashicorp/aws does not support data source "aws_regoin". Did you mean "aws_region"?
            ╵
            ╷
            │ Error: Unsupported block type
            │
            │   with aws_ecs_service.app,
            │   on main.tf line 9, in resource "aws_ecs_service" "app":
            │    9:   load_balncer {}
            │
            │ Blocks of type "load_balncer" are not expected here. Did you mean "load_balancer"?
            ╵
            ╷
            │ Error: Unsupported block type
            │
            │   with aws_ecs_service.app,
            │   on main.tf line 19, in resource "aws_ecs_service" "app":
            │   19:   tags {
            │
            │ Blocks of type "tags" are not expected here. Did you mean to define argument "tags"? If so, use the equals sign to assign it a value.
            ╵
            ╷
            │ Error: Missing required argument
            │
            │   with aws_ecs_service.app,
            │   on main.tf line 7, in resource "aws_ecs_service" "app":
            │    7: resource "aws_ecs_service" "app" {
            │
            │ The argument "name" is required, but no definition was found.
            ╵
            ╷
            │ Error: Missing required argument
            │
            │   with aws_ecs_service.app,
            │   on main.tf line 10, in resource "aws_ecs_service" "app":
            │   10:   load_balancer {
            │
            │ The argument "container_port" is required, but no definition was found.
            ╵
            ╷
            │ Error: Too many network_configuration blocks
            │
            │   with aws_ecs_service.app,
            │   on main.tf line 16, in resource "aws_ecs_service" "app":
            │   16:   network_configuration {
            │
            │ No more than 1 "network_configuration" blocks are allowed
            ╵
            ╷
            │ Error: Invalid resource type
            │
            │   on main.tf line 23, in resource "aws_ecs_servise" "app":
            │   23: resource "aws_ecs_servise" "app" {}
            │
            │ The provider hashicorp/aws does not support resource type "aws_ecs_servise". Did you mean "aws_ecs_service"?
            ╵
            ╷
            │ Error: Unsupported argument
            │
            │   with aws_vpc.main,
            │   on main.tf line 3, in resource "aws_vpc" "main":
            │    3:   cidr_blok            = "10.0.0.0/16"
            │
            │ An argument named "cidr_blok" is not expected here. Did you mean "cidr_block"?
            ╵
            ╷
            │ Error: Value for unconfigurable attribute
            │
            │   with aws_vpc.main,
            │   on main.tf line 5, in resource "aws_vpc" "main":
            │    5:   arn                  = "arn"
            │
            │ Can't configure a value for "arn": its value will be decided automatically based on the result of applying this configuration.
            ╵
            ╷
            │ Error: Incorrect attribute value type
            │
            │   with aws_vpc.main,
            │   on main.tf line 4, in resource "aws_vpc" "main":
            │    4:   enable_dns_hostnames = "perhaps"
            │
            │ Inappropriate value for attribute "enable_dns_hostnames": a bool is required.
            ╵
        "#]],
    );
}

#[test]
fn dynamic_blocks_are_looked_into() {
    check(
        r#"
variable "ports" { type = list(number) }
resource "aws_security_group" "web" {
  dynamic "ingress" {
    for_each = var.ports
    content {
      from_port = ingress.value
      to_port   = ingress.value
      protocl   = "tcp"
    }
  }
  dynamic "egress" {
    for_each = [1]
    iterator = each_port
    content {
      from_port = each_port.value
      to_port   = egress.value
      protocol  = "tcp"
    }
  }
}
"#,
        expect![[r#"
            ╷
            │ Error: Reference to undeclared resource
            │
            │   on main.tf line 17, in resource "aws_security_group" "web":
            │   17:       to_port   = egress.value
            │
            │ A managed resource "egress" "value" has not been declared in the root module.
            ╵
        "#]],
    );
}

#[test]
fn the_json_is_that_of_terraform() {
    let bench = fake::Bench::new("output \"a\" {\n  value = 1 + {}\n}\n");
    let json = to_json(&problems(bench.path()));
    expect![[r#"
        {
          "diagnostics": [
            {
              "detail": "Unsuitable value for right operand: number required.",
              "range": {
                "end": {
                  "byte": 29,
                  "column": 17,
                  "line": 2
                },
                "filename": "main.tf",
                "start": {
                  "byte": 27,
                  "column": 15,
                  "line": 2
                }
              },
              "severity": "error",
              "snippet": {
                "code": "  value = 1 + {}",
                "context": "output \"a\"",
                "highlight_end_offset": 16,
                "highlight_start_offset": 14,
                "start_line": 2,
                "values": []
              },
              "summary": "Invalid operand"
            }
          ],
          "error_count": 1,
          "format_version": "1.0",
          "valid": false,
          "warning_count": 0
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn attributes_of_objects_may_be_written_as_blocks() {
    check(
        r#"
variable "ports" {
  type = list(number)
}
resource "aws_security_group" "web" {
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  dynamic "egress" {
    for_each = var.ports
    content {
      from_port = egress.value
      to_port   = egress.value
      protocol  = "tcp"
    }
  }
}
resource "aws_route_table" "public" {
  vpc_id = "vpc-1"
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = "igw-1"
  }
}
"#,
        expect![""],
    );
    check(
        r#"
resource "aws_security_group" "web" {
  ingress {
    form_port = 80
    self      = "maybe"
  }
  egress = []
  egress {
  }
}
resource "aws_ecs_cluster" "main" {
  name    = "main"
  setting = []
}
"#,
        expect![[r#"
            ╷
            │ Error: Unsupported argument
            │
            │   with aws_ecs_cluster.main,
            │   on main.tf line 13, in resource "aws_ecs_cluster" "main":
            │   13:   setting = []
            │
            │ An argument named "setting" is not expected here. Did you mean to define a block of type "setting"?
            ╵
            ╷
            │ Error: Unsupported block type
            │
            │   with aws_security_group.web,
            │   on main.tf line 8, in resource "aws_security_group" "web":
            │    8:   egress {
            │
            │ Blocks of type "egress" are not expected here. Did you mean to define argument "egress"? If so, use the equals sign to assign it a value.
            ╵
            ╷
            │ Error: Unsupported argument
            │
            │   with aws_security_group.web,
            │   on main.tf line 4, in resource "aws_security_group" "web":
            │    4:     form_port = 80
            │
            │ An argument named "form_port" is not expected here. Did you mean "from_port"?
            ╵
            ╷
            │ Error: Incorrect attribute value type
            │
            │   with aws_security_group.web,
            │   on main.tf line 5, in resource "aws_security_group" "web":
            │    5:     self      = "maybe"
            │
            │ Inappropriate value for attribute "self": a bool is required.
            ╵
        "#]],
    );
}
