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

output "alarm_topic_arn" {
  description = "ARN of the SNS topic of the alarms."
  value       = module.ecs.alarm_topic_arn
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = module.ecs.dashboard_name
}

output "certificate_validation_records" {
  description = "DNS records to set by hand for a domain_name outside of Route 53."
  value       = module.acm.validation_records
}

output "certificate_file" {
  description = "The imported certificate, for `curl --cacert`, or null for one from ACM."
  value       = local.imported ? local.certificate_file : null

  precondition {
    condition     = !local.imported || (fileexists(local.certificate_file) && fileexists(local.private_key_file))
    error_message = "There is no certificate. Give a domain_name that ACM can certify, or make ${local.certificate_file} and ${local.private_key_file}: scripts/self-signed-certificate examples/prod, or: openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=localhost -out ${local.certificate_file} -keyout ${local.private_key_file}"
  }
}
