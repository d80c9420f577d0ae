# What the load balancer listens on. Without HTTPS port 80 serves; with HTTPS it
# redirects to port 443, which serves.
#
# CodeDeploy moves the serving listener from one target group to the other behind
# Terraform's back, so under blue/green its action is ignored. `ignore_changes`
# can't depend on an input: hence a second resource for each serving listener.

locals {
  https_redirect = var.enable_https && coalesce(var.enable_https_redirect, var.enable_https)
  http_serves    = !local.https_redirect
  target_group   = aws_lb_target_group.this["blue"]
}

resource "aws_lb_listener" "http_redirect" {
  count = local.https_redirect ? 1 : 0

  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"
  tags              = local.tags

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "http" {
  #checkov:skip=CKV_AWS_2:It serves only without HTTPS, or when enable_https_redirect is off.
  #checkov:skip=CKV_AWS_103:It serves only without HTTPS, or when enable_https_redirect is off.
  count = local.http_serves && !local.blue_green ? 1 : 0

  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"
  tags              = local.tags

  default_action {
    type             = "forward"
    target_group_arn = local.target_group.arn
  }

  depends_on = [aws_lb_listener.http_redirect] # one listener at a time has port 80
}

resource "aws_lb_listener" "http_blue_green" {
  #checkov:skip=CKV_AWS_2:It serves only without HTTPS.
  #checkov:skip=CKV_AWS_103:It serves only without HTTPS.
  count = local.http_serves && local.blue_green ? 1 : 0

  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"
  tags              = local.tags

  default_action {
    type             = "forward"
    target_group_arn = local.target_group.arn
  }

  depends_on = [aws_lb_listener.http]

  lifecycle {
    ignore_changes = [default_action]
  }
}

resource "aws_lb_listener" "https" {
  count = var.enable_https && !local.blue_green ? 1 : 0

  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = var.ssl_policy
  certificate_arn   = var.certificate_arn
  tags              = local.tags

  default_action {
    type             = "forward"
    target_group_arn = local.target_group.arn
  }
}

resource "aws_lb_listener" "https_blue_green" {
  count = var.enable_https && local.blue_green ? 1 : 0

  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = var.ssl_policy
  certificate_arn   = var.certificate_arn
  tags              = local.tags

  default_action {
    type             = "forward"
    target_group_arn = local.target_group.arn
  }

  depends_on = [aws_lb_listener.https]

  lifecycle {
    ignore_changes = [default_action]
  }
}

# Shows the new version to testers before CodeDeploy shifts the traffic.
resource "aws_lb_listener" "test" {
  #checkov:skip=CKV_AWS_2:Testers inside the network use it for minutes at a time; the security group of the load balancer has to open its port first.
  #checkov:skip=CKV_AWS_103:Testers inside the network use it for minutes at a time; the security group of the load balancer has to open its port first.
  count = local.blue_green && var.blue_green_test_port > 0 ? 1 : 0

  load_balancer_arn = aws_lb.this.arn
  port              = var.blue_green_test_port
  protocol          = "HTTP"
  tags              = local.tags

  default_action {
    type             = "forward"
    target_group_arn = local.target_group.arn
  }

  lifecycle {
    ignore_changes = [default_action]
  }
}

locals {
  http_listener_arn = one(concat(
    aws_lb_listener.http_redirect[*].arn, aws_lb_listener.http[*].arn, aws_lb_listener.http_blue_green[*].arn
  ))
  https_listener_arn   = one(concat(aws_lb_listener.https[*].arn, aws_lb_listener.https_blue_green[*].arn))
  serving_listener_arn = var.enable_https ? local.https_listener_arn : local.http_listener_arn

  # Rules stand on every listener that serves.
  rule_listeners = merge(
    local.http_serves ? { http = local.http_listener_arn } : {},
    var.enable_https ? { https = local.https_listener_arn } : {},
  )
}

resource "aws_lb_listener_certificate" "additional" {
  for_each = var.enable_https ? var.additional_certificate_arns : {}

  listener_arn    = local.https_listener_arn
  certificate_arn = each.value
}

resource "aws_lb_listener_rule" "path" {
  for_each = {
    for pair in setproduct(keys(local.rule_listeners), keys(var.path_rules)) :
    "${pair[0]}-${pair[1]}" => { listener = pair[0], rule = pair[1] }
  }

  listener_arn = local.rule_listeners[each.value.listener]
  priority     = var.path_rules[each.value.rule].priority
  tags         = merge(local.tags, { Name = each.value.rule })

  condition {
    path_pattern {
      values = var.path_rules[each.value.rule].path_patterns
    }
  }

  action {
    type             = "forward"
    target_group_arn = var.path_rules[each.value.rule].target_group_arn
  }
}
