# What you type next needs these.

output "alb_url" {
  description = "URL of the application."
  value       = module.ecs.alb_url
}

output "alb_dns_name" {
  description = "DNS name of the load balancer."
  value       = module.ecs.alb_dns_name
}

output "cluster_name" {
  description = "Name of the cluster."
  value       = module.ecs.cluster_name
}

output "service_name" {
  description = "Name of the service."
  value       = module.ecs.service_name
}

output "task_definition_family" {
  description = "Family of the task definition."
  value       = module.ecs.task_definition_family
}

output "ecr_repository_url" {
  description = "URL to push images to."
  value       = module.ecs.ecr_repository_url
}

output "log_group_name" {
  description = "Name of the application's log group."
  value       = module.ecs.log_group_name
}

output "db_credentials_secret_arn" {
  description = "ARN of the secret with the database's credentials."
  value       = module.database.db_credentials_secret_arn
}
