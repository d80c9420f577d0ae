# The inputs of modules/ECS with the scheduler of ECS, in two sets: this one, and that of
# changed/override.tf. No task runs: what is made is compared, and not what it does.

provider "aws" {
  region = "us-west-2"

  default_tags {
    tags = { Everywhere = "yes" }
  }
}

data "aws_availability_zones" "available" {
  state = "available"
}

resource "aws_vpc" "this" {
  cidr_block = "10.22.0.0/16"
  tags       = { Name = "differ-service" }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "this" {
  count = 2

  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 8, count.index)
  availability_zone = data.aws_availability_zones.available.names[count.index]
  tags              = { Name = "differ-service-${count.index}" }
}

resource "aws_security_group" "this" {
  for_each = toset(["alb", "ecs"])

  name        = "differ-service-${each.key}"
  description = "Of ${each.key}"
  vpc_id      = aws_vpc.this.id
}

resource "aws_secretsmanager_secret" "db" {
  name                    = "differ-service-db"
  recovery_window_in_days = 0
}

resource "aws_ssm_parameter" "key" {
  name  = "/differ/service/key"
  type  = "SecureString"
  value = "known"
}

resource "aws_acm_certificate" "self" {
  for_each = toset(["first", "second"])

  certificate_body = file("${each.key}/certificate.pem")
  private_key      = file("${each.key}/private-key.pem")
}

resource "aws_kms_key" "this" {
  description             = "differ-service"
  deletion_window_in_days = 7
}

resource "aws_lb_target_group" "other" {
  name        = "differ-service-other"
  port        = 80
  protocol    = "HTTP"
  vpc_id      = aws_vpc.this.id
  target_type = "ip"
}

module "ecs" {
  source = "../../../../modules/ECS"

  project_name = "differ"
  environment  = "svc"

  vpc_id                    = aws_vpc.this.id
  public_subnet_ids         = aws_subnet.this[*].id
  private_app_subnet_ids    = aws_subnet.this[*].id
  alb_security_group_id     = aws_security_group.this["alb"].id
  ecs_security_group_id     = aws_security_group.this["ecs"].id
  db_credentials_secret_arn = aws_secretsmanager_secret.db.arn
  secrets_kms_key_arns      = [aws_kms_key.this.arn]
  kms_key_arn               = aws_kms_key.this.arn

  # The task
  app_name                            = "shop"
  container_image                     = "public.ecr.aws/docker/library/python:3.11-slim"
  image_tag_mutability                = "IMMUTABLE"
  image_scan_on_push                  = true
  image_keep_count                    = 5
  task_cpu                            = 512
  task_memory                         = 2048
  cpu_architecture                    = "X86_64"
  ephemeral_storage_gib               = 30
  environment_variables               = { ONE = "1", TWO = "a \"quoted\" text" }
  secrets                             = { KEY = aws_ssm_parameter.key.arn }
  task_role_policy_arns               = { read = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" }
  command                             = ["python", "-m", "http.server", "5000"]
  container_user                      = "1000:1000"
  writable_paths                      = ["/tmp", "/var/run"]
  container_health_check_interval     = 10
  container_health_check_start_period = 30
  stop_timeout                        = 20

  # The load balancer
  enable_https                = true
  enable_https_redirect       = true
  certificate_arn             = aws_acm_certificate.self["first"].arn
  additional_certificate_arns = { second = aws_acm_certificate.self["second"].arn }
  idle_timeout                = 60
  health_check_matcher        = "200"
  deregistration_delay        = 30
  slow_start                  = 30
  stickiness_duration         = 0
  enable_deletion_protection  = true
  enable_access_logs          = true
  access_logs_retention_days  = 30
  access_logs_force_destroy   = true
  path_rules = {
    other = { priority = 10, path_patterns = ["/other/*", "/others"], target_group_arn = aws_lb_target_group.other.arn }
  }

  # The service
  desired_count                      = 0
  enable_fargate_spot                = true
  platform_version                   = "1.4.0"
  container_insights                 = "enhanced"
  deployment_minimum_healthy_percent = 50
  deployment_maximum_percent         = 150
  enable_deployment_alarms           = true
  force_new_deployment               = false
  enable_autoscaling                 = true
  autoscaling_min_capacity           = 0
  autoscaling_max_capacity           = 4
  autoscaling_requests_target        = 100
  autoscaling_schedules = {
    night = { schedule = "cron(0 20 ? * MON-FRI *)", min_capacity = 0, max_capacity = 1 }
    day   = { schedule = "cron(0 6 ? * MON-FRI *)", min_capacity = 0, max_capacity = 4 }
  }
  autoscaling_timezone = "Europe/Berlin"

  # Monitoring
  log_retention_days = 7
  alarm_emails       = ["nobody@example.com"]

  alarm_topic_kms_key_id = aws_kms_key.this.key_id

  common_tags = { Owner = "differ", Left = "out later" }
}

output "service" {
  value = module.ecs
}
