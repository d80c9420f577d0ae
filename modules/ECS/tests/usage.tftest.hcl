# The stack with the usage of development and of production: names, and what is switched on.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { id = "us-west-2", name = "us-west-2" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_elb_service_account" {
    defaults = { arn = "arn:aws:iam::797873946194:root" }
  }
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/realworld-dev-alb/1", arn_suffix = "app/realworld-dev-alb/1", dns_name = "realworld-dev-alb-1.us-west-2.elb.amazonaws.com" }
  }
  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-west-2:123456789012:listener/app/realworld-dev-alb/1/2" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/realworld-dev-tg/1", arn_suffix = "targetgroup/realworld-dev-tg/1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_ecs_cluster" {
    defaults = { id = "arn:aws:ecs:us-west-2:123456789012:cluster/realworld-dev-cluster" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:us-west-2:123456789012:task-definition/realworld-dev-task:1" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-west-2:123456789012:realworld-dev-alarms" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-west-2:123456789012:log-group:/ecs/realworld-dev" }
  }
  mock_resource "aws_ecr_repository" {
    defaults = { arn = "arn:aws:ecr:us-west-2:123456789012:repository/realworld-dev-flask-api", repository_url = "123456789012.dkr.ecr.us-west-2.amazonaws.com/realworld-dev-flask-api" }
  }
}

variables {
  project_name              = "realworld"
  environment               = "dev"
  vpc_id                    = "vpc-1"
  public_subnet_ids         = ["subnet-1", "subnet-2"]
  private_app_subnet_ids    = ["subnet-3", "subnet-4"]
  alb_security_group_id     = "sg-1"
  ecs_security_group_id     = "sg-2"
  db_credentials_secret_arn = "arn:aws:secretsmanager:us-west-2:123456789012:secret:realworld-dev-db-credentials-AbCdEf"
}

run "development" {
  command = apply

  variables {
    task_cpu                    = 256
    task_memory                 = 512
    desired_count               = 1
    enable_fargate_spot         = true
    enable_autoscaling          = false
    enable_cloudwatch_alarms    = false
    enable_cloudwatch_dashboard = false
    log_retention_days          = 3
  }

  assert {
    condition     = output.cluster_name == "realworld-dev-cluster" && output.service_name == "realworld-dev-service" && output.log_group_name == "/ecs/realworld-dev" && output.ecr_repository_name == "realworld-dev-flask-api"
    error_message = "The names are those of the specification."
  }

  assert {
    condition     = one(aws_ecs_service.rolling_fixed[0].capacity_provider_strategy).capacity_provider == "FARGATE_SPOT"
    error_message = "A single task must really run on Spot."
  }

  assert {
    condition     = aws_ecs_service.rolling_fixed[0].desired_count == 1 && length(aws_appautoscaling_target.this) == 0
    error_message = "Without autoscaling the desired count is the caller's."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 0 && length(aws_sns_topic.alarms) == 0 && length(aws_cloudwatch_dashboard.this) == 0
    error_message = "Neither alarms nor a dashboard were asked for."
  }

  assert {
    condition     = output.alb_url == "http://realworld-dev-alb-1.us-west-2.elb.amazonaws.com" && output.https_listener_arn == null
    error_message = "Without HTTPS the application is at a plain URL."
  }

  assert {
    condition     = output.container_image == "123456789012.dkr.ecr.us-west-2.amazonaws.com/realworld-dev-flask-api:latest"
    error_message = "The image is the repository's latest."
  }
}

run "desired_count_changes" {
  command = plan

  variables {
    desired_count            = 3
    enable_autoscaling       = false
    enable_cloudwatch_alarms = false
  }

  assert {
    condition     = aws_ecs_service.rolling_fixed[0].desired_count == 3
    error_message = "Without autoscaling a new desired count must act."
  }
}

run "production" {
  command = apply

  variables {
    environment               = "prod"
    task_cpu                  = 512
    task_memory               = 1024
    desired_count             = 2
    enable_fargate_spot       = false
    enable_autoscaling        = true
    autoscaling_min_capacity  = 2
    autoscaling_max_capacity  = 10
    autoscaling_cpu_target    = 70
    autoscaling_memory_target = 80
    enable_https              = true
    enable_https_redirect     = true
    certificate_arn           = "arn:aws:acm:us-west-2:123456789012:certificate/1"
    log_retention_days        = 30
  }

  assert {
    condition     = output.cluster_name == "realworld-prod-cluster" && output.service_name == "realworld-prod-service" && output.log_group_name == "/ecs/realworld-prod" && output.ecr_repository_name == "realworld-prod-flask-api"
    error_message = "The names are those of the specification."
  }

  assert {
    condition     = one(aws_ecs_service.rolling_autoscaled[0].capacity_provider_strategy).capacity_provider == "FARGATE"
    error_message = "Production runs on demand."
  }

  assert {
    condition     = aws_appautoscaling_target.this[0].min_capacity == 2 && aws_appautoscaling_target.this[0].max_capacity == 10 && aws_appautoscaling_target.this[0].resource_id == "service/realworld-prod-cluster/realworld-prod-service" && toset(keys(output.autoscaling_policy_arns)) == toset(["cpu", "memory"])
    error_message = "The service scales from 2 to 10 on CPU and memory."
  }

  assert {
    condition     = aws_lb_listener.https[0].ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06" && aws_lb_listener.http_redirect[0].default_action[0].redirect[0].status_code == "HTTP_301" && length(aws_lb_listener.http) == 0
    error_message = "Port 443 speaks TLS 1.3, and port 80 redirects to it."
  }

  assert {
    condition     = startswith(output.alb_url, "https://")
    error_message = "With HTTPS the URL is one."
  }

  assert {
    condition     = toset(keys(output.alarm_arns)) == toset(["cpu", "memory", "response_time", "errors_5xx", "running_tasks"])
    error_message = "There are five alarms."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["cpu"].threshold == 80 && aws_cloudwatch_metric_alarm.this["memory"].threshold == 80 && aws_cloudwatch_metric_alarm.this["response_time"].threshold == 2 && aws_cloudwatch_metric_alarm.this["errors_5xx"].threshold == 10
    error_message = "The alarms fire above 80%, 80%, 2 s and 10 errors."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["errors_5xx"].treat_missing_data == "notBreaching" && aws_cloudwatch_metric_alarm.this["running_tasks"].namespace == "ECS/ContainerInsights" && aws_cloudwatch_metric_alarm.this["running_tasks"].threshold == 2
    error_message = "No errors is no alarm; the number of running tasks is a metric of Container Insights, and must not be below the minimum."
  }

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets) == 8 && alltrue([for w in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets : w.properties.region == "us-west-2" && length(w.properties.metrics) > 0])
    error_message = "The dashboard shows the service, the load balancer, the target group and the scaling."
  }
}

run "autoscaler_keeps_its_count" {
  command = plan

  variables {
    environment     = "prod"
    desired_count   = 5
    task_cpu        = 512
    task_memory     = 1024
    enable_https    = true
    certificate_arn = "arn:aws:acm:us-west-2:123456789012:certificate/1"
  }

  assert {
    condition     = aws_ecs_service.rolling_autoscaled[0].desired_count == 2
    error_message = "With autoscaling a new desired count must not fight the autoscaler."
  }
}
