# Where everything that the application prints is kept.

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:Encrypted with AWS's own keys unless kms_key_arn names another.
  #checkov:skip=CKV_AWS_338:How long to keep them is the caller's choice (log_retention_days).
  name              = "/ecs/${local.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}
