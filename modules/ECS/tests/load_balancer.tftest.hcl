# The load balancer: its listeners, rules and logs, and what is refused of names and wiring.

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

run "path_rules_stand_where_it_serves" {
  command = plan

  variables {
    enable_https    = true
    certificate_arn = "arn:aws:acm:us-west-2:123456789012:certificate/1"
    path_rules = {
      admin = { priority = 10, path_patterns = ["/admin/*"], target_group_arn = "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/admin/1" }
    }
  }

  assert {
    condition     = keys(aws_lb_listener_rule.path) == ["https-admin"] && aws_lb_listener_rule.path["https-admin"].priority == 10
    error_message = "A rule must stand on the listener that serves, and not on the one that redirects."
  }
}

run "both_listeners_serve" {
  command = plan

  variables {
    enable_https          = true
    enable_https_redirect = false
    certificate_arn       = "arn:aws:acm:us-west-2:123456789012:certificate/1"
    path_rules = {
      admin = { priority = 10, path_patterns = ["/admin/*"], target_group_arn = "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/admin/1" }
    }
  }

  assert {
    condition     = length(aws_lb_listener.http) == 1 && length(aws_lb_listener.https) == 1 && keys(aws_lb_listener_rule.path) == ["http-admin", "https-admin"]
    error_message = "Without a redirect both listeners must serve by the same rules."
  }
}

run "hardened" {
  command = plan

  variables {
    deregistration_delay = 10
    slow_start           = 30
    stickiness_duration  = 3600
    enable_waf           = true
    waf_web_acl_arn      = "arn:aws:wafv2:us-west-2:123456789012:regional/webacl/mine/1"
  }

  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && length(aws_wafv2_web_acl_association.this) == 1
    error_message = "Invalid headers must be dropped, and the web ACL attached."
  }

  assert {
    condition     = aws_lb_target_group.this["blue"].target_type == "ip" && aws_lb_target_group.this["blue"].deregistration_delay == "10" && aws_lb_target_group.this["blue"].slow_start == 30 && aws_lb_target_group.this["blue"].stickiness[0].enabled
    error_message = "The target group must be what was asked for."
  }
}

run "access_logs" {
  command = apply

  variables {
    enable_access_logs = true
  }

  assert {
    condition     = aws_s3_bucket.access_logs[0].bucket == "realworld-dev-alb-logs-123456789012" && aws_lb.this.access_logs[0].enabled && aws_s3_bucket_public_access_block.access_logs[0].block_public_policy
    error_message = "Access logs must go to a private bucket."
  }

  assert {
    condition     = [for s in jsondecode(aws_s3_bucket_policy.access_logs[0].policy).Statement : s.Effect] == ["Allow", "Allow", "Deny"]
    error_message = "In an old region both the service and its account must be let in, by TLS only."
  }
}

run "access_logs_in_own_bucket" {
  command = plan

  variables {
    enable_access_logs = true
    access_logs_bucket = "mine"
  }

  assert {
    condition     = length(aws_s3_bucket.access_logs) == 0 && output.access_logs_bucket_name == "mine"
    error_message = "A bucket that is given must be used."
  }
}

run "refuses_https_without_certificate" {
  command = plan

  variables {
    enable_https = true
  }

  expect_failures = [aws_lb.this]
}

run "refuses_redirect_to_nothing" {
  command = plan

  variables {
    enable_https_redirect = true
  }

  expect_failures = [aws_lb.this]
}

run "refuses_waf_without_acl" {
  command = plan

  variables {
    enable_waf = true
  }

  expect_failures = [aws_lb.this]
}

run "refuses_slow_health_check" {
  command = plan

  variables {
    health_check_interval = 5
    health_check_timeout  = 6
  }

  expect_failures = [aws_lb_target_group.this]
}

run "refuses_slow_start_with_another_algorithm" {
  command = plan

  variables {
    slow_start               = 30
    load_balancing_algorithm = "least_outstanding_requests"
  }

  expect_failures = [aws_lb_target_group.this]
}

run "refuses_long_names" {
  command = plan

  variables {
    project_name = "a-project-with-a-long-name"
    environment  = "production"
  }

  expect_failures = [aws_lb.this, aws_lb_target_group.this]
}

run "longest_names" {
  command = apply

  variables {
    project_name          = "a-long-project-n"
    environment           = "staging9"
    deployment_controller = "CODE_DEPLOY"
    enable_access_logs    = true
  }

  assert {
    condition     = length(aws_lb.this.name) <= 32 && alltrue([for g in aws_lb_target_group.this : length(g.name) <= 32]) && length(aws_iam_role.execution.name) <= 64 && length(aws_iam_role.codedeploy[0].name) <= 64 && length(aws_s3_bucket.access_logs[0].bucket) <= 63
    error_message = "No name may be longer than AWS allows."
  }
}

run "refuses_wiring" {
  command = plan

  variables {
    common_tags               = { "aws:owner" = "me" }
    project_name              = "realworld-"
    environment               = "x"
    vpc_id                    = "10.0.0.0/16"
    public_subnet_ids         = ["subnet-1"]
    private_app_subnet_ids    = []
    alb_security_group_id     = "alb"
    ecs_security_group_id     = "ecs"
    db_credentials_secret_arn = "password"
    secrets_kms_key_arns      = ["key"]
    kms_key_arn               = "key"
  }

  expect_failures = [
    var.common_tags, var.project_name, var.environment, var.vpc_id, var.public_subnet_ids, var.private_app_subnet_ids,
    var.alb_security_group_id, var.ecs_security_group_id, var.db_credentials_secret_arn,
    var.secrets_kms_key_arns, var.kms_key_arn,
  ]
}

run "refuses_values" {
  command = plan

  variables {
    certificate_arn             = "certificate"
    additional_certificate_arns = { a = "certificate" }
    ssl_policy                  = "ELBSecurityPolicy-2016-08"
    idle_timeout                = 0
    health_check_path           = "health"
    health_check_matcher        = "500"
    health_check_interval       = 4
    health_check_timeout        = 1
    healthy_threshold           = 1
    unhealthy_threshold         = 11
    deregistration_delay        = 3601
    slow_start                  = 10
    load_balancing_algorithm    = "random"
    stickiness_duration         = 604801
    access_logs_bucket          = "My Bucket"
    access_logs_retention_days  = 0
    waf_web_acl_arn             = "acl"
    path_rules                  = { a = { priority = 0, path_patterns = [], target_group_arn = "" } }
  }

  expect_failures = [
    var.certificate_arn, var.additional_certificate_arns, var.ssl_policy, var.idle_timeout, var.health_check_path,
    var.health_check_matcher, var.health_check_interval, var.health_check_timeout, var.healthy_threshold,
    var.unhealthy_threshold, var.deregistration_delay, var.slow_start, var.load_balancing_algorithm,
    var.stickiness_duration, var.access_logs_bucket, var.access_logs_retention_days, var.waf_web_acl_arn, var.path_rules,
  ]
}
