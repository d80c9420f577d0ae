module "ecs" {
  secrets_kms_key_arns = []
  kms_key_arn          = null

  container_image                     = null
  image_tag                           = "v2"
  image_tag_mutability                = "MUTABLE"
  image_scan_on_push                  = false
  image_keep_count                    = 10
  image_repository_arns               = ["arn:aws:ecr:us-west-2:123456789012:repository/base"]
  task_cpu                            = 1024
  task_memory                         = 4096
  cpu_architecture                    = "ARM64"
  ephemeral_storage_gib               = 20
  container_port                      = 8080
  environment_variables               = { TWO = "", THREE = "3" }
  secrets                             = {}
  task_role_policy_arns               = { write = "arn:aws:iam::aws:policy/AmazonS3FullAccess" }
  command                             = []
  container_user                      = "2000"
  readonly_root_filesystem            = false
  writable_paths                      = []
  open_writable_paths                 = false
  init_process_enabled                = false
  enable_container_health_check       = false
  container_health_check_command      = ["CMD-SHELL", "true"]
  container_health_check_interval     = 20
  container_health_check_timeout      = 5
  container_health_check_retries      = 2
  container_health_check_start_period = 0
  stop_timeout                        = 30
  nofile_limit                        = 4096

  certificate_arn             = aws_acm_certificate.self["second"].arn
  additional_certificate_arns = {}
  enable_https_redirect       = false
  ssl_policy                  = "ELBSecurityPolicy-TLS13-1-3-2021-06"
  idle_timeout                = 120
  health_check_path           = "/ready"
  health_check_matcher        = "200-299"
  health_check_interval       = 30
  health_check_timeout        = 10
  healthy_threshold           = 3
  unhealthy_threshold         = 5
  deregistration_delay        = 0
  slow_start                  = 0
  load_balancing_algorithm    = "least_outstanding_requests"
  stickiness_duration         = 600
  enable_deletion_protection  = false
  enable_access_logs          = false
  path_rules = {
    other = { priority = 20, path_patterns = ["/other/*"], target_group_arn = aws_lb_target_group.other.arn }
    more  = { priority = 30, path_patterns = ["/more"], target_group_arn = aws_lb_target_group.other.arn }
  }

  enable_fargate_spot = false
  capacity_provider_strategy = [
    { capacity_provider = "FARGATE", base = 1, weight = 1 },
    { capacity_provider = "FARGATE_SPOT", base = 0, weight = 3 },
  ]
  platform_version                   = "LATEST"
  container_insights                 = "enabled"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  enable_circuit_breaker             = false
  enable_deployment_alarms           = false
  health_check_grace_period          = 120
  wait_for_steady_state              = true
  enable_execute_command             = true
  autoscaling_max_capacity           = 6
  autoscaling_cpu_target             = 50
  autoscaling_memory_target          = 0
  autoscaling_requests_target        = 0
  autoscaling_scale_out_cooldown     = 30
  autoscaling_scale_in_cooldown      = 120
  autoscaling_schedules = {
    day = { schedule = "rate(1 day)", min_capacity = 0, max_capacity = 5 }
  }
  autoscaling_timezone = "UTC"

  log_retention_days            = 14
  enable_cloudwatch_dashboard   = false
  alarm_cpu_threshold           = 70
  alarm_memory_threshold        = 60
  alarm_response_time_threshold = 0.5
  alarm_5xx_threshold           = 3
  alarm_evaluation_periods      = 2
  alarm_emails                  = []
  alarm_topic_kms_key_id        = null
  alarm_actions                 = ["arn:aws:sns:us-west-2:123456789012:elsewhere"]

  common_tags = { Owner = "another" }
}
