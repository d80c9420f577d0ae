# Every input of modules/networking, in two sets: this one, and that of changed/override.tf.

provider "aws" {
  region = "us-west-2"
}

resource "aws_kms_key" "this" {
  description             = "differ-networking"
  deletion_window_in_days = 7
}

module "networking" {
  source = "../../../../modules/networking"

  project_name = "differ"
  environment  = "net"

  vpc_cidr                        = "10.21.0.0/16"
  availability_zones              = ["us-west-2a", "us-west-2b"]
  nat_gateway_mode                = "single"
  interface_endpoints             = ["ecr.api", "logs"]
  interface_endpoints_in_every_az = true
  enable_s3_gateway_endpoint      = true
  app_port                        = 5000
  db_port                         = 5432
  alb_ingress_cidr_blocks         = ["10.0.0.0/8", "192.0.2.0/24"]
  alb_ingress_ports               = [80, 443]
  enable_flow_logs                = true
  enable_cloudtrail               = true
  cloudtrail_force_destroy        = true
  log_retention_days              = 90
  kms_key_arn                     = aws_kms_key.this.arn

  common_tags = { Owner = "differ", Left = "out later" }
}

output "subnets" {
  value = {
    public = module.networking.public_subnet_ids
    app    = module.networking.private_app_subnet_ids
    db     = module.networking.private_db_subnet_ids
  }
}
