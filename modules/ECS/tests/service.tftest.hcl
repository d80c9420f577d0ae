# The service, its scaling and its alarms: what is made of the inputs, and what is refused.

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

run "own_strategy" {
  command = plan

  variables {
    capacity_provider_strategy = [
      { capacity_provider = "FARGATE", base = 1, weight = 1 },
      { capacity_provider = "FARGATE_SPOT", base = 0, weight = 3 },
    ]
  }

  assert {
    condition     = length(aws_ecs_service.rolling_autoscaled[0].capacity_provider_strategy) == 2
    error_message = "The strategy must be the caller's."
  }
}

run "refuses_two_bases" {
  command = plan

  variables {
    capacity_provider_strategy = [
      { capacity_provider = "FARGATE", base = 1, weight = 1 },
      { capacity_provider = "FARGATE_SPOT", base = 1, weight = 1 },
    ]
  }

  expect_failures = [var.capacity_provider_strategy]
}

run "refuses_strategy_that_places_nothing" {
  command = plan

  variables {
    capacity_provider_strategy = [{ capacity_provider = "FARGATE", base = 0, weight = 0 }]
  }

  expect_failures = [var.capacity_provider_strategy]
}

run "rolling" {
  command = plan

  assert {
    condition     = aws_ecs_service.rolling_autoscaled[0].deployment_circuit_breaker[0].enable && aws_ecs_service.rolling_autoscaled[0].deployment_circuit_breaker[0].rollback && aws_ecs_service.rolling_autoscaled[0].deployment_minimum_healthy_percent == 100 && aws_ecs_service.rolling_autoscaled[0].deployment_maximum_percent == 200
    error_message = "A deployment goes by 100/200 percent, and back when it fails."
  }

  assert {
    condition     = !aws_ecs_service.rolling_autoscaled[0].wait_for_steady_state && !aws_ecs_service.rolling_autoscaled[0].network_configuration[0].assign_public_ip
    error_message = "An apply must not wait for an image that nobody has pushed yet, and tasks have no public address."
  }
}

run "deployment_alarms" {
  command = plan

  variables {
    enable_deployment_alarms = true
    deployment_alarm_names   = ["mine"]
  }

  assert {
    condition     = aws_ecs_service.rolling_autoscaled[0].alarms[0].alarm_names == toset(["mine", "realworld-dev-response-time-high", "realworld-dev-5xx-high"])
    error_message = "A deployment must watch the module's alarms and the caller's."
  }
}

run "refuses_deployment_alarms_without_alarms" {
  command = plan

  variables {
    enable_deployment_alarms = true
    enable_cloudwatch_alarms = false
  }

  expect_failures = [aws_ecs_service.rolling_autoscaled]
}

run "refuses_percentages_that_replace_nothing" {
  command = plan

  variables {
    deployment_maximum_percent = 100
  }

  expect_failures = [aws_ecs_service.rolling_autoscaled]
}

run "refuses_min_above_max" {
  command = plan

  variables {
    autoscaling_min_capacity = 5
    autoscaling_max_capacity = 4
    desired_count            = 4
  }

  expect_failures = [aws_ecs_service.rolling_autoscaled]
}

run "refuses_count_outside_of_limits" {
  command = plan

  variables {
    desired_count = 1
  }

  expect_failures = [aws_ecs_service.rolling_autoscaled]
}

run "scaling_on_requests_and_schedules" {
  command = apply

  variables {
    autoscaling_cpu_target      = 0
    autoscaling_memory_target   = 0
    autoscaling_requests_target = 1000
    autoscaling_schedules       = { night = { schedule = "cron(0 20 * * ? *)", min_capacity = 1, max_capacity = 2 } }
  }

  assert {
    condition     = keys(output.autoscaling_policy_arns) == ["requests"] && aws_appautoscaling_policy.requests[0].target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].resource_label == "app/realworld-dev-alb/1/targetgroup/realworld-dev-tg/1"
    error_message = "The service scales on requests only."
  }

  assert {
    condition     = aws_appautoscaling_scheduled_action.this["night"].name == "realworld-dev-night"
    error_message = "The schedule must be there."
  }
}

run "blue_green" {
  command = apply

  variables {
    deployment_controller    = "CODE_DEPLOY"
    blue_green_test_port     = 8080
    enable_deployment_alarms = true
  }

  assert {
    condition     = length(aws_ecs_service.blue_green_autoscaled) == 1 && length(aws_ecs_service.blue_green_fixed) == 0 && length(aws_ecs_service.rolling_autoscaled) == 0
    error_message = "There must be one service."
  }

  assert {
    condition     = aws_lb_target_group.this["blue"].name == "realworld-dev-tg" && aws_lb_target_group.this["green"].name == "realworld-dev-green" && length(aws_lb_listener.http_blue_green) == 1 && length(aws_lb_listener.test) == 1
    error_message = "Blue/green needs two target groups and a listener to move."
  }

  assert {
    condition     = output.codedeploy_app_name == "realworld-dev" && aws_codedeploy_deployment_group.this[0].deployment_config_name == "CodeDeployDefault.ECSAllAtOnce" && aws_codedeploy_deployment_group.this[0].alarm_configuration[0].enabled
    error_message = "CodeDeploy must watch the alarms."
  }
}

run "refuses_blue_green_with_two_serving_listeners" {
  command = plan

  variables {
    deployment_controller = "CODE_DEPLOY"
    enable_https          = true
    enable_https_redirect = false
    certificate_arn       = "arn:aws:acm:us-west-2:123456789012:certificate/1"
  }

  expect_failures = [aws_ecs_service.blue_green_autoscaled]
}

run "refuses_blue_green_on_requests" {
  command = plan

  variables {
    deployment_controller       = "CODE_DEPLOY"
    autoscaling_requests_target = 100
  }

  expect_failures = [aws_appautoscaling_policy.requests]
}

run "refuses_alarms_without_insights" {
  command = plan

  variables {
    container_insights = "disabled"
  }

  expect_failures = [aws_cloudwatch_metric_alarm.this]
}

run "refuses_values" {
  command = plan

  variables {
    desired_count                      = -1
    platform_version                   = "newest"
    container_insights                 = "on"
    deployment_controller              = "EXTERNAL"
    deployment_minimum_healthy_percent = 101
    deployment_maximum_percent         = 99
    health_check_grace_period          = -1
    autoscaling_min_capacity           = -1
    autoscaling_max_capacity           = 0
    autoscaling_cpu_target             = 101
    autoscaling_memory_target          = -1
    autoscaling_requests_target        = -1
    autoscaling_scale_out_cooldown     = -1
    autoscaling_scale_in_cooldown      = 3601
    autoscaling_schedules              = { night = { schedule = "at night", min_capacity = 0, max_capacity = 1 } }
    autoscaling_timezone               = "somewhere else"
    blue_green_deployment_config       = "all at once"
    blue_green_termination_wait        = -5
    blue_green_test_port               = 443
    log_retention_days                 = 31
    alarm_cpu_threshold                = 0
    alarm_memory_threshold             = 101
    alarm_response_time_threshold      = 0
    alarm_5xx_threshold                = -1
    alarm_evaluation_periods           = 0
    alarm_emails                       = ["somebody"]
    alarm_actions                      = ["somewhere"]
    alarm_topic_kms_key_id             = "alias/aws/sns"
  }

  expect_failures = [
    var.desired_count, var.platform_version, var.container_insights, var.deployment_controller,
    var.deployment_minimum_healthy_percent, var.deployment_maximum_percent, var.health_check_grace_period,
    var.autoscaling_min_capacity, var.autoscaling_max_capacity, var.autoscaling_cpu_target,
    var.autoscaling_memory_target, var.autoscaling_requests_target, var.autoscaling_scale_out_cooldown,
    var.autoscaling_scale_in_cooldown, var.autoscaling_schedules, var.autoscaling_timezone,
    var.blue_green_deployment_config, var.blue_green_termination_wait, var.blue_green_test_port,
    var.log_retention_days, var.alarm_cpu_threshold, var.alarm_memory_threshold, var.alarm_response_time_threshold,
    var.alarm_5xx_threshold, var.alarm_evaluation_periods, var.alarm_emails, var.alarm_actions, var.alarm_topic_kms_key_id,
  ]
}
