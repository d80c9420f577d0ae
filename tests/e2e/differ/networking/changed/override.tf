module "networking" {
  availability_zones              = []
  az_count                        = 3
  kms_key_arn                     = null
  nat_gateway_mode                = "one_per_az"
  interface_endpoints             = ["ecr.api", "secretsmanager"]
  interface_endpoints_in_every_az = false
  enable_s3_gateway_endpoint      = false
  app_port                        = 8080
  db_port                         = 5433
  alb_ingress_cidr_blocks         = ["192.0.2.0/24"]
  alb_ingress_ports               = [80]
  enable_flow_logs                = false
  log_retention_days              = 30

  common_tags = { Owner = "another" }
}
