//! Plans as people read them.

mod fake;

use expect_test::expect;
use fake::Bench;
use neargate_stack::plan::PlanMode;

const THINGS: &str = r#"
variable "size" { default = 1 }
variable "password" {
  default   = "secret"
  sensitive = true
}
resource "fake_thing" "base" {
  name     = "base"
  size     = var.size
  password = var.password
  policy   = jsonencode({ Version = "2012-10-17", Action = ["a", "b"] })
  list     = ["x", "y"]
  zones    = toset(["z1", "z2"])
  tags     = { Name = "base", "odd key" = "v" }
  rule {
    port = 80
  }
  member {
    name = "m"
  }
}
resource "fake_thing" "user" {
  count    = 2
  name     = "user-${count.index}"
  upstream = fake_thing.base.id
}
output "arn" { value = fake_thing.base.arn }
output "users" { value = fake_thing.user[*].name }
"#;

#[tokio::test]
async fn everything_is_new() {
    let bench = Bench::new(THINGS);
    expect![[r#"
        Resource actions are indicated with the following symbols:
          + create

        Neargate will perform the following actions:

          # fake_thing.base will be created
          + resource "fake_thing" "base" {
              + arn      = (known after apply)
              + id       = (known after apply)
              + list     = [
                  + "x",
                  + "y",
                ]
              + name     = "base"
              + password = (sensitive value)
              + policy   = jsonencode(
                    {
                      + Action  = [
                          + "a",
                          + "b",
                        ]
                      + Version = "2012-10-17"
                    }
                )
              + size     = 1
              + tags     = {
                  + "Name"    = "base"
                  + "odd key" = "v"
                }
              + zones    = [
                  + "z1",
                  + "z2",
                ]

              + member {
                  + name = "m"
                }

              + rule {
                  + port = 80
                }
            }

          # fake_thing.user[0] will be created
          + resource "fake_thing" "user" {
              + arn      = (known after apply)
              + id       = (known after apply)
              + name     = "user-0"
              + upstream = (known after apply)
            }

          # fake_thing.user[1] will be created
          + resource "fake_thing" "user" {
              + arn      = (known after apply)
              + id       = (known after apply)
              + name     = "user-1"
              + upstream = (known after apply)
            }

        Plan: 3 to add, 0 to change, 0 to destroy.

        Changes to Outputs:
          + arn   = (known after apply)
          + users = [
              + "user-0",
              + "user-1",
            ]
    "#]]
    .assert_eq(&bench.planned().await);
}

#[tokio::test]
async fn nothing_is_to_be_done_after_an_apply() {
    let mut bench = Bench::new(THINGS);
    let outcome = bench.apply().await;
    assert!(outcome.is_ok(), "{}", fake::told(outcome.problems));
    expect![[r#"
        No changes. Your infrastructure matches the configuration.

        Neargate has compared your real infrastructure against your configuration
        and found no differences, so no changes are needed.
    "#]]
    .assert_eq(&bench.planned().await);
    expect![[r#"
        arn = "arn:fake:base"
        users = [
          "user-0",
          "user-1",
        ]
    "#]]
    .assert_eq(&neargate_stack::render::output_values(outcome.outputs.iter()));
}

#[tokio::test]
async fn what_changes_is_shown_and_what_stays_is_counted() {
    let mut bench = Bench::new(THINGS);
    bench.apply().await;
    bench.file(
        "main.tf",
        r#"
resource "fake_thing" "base" {
  name     = "base"
  size     = 2
  policy   = jsonencode({ Version = "2012-10-17", Action = ["a", "c"] })
  list     = ["x", "w", "y"]
  zones    = toset(["z2", "z3"])
  tags     = { Name = "base", Team = "t" }
  rule {
    port     = 80
    protocol = "tcp"
  }
  member {
    name = "m"
  }
  member {
    name = "n"
  }
}
resource "fake_thing" "user" {
  count    = 1
  name     = "user-${count.index}"
  kind     = "other"
  upstream = fake_thing.base.id
}
resource "fake_thing" "script" {
  name   = "script"
  policy = <<-EOT
    one
    two
  EOT
}
output "arn" { value = fake_thing.base.arn }
"#,
    );
    expect![[r#"
        Resource actions are indicated with the following symbols:
          + create
          ~ update in-place
          - destroy
        -/+ destroy and then create replacement

        Neargate will perform the following actions:

          # fake_thing.base will be updated in-place
          ~ resource "fake_thing" "base" {
                id       = "thing-1"
              ~ list     = [
                    "x",
                  + "w",
                    "y",
                ]
                name     = "base"
              - password = (sensitive value) -> null
              ~ policy   = jsonencode(
                  ~ {
                      ~ Action  = [
                            "a",
                          ~ "b" -> "c",
                        ]
                        # (1 unchanged attribute hidden)
                    }
                )
              ~ size     = 1 -> 2
              ~ tags     = {
                  + "Team"    = "t"
                  - "odd key" = "v" -> null
                    # (1 unchanged element hidden)
                }
              ~ zones    = [
                  - "z1",
                  + "z3",
                    # (1 unchanged element hidden)
                ]
                # (1 unchanged attribute hidden)

              + member {
                  + name = "n"
                }

              ~ rule {
                  + protocol = "tcp"
                    # (1 unchanged attribute hidden)
                }

                # (1 unchanged block hidden)
            }

          # fake_thing.script will be created
          + resource "fake_thing" "script" {
              + arn    = (known after apply)
              + id     = (known after apply)
              + name   = "script"
              + policy = <<-EOT
                    one
                    two
                EOT
            }

          # fake_thing.user[0] must be replaced
        -/+ resource "fake_thing" "user" {
              ~ arn      = "arn:fake:user-0" -> (known after apply)
              ~ id       = "thing-2" -> (known after apply)
              + kind     = "other" # forces replacement
                name     = "user-0"
                # (1 unchanged attribute hidden)
            }

          # fake_thing.user[1] will be destroyed
          # (because index [1] is out of range for count)
          - resource "fake_thing" "user" {
              - arn      = "arn:fake:user-1" -> null
              - id       = "thing-3" -> null
              - name     = "user-1" -> null
              - upstream = "thing-1" -> null
            }

        Plan: 2 to add, 1 to change, 2 to destroy.

        Changes to Outputs:
          - users = [
              - "user-0",
              - "user-1",
            ] -> null
    "#]]
    .assert_eq(&bench.planned().await);
}

#[tokio::test]
async fn a_destroy_shows_what_goes() {
    let mut bench = Bench::new(THINGS);
    bench.apply().await;
    bench.options.mode = PlanMode::Destroy;
    expect![[r#"
        Resource actions are indicated with the following symbols:
          - destroy

        Neargate will perform the following actions:

          # fake_thing.base will be destroyed
          - resource "fake_thing" "base" {
              - arn      = "arn:fake:base" -> null
              - id       = "thing-1" -> null
              - list     = [
                  - "x",
                  - "y",
                ] -> null
              - name     = "base" -> null
              - password = (sensitive value) -> null
              - policy   = jsonencode(
                    {
                      - Action  = [
                          - "a",
                          - "b",
                        ]
                      - Version = "2012-10-17"
                    }
                ) -> null
              - size     = 1 -> null
              - tags     = {
                  - "Name"    = "base"
                  - "odd key" = "v"
                } -> null
              - zones    = [
                  - "z1",
                  - "z2",
                ] -> null

              - member {
                  - name = "m" -> null
                }

              - rule {
                  - port = 80 -> null
                }
            }

          # fake_thing.user[0] will be destroyed
          - resource "fake_thing" "user" {
              - arn      = "arn:fake:user-0" -> null
              - id       = "thing-2" -> null
              - name     = "user-0" -> null
              - upstream = "thing-1" -> null
            }

          # fake_thing.user[1] will be destroyed
          - resource "fake_thing" "user" {
              - arn      = "arn:fake:user-1" -> null
              - id       = "thing-3" -> null
              - name     = "user-1" -> null
              - upstream = "thing-1" -> null
            }

        Plan: 0 to add, 0 to change, 3 to destroy.

        Changes to Outputs:
          - arn   = "arn:fake:base" -> null
          - users = [
              - "user-0",
              - "user-1",
            ] -> null
    "#]]
    .assert_eq(&bench.planned().await);
}
