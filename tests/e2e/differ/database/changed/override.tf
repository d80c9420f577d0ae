module "database" {
  multi_az                    = true
  enable_performance_insights = true
  monitoring_interval         = 60

  instance_class            = "db.t4g.small"
  max_allocated_storage     = 200
  backup_retention_days     = 1
  backup_window             = "01:00-02:00"
  maintenance_window        = "mon:04:30-mon:05:30"
  parameters                = { log_min_duration_statement = "250", work_mem = "8192" }
  enable_iam_authentication = false
  log_exports               = ["postgresql"]
  log_retention_days        = 14

  common_tags = { Owner = "another" }
}
