# The service: how many tasks of the definition run, where, and how they are replaced.
#
# One service exists, in one of four resources. `ignore_changes` can't depend on an
# input, and what Terraform must leave alone does:
#
#   rolling_fixed          nothing: desired_count is the caller's
#   rolling_autoscaled     desired_count: the autoscaler's
#   blue_green_fixed       task definition and target group: CodeDeploy's
#   blue_green_autoscaled  both
#
# They depend on each other so that, when an input changes which one it is, the old
# service is gone before the new one takes its name. To change without any gap,
# move the resource first (README.md, "Switching").

locals {
  service_kind = join("_", [
    local.blue_green ? "blue_green" : "rolling",
    var.enable_autoscaling ? "autoscaled" : "fixed",
  ])

  deployment_alarm_names = concat(
    var.deployment_alarm_names,
    var.enable_deployment_alarms ? [local.alarm_names.response_time, local.alarm_names.errors_5xx] : [],
  )

  service = one(concat(
    aws_ecs_service.rolling_fixed, aws_ecs_service.rolling_autoscaled,
    aws_ecs_service.blue_green_fixed, aws_ecs_service.blue_green_autoscaled,
  ))
}

resource "aws_ecs_service" "rolling_fixed" {
  count = local.service_kind == "rolling_fixed" ? 1 : 0

  name             = local.service_name
  cluster          = aws_ecs_cluster.this.id
  task_definition  = aws_ecs_task_definition.this.arn
  desired_count    = var.desired_count
  platform_version = var.platform_version

  health_check_grace_period_seconds  = var.health_check_grace_period
  deployment_minimum_healthy_percent = var.deployment_minimum_healthy_percent
  deployment_maximum_percent         = var.deployment_maximum_percent
  force_new_deployment               = var.force_new_deployment
  enable_execute_command             = var.enable_execute_command
  wait_for_steady_state              = var.wait_for_steady_state
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  tags                               = local.tags

  deployment_controller {
    type = "ECS"
  }

  deployment_circuit_breaker {
    enable   = var.enable_circuit_breaker
    rollback = var.enable_circuit_breaker
  }

  dynamic "alarms" {
    for_each = length(local.deployment_alarm_names) > 0 ? [1] : []

    content {
      enable      = true
      rollback    = true
      alarm_names = local.deployment_alarm_names
    }
  }

  dynamic "capacity_provider_strategy" {
    for_each = local.capacity_provider_strategy

    content {
      capacity_provider = capacity_provider_strategy.value.capacity_provider
      base              = capacity_provider_strategy.value.base
      weight            = capacity_provider_strategy.value.weight
    }
  }

  network_configuration {
    subnets          = var.private_app_subnet_ids
    security_groups  = [var.ecs_security_group_id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = local.target_group.arn
    container_name   = var.app_name
    container_port   = var.container_port
  }

  depends_on = [
    aws_ecs_cluster_capacity_providers.this,
    aws_lb_listener.http,
    aws_lb_listener.https,
    aws_cloudwatch_metric_alarm.this,
  ]

  lifecycle {
    precondition {
      condition     = !var.enable_deployment_alarms || var.enable_cloudwatch_alarms
      error_message = "The enable_deployment_alarms needs enable_cloudwatch_alarms = true, which makes the alarms that it watches."
    }

    precondition {
      condition     = var.deployment_minimum_healthy_percent < 100 || var.deployment_maximum_percent > 100
      error_message = "With deployment_minimum_healthy_percent = 100, deployment_maximum_percent must be above 100: otherwise no task could be replaced."
    }
  }
}

resource "aws_ecs_service" "rolling_autoscaled" {
  count = local.service_kind == "rolling_autoscaled" ? 1 : 0

  name             = local.service_name
  cluster          = aws_ecs_cluster.this.id
  task_definition  = aws_ecs_task_definition.this.arn
  desired_count    = var.desired_count
  platform_version = var.platform_version

  health_check_grace_period_seconds  = var.health_check_grace_period
  deployment_minimum_healthy_percent = var.deployment_minimum_healthy_percent
  deployment_maximum_percent         = var.deployment_maximum_percent
  force_new_deployment               = var.force_new_deployment
  enable_execute_command             = var.enable_execute_command
  wait_for_steady_state              = var.wait_for_steady_state
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  tags                               = local.tags

  deployment_controller {
    type = "ECS"
  }

  deployment_circuit_breaker {
    enable   = var.enable_circuit_breaker
    rollback = var.enable_circuit_breaker
  }

  dynamic "alarms" {
    for_each = length(local.deployment_alarm_names) > 0 ? [1] : []

    content {
      enable      = true
      rollback    = true
      alarm_names = local.deployment_alarm_names
    }
  }

  dynamic "capacity_provider_strategy" {
    for_each = local.capacity_provider_strategy

    content {
      capacity_provider = capacity_provider_strategy.value.capacity_provider
      base              = capacity_provider_strategy.value.base
      weight            = capacity_provider_strategy.value.weight
    }
  }

  network_configuration {
    subnets          = var.private_app_subnet_ids
    security_groups  = [var.ecs_security_group_id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = local.target_group.arn
    container_name   = var.app_name
    container_port   = var.container_port
  }

  depends_on = [
    aws_ecs_cluster_capacity_providers.this,
    aws_lb_listener.http,
    aws_lb_listener.https,
    aws_cloudwatch_metric_alarm.this,
    aws_ecs_service.rolling_fixed,
  ]

  lifecycle {
    ignore_changes = [desired_count]

    precondition {
      condition     = var.autoscaling_min_capacity <= var.autoscaling_max_capacity
      error_message = "The autoscaling_min_capacity (${var.autoscaling_min_capacity}) must be at most autoscaling_max_capacity (${var.autoscaling_max_capacity})."
    }

    precondition {
      condition     = var.desired_count >= var.autoscaling_min_capacity && var.desired_count <= var.autoscaling_max_capacity
      error_message = "The desired_count (${var.desired_count}), with which autoscaling starts, must be from autoscaling_min_capacity (${var.autoscaling_min_capacity}) to autoscaling_max_capacity (${var.autoscaling_max_capacity})."
    }

    precondition {
      condition     = !var.enable_deployment_alarms || var.enable_cloudwatch_alarms
      error_message = "The enable_deployment_alarms needs enable_cloudwatch_alarms = true, which makes the alarms that it watches."
    }

    precondition {
      condition     = var.deployment_minimum_healthy_percent < 100 || var.deployment_maximum_percent > 100
      error_message = "With deployment_minimum_healthy_percent = 100, deployment_maximum_percent must be above 100: otherwise no task could be replaced."
    }
  }
}

resource "aws_ecs_service" "blue_green_fixed" {
  count = local.service_kind == "blue_green_fixed" ? 1 : 0

  name             = local.service_name
  cluster          = aws_ecs_cluster.this.id
  task_definition  = aws_ecs_task_definition.this.arn
  desired_count    = var.desired_count
  platform_version = var.platform_version

  health_check_grace_period_seconds = var.health_check_grace_period
  enable_execute_command            = var.enable_execute_command
  wait_for_steady_state             = var.wait_for_steady_state
  enable_ecs_managed_tags           = true
  propagate_tags                    = "SERVICE"
  tags                              = local.tags

  deployment_controller {
    type = "CODE_DEPLOY"
  }

  dynamic "capacity_provider_strategy" {
    for_each = local.capacity_provider_strategy

    content {
      capacity_provider = capacity_provider_strategy.value.capacity_provider
      base              = capacity_provider_strategy.value.base
      weight            = capacity_provider_strategy.value.weight
    }
  }

  network_configuration {
    subnets          = var.private_app_subnet_ids
    security_groups  = [var.ecs_security_group_id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = local.target_group.arn
    container_name   = var.app_name
    container_port   = var.container_port
  }

  depends_on = [
    aws_ecs_cluster_capacity_providers.this,
    aws_lb_listener.http_blue_green,
    aws_lb_listener.https_blue_green,
    aws_ecs_service.rolling_autoscaled,
  ]

  lifecycle {
    ignore_changes = [load_balancer, task_definition]

    precondition {
      condition     = !var.enable_https || local.https_redirect
      error_message = "The deployment_controller CODE_DEPLOY moves one listener: with enable_https, leave enable_https_redirect on."
    }
  }
}

resource "aws_ecs_service" "blue_green_autoscaled" {
  count = local.service_kind == "blue_green_autoscaled" ? 1 : 0

  name             = local.service_name
  cluster          = aws_ecs_cluster.this.id
  task_definition  = aws_ecs_task_definition.this.arn
  desired_count    = var.desired_count
  platform_version = var.platform_version

  health_check_grace_period_seconds = var.health_check_grace_period
  enable_execute_command            = var.enable_execute_command
  wait_for_steady_state             = var.wait_for_steady_state
  enable_ecs_managed_tags           = true
  propagate_tags                    = "SERVICE"
  tags                              = local.tags

  deployment_controller {
    type = "CODE_DEPLOY"
  }

  dynamic "capacity_provider_strategy" {
    for_each = local.capacity_provider_strategy

    content {
      capacity_provider = capacity_provider_strategy.value.capacity_provider
      base              = capacity_provider_strategy.value.base
      weight            = capacity_provider_strategy.value.weight
    }
  }

  network_configuration {
    subnets          = var.private_app_subnet_ids
    security_groups  = [var.ecs_security_group_id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = local.target_group.arn
    container_name   = var.app_name
    container_port   = var.container_port
  }

  depends_on = [
    aws_ecs_cluster_capacity_providers.this,
    aws_lb_listener.http_blue_green,
    aws_lb_listener.https_blue_green,
    aws_ecs_service.blue_green_fixed,
  ]

  lifecycle {
    ignore_changes = [desired_count, load_balancer, task_definition]

    precondition {
      condition     = var.autoscaling_min_capacity <= var.autoscaling_max_capacity
      error_message = "The autoscaling_min_capacity (${var.autoscaling_min_capacity}) must be at most autoscaling_max_capacity (${var.autoscaling_max_capacity})."
    }

    precondition {
      condition     = var.desired_count >= var.autoscaling_min_capacity && var.desired_count <= var.autoscaling_max_capacity
      error_message = "The desired_count (${var.desired_count}), with which autoscaling starts, must be from autoscaling_min_capacity (${var.autoscaling_min_capacity}) to autoscaling_max_capacity (${var.autoscaling_max_capacity})."
    }

    precondition {
      condition     = !var.enable_https || local.https_redirect
      error_message = "The deployment_controller CODE_DEPLOY moves one listener: with enable_https, leave enable_https_redirect on."
    }
  }
}
