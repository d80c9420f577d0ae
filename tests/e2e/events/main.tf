# What a team writes to watch its services: ECS's events of one cluster in a log group and,
# as sentences, on a topic; its own events on a bus of their own; and a task every night.

terraform {
  required_version = ">= 1.2"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 4.49"
    }
  }
}

provider "aws" {
  region = "us-west-2"
}

resource "aws_ecs_cluster" "this" {
  name = "watched"
}

resource "aws_cloudwatch_log_group" "events" {
  name              = "/aws/events/watched"
  retention_in_days = 3
}

data "aws_iam_policy_document" "logs" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.events.arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "delivery.logs.amazonaws.com"]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "events" {
  policy_name     = "watched-events"
  policy_document = data.aws_iam_policy_document.logs.json
}

resource "aws_sns_topic" "news" {
  name = "watched-news"
}

data "aws_iam_policy_document" "news" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.news.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

resource "aws_sns_topic_policy" "news" {
  arn    = aws_sns_topic.news.arn
  policy = data.aws_iam_policy_document.news.json
}

resource "aws_cloudwatch_event_rule" "ecs" {
  name        = "watched-ecs"
  description = "Tasks and deployments of the watched cluster."

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change", "ECS Deployment State Change", "ECS Service Action"]
    resources   = [{ wildcard = "*/watched/*" }]
  })

  tags = { Team = "platform" }
}

resource "aws_cloudwatch_event_target" "logs" {
  rule = aws_cloudwatch_event_rule.ecs.name
  arn  = aws_cloudwatch_log_group.events.arn

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }
}

resource "aws_cloudwatch_event_target" "news" {
  rule      = aws_cloudwatch_event_rule.ecs.name
  target_id = "news"
  arn       = aws_sns_topic.news.arn

  input_transformer {
    input_paths    = { kind = "$.detail-type", what = "$.resources[0]" }
    input_template = "\"<kind> of <what>\""
  }
}

resource "aws_cloudwatch_event_bus" "orders" {
  name = "watched-orders"
}

resource "aws_cloudwatch_event_rule" "large" {
  name           = "watched-large"
  event_bus_name = aws_cloudwatch_event_bus.orders.name
  event_pattern  = jsonencode({ detail = { total = [{ numeric = [">=", 100] }] } })
}

resource "aws_cloudwatch_event_target" "large" {
  rule           = aws_cloudwatch_event_rule.large.name
  event_bus_name = aws_cloudwatch_event_bus.orders.name
  target_id      = "logs"
  arn            = aws_cloudwatch_log_group.events.arn
  input_path     = "$.detail"
}

resource "aws_cloudwatch_event_rule" "nightly" {
  name                = "watched-nightly"
  schedule_expression = "cron(0 3 * * ? *)"
  state               = "DISABLED"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "nightly" {
  name               = "watched-nightly"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_cloudwatch_event_target" "nightly" {
  rule      = aws_cloudwatch_event_rule.nightly.name
  target_id = "tidy"
  arn       = aws_ecs_cluster.this.arn
  role_arn  = aws_iam_role.nightly.arn
  input     = jsonencode({ containerOverrides = [{ name = "main", command = ["true"] }] })

  ecs_target {
    task_definition_arn = "arn:aws:ecs:us-west-2:000000000000:task-definition/tidy"
    launch_type         = "FARGATE"

    network_configuration {
      subnets = ["subnet-0123456789abcdef0"]
    }
  }
}
