# The task definition: what the container is told, and what it may not do.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { id = "us-west-2", name = "us-west-2" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_elb_service_account" {
    defaults = { arn = "arn:aws:iam::797873946194:root" }
  }
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/realworld-dev-alb/1", arn_suffix = "app/realworld-dev-alb/1", dns_name = "realworld-dev-alb-1.us-west-2.elb.amazonaws.com" }
  }
  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-west-2:123456789012:listener/app/realworld-dev-alb/1/2" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/realworld-dev-tg/1", arn_suffix = "targetgroup/realworld-dev-tg/1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_ecs_cluster" {
    defaults = { id = "arn:aws:ecs:us-west-2:123456789012:cluster/realworld-dev-cluster" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:us-west-2:123456789012:task-definition/realworld-dev-task:1" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-west-2:123456789012:realworld-dev-alarms" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-west-2:123456789012:log-group:/ecs/realworld-dev" }
  }
  mock_resource "aws_ecr_repository" {
    defaults = { arn = "arn:aws:ecr:us-west-2:123456789012:repository/realworld-dev-flask-api", repository_url = "123456789012.dkr.ecr.us-west-2.amazonaws.com/realworld-dev-flask-api" }
  }
}

variables {
  project_name              = "realworld"
  environment               = "dev"
  vpc_id                    = "vpc-1"
  public_subnet_ids         = ["subnet-1", "subnet-2"]
  private_app_subnet_ids    = ["subnet-3", "subnet-4"]
  alb_security_group_id     = "sg-1"
  ecs_security_group_id     = "sg-2"
  db_credentials_secret_arn = "arn:aws:secretsmanager:us-west-2:123456789012:secret:realworld-dev-db-credentials-AbCdEf"
}

run "container" {
  command = apply

  assert {
    condition = { for e in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : e.name => e.value } == {
      ENV                = "dev"
      PORT               = "5000"
      AWS_DEFAULT_REGION = "us-west-2"
      DB_SECRET_ARN      = "arn:aws:secretsmanager:us-west-2:123456789012:secret:realworld-dev-db-credentials-AbCdEf"
    }
    error_message = "The application is given ENV, PORT, AWS_DEFAULT_REGION and DB_SECRET_ARN."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].user == "1000:1000" && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].readonlyRootFilesystem && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].linuxParameters == { capabilities = { drop = ["ALL"] }, initProcessEnabled = true }
    error_message = "The container is not root, can't write to its root, and has no capabilities."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].mountPoints[0] == { sourceVolume = "tmp", containerPath = "/tmp", readOnly = false } && one(aws_ecs_task_definition.this.volume).name == "tmp"
    error_message = "Its /tmp is a volume."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[1].entryPoint == ["chmod"] && jsondecode(aws_ecs_task_definition.this.container_definitions)[1].command == ["1777", "/tmp"] && !jsondecode(aws_ecs_task_definition.this.container_definitions)[1].essential && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].dependsOn == [{ containerName = "open-writable-paths", condition = "SUCCESS" }]
    error_message = "A first container opens /tmp to the application's user."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].healthCheck.command[1] == "python3" && !strcontains(join(" ", jsondecode(aws_ecs_task_definition.this.container_definitions)[0].healthCheck.command), "curl") && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].healthCheck.interval == 30
    error_message = "The health check does without curl."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].stopTimeout == 30 && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].ulimits == [{ name = "nofile", softLimit = 65535, hardLimit = 65535 }]
    error_message = "The container has a stop timeout and a limit of open files."
  }

  assert {
    condition     = !can(jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets) && !can(jsondecode(aws_ecs_task_definition.this.container_definitions)[0].command)
    error_message = "What is not given must not be in the definition: ECS would give back another one, and every plan would change it."
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.task.policy).Statement : s.Resource == ["arn:aws:secretsmanager:us-west-2:123456789012:secret:realworld-dev-db-credentials-AbCdEf"]])
    error_message = "The application may read its own secret and nothing else."
  }

  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Sid if s.Resource == ["*"]] == ["LogIntoRegistry"]
    error_message = "Nothing but the login to the registry may be allowed on every resource."
  }
}

run "secrets_and_more" {
  command = apply

  variables {
    container_image                = "public.ecr.aws/docker/library/python:3.11-slim"
    command                        = ["python", "-m", "http.server"]
    writable_paths                 = ["/tmp", "/var/run/app.d"]
    open_writable_paths            = false
    container_health_check_command = ["CMD-SHELL", "true"]
    environment_variables          = { LOG_LEVEL = "debug" }
    secrets_kms_key_arns           = ["arn:aws:kms:us-west-2:123456789012:key/1"]
    secrets = {
      JWT_KEY = "arn:aws:secretsmanager:us-west-2:123456789012:secret:jwt-AbCdEf:key::"
      FLAG    = "arn:aws:ssm:us-west-2:123456789012:parameter/flag"
    }
  }

  assert {
    condition     = length(jsondecode(aws_ecs_task_definition.this.container_definitions)) == 1 && toset(aws_ecs_task_definition.this.volume[*].name) == toset(["tmp", "var-run-app_d"])
    error_message = "Volumes are named after their paths; nobody opens them when the image does."
  }

  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource if s.Sid == "FetchSecrets"]) == ["arn:aws:secretsmanager:us-west-2:123456789012:secret:jwt-AbCdEf"] && one([for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource if s.Sid == "FetchParameters"]) == ["arn:aws:ssm:us-west-2:123456789012:parameter/flag"]
    error_message = "ECS may fetch exactly the secrets that are named, without their JSON keys."
  }

  assert {
    condition     = length([for s in jsondecode(aws_iam_role_policy.task.policy).Statement : s if s.Sid == "DecryptSecrets"]) == 1
    error_message = "Who reads a secret must be able to decrypt it."
  }
}

run "refuses_memory_that_fargate_has_not" {
  command = plan

  variables {
    task_cpu    = 256
    task_memory = 4096
  }

  expect_failures = [aws_ecs_task_definition.this]
}

run "largest_task" {
  command = plan

  variables {
    task_cpu              = 16384
    task_memory           = 122880
    ephemeral_storage_gib = 200
    cpu_architecture      = "ARM64"
  }
}

run "refuses_a_name_twice" {
  command = plan

  variables {
    secrets = { ENV = "arn:aws:ssm:us-west-2:123456789012:parameter/env" }
  }

  expect_failures = [aws_ecs_task_definition.this]
}

run "refuses_slow_health_check" {
  command = plan

  variables {
    container_health_check_interval = 5
    container_health_check_timeout  = 5
  }

  expect_failures = [aws_ecs_task_definition.this]
}

run "refuses_exec_on_read_only_root" {
  command = plan

  variables {
    enable_execute_command = true
  }

  expect_failures = [aws_ecs_task_definition.this]
}

run "exec" {
  command = plan

  variables {
    enable_execute_command   = true
    readonly_root_filesystem = false
  }

  assert {
    condition     = aws_ecs_service.rolling_autoscaled[0].enable_execute_command && length([for s in jsondecode(aws_iam_role_policy.task.policy).Statement : s if s.Sid == "OpenExecChannels"]) == 1
    error_message = "ECS Exec needs its channels."
  }
}

run "refuses_values" {
  command = plan

  variables {
    container_image                     = "not an image"
    image_tag                           = ".dot"
    image_repository_arns               = ["repository"]
    image_tag_mutability                = "SOMETIMES"
    image_keep_count                    = 0
    cpu_architecture                    = "RISCV"
    ephemeral_storage_gib               = 10
    container_port                      = 70000
    environment_variables               = { PORT = "80" }
    secrets                             = { KEY = "plain" }
    task_role_policy_arns               = { s3 = "AmazonS3FullAccess" }
    container_user                      = "root"
    writable_paths                      = ["tmp"]
    stop_timeout                        = 121
    nofile_limit                        = 10
    container_health_check_command      = ["curl"]
    container_health_check_interval     = 4
    container_health_check_timeout      = 1
    container_health_check_retries      = 11
    container_health_check_start_period = 301
  }

  expect_failures = [
    var.container_image, var.image_tag, var.image_repository_arns, var.image_tag_mutability, var.image_keep_count,
    var.cpu_architecture, var.ephemeral_storage_gib, var.container_port, var.environment_variables, var.secrets,
    var.task_role_policy_arns, var.container_user, var.writable_paths, var.stop_timeout, var.nofile_limit,
    var.container_health_check_command, var.container_health_check_interval, var.container_health_check_timeout,
    var.container_health_check_retries, var.container_health_check_start_period,
  ]
}

run "refuses_sizes" {
  command = plan

  variables {
    task_cpu    = 300
    task_memory = 700
  }

  expect_failures = [var.task_cpu, var.task_memory]
}
