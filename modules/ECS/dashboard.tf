# One page on which to see whether the service is well: the service, the load
# balancer, the target group, and what the autoscaler does.

locals {
  ecs_metric     = [local.service_dimensions.ClusterName, "ServiceName", local.service_name]
  alb_dimensions = ["LoadBalancer", aws_lb.this.arn_suffix]
  tg_dimensions  = [for k in sort(keys(local.traffic_dimensions)) : [k, local.traffic_dimensions[k]]]

  # Each widget: title, metrics, statistic. Two in a row, in this order.
  dashboard_widgets = [
    {
      title = "Service: CPU and memory (%)"
      stat  = "Average"
      metrics = [
        concat(["AWS/ECS", "CPUUtilization", "ClusterName"], local.ecs_metric),
        concat(["AWS/ECS", "MemoryUtilization", "ClusterName"], local.ecs_metric),
      ]
    },
    {
      title = "Service: tasks"
      stat  = "Average"
      metrics = [
        concat(["ECS/ContainerInsights", "RunningTaskCount", "ClusterName"], local.ecs_metric),
        concat(["ECS/ContainerInsights", "PendingTaskCount", "ClusterName"], local.ecs_metric),
        concat(["ECS/ContainerInsights", "DeploymentCount", "ClusterName"], local.ecs_metric),
      ]
    },
    {
      title = "Load balancer: requests"
      stat  = "Sum"
      metrics = [
        concat(["AWS/ApplicationELB", "RequestCount"], local.alb_dimensions),
        concat(["AWS/ApplicationELB", "HTTPCode_ELB_4XX_Count"], local.alb_dimensions),
        concat(["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count"], local.alb_dimensions),
        concat(["AWS/ApplicationELB", "ActiveConnectionCount"], local.alb_dimensions),
      ]
    },
    {
      title = "Target group: answers"
      stat  = "Sum"
      metrics = [
        for code in ["2XX", "3XX", "4XX", "5XX"] :
        concat(["AWS/ApplicationELB", "HTTPCode_Target_${code}_Count"], flatten(local.tg_dimensions))
      ]
    },
    {
      title   = "Target group: response time (s)"
      stat    = "p95"
      metrics = [concat(["AWS/ApplicationELB", "TargetResponseTime"], flatten(local.tg_dimensions))]
    },
    {
      title = "Target group: healthy and unhealthy tasks"
      stat  = "Average"
      metrics = [
        concat(["AWS/ApplicationELB", "HealthyHostCount", "TargetGroup", local.target_group.arn_suffix], local.alb_dimensions),
        concat(["AWS/ApplicationELB", "UnHealthyHostCount", "TargetGroup", local.target_group.arn_suffix], local.alb_dimensions),
      ]
    },
    {
      title = "Scaling activity: desired and running tasks"
      stat  = "Maximum"
      metrics = [
        concat(["ECS/ContainerInsights", "DesiredTaskCount", "ClusterName"], local.ecs_metric),
        concat(["ECS/ContainerInsights", "RunningTaskCount", "ClusterName"], local.ecs_metric),
      ]
    },
    {
      title   = "Scaling activity: requests per task"
      stat    = "Sum"
      metrics = [concat(["AWS/ApplicationELB", "RequestCountPerTarget", "TargetGroup", local.target_group.arn_suffix], local.alb_dimensions)]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.enable_cloudwatch_dashboard ? 1 : 0

  dashboard_name = "${local.name}-dashboard"

  dashboard_body = jsonencode({
    widgets = [
      for i, widget in local.dashboard_widgets : {
        type   = "metric"
        x      = (i % 2) * 12
        y      = floor(i / 2) * 6
        width  = 12
        height = 6
        properties = {
          title   = widget.title
          region  = local.region
          view    = "timeSeries"
          stacked = false
          period  = 60
          stat    = widget.stat
          metrics = widget.metrics
        }
      }
    ]
  })
}
