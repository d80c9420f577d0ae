# The PostgreSQL instance: private, encrypted, reachable by the tasks' security
# group only. Its password comes from Secrets Manager's generator (see
# credentials.tf) and is set once, when the instance is made.

data "aws_partition" "current" {}

locals {
  name       = "${var.project_name}-${var.environment}"
  identifier = "${local.name}-db"
  family     = "postgres${regex("^[0-9]+", var.engine_version)}"
  tags       = merge({ Project = var.project_name, Environment = var.environment }, var.common_tags)
}

resource "aws_db_subnet_group" "this" {
  name        = local.identifier
  description = "Private DB subnets of ${local.name}"
  subnet_ids  = var.private_db_subnet_ids
  tags        = local.tags
}

resource "aws_db_parameter_group" "this" {
  count = length(var.parameters) > 0 ? 1 : 0

  name_prefix = "${local.identifier}-"
  family      = local.family
  description = "Settings of ${local.identifier}"
  tags        = local.tags

  dynamic "parameter" {
    for_each = var.parameters

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = "pending-reboot"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

# RDS would make these groups itself, to be kept for ever.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:Encrypted with AWS's own keys unless kms_key_arn names another.
  #checkov:skip=CKV_AWS_338:How long to keep them is the caller's choice (log_retention_days).
  for_each = var.log_exports

  name              = "/aws/rds/instance/${local.identifier}/${each.value}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_iam_role" "monitoring" {
  count = var.monitoring_interval > 0 ? 1 : 0

  name = "${local.name}-db-monitor"
  tags = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  count = var.monitoring_interval > 0 ? 1 : 0

  role       = aws_iam_role.monitoring[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_157:A standby doubles the price; multi_az switches it on.
  #checkov:skip=CKV_AWS_118:Enhanced Monitoring is billed as logs; monitoring_interval switches it on.
  #checkov:skip=CKV_AWS_353:Not every instance class has Performance Insights; enable_performance_insights switches it on.
  #checkov:skip=CKV_AWS_354:Performance Insights takes the key in kms_key_arn where it is switched on.
  #checkov:skip=CKV2_AWS_69:From PostgreSQL 15 on, AWS's default parameter group requires TLS (rds.force_ssl = 1).
  #checkov:skip=CKV2_AWS_30:Logging every query shows users' data to whoever reads logs; the input parameters can ask for it (log_statement).
  identifier     = local.identifier
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class

  db_name  = var.db_name
  username = var.db_username
  password = data.aws_secretsmanager_random_password.this.random_password
  port     = var.db_port

  storage_type          = "gp3"
  allocated_storage     = var.allocated_storage
  max_allocated_storage = var.max_allocated_storage
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.db_security_group_id]
  publicly_accessible    = false
  multi_az               = var.multi_az

  parameter_group_name                = one(aws_db_parameter_group.this[*].name)
  iam_database_authentication_enabled = var.enable_iam_authentication
  auto_minor_version_upgrade          = true
  apply_immediately                   = var.apply_immediately

  backup_retention_period = var.backup_retention_days
  backup_window           = var.backup_window
  maintenance_window      = var.maintenance_window
  copy_tags_to_snapshot   = true

  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = var.skip_final_snapshot
  final_snapshot_identifier = var.skip_final_snapshot ? null : "${local.identifier}-final"

  enabled_cloudwatch_logs_exports = var.log_exports
  performance_insights_enabled    = var.enable_performance_insights
  performance_insights_kms_key_id = var.enable_performance_insights ? var.kms_key_arn : null
  monitoring_interval             = var.monitoring_interval
  monitoring_role_arn             = one(aws_iam_role.monitoring[*].arn)

  tags = merge(local.tags, { Name = local.identifier })

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.monitoring]

  lifecycle {
    # The generator gives another password at every plan: the first one stays.
    ignore_changes = [password]

    precondition {
      condition     = var.max_allocated_storage == 0 || var.max_allocated_storage > var.allocated_storage
      error_message = "The max_allocated_storage (${var.max_allocated_storage}) must be greater than allocated_storage (${var.allocated_storage}), or 0 to never grow."
    }
  }
}
