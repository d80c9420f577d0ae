# The bucket of the load balancer's access logs, where the caller has none.

locals {
  make_access_logs_bucket = var.enable_access_logs && var.access_logs_bucket == null
  access_logs_bucket      = local.make_access_logs_bucket ? aws_s3_bucket.access_logs[0].id : var.access_logs_bucket

  # Regions older than August 2022 deliver from an account of their own, newer ones
  # as a service. AWS takes both statements in the old ones.
  regions_with_elb_account = [
    "af-south-1", "ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1",
    "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ca-central-1", "cn-north-1", "cn-northwest-1",
    "eu-central-1", "eu-north-1", "eu-south-1", "eu-west-1", "eu-west-2", "eu-west-3", "me-south-1",
    "sa-east-1", "us-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1", "us-west-1", "us-west-2",
  ]
}

data "aws_elb_service_account" "current" {
  count = local.make_access_logs_bucket && contains(local.regions_with_elb_account, local.region) ? 1 : 0
}

resource "aws_s3_bucket" "access_logs" {
  #checkov:skip=CKV_AWS_18:The bucket holds a log; a log of its own reads would need another bucket without end.
  #checkov:skip=CKV_AWS_21:Log files are written once, under names that never come again.
  #checkov:skip=CKV_AWS_144:A copy in another region is a decision of the organization, not of one stack.
  #checkov:skip=CKV_AWS_145:Load balancers can write to buckets with S3's own keys only.
  #checkov:skip=CKV2_AWS_62:Nobody waits for events of a log.
  count = local.make_access_logs_bucket ? 1 : 0

  bucket        = "${local.name}-alb-logs-${local.account_id}"
  force_destroy = var.access_logs_force_destroy
  tags          = local.tags
}

resource "aws_s3_bucket_public_access_block" "access_logs" {
  count = local.make_access_logs_bucket ? 1 : 0

  bucket                  = aws_s3_bucket.access_logs[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "access_logs" {
  count = local.make_access_logs_bucket ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "access_logs" {
  count = local.make_access_logs_bucket ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.access_logs_retention_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "access_logs" {
  count = local.make_access_logs_bucket ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "LoadBalancersWrite"
          Effect    = "Allow"
          Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }
          Action    = "s3:PutObject"
          Resource  = "${aws_s3_bucket.access_logs[0].arn}/AWSLogs/${local.account_id}/*"
        },
      ],
      [
        for account in data.aws_elb_service_account.current : {
          Sid       = "LoadBalancersOfOldRegionsWrite"
          Effect    = "Allow"
          Principal = { AWS = account.arn }
          Action    = "s3:PutObject"
          Resource  = "${aws_s3_bucket.access_logs[0].arn}/AWSLogs/${local.account_id}/*"
        }
      ],
      [
        {
          Sid       = "OnlyTls"
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:*"
          Resource  = [aws_s3_bucket.access_logs[0].arn, "${aws_s3_bucket.access_logs[0].arn}/*"]
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
      ],
    )
  })

  depends_on = [aws_s3_bucket_public_access_block.access_logs]
}
