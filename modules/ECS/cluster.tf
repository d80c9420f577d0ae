# The cluster, with both kinds of Fargate capacity at hand.

locals {
  # One provider only when Spot is asked for: with a base or a weight for FARGATE
  # beside it, a single task would never run on Spot.
  capacity_provider_strategy = length(var.capacity_provider_strategy) > 0 ? var.capacity_provider_strategy : [{
    capacity_provider = var.enable_fargate_spot ? "FARGATE_SPOT" : "FARGATE"
    base              = 0
    weight            = 1
  }]
}

resource "aws_ecs_cluster" "this" {
  #checkov:skip=CKV_AWS_224:Sessions of ECS Exec are logged to the module's own log group, with the key in kms_key_arn where there is one.
  name = local.cluster_name
  tags = local.tags

  setting {
    name  = "containerInsights"
    value = var.container_insights
  }

  dynamic "configuration" {
    for_each = var.enable_execute_command ? [1] : []

    content {
      execute_command_configuration {
        logging = "OVERRIDE"

        log_configuration {
          cloud_watch_log_group_name = aws_cloudwatch_log_group.this.name
        }
      }
    }
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  dynamic "default_capacity_provider_strategy" {
    for_each = local.capacity_provider_strategy

    content {
      capacity_provider = default_capacity_provider_strategy.value.capacity_provider
      base              = default_capacity_provider_strategy.value.base
      weight            = default_capacity_provider_strategy.value.weight
    }
  }
}
