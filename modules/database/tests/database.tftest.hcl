# The database with no cloud behind it: how it is kept, what its secret says, and what is refused.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_secretsmanager_random_password" {
    defaults = { random_password = "Mocked0Password" }
  }
  mock_resource "aws_db_instance" {
    defaults = { address = "realworld-dev-db.abc.us-west-2.rds.amazonaws.com" }
  }
}

variables {
  project_name          = "realworld"
  environment           = "dev"
  private_db_subnet_ids = ["subnet-1", "subnet-2"]
  db_security_group_id  = "sg-1"
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_db_instance.this.identifier == "realworld-dev-db" && aws_secretsmanager_secret.this.name == "realworld-dev-db-credentials" && aws_db_subnet_group.this.name == "realworld-dev-db"
    error_message = "Everything must be named <project_name>-<environment>-..."
  }

  assert {
    condition     = aws_db_instance.this.storage_encrypted && !aws_db_instance.this.publicly_accessible && aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.final_snapshot_identifier == "realworld-dev-db-final"
    error_message = "By default a database must be encrypted, private and kept."
  }

  assert {
    condition     = length(aws_db_parameter_group.this) == 0 && length(aws_iam_role.monitoring) == 0
    error_message = "What is not asked for must not be made."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this["postgresql"].name == "/aws/rds/instance/realworld-dev-db/postgresql" && aws_cloudwatch_log_group.this["postgresql"].retention_in_days == 7
    error_message = "RDS's logs must not be kept for ever."
  }
}

run "secret_has_five_keys" {
  command = apply

  variables {
    db_name     = "realworld"
    db_username = "conduit"
  }

  assert {
    condition = jsondecode(aws_secretsmanager_secret_version.this.secret_string) == {
      username = "conduit"
      password = "Mocked0Password"
      host     = "realworld-dev-db.abc.us-west-2.rds.amazonaws.com"
      port     = 5432
      dbname   = "realworld"
    }
    error_message = "The secret must have username, password, host, port and dbname."
  }
}

run "password_stays" {
  command = plan

  variables {
    db_name     = "realworld"
    db_username = "conduit"
  }

  override_data {
    target = data.aws_secretsmanager_random_password.this
    values = { random_password = "Another0Password" }
  }

  assert {
    condition     = aws_db_instance.this.password == "Mocked0Password" && jsondecode(aws_secretsmanager_secret_version.this.secret_string).password == "Mocked0Password"
    error_message = "A later plan must not change the password."
  }
}

run "own_parameters" {
  command = plan

  variables {
    engine_version      = "15.4"
    parameters          = { log_statement = "ddl" }
    monitoring_interval = 60
  }

  assert {
    condition     = aws_db_parameter_group.this[0].family == "postgres15" && length(aws_iam_role_policy_attachment.monitoring) == 1
    error_message = "Parameters must be of the engine's family, and monitoring must have its role."
  }
}

run "storage_that_cannot_grow" {
  command = plan

  variables {
    allocated_storage     = 200
    max_allocated_storage = 100
  }

  expect_failures = [aws_db_instance.this]
}

run "refuses_values" {
  command = plan

  variables {
    common_tags                 = { "aws:owner" = "me" }
    project_name                = "-realworld"
    environment                 = "PROD"
    private_db_subnet_ids       = ["subnet-1"]
    db_security_group_id        = "default"
    db_name                     = "real-world"
    db_username                 = "postgres"
    db_port                     = 22
    engine_version              = "9.6"
    instance_class              = "t3.micro"
    allocated_storage           = 5
    max_allocated_storage       = 10
    backup_retention_days       = 36
    backup_window               = "3-4"
    maintenance_window          = "sunday"
    monitoring_interval         = 7
    log_exports                 = ["error"]
    log_retention_days          = 8
    secret_recovery_window_days = 3
    kms_key_arn                 = "mine"
  }

  expect_failures = [
    var.common_tags, var.project_name, var.environment, var.private_db_subnet_ids, var.db_security_group_id, var.db_name,
    var.db_username, var.db_port, var.engine_version, var.instance_class, var.allocated_storage,
    var.max_allocated_storage, var.backup_retention_days, var.backup_window, var.maintenance_window,
    var.monitoring_interval, var.log_exports, var.log_retention_days, var.secret_recovery_window_days, var.kms_key_arn,
  ]
}
