# Blue/green by CodeDeploy: new tasks start in the idle target group, the serving
# listener moves over, the old tasks stay for a while to go back to. A deployment
# is started with `aws deploy create-deployment` (README.md, "Blue/green").

resource "aws_codedeploy_app" "this" {
  count = local.blue_green ? 1 : 0

  name             = local.name
  compute_platform = "ECS"
  tags             = local.tags
}

resource "aws_iam_role" "codedeploy" {
  count = local.blue_green ? 1 : 0

  name        = "${local.name}-codedeploy"
  description = "CodeDeploy replaces the tasks of ${local.service_name}"
  tags        = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codedeploy.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "codedeploy" {
  #checkov:skip=CKV_AWS_355:Only elasticloadbalancing and cloudwatch Describe actions are allowed on every resource: they know none.
  count = local.blue_green ? 1 : 0

  name = "replace-tasks"
  role = aws_iam_role.codedeploy[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "ReplaceTasks"
        Effect = "Allow"
        Action = ["ecs:DescribeServices", "ecs:CreateTaskSet", "ecs:UpdateServicePrimaryTaskSet", "ecs:DeleteTaskSet"]
        Resource = [
          "arn:${local.partition}:ecs:${local.region}:${local.account_id}:service/${local.cluster_name}/${local.service_name}",
          "arn:${local.partition}:ecs:${local.region}:${local.account_id}:task-set/${local.cluster_name}/${local.service_name}/*",
        ]
      },
      {
        Sid      = "SeeTraffic"
        Effect   = "Allow"
        Action   = ["elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules", "cloudwatch:DescribeAlarms"]
        Resource = ["*"] # the actions know no resources
      },
      {
        Sid      = "MoveTraffic"
        Effect   = "Allow"
        Action   = ["elasticloadbalancing:ModifyListener"]
        Resource = concat([local.serving_listener_arn], aws_lb_listener.test[*].arn)
      },
      {
        Sid      = "MoveTrafficOfRules" # a caller's own rules may forward to the service too
        Effect   = "Allow"
        Action   = ["elasticloadbalancing:ModifyRule"]
        Resource = [for arn in concat([local.serving_listener_arn], aws_lb_listener.test[*].arn) : "${replace(arn, ":listener/", ":listener-rule/")}/*"]
      },
      {
        Sid       = "HandRolesToTasks"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [aws_iam_role.execution.arn, aws_iam_role.task.arn]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
    ]
  })
}

resource "aws_codedeploy_deployment_group" "this" {
  count = local.blue_green ? 1 : 0

  app_name               = aws_codedeploy_app.this[0].name
  deployment_group_name  = local.service_name
  deployment_config_name = var.blue_green_deployment_config
  service_role_arn       = aws_iam_role.codedeploy[0].arn
  tags                   = local.tags

  deployment_style {
    deployment_option = "WITH_TRAFFIC_CONTROL"
    deployment_type   = "BLUE_GREEN"
  }

  blue_green_deployment_config {
    deployment_ready_option {
      action_on_timeout = "CONTINUE_DEPLOYMENT"
    }

    terminate_blue_instances_on_deployment_success {
      action                           = "TERMINATE"
      termination_wait_time_in_minutes = var.blue_green_termination_wait
    }
  }

  ecs_service {
    cluster_name = aws_ecs_cluster.this.name
    service_name = local.service.name
  }

  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route {
        listener_arns = [local.serving_listener_arn]
      }

      dynamic "test_traffic_route" {
        for_each = aws_lb_listener.test

        content {
          listener_arns = [test_traffic_route.value.arn]
        }
      }

      target_group {
        name = aws_lb_target_group.this["blue"].name
      }

      target_group {
        name = aws_lb_target_group.this["green"].name
      }
    }
  }

  auto_rollback_configuration {
    enabled = true
    events  = length(local.deployment_alarm_names) > 0 ? ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"] : ["DEPLOYMENT_FAILURE"]
  }

  dynamic "alarm_configuration" {
    for_each = length(local.deployment_alarm_names) > 0 ? [1] : []

    content {
      enabled = true
      alarms  = local.deployment_alarm_names
    }
  }

  depends_on = [aws_iam_role_policy.codedeploy]
}
