# A small stack of many kinds of objects: with names of their own and with ids of the cloud's, made by one
# call and by several.

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
  cidr_block           = "10.27.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "interrupted" }
}

resource "aws_subnet" "this" {
  count = 2

  vpc_id            = aws_vpc.this.id
  cidr_block        = "10.27.${count.index}.0/24"
  availability_zone = "us-west-2${["a", "b"][count.index]}"
  tags              = { Name = "interrupted-${count.index}" }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route" "this" {
  route_table_id         = aws_route_table.this.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "this" {
  count = 2

  subnet_id      = aws_subnet.this[count.index].id
  route_table_id = aws_route_table.this.id
}

resource "aws_eip" "this" {
  domain = "vpc"
}

resource "aws_nat_gateway" "this" {
  allocation_id = aws_eip.this.id
  subnet_id     = aws_subnet.this[0].id
  depends_on    = [aws_internet_gateway.this]
}

resource "aws_security_group" "this" {
  name        = "interrupted"
  description = "Interrupted"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  security_group_id = aws_security_group.this.id
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_lb" "this" {
  name            = "interrupted"
  subnets         = aws_subnet.this[*].id
  security_groups = [aws_security_group.this.id]
  idle_timeout    = 90
  depends_on      = [aws_internet_gateway.this]
}

resource "aws_lb_target_group" "this" {
  name        = "interrupted"
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
  priority     = 10

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
  name               = "interrupted"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "this" {
  name   = "own"
  role   = aws_iam_role.this.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}

resource "aws_iam_role_policy_attachment" "this" {
  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/interrupted"
  retention_in_days = 7
}

resource "aws_ecs_cluster" "this" {
  name = "interrupted"
}

resource "aws_ecs_task_definition" "this" {
  family                   = "interrupted"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.this.arn
  container_definitions    = jsonencode([{ name = "main", image = "busybox", essential = true }])
}

resource "aws_ecs_service" "this" {
  name            = "interrupted"
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = 0
  launch_type     = "FARGATE"

  network_configuration {
    subnets         = aws_subnet.this[*].id
    security_groups = [aws_security_group.this.id]
  }
}

resource "aws_secretsmanager_secret" "this" {
  name                    = "interrupted"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id     = aws_secretsmanager_secret.this.id
  secret_string = "known"
}

resource "aws_ssm_parameter" "this" {
  name  = "/interrupted"
  type  = "String"
  value = "known"
}

resource "aws_sns_topic" "this" {
  name = "interrupted"
}

resource "aws_sns_topic_subscription" "this" {
  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = "nobody@example.com"
}

resource "aws_ecr_repository" "this" {
  name = "interrupted"
}

resource "aws_s3_bucket" "this" {
  bucket = "interrupted"
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name          = "interrupted"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "CPUUtilization"
  namespace           = "AWS/ECS"
  period              = 60
  statistic           = "Average"
  threshold           = 80
}
