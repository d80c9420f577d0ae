//! Each rule on a stack in which nothing bites (`good.tf`) but what the test changes of it.

use std::path::Path;
use std::sync::Arc;

use expect_test::{Expect, expect, expect_file};
use neargate_hcl::Disk;
use neargate_ids::{Clock, Rng, Timestamp};
use neargate_lint::{Around, Dockerfile, lint, page};
use neargate_provider_aws::{Imagined, SOURCE};
use neargate_stack::inputs::{Given, Sources};
use neargate_stack::plan::{Options, plan};
use neargate_stack::provider::Providers;
use neargate_stack::run::{Stack, Stop, Unobserved};
use neargate_stack::state::State;

/// What is found in `good.tf` with each first text replaced by the second.
fn found(changes: &[(&str, &str)], around: &Around) -> String {
    let mut text = include_str!("good.tf").to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "good.tf has no {old}");
        text = text.replacen(old, new, 1);
    }
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("main.tf"), text).expect("a file");
    in_directory(directory.path(), &[], around)
}

fn in_directory(directory: &Path, variables: &[&str], around: &Around) -> String {
    let (rng, clock) = (Rng::seeded(1), Clock::fixed(Timestamp::default()));
    let imagined = Imagined::new("us-west-2", rng.clone(), clock);
    let providers = Providers::builtin(&rng).with(SOURCE, Arc::new(imagined));
    let given = variables.iter().map(|variable| Given::Var((*variable).to_owned())).collect();
    let sources = Sources { environment: Default::default(), given };
    let disk = Disk {
        directory: directory.to_owned(),
        home: None,
        now: None,
        planned_at: Some(0),
        random: None,
    };
    let (stack, _) =
        Stack::load(directory, providers, &sources, Arc::new(disk)).expect("a configuration");
    let options = Options { refresh: false, ..Options::default() };
    let state = State::empty("lineage".to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let planned = plan(&stack, state, &options, &Unobserved, Stop::default());
    let planned = runtime.block_on(planned).expect("a plan");
    lint(&stack, &planned, around).iter().map(ToString::to_string).collect()
}

fn check(changes: &[(&str, &str)], expected: Expect) {
    expected.assert_eq(&found(changes, &Around::default()));
}

/// The headlines alone.
fn headlines(changes: &[(&str, &str)], around: &Around) -> String {
    let told = found(changes, around);
    let heads = told.lines().filter(|line| {
        ["│ Error: ", "│ Warning: ", "│ Hint: "].iter().any(|start| line.starts_with(start))
    });
    heads.map(|line| line.trim_start_matches("│ ").to_owned() + "\n").collect()
}

#[test]
fn the_page_tells_the_rules_that_there_are() {
    expect_file!["../../../docs/lint.md"].assert_eq(&page());
}

#[test]
fn nothing_bites_in_a_good_stack() {
    check(&[], expect![""]);
}

#[test]
fn nothing_bites_in_the_examples() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let told = |example: &str, variables: &[&str]| {
        in_directory(&examples.join(example), variables, &Around::default())
    };
    assert_eq!(told("dev", &[]), "");
    // A certificate of ACM's, as an imported one is a file.
    let issued = "domain_name=shop.example.com";
    assert_eq!(told("prod", &[issued, "protect_data=true"]), "");
    // As the demonstration has it, which is to go without a trace.
    expect![[r#"
        ╷
        │ Warning: The production database goes without a final snapshot [database-snapshot]
        │
        │   with module.database.aws_db_instance.this,
        │   on main.tf line 56, in module "database":
        │   56:   skip_final_snapshot         = !var.protect_data
        │
        │ A destroy, or a change that replaces the instance, deletes the data with it, and its automated backups after that.
        │
        │ Set `skip_final_snapshot = false` with a `final_snapshot_identifier`, and `deletion_protection = true`.
        ╵
    "#]].assert_eq(&told("prod", &[issued]));
}

#[test]
fn fargate_size() {
    check(
        &[("memory                   = 512", "memory                   = 1536")],
        expect![[r#"
        ╷
        │ Error: Fargate has no 256 CPU units with 1536 MiB [fargate-size]
        │
        │   with aws_ecs_task_definition.web,
        │   on main.tf line 182, in resource "aws_ecs_task_definition" "web":
        │  182:   memory                   = 1536
        │
        │ ECS refuses the task definition: "No Fargate configuration exists for given values".
        │
        │ Take a pair of the table in "Fargate task definition considerations" of the ECS developer guide, such as 256 with 512, 1024 or 2048 MiB.
        ╵
    "#]],
    );
}

#[test]
fn a_task_without_memory() {
    check(
        &[(
            r#"  memory                   = 512
"#,
            "",
        )],
        expect![[r#"
            ╷
            │ Error: A task for Fargate needs memory [fargate-size]
            │
            │   with aws_ecs_task_definition.web,
            │   on main.tf line 177, in resource "aws_ecs_task_definition" "web":
            │  177: resource "aws_ecs_task_definition" "web" {
            │
            │ ECS refuses the task definition: "No Fargate configuration exists for given values".
            │
            │ Take a pair of the table in "Fargate task definition considerations" of the ECS developer guide, such as 256 with 512, 1024 or 2048 MiB.
            ╵
        "#]],
    );
}

#[test]
fn execution_role() {
    check(
        &[(
            r#"  execution_role_arn       = aws_iam_role.execution.arn
"#,
            "",
        )],
        expect![[r#"
            ╷
            │ Error: Nobody may pull its image from ECR, or fetch its secrets, or write to CloudWatch Logs [execution-role]
            │
            │   with aws_ecs_task_definition.web,
            │   on main.tf line 177, in resource "aws_ecs_task_definition" "web":
            │  177: resource "aws_ecs_task_definition" "web" {
            │
            │ ECS refuses the task definition, or its tasks stop before they run: without a role nobody may pull from ECR, fetch secrets, or write to CloudWatch Logs.
            │
            │ Set `execution_role_arn` to a role that ecs-tasks.amazonaws.com may assume, with AmazonECSTaskExecutionRolePolicy or the same rights.
            ╵
        "#]],
    );
}

#[test]
fn secret_permission() {
    check(
        &[(
            r#""secretsmanager:GetSecretValue", Resource"#,
            r#""secretsmanager:DescribeSecret", Resource"#,
        )],
        expect![[r#"
            ╷
            │ Error: The execution role "web-execution" may not secretsmanager:GetSecretValue the secret "DATABASE" of the container "web" [secret-permission]
            │
            │   with aws_ecs_task_definition.web,
            │   on main.tf line 184, in resource "aws_ecs_task_definition" "web":
            │  184:   container_definitions = jsonencode([{
            │
            │ Tasks stop before they run: "ResourceInitializationError: unable to pull secrets or registry auth: … AccessDeniedException". Secrets are fetched as the execution role, and not as the task's.
            │
            │ Allow the execution role secretsmanager:GetSecretValue (or ssm:GetParameters) on its ARN, and kms:Decrypt on the key where it has one of its own.
            ╵
        "#]],
    );
}

#[test]
fn a_secret_whose_key_is_not_allowed() {
    check(
        &[(r#"Action = ["kms:Decrypt"]"#, r#"Action = ["kms:Encrypt"]"#)],
        expect![[r#"
            ╷
            │ Error: The execution role "web-execution" may not kms:Decrypt the secret "DATABASE" of the container "web" [secret-permission]
            │
            │   with aws_ecs_task_definition.web,
            │   on main.tf line 184, in resource "aws_ecs_task_definition" "web":
            │  184:   container_definitions = jsonencode([{
            │
            │ Tasks stop before they run: "ResourceInitializationError: unable to pull secrets or registry auth: … AccessDeniedException". Secrets are fetched as the execution role, and not as the task's.
            │
            │ Allow the execution role secretsmanager:GetSecretValue (or ssm:GetParameters) on its ARN, and kms:Decrypt on the key where it has one of its own.
            ╵
        "#]],
    );
}

#[test]
fn a_parameter_without_permission() {
    check(
        &[
            (r#""${aws_secretsmanager_secret.database.arn}:password::""#, r#""/web/database""#),
            (r#""logs", "secretsmanager"]"#, r#""logs", "ssm"]"#),
        ],
        expect![[r#"
            ╷
            │ Error: The execution role "web-execution" may not ssm:GetParameters the secret "DATABASE" of the container "web" [secret-permission]
            │
            │   with aws_ecs_task_definition.web,
            │   on main.tf line 184, in resource "aws_ecs_task_definition" "web":
            │  184:   container_definitions = jsonencode([{
            │
            │ Tasks stop before they run: "ResourceInitializationError: unable to pull secrets or registry auth: … AccessDeniedException". Secrets are fetched as the execution role, and not as the task's.
            │
            │ Allow the execution role secretsmanager:GetSecretValue (or ssm:GetParameters) on its ARN, and kms:Decrypt on the key where it has one of its own.
            ╵
        "#]],
    );
}

#[test]
fn way_to_images() {
    check(
        &[(r#"["ecr.api", "ecr.dkr", "logs", "secretsmanager"]"#, r#"["ecr.api"]"#)],
        expect![[r#"
            ╷
            │ Error: From the subnet aws_subnet.private there is no way out (no NAT), and no endpoint of ecr.dkr, logs, secretsmanager [way-to-images]
            │
            │   with aws_ecs_service.web,
            │   on main.tf line 224, in resource "aws_ecs_service" "web":
            │  224:     subnets         = [aws_subnet.private.id]
            │
            │ Tasks stop before they run: "CannotPullContainerError: … i/o timeout", or "ResourceInitializationError: unable to pull secrets or registry auth".
            │
            │ Private subnets need a route to a NAT gateway, or endpoints of ecr.api, ecr.dkr, s3 (a gateway in their route table), logs, and what secrets come from, with private DNS. In public subnets tasks need `assign_public_ip = true`.
            ╵
        "#]],
    );
}

#[test]
fn a_public_subnet_without_an_address() {
    check(
        &[(
            "subnets         = [aws_subnet.private.id]",
            "subnets         = aws_subnet.public[*].id",
        )],
        expect![[r#"
            ╷
            │ Error: Tasks in the public subnet aws_subnet.public[0] have no public address [way-to-images]
            │
            │   with aws_ecs_service.web,
            │   on main.tf line 223, in resource "aws_ecs_service" "web":
            │  223:   network_configuration {
            │
            │ Tasks stop before they run: "CannotPullContainerError: … i/o timeout", or "ResourceInitializationError: unable to pull secrets or registry auth".
            │
            │ Private subnets need a route to a NAT gateway, or endpoints of ecr.api, ecr.dkr, s3 (a gateway in their route table), logs, and what secrets come from, with private DNS. In public subnets tasks need `assign_public_ip = true`.
            ╵
            ╷
            │ Error: Tasks in the public subnet aws_subnet.public[1] have no public address [way-to-images]
            │
            │   with aws_ecs_service.web,
            │   on main.tf line 223, in resource "aws_ecs_service" "web":
            │  223:   network_configuration {
            │
            │ Tasks stop before they run: "CannotPullContainerError: … i/o timeout", or "ResourceInitializationError: unable to pull secrets or registry auth".
            │
            │ Private subnets need a route to a NAT gateway, or endpoints of ecr.api, ecr.dkr, s3 (a gateway in their route table), logs, and what secrets come from, with private DNS. In public subnets tasks need `assign_public_ip = true`.
            ╵
        "#]],
    );
}

#[test]
fn immutable_latest() {
    check(
        &[(r#""MUTABLE""#, r#""IMMUTABLE""#), ("}:v1", "}:latest")],
        expect![[r#"
            ╷
            │ Warning: The task runs the tag latest of a repository whose tags are immutable [immutable-latest]
            │
            │   with aws_ecs_task_definition.web,
            │   on main.tf line 184, in resource "aws_ecs_task_definition" "web":
            │  184:   container_definitions = jsonencode([{
            │
            │ The first push of `latest` succeeds, and every other one is refused (ImageTagAlreadyExistsException): the service runs the first image for ever.
            │
            │ Deploy a tag per build, such as the commit, or make the tags of the repository MUTABLE.
            ╵
        "#]],
    );
}

#[test]
fn log_group() {
    check(
        &[("awslogs-group = aws_cloudwatch_log_group.web.name", r#"awslogs-group = "/ecs/other""#)],
        expect![[r#"
            ╷
            │ Hint: Nothing here makes the log group "/ecs/other" [log-group]
            │
            │   with aws_ecs_task_definition.web,
            │   on main.tf line 184, in resource "aws_ecs_task_definition" "web":
            │  184:   container_definitions = jsonencode([{
            │
            │ Without the group the task does not start: "ResourceInitializationError: failed to validate logger args: … The specified log group does not exist".
            │
            │ Make an `aws_cloudwatch_log_group` of that name, or set `awslogs-create-group = "true"` and allow the execution role logs:CreateLogGroup.
            ╵
        "#]],
    );
}

#[test]
fn log_retention() {
    check(
        &[("default = 30", "default = 10")],
        expect![[r#"
        ╷
        │ Error: CloudWatch Logs cannot keep lines for 10 days [log-retention]
        │
        │   with aws_cloudwatch_log_group.web,
        │   on main.tf line 137, in resource "aws_cloudwatch_log_group" "web":
        │  137:   retention_in_days = var.retention
        │
        │ CloudWatch Logs refuses it (InvalidParameterException), after the group has been made: its lines are kept, and paid, for ever.
        │
        │ Take one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 and 3653 days, or 0 for ever.
        ╵
    "#]],
    );
}

#[test]
fn health_check_timeout() {
    check(
        &[("timeout             = 5", "timeout             = 15")],
        expect![[r#"
        ╷
        │ Error: The health check's timeout of 15 s is not below its interval of 15 s [health-check-timeout]
        │
        │   with aws_lb_target_group.web,
        │   on main.tf line 115, in resource "aws_lb_target_group" "web":
        │  115:     timeout             = 15
        │
        │ Elastic Load Balancing refuses the target group: "Health check interval must be greater than the timeout".
        │
        │ Set `timeout` below `interval`; 30 and 5 are the defaults.
        ╵
    "#]],
    );
}

#[test]
fn grace_period() {
    check(
        &[("health_check_grace_period_seconds = 60", "health_check_grace_period_seconds = 10")],
        expect![[r#"
            ╷
            │ Warning: The container may take 60 s to start; the load balancer calls it unhealthy after 45 s, and the grace period is 10 s [grace-period]
            │
            │   with aws_ecs_service.web,
            │   on main.tf line 204, in resource "aws_ecs_service" "web":
            │  204:   health_check_grace_period_seconds = 10
            │
            │ The load balancer finds the task unhealthy while it still starts, and ECS stops it and starts another, for ever: "(service …) (task …) failed ELB health checks".
            │
            │ Set `health_check_grace_period_seconds` to at least the time that a start takes, which is what the container's `startPeriod` says.
            ╵
        "#]],
    );
}

#[test]
fn target_type() {
    check(
        &[(
            r#"  target_type          = "ip"
"#,
            "",
        )],
        expect![[r#"
            ╷
            │ Error: The target group has targets of type instance, and the tasks have addresses [target-type]
            │
            │   with aws_lb_target_group.web,
            │   on main.tf line 105, in resource "aws_lb_target_group" "web":
            │  105: resource "aws_lb_target_group" "web" {
            │
            │ ECS refuses the service: the target type instance is incompatible with the network mode awsvpc, which Fargate has.
            │
            │ Set `target_type = "ip"` on the target group.
            ╵
        "#]],
    );
}

#[test]
fn container_port() {
    check(
        &[("containerPort = local.port", "containerPort = 80")],
        expect![[r#"
        ╷
        │ Error: The container "web" has no port 8080 among its portMappings [container-port]
        │
        │   with aws_ecs_service.web,
        │   on main.tf line 12, in locals:
        │   12:   port = 8080
        │
        │ ECS refuses the service: the container does not exist in the task definition, or does not expose the port.
        │
        │ Give `load_balancer` the name of a container of the task and a `containerPort` among its `portMappings`.
        ╵
    "#]],
    );
}

#[test]
fn port_admitted() {
    check(
        &[(
            "referenced_security_group_id = aws_security_group.alb.id",
            "referenced_security_group_id = aws_security_group.tasks.id",
        )],
        expect![[r#"
            ╷
            │ Error: No security group of the service lets TCP 8080 in from the load balancer [port-admitted]
            │
            │   with aws_ecs_service.web,
            │   on main.tf line 225, in resource "aws_ecs_service" "web":
            │  225:     security_groups = [aws_security_group.tasks.id]
            │
            │ Health checks time out, targets stay unhealthy (Target.Timeout), clients get 504, and ECS replaces the tasks without end.
            │
            │ Let TCP to the container's port in from the load balancer's security group, and out of that one to the tasks'.
            ╵
        "#]],
    );
}

#[test]
fn a_load_balancer_that_lets_nothing_out() {
    check(
        &[("to_port                  = 65535", "to_port                  = 8000")],
        expect![[r#"
        ╷
        │ Error: No security group of the load balancer lets TCP 8080 out to the tasks [port-admitted]
        │
        │   with aws_lb.main,
        │   on main.tf line 102, in resource "aws_lb" "main":
        │  102:   security_groups = [aws_security_group.alb.id]
        │
        │ Health checks time out, targets stay unhealthy (Target.Timeout), clients get 504, and ECS replaces the tasks without end.
        │
        │ Let TCP to the container's port in from the load balancer's security group, and out of that one to the tasks'.
        ╵
    "#]],
    );
}

#[test]
fn listener_order() {
    check(
        &[(
            r#"  depends_on                        = [aws_lb_listener.http]
"#,
            "",
        )],
        expect![[r#"
            ╷
            │ Warning: Nothing makes aws_lb_listener.http before the service [listener-order]
            │
            │   with aws_ecs_service.web,
            │   on main.tf line 228, in resource "aws_ecs_service" "web":
            │  228:     target_group_arn = aws_lb_target_group.web.arn
            │
            │ ECS refuses the service while no listener leads to its target group: "The target group … does not have an associated load balancer". Whether the first apply works is a race.
            │
            │ Add `depends_on` with the listener (or the listener's rule) to the service.
            ╵
        "#]],
    );
}

#[test]
fn keep_alive() {
    check(
        &[(
            r#"["python3", "app.py"]"#,
            r#"["gunicorn", "-k", "gthread", "--keep-alive=5", "app:app"]"#,
        )],
        expect![[r#"
            ╷
            │ Warning: gunicorn closes idle connections after 5 s, before the load balancer, which does so after 60 s [keep-alive]
            │
            │   with aws_ecs_task_definition.web,
            │   on main.tf line 184, in resource "aws_ecs_task_definition" "web":
            │  184:   container_definitions = jsonencode([{
            │
            │ The load balancer sends a request on a connection that gunicorn closes at that moment, and answers it with 502: a few in a million, at quiet times.
            │
            │ Give gunicorn a `--keep-alive` above the load balancer's `idle_timeout` (60 s by default).
            ╵
        "#]],
    );
}

#[test]
fn circuit_breaker() {
    check(
        &[("enable   = true", "enable   = false")],
        expect![[r#"
        ╷
        │ Warning: The deployment circuit breaker of the service is off [circuit-breaker]
        │
        │   with aws_ecs_service.web,
        │   on main.tf line 219, in resource "aws_ecs_service" "web":
        │  219:     enable   = false
        │
        │ A deployment whose tasks fail never ends: ECS starts new ones for as long as nobody looks, and each pull and start is paid.
        │
        │ Add `deployment_circuit_breaker { enable = true, rollback = true }` to the service.
        ╵
    "#]],
    );
}

#[test]
fn replacement_room() {
    check(
        &[(
            "desired_count                     = 2",
            r#"desired_count                     = 2
  deployment_maximum_percent        = 100"#,
        )],
        expect![[r#"
            ╷
            │ Error: From 100 % to 100 % of its tasks, nothing can be replaced [replacement-room]
            │
            │   with aws_ecs_service.web,
            │   on main.tf line 204, in resource "aws_ecs_service" "web":
            │  204:   deployment_maximum_percent        = 100
            │
            │ No deployment ever goes on: with a minimum of 100 % nothing may stop, and with a maximum of 100 % nothing may start.
            │
            │ Raise `deployment_maximum_percent` to 200, or lower `deployment_minimum_healthy_percent`.
            ╵
        "#]],
    );
}

#[test]
fn desired_count() {
    check(
        &[("ignore_changes = [desired_count]", "ignore_changes = [tags]")],
        expect![[r#"
        ╷
        │ Warning: Application Auto Scaling sets the desired_count of this service, and so does each apply [desired-count]
        │
        │   with aws_ecs_service.web,
        │   on main.tf line 203, in resource "aws_ecs_service" "web":
        │  203:   desired_count                     = 2
        │
        │ Each apply sets the number of tasks back to `desired_count`, in the middle of the load for which Application Auto Scaling has added some.
        │
        │ Add `lifecycle { ignore_changes = [desired_count] }` to the service.
        ╵
    "#]],
    );
}

#[test]
fn spot_unused() {
    check(
        &[("base              = 1", "base              = 6")],
        expect![[r#"
        ╷
        │ Warning: The base of FARGATE is 6, and there are never more than 6 tasks [spot-unused]
        │
        │   with aws_ecs_service.web,
        │   on main.tf line 209, in resource "aws_ecs_service" "web":
        │  209:     base              = 6
        │
        │ Every task runs on demand, at more than three times the price of Spot, though the strategy names FARGATE_SPOT.
        │
        │ Give FARGATE_SPOT a `weight`, and FARGATE a `base` below the number of tasks.
        ╵
    "#]],
    );
}

#[test]
fn spot_drain() {
    check(
        &[("deregistration_delay = 30", "deregistration_delay = 100")],
        expect![[r#"
        ╷
        │ Warning: On Spot, draining for 100 s and stopping within 30 s is more than the 120 s of an interruption [spot-drain]
        │
        │   with aws_lb_target_group.web,
        │   on main.tf line 111, in resource "aws_lb_target_group" "web":
        │  111:   deregistration_delay = 100
        │
        │ From an interruption's notice to the end of the capacity are two minutes. A target that drains for longer, with `stopTimeout` after it, is killed with its requests.
        │
        │ Keep `deregistration_delay` and the container's `stopTimeout` together below 120 s.
        ╵
    "#]],
    );
}

#[test]
fn slow_drain() {
    check(
        &[
            (
                r#"  deregistration_delay = 30
"#,
                "",
            ),
            (r#"capacity_provider = "FARGATE_SPOT""#, r#"capacity_provider = "FARGATE""#),
        ],
        expect![[r#"
            ╷
            │ Hint: Each replaced task is drained for five minutes [slow-drain]
            │
            │   with aws_lb_target_group.web,
            │   on main.tf line 105, in resource "aws_lb_target_group" "web":
            │  105: resource "aws_lb_target_group" "web" {
            │
            │ Each task that a deployment or scaling takes away drains for `deregistration_delay` before it gets SIGTERM: deployments take that much longer, and both generations are paid.
            │
            │ Set `deregistration_delay` to what the longest request takes, such as 30.
            ╵
        "#]],
    );
}

#[test]
fn stop_timeout() {
    check(
        &[
            ("stopTimeout  = 30", "stopTimeout  = 180"),
            (r#"capacity_provider = "FARGATE_SPOT""#, r#"capacity_provider = "FARGATE""#),
        ],
        expect![[r#"
            ╷
            │ Error: The container "web" has a stopTimeout of 180 s [stop-timeout]
            │
            │   with aws_ecs_task_definition.web,
            │   on main.tf line 184, in resource "aws_ecs_task_definition" "web":
            │  184:   container_definitions = jsonencode([{
            │
            │ ECS refuses the task definition: on Fargate a container has at most 120 seconds between SIGTERM and SIGKILL.
            │
            │ Set `stopTimeout` to at most 120, and let the application end its work within it.
            ╵
        "#]],
    );
}

#[test]
fn database_zone() {
    check(
        &[("multi_az            = true", "multi_az            = false")],
        expect![[r#"
        ╷
        │ Warning: The production database is in one zone [database-zone]
        │
        │   with aws_db_instance.main,
        │   on main.tf line 252, in resource "aws_db_instance" "main":
        │  252:   multi_az            = false
        │
        │ When its zone or its host fails, and during most maintenance, the database is away for minutes to hours; there is no standby to fail over to.
        │
        │ Set `multi_az = true`. It doubles the price of the instance and its storage.
        ╵
    "#]],
    );
}

#[test]
fn database_snapshot() {
    check(
        &[
            ("skip_final_snapshot = false", "skip_final_snapshot = true"),
            ("deletion_protection = true", "deletion_protection = false"),
        ],
        expect![[r#"
            ╷
            │ Warning: The production database goes without a final snapshot [database-snapshot]
            │
            │   with aws_db_instance.main,
            │   on main.tf line 253, in resource "aws_db_instance" "main":
            │  253:   skip_final_snapshot = true
            │
            │ A destroy, or a change that replaces the instance, deletes the data with it, and its automated backups after that.
            │
            │ Set `skip_final_snapshot = false` with a `final_snapshot_identifier`, and `deletion_protection = true`.
            ╵
        "#]],
    );
}

#[test]
fn health_check_command() {
    check(
        &[
            (
                r#"["CMD", "python3", "check.py"]"#,
                r#"["CMD-SHELL", "curl -f http://localhost:8080/ || exit 1"]"#,
            ),
            (r#""${aws_ecr_repository.web.repository_url}:v1""#, r#""python:3.12-slim""#),
        ],
        expect![[r#"
            ╷
            │ Error: From the subnet aws_subnet.private there is no way out (no NAT), and no endpoint of the registry of its image [way-to-images]
            │
            │   with aws_ecs_service.web,
            │   on main.tf line 224, in resource "aws_ecs_service" "web":
            │  224:     subnets         = [aws_subnet.private.id]
            │
            │ Tasks stop before they run: "CannotPullContainerError: … i/o timeout", or "ResourceInitializationError: unable to pull secrets or registry auth".
            │
            │ Private subnets need a route to a NAT gateway, or endpoints of ecr.api, ecr.dkr, s3 (a gateway in their route table), logs, and what secrets come from, with private DNS. In public subnets tasks need `assign_public_ip = true`.
            ╵
            ╷
            │ Error: The health check of the container "web" calls curl, which python:3.12-slim does not have [health-check-command]
            │
            │   with aws_ecs_task_definition.web,
            │   on main.tf line 184, in resource "aws_ecs_task_definition" "web":
            │  184:   container_definitions = jsonencode([{
            │
            │ The command is not found, every check fails, and ECS replaces task after task: "Task failed container health checks". Small images have neither curl nor wget.
            │
            │ Check with what the image has (python3 -c "import urllib.request; …", node -e …), or install the program in its Dockerfile.
            ╵
        "#]],
    );
}

#[test]
fn what_an_image_has_is_told_by_its_name_or_its_dockerfile() {
    let with = |image: &str, command: &str, dockerfile: Option<&str>| {
        let around = Around {
            dockerfiles: dockerfile
                .map(|text| Dockerfile { name: "Dockerfile".to_owned(), text: text.to_owned() })
                .into_iter()
                .collect(),
        };
        let command = format!(r#"["CMD-SHELL", "{command}"]"#);
        let changes = [
            (r#"["CMD", "python3", "check.py"]"#, command.as_str()),
            (r#""${aws_ecr_repository.web.repository_url}:v1""#, image),
            // Other registries need a way out.
            ("subnets         = [aws_subnet.private.id]", "subnets         = []"),
        ];
        headlines(&changes, &around)
    };
    let own = r#""${aws_ecr_repository.web.repository_url}:v1""#;
    let slim = "FROM python:3.12-slim AS build\nRUN pip install flask\n";
    let all = [
        with(r#""python:3.12""#, "curl -f localhost", None),
        with(r#""python:3.12-alpine""#, "/usr/bin/wget -q localhost", None),
        with(r#""python:3.12-alpine""#, "curl -f localhost", None),
        with(r#""gcr.io/distroless/python3""#, "wget localhost", None),
        with(r#""nginx:1.27""#, "curl -f localhost", None),
        with(own, "curl -f localhost", None),
        with(own, "curl -f localhost", Some(slim)),
        with(own, "curl -f localhost", Some(&format!("{slim}RUN apt-get install -y curl\n"))),
        with(own, "python3 curly.py", None),
    ];
    expect![[r#"
        -
        -
        Error: The health check of the container "web" calls curl, which python:3.12-alpine does not have [health-check-command]
        -
        Error: The health check of the container "web" calls wget, which gcr.io/distroless/python3 does not have [health-check-command]
        -
        Hint: The health check of the container "web" calls curl: does its image have it? [health-check-command]
        -
        Hint: The health check of the container "web" calls curl: does its image have it? [health-check-command]
        -
        Error: The health check of the container "web" calls curl, which python:3.12-slim does not have, and Dockerfile does not install it [health-check-command]
        -
        -
    "#]].assert_eq(&all.join("-\n"));
}

#[test]
fn what_is_made_elsewhere_is_not_judged() {
    let elsewhere = [
        ("subnets         = [aws_subnet.private.id]", r#"subnets         = ["subnet-1"]"#),
        ("security_groups = [aws_security_group.tasks.id]", r#"security_groups = ["sg-1"]"#),
        ("aws_iam_role.execution.arn", r#""arn:aws:iam::123456789012:role/other""#),
        (
            "task_definition                   = aws_ecs_task_definition.web.arn",
            r#"task_definition                   = "other:7""#,
        ),
    ];
    check(
        &elsewhere,
        expect![[r#"
        ╷
        │ Error: No security group of the load balancer lets TCP 8080 out to the tasks [port-admitted]
        │
        │   with aws_lb.main,
        │   on main.tf line 102, in resource "aws_lb" "main":
        │  102:   security_groups = [aws_security_group.alb.id]
        │
        │ Health checks time out, targets stay unhealthy (Target.Timeout), clients get 504, and ECS replaces the tasks without end.
        │
        │ Let TCP to the container's port in from the load balancer's security group, and out of that one to the tasks'.
        ╵
    "#]],
    );
}
