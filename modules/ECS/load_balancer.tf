# The load balancer and the target groups of the service. A blue/green service has
# two groups and swaps them.

resource "aws_lb" "this" {
  #checkov:skip=CKV_AWS_91:Access logs cost money by the gigabyte; enable_access_logs switches them on.
  #checkov:skip=CKV_AWS_150:A stack must be able to go as it came; enable_deletion_protection guards one that must not.
  #checkov:skip=CKV2_AWS_20:Port 80 redirects as soon as enable_https is on (enable_https_redirect).
  #checkov:skip=CKV2_AWS_76:The web ACL that enable_waf attaches is the caller's, and so are its rules.
  #checkov:skip=CKV2_AWS_28:A web ACL is paid by rule and request; enable_waf attaches one.
  name               = "${local.name}-alb"
  load_balancer_type = "application"
  internal           = var.internal
  subnets            = var.public_subnet_ids
  security_groups    = [var.alb_security_group_id]

  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"
  enable_http2               = true
  idle_timeout               = var.idle_timeout
  enable_deletion_protection = var.enable_deletion_protection

  dynamic "access_logs" {
    for_each = var.enable_access_logs ? [1] : []

    content {
      enabled = true
      bucket  = local.access_logs_bucket
    }
  }

  tags = merge(local.tags, { Name = "${local.name}-alb" })

  # The load balancer writes a test object as soon as logs are switched on.
  depends_on = [aws_s3_bucket_policy.access_logs]

  lifecycle {
    precondition {
      condition     = length("${local.name}-green") <= 32
      error_message = local.name_too_long
    }

    precondition {
      condition     = var.enable_https || var.enable_https_redirect != true
      error_message = "The enable_https_redirect needs enable_https = true: there would be nothing to redirect to."
    }

    precondition {
      condition     = !var.enable_https || var.certificate_arn != null
      error_message = "The enable_https needs a certificate_arn: the ARN of a certificate in ACM."
    }

    precondition {
      condition     = !var.enable_waf || var.waf_web_acl_arn != null
      error_message = "The enable_waf needs a waf_web_acl_arn: the ARN of a regional WAFv2 web ACL."
    }
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  count = var.enable_waf ? 1 : 0

  resource_arn = aws_lb.this.arn
  web_acl_arn  = var.waf_web_acl_arn
}

resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378:TLS ends at the load balancer; behind it, only its security group reaches the tasks.
  for_each = local.blue_green ? { blue = "${local.name}-tg", green = "${local.name}-green" } : { blue = "${local.name}-tg" }

  name                          = each.value
  vpc_id                        = var.vpc_id
  target_type                   = "ip"
  protocol                      = "HTTP"
  port                          = 80 # a formality: ECS registers each task with its own port
  deregistration_delay          = var.deregistration_delay
  slow_start                    = var.slow_start
  load_balancing_algorithm_type = var.load_balancing_algorithm

  health_check {
    path                = var.health_check_path
    matcher             = var.health_check_matcher
    interval            = var.health_check_interval
    timeout             = var.health_check_timeout
    healthy_threshold   = var.healthy_threshold
    unhealthy_threshold = var.unhealthy_threshold
  }

  stickiness {
    type            = "lb_cookie"
    enabled         = var.stickiness_duration > 0
    cookie_duration = var.stickiness_duration > 0 ? var.stickiness_duration : 86400
  }

  tags = merge(local.tags, { Name = each.value })

  lifecycle {
    precondition {
      condition     = length("${local.name}-green") <= 32
      error_message = local.name_too_long
    }

    precondition {
      condition     = var.health_check_timeout < var.health_check_interval
      error_message = "The health_check_timeout (${var.health_check_timeout}) must be less than health_check_interval (${var.health_check_interval})."
    }

    precondition {
      condition     = var.slow_start == 0 || var.load_balancing_algorithm == "round_robin"
      error_message = "The slow_start needs load_balancing_algorithm = \"round_robin\": AWS has it for no other."
    }
  }
}
