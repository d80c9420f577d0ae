# The secret with which the application finds and enters the database. Its JSON has
# the five keys that the application reads: username, password, host, port, dbname.
#
# RDS can keep a master password in a secret itself (manage_master_user_password),
# but in a secret of two keys, without host and name. So the password comes from
# Secrets Manager's own generator. Both places that take it ignore later changes:
# the generator is asked again at every plan, and the password must not change
# because somebody planned. When the instance is replaced, so is the secret's
# version, in the same run and with the same password.

data "aws_secretsmanager_random_password" "this" {
  password_length            = 32
  exclude_punctuation        = true # RDS refuses some, and URLs need escapes for others
  require_each_included_type = true
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV_AWS_149:Encrypted with AWS's own key unless kms_key_arn names another.
  #checkov:skip=CKV2_AWS_57:Rotation needs a function in the VPC that knows the application's users; it belongs to the caller.
  name                    = "${local.name}-db-credentials"
  description             = "How ${local.name} enters its database"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.secret_recovery_window_days
  tags                    = local.tags
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id = aws_secretsmanager_secret.this.id

  secret_string = jsonencode({
    username = aws_db_instance.this.username
    password = data.aws_secretsmanager_random_password.this.random_password
    host     = aws_db_instance.this.address
    port     = aws_db_instance.this.port
    dbname   = aws_db_instance.this.db_name
  })

  lifecycle {
    ignore_changes       = [secret_string]
    replace_triggered_by = [aws_db_instance.this.resource_id]
  }
}
