# The service of modules/ECS with CodeDeploy as its deployer, without a database, and
# quick: the original tasks stay for a minute.

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
  region = "us-west-2"
}

module "networking" {
  source = "../../../modules/networking"

  project_name                    = "shift"
  environment                     = "dev"
  vpc_cidr                        = "10.77.0.0/16"
  nat_gateway_mode                = "none"
  interface_endpoints_in_every_az = false
  alb_ingress_ports               = [80, 8080]
}

resource "aws_secretsmanager_secret" "db" {
  name                    = "shift-dev-db"
  recovery_window_in_days = 0
}

module "ecs" {
  source = "../../../modules/ECS"

  project_name = "shift"
  environment  = "dev"
  app_name     = "web"

  vpc_id                    = module.networking.vpc_id
  public_subnet_ids         = module.networking.public_subnet_ids
  private_app_subnet_ids    = module.networking.private_app_subnet_ids
  alb_security_group_id     = module.networking.alb_security_group_id
  ecs_security_group_id     = module.networking.ecs_security_group_id
  db_credentials_secret_arn = aws_secretsmanager_secret.db.arn

  deployment_controller       = "CODE_DEPLOY"
  blue_green_termination_wait = 1
  blue_green_test_port        = 8080

  enable_autoscaling       = false
  enable_cloudwatch_alarms = true
  enable_deployment_alarms = true

  desired_count                   = 2
  health_check_interval           = 5
  health_check_timeout            = 2
  deregistration_delay            = 5
  container_health_check_command  = ["CMD-SHELL", "true"]
  container_health_check_interval = 5

  command               = ["sh", "-c", "mkdir /tmp/www && echo $VERSION | tee /tmp/www/index.html > /tmp/www/health; exec httpd -f -p 5000 -h /tmp/www"]
  environment_variables = { VERSION = "v1" }
}

output "cluster_name" {
  value = module.ecs.cluster_name
}

output "service_name" {
  value = module.ecs.service_name
}

output "ecr_repository_url" {
  value = module.ecs.ecr_repository_url
}

output "task_definition_family" {
  value = module.ecs.task_definition_family
}
