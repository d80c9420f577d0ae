# Objects whose names are made up as they are made, or that have none at all: after a kill, nothing in the
# configuration says which they are.

provider "aws" {
  region = "us-west-2"
}

locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_vpc" "this" {
  cidr_block = "10.28.0.0/16"
}

resource "aws_subnet" "this" {
  count = 2

  vpc_id            = aws_vpc.this.id
  cidr_block        = "10.28.${count.index}.0/24"
  availability_zone = "us-west-2${["a", "b"][count.index]}"
}

resource "aws_lb" "this" {
  name_prefix = "made-"
  internal    = true
  subnets     = aws_subnet.this[*].id
}

resource "aws_lb_target_group" "this" {
  name_prefix = "made-"
  port        = 80
  protocol    = "HTTP"
  vpc_id      = aws_vpc.this.id
  target_type = "ip"
}

resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_lb_listener_rule" "this" {
  listener_arn = aws_lb_listener.this.arn

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }

  condition {
    path_pattern {
      values = ["/x"]
    }
  }
}

resource "aws_iam_role" "this" {
  name_prefix        = "made-"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "this" {
  name_prefix = "made-"
  role        = aws_iam_role.this.id
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}

resource "aws_cloudwatch_log_group" "this" {
  name_prefix = "made-"
}

resource "aws_secretsmanager_secret" "this" {
  name_prefix             = "made-"
  recovery_window_in_days = 0
}

resource "aws_sns_topic" "this" {
  name_prefix = "made-"
  fifo_topic  = true
}

resource "aws_s3_bucket" "this" {
  bucket_prefix = "made-"
}

resource "aws_kms_key" "this" {
  description = "Nobody's"
}

resource "aws_kms_alias" "this" {
  name_prefix   = "alias/made-"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_acm_certificate" "this" {
  domain_name       = "made.example.com"
  validation_method = "DNS"
}

resource "aws_cloudwatch_event_rule" "this" {
  name_prefix   = "made-"
  event_pattern = jsonencode({ source = ["aws.ecs"] })
}

resource "aws_cloudwatch_event_target" "this" {
  rule = aws_cloudwatch_event_rule.this.name
  arn  = aws_cloudwatch_log_group.this.arn
}
