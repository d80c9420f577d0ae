# The development stack: as cheap as it gets and still the real architecture. Spot
# tasks, no NAT gateway, endpoints in one zone, a database that goes with the stack.
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
  environment  = "dev"

  vpc_cidr                        = var.vpc_cidr
  nat_gateway_mode                = var.nat_gateway_mode
  interface_endpoints_in_every_az = false
  alb_ingress_ports               = [80] # nothing listens on 443

  common_tags = {
    Project     = "realworld"
    Environment = "dev"
  }
}

module "database" {
  source = "../../modules/database"

  project_name = "realworld"
  environment  = "dev"

  private_db_subnet_ids = module.networking.private_db_subnet_ids
  db_security_group_id  = module.networking.db_security_group_id

  db_name     = "realworld"
  db_username = "realworld"

  # A development database is made to be thrown away.
  backup_retention_days       = 1
  log_retention_days          = 3
  apply_immediately           = true
  deletion_protection         = false
  skip_final_snapshot         = true
  secret_recovery_window_days = 0

  common_tags = {
    Project     = "realworld"
    Environment = "dev"
  }
}

module "ecs" {
  source = "../../modules/ECS"

  project_name = "realworld"
  environment  = "dev"

  # Network Configuration
  vpc_id                 = module.networking.vpc_id
  public_subnet_ids      = module.networking.public_subnet_ids
  private_app_subnet_ids = module.networking.private_app_subnet_ids
  alb_security_group_id  = module.networking.alb_security_group_id
  ecs_security_group_id  = module.networking.ecs_security_group_id

  # Database Configuration
  db_credentials_secret_arn = module.database.db_credentials_secret_arn

  # Cost-optimized settings for development
  task_cpu            = 256   # 0.25 vCPU
  task_memory         = 512   # 512 MB
  desired_count       = 1     # Single instance
  enable_fargate_spot = true  # Cost savings
  enable_autoscaling  = false # Disable auto-scaling

  # Monitoring
  enable_cloudwatch_alarms    = false # Disable alarms
  enable_cloudwatch_dashboard = false # Disable dashboard
  log_retention_days          = 3     # Short retention

  common_tags = {
    Project     = "realworld"
    Environment = "dev"
  }
}
