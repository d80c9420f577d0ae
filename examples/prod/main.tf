# The production stack: two to ten tasks behind HTTPS, a database with a standby,
# alarms and a dashboard.
#
# Nothing here knows where it runs: AWS, or whatever AWS_ENDPOINT_URL points to.

terraform {
  required_version = ">= 1.2"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 4.49"
    }
  }
}

provider "aws" {
  region = var.region
}

module "networking" {
  source = "../../modules/networking"

  project_name = "realworld"
  environment  = "prod"

  vpc_cidr          = var.vpc_cidr
  nat_gateway_mode  = var.nat_gateway_mode
  enable_flow_logs  = var.enable_audit_logs
  enable_cloudtrail = var.enable_audit_logs

  common_tags = {
    Project     = "realworld"
    Environment = "prod"
  }
}

module "database" {
  source = "../../modules/database"

  project_name = "realworld"
  environment  = "prod"

  private_db_subnet_ids = module.networking.private_db_subnet_ids
  db_security_group_id  = module.networking.db_security_group_id

  db_name     = "realworld"
  db_username = "realworld"

  instance_class        = "db.t4g.small"
  multi_az              = true
  backup_retention_days = 14
  log_retention_days    = 30

  deletion_protection         = var.protect_data
  skip_final_snapshot         = !var.protect_data
  secret_recovery_window_days = var.protect_data ? 30 : 0

  common_tags = {
    Project     = "realworld"
    Environment = "prod"
  }
}

locals {
  certificate_file = "${path.root}/certificate.pem"
  private_key_file = "${path.root}/private-key.pem"
  imported         = var.domain_name == null
}

module "acm" {
  source = "../../modules/acm"

  project_name = "realworld"
  environment  = "prod"

  domain_name     = var.domain_name
  route53_zone_id = var.route53_zone_id

  # Without the files the output certificate_file says how to make them.
  certificate_body = local.imported && fileexists(local.certificate_file) ? file(local.certificate_file) : null
  private_key      = local.imported && fileexists(local.private_key_file) ? file(local.private_key_file) : null

  common_tags = {
    Project     = "realworld"
    Environment = "prod"
  }
}

module "ecs" {
  source = "../../modules/ECS"

  project_name = "realworld"
  environment  = "prod"

  # Network Configuration
  vpc_id                 = module.networking.vpc_id
  public_subnet_ids      = module.networking.public_subnet_ids
  private_app_subnet_ids = module.networking.private_app_subnet_ids
  alb_security_group_id  = module.networking.alb_security_group_id
  ecs_security_group_id  = module.networking.ecs_security_group_id

  # Database Configuration
  db_credentials_secret_arn = module.database.db_credentials_secret_arn

  # Production settings
  task_cpu            = 512  # 0.5 vCPU
  task_memory         = 1024 # 1 GB
  desired_count       = 2
  enable_fargate_spot = false

  # Auto-scaling
  enable_autoscaling        = true
  autoscaling_min_capacity  = 2
  autoscaling_max_capacity  = 10
  autoscaling_cpu_target    = 70
  autoscaling_memory_target = 80

  # HTTPS
  enable_https          = true
  enable_https_redirect = true
  certificate_arn       = module.acm.certificate_arn

  # Monitoring
  enable_cloudwatch_alarms    = true
  enable_cloudwatch_dashboard = true
  log_retention_days          = 30

  common_tags = {
    Project     = "realworld"
    Environment = "prod"
  }
}
