# The inputs of modules/database, in two sets: this one, and that of changed/override.tf.

provider "aws" {
  region = "us-west-2"
}

module "networking" {
  source = "../../../../modules/networking"

  project_name        = "differ"
  environment         = "db"
  vpc_cidr            = "10.26.0.0/16"
  interface_endpoints = []
  db_port             = 5433
}

resource "aws_kms_key" "this" {
  description             = "differ-database"
  deletion_window_in_days = 7
}

module "database" {
  source = "../../../../modules/database"

  project_name = "differ"
  environment  = "db"

  private_db_subnet_ids = module.networking.private_db_subnet_ids
  db_security_group_id  = module.networking.db_security_group_id

  db_name                     = "differ"
  db_username                 = "differ"
  db_port                     = 5433
  engine_version              = "15"
  kms_key_arn                 = aws_kms_key.this.arn
  instance_class              = "db.t4g.micro"
  allocated_storage           = 20
  max_allocated_storage       = 100
  backup_retention_days       = 7
  parameters                  = { log_min_duration_statement = "500", max_connections = "50" }
  apply_immediately           = true
  deletion_protection         = false
  skip_final_snapshot         = true
  secret_recovery_window_days = 0

  common_tags = { Owner = "differ" }
}

resource "aws_ssm_parameter" "host" {
  name  = "/differ/db/host"
  type  = "String"
  value = module.database.db_credentials_secret_arn
}
