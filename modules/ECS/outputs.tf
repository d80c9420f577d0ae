# Everything that a caller needs to wire on.

output "alb_url" {
  description = "URL of the application."
  value       = "${var.enable_https ? "https" : "http"}://${aws_lb.this.dns_name}"
}

output "alb_dns_name" {
  description = "DNS name of the load balancer, for an alias record."
  value       = aws_lb.this.dns_name
}

output "alb_zone_id" {
  description = "Hosted zone of the load balancer's DNS name, for an alias record."
  value       = aws_lb.this.zone_id
}

output "alb_arn" {
  description = "ARN of the load balancer."
  value       = aws_lb.this.arn
}

output "alb_arn_suffix" {
  description = "The load balancer as CloudWatch metrics name it."
  value       = aws_lb.this.arn_suffix
}

output "target_group_arn" {
  description = "ARN of the service's target group; under blue/green of the first of the two."
  value       = local.target_group.arn
}

output "target_group_arns" {
  description = "ARNs of all target groups, by colour: blue only, or blue and green."
  value       = { for colour, group in aws_lb_target_group.this : colour => group.arn }
}

output "target_group_arn_suffix" {
  description = "The target group as CloudWatch metrics name it."
  value       = local.target_group.arn_suffix
}

output "http_listener_arn" {
  description = "ARN of the listener on port 80."
  value       = local.http_listener_arn
}

output "https_listener_arn" {
  description = "ARN of the listener on port 443, or null without HTTPS."
  value       = local.https_listener_arn
}

output "access_logs_bucket_name" {
  description = "Name of the bucket of the access logs, or null without."
  value       = var.enable_access_logs ? local.access_logs_bucket : null
}

output "cluster_id" {
  description = "ID (the ARN) of the cluster."
  value       = aws_ecs_cluster.this.id
}

output "cluster_arn" {
  description = "ARN of the cluster."
  value       = aws_ecs_cluster.this.arn
}

output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.this.name
}

output "service_id" {
  description = "ID (the ARN) of the service."
  value       = local.service.id
}

output "service_name" {
  description = "Name of the service."
  value       = local.service.name
}

output "task_definition_arn" {
  description = "ARN of the task definition, with its revision."
  value       = aws_ecs_task_definition.this.arn
}

output "task_definition_family" {
  description = "Family of the task definition."
  value       = aws_ecs_task_definition.this.family
}

output "task_definition_revision" {
  description = "Revision of the task definition."
  value       = aws_ecs_task_definition.this.revision
}

output "container_name" {
  description = "Name of the application's container in the task."
  value       = var.app_name
}

output "container_image" {
  description = "Image that the task runs."
  value       = local.image
}

output "ecr_repository_name" {
  description = "Name of the image repository."
  value       = aws_ecr_repository.this.name
}

output "ecr_repository_arn" {
  description = "ARN of the image repository."
  value       = aws_ecr_repository.this.arn
}

output "ecr_repository_url" {
  description = "URL to push images to."
  value       = aws_ecr_repository.this.repository_url
}

output "execution_role_arn" {
  description = "ARN of the role with which ECS starts tasks."
  value       = aws_iam_role.execution.arn
}

output "execution_role_name" {
  description = "Name of that role."
  value       = aws_iam_role.execution.name
}

output "task_role_arn" {
  description = "ARN of the application's role."
  value       = aws_iam_role.task.arn
}

output "task_role_name" {
  description = "Name of the application's role, to attach policies to."
  value       = aws_iam_role.task.name
}

output "log_group_name" {
  description = "Name of the application's log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "log_group_arn" {
  description = "ARN of the application's log group."
  value       = aws_cloudwatch_log_group.this.arn
}

output "autoscaling_resource_id" {
  description = "The service as Application Auto Scaling names it, or null without autoscaling."
  value       = one(aws_appautoscaling_target.this[*].resource_id)
}

output "autoscaling_policy_arns" {
  description = "ARNs of the scaling policies, by what they track."
  value = merge(
    { for policy in aws_appautoscaling_policy.cpu : "cpu" => policy.arn },
    { for policy in aws_appautoscaling_policy.memory : "memory" => policy.arn },
    { for policy in aws_appautoscaling_policy.requests : "requests" => policy.arn },
  )
}

output "alarm_arns" {
  description = "ARNs of the alarms, by what they watch."
  value       = { for subject, alarm in aws_cloudwatch_metric_alarm.this : subject => alarm.arn }
}

output "alarm_names" {
  description = "Names of the alarms, by what they watch."
  value       = { for subject, alarm in aws_cloudwatch_metric_alarm.this : subject => alarm.alarm_name }
}

output "alarm_topic_arn" {
  description = "ARN of the SNS topic of the alarms, or null without alarms."
  value       = one(aws_sns_topic.alarms[*].arn)
}

output "dashboard_name" {
  description = "Name of the dashboard, or null without."
  value       = one(aws_cloudwatch_dashboard.this[*].dashboard_name)
}

output "codedeploy_app_name" {
  description = "Name of the CodeDeploy application, or null without blue/green."
  value       = one(aws_codedeploy_app.this[*].name)
}

output "codedeploy_deployment_group_name" {
  description = "Name of the CodeDeploy deployment group, or null without blue/green."
  value       = one(aws_codedeploy_deployment_group.this[*].deployment_group_name)
}
