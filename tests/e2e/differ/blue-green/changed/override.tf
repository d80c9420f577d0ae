module "ecs" {
  blue_green_deployment_config = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"
  blue_green_termination_wait  = 60
  enable_deployment_alarms     = true
  deployment_alarm_names       = ["elsewhere"]
  enable_cloudwatch_alarms     = true
  enable_waf                   = false
  health_check_path            = "/ready"
  idle_timeout                 = 30
  repository_force_delete      = false
  alarm_cpu_threshold          = 50

  common_tags = { Owner = "another" }
}
