# What other modules need to use this database.

output "db_credentials_secret_arn" {
  description = "ARN of the secret with username, password, host, port and dbname."
  value       = aws_secretsmanager_secret.this.arn

  # Who is given the secret may expect it to have a value, and the database to be
  # there: a service whose first tasks fail is given up by its circuit breaker.
  depends_on = [aws_secretsmanager_secret_version.this]
}

output "db_credentials_secret_name" {
  description = "Name of that secret."
  value       = aws_secretsmanager_secret.this.name
}

output "db_instance_id" {
  description = "Identifier of the instance, as `aws rds` commands take it."
  value       = aws_db_instance.this.identifier
}

output "db_instance_arn" {
  description = "ARN of the instance."
  value       = aws_db_instance.this.arn
}

output "db_address" {
  description = "Host name of the database."
  value       = aws_db_instance.this.address
}

output "db_port" {
  description = "Port of the database."
  value       = aws_db_instance.this.port
}

output "db_endpoint" {
  description = "Host name and port of the database, with a colon between."
  value       = aws_db_instance.this.endpoint
}

output "db_name" {
  description = "Name of the database in the instance."
  value       = aws_db_instance.this.db_name
}

output "db_subnet_group_name" {
  description = "Name of the subnet group."
  value       = aws_db_subnet_group.this.name
}

output "db_log_group_names" {
  description = "Names of the log groups to which RDS writes, by log."
  value       = { for log, group in aws_cloudwatch_log_group.this : log => group.name }
}
