# The five alarms, and the topic that they speak to.

locals {
  alarm_names = {
    cpu           = "${local.name}-cpu-high"
    memory        = "${local.name}-memory-high"
    response_time = "${local.name}-response-time-high"
    errors_5xx    = "${local.name}-5xx-high"
    running_tasks = "${local.name}-running-tasks-low"
  }

  service_dimensions = {
    ClusterName = aws_ecs_cluster.this.name
    ServiceName = local.service_name
  }

  # CodeDeploy swaps target groups, so that only the whole load balancer can be watched.
  traffic_dimensions = merge(
    { LoadBalancer = aws_lb.this.arn_suffix },
    local.blue_green ? {} : { TargetGroup = local.target_group.arn_suffix },
  )

  wanted_tasks = var.enable_autoscaling ? var.autoscaling_min_capacity : var.desired_count

  alarms = {
    cpu = {
      description = "Tasks use more than ${var.alarm_cpu_threshold}% of their CPU."
      namespace   = "AWS/ECS"
      metric      = "CPUUtilization"
      dimensions  = local.service_dimensions
      statistic   = "Average"
      comparison  = "GreaterThanThreshold"
      threshold   = var.alarm_cpu_threshold
      periods     = var.alarm_evaluation_periods
      missing     = "missing"
    }
    memory = {
      description = "Tasks use more than ${var.alarm_memory_threshold}% of their memory."
      namespace   = "AWS/ECS"
      metric      = "MemoryUtilization"
      dimensions  = local.service_dimensions
      statistic   = "Average"
      comparison  = "GreaterThanThreshold"
      threshold   = var.alarm_memory_threshold
      periods     = var.alarm_evaluation_periods
      missing     = "missing"
    }
    response_time = {
      description = "Requests take longer than ${var.alarm_response_time_threshold} s on average."
      namespace   = "AWS/ApplicationELB"
      metric      = "TargetResponseTime"
      dimensions  = local.traffic_dimensions
      statistic   = "Average"
      comparison  = "GreaterThanThreshold"
      threshold   = var.alarm_response_time_threshold
      periods     = var.alarm_evaluation_periods
      missing     = "notBreaching" # no requests, no metric
    }
    errors_5xx = {
      description = "The application answered more than ${var.alarm_5xx_threshold} requests in a minute with 5XX."
      namespace   = "AWS/ApplicationELB"
      metric      = "HTTPCode_Target_5XX_Count"
      dimensions  = local.traffic_dimensions
      statistic   = "Sum"
      comparison  = "GreaterThanThreshold"
      threshold   = var.alarm_5xx_threshold
      periods     = 1
      missing     = "notBreaching" # no errors, no metric
    }
    running_tasks = {
      description = "Fewer than ${local.wanted_tasks} tasks are running."
      namespace   = "ECS/ContainerInsights"
      metric      = "RunningTaskCount"
      dimensions  = local.service_dimensions
      statistic   = "Minimum"
      comparison  = "LessThanThreshold"
      threshold   = local.wanted_tasks
      periods     = var.alarm_evaluation_periods
      missing     = "breaching" # a service that nobody counts has no tasks
    }
  }
}

resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26:AWS's own key for SNS would keep CloudWatch out; alarm_topic_kms_key_id takes a key whose policy lets it in.
  count = var.enable_cloudwatch_alarms ? 1 : 0

  name              = "${local.name}-alarms"
  kms_master_key_id = var.alarm_topic_kms_key_id
  tags              = local.tags
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.enable_cloudwatch_alarms ? toset(var.alarm_emails) : toset([])

  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.enable_cloudwatch_alarms ? local.alarms : {}

  alarm_name          = local.alarm_names[each.key]
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = each.value.periods
  treat_missing_data  = each.value.missing
  alarm_actions       = concat([aws_sns_topic.alarms[0].arn], var.alarm_actions)
  ok_actions          = concat([aws_sns_topic.alarms[0].arn], var.alarm_actions)
  tags                = local.tags

  lifecycle {
    precondition {
      condition     = var.container_insights != "disabled"
      error_message = "The enable_cloudwatch_alarms needs container_insights: the number of running tasks is one of its metrics."
    }
  }
}
