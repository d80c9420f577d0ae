# modules/ECS with CodeDeploy, without autoscaling; no task runs.

provider "aws" {
  region = "us-west-2"
}

module "networking" {
  source = "../../../../modules/networking"

  project_name        = "differ"
  environment         = "bg"
  vpc_cidr            = "10.25.0.0/16"
  interface_endpoints = []
}

resource "aws_secretsmanager_secret" "db" {
  name                    = "differ-bg-db"
  recovery_window_in_days = 0
}

module "ecs" {
  source = "../../../../modules/ECS"

  project_name = "differ"
  environment  = "bg"

  vpc_id                    = module.networking.vpc_id
  public_subnet_ids         = module.networking.public_subnet_ids
  private_app_subnet_ids    = module.networking.private_app_subnet_ids
  alb_security_group_id     = module.networking.alb_security_group_id
  ecs_security_group_id     = module.networking.ecs_security_group_id
  db_credentials_secret_arn = aws_secretsmanager_secret.db.arn

  deployment_controller        = "CODE_DEPLOY"
  blue_green_deployment_config = "CodeDeployDefault.ECSAllAtOnce"
  blue_green_termination_wait  = 5
  blue_green_test_port         = 8443
  keep_task_definitions        = true
  container_image              = "public.ecr.aws/docker/library/python:3.11-slim"

  desired_count      = 0
  enable_autoscaling = false
  internal           = true
  enable_waf         = true
  waf_web_acl_arn    = var.web_acl_arn
  container_insights = "enabled"
  access_logs_bucket = null
  enable_access_logs = false

  enable_cloudwatch_alarms = false

  common_tags = { Owner = "differ" }
}

variable "web_acl_arn" {
  type = string
}
