# A load balancer in the manner of a public ALB module.

variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnets" {
  type = list(string)
}

variable "security_groups" {
  type = list(string)
}

variable "target_groups" {
  type    = any
  default = {}
}

variable "listeners" {
  type    = any
  default = {}
}

variable "idle_timeout" {
  type    = number
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

locals {
  rules = flatten([
    for listener_key, listener in var.listeners : [
      for rule_key, rule in try(listener.rules, {}) : merge(rule, { listener_key = listener_key, rule_key = rule_key })
    ]
  ])

  targets = flatten([
    for key, group in var.target_groups : [for address in try(group.targets, []) : { group = key, address = address }]
  ])
}

resource "aws_lb" "this" {
  name               = var.name
  load_balancer_type = "application"
  internal           = true
  subnets            = var.subnets
  security_groups    = var.security_groups

  idle_timeout               = var.idle_timeout
  drop_invalid_header_fields = true
  enable_deletion_protection = false

  tags = merge(var.tags, { Module = "balancer" })

  timeouts {
    create = "10m"
    delete = "10m"
  }
}

resource "aws_lb_target_group" "this" {
  for_each = var.target_groups

  name                          = "${var.name}-${each.key}"
  vpc_id                        = var.vpc_id
  port                          = try(each.value.port, 80)
  protocol                      = try(each.value.protocol, "HTTP")
  protocol_version              = try(each.value.protocol_version, null)
  target_type                   = try(each.value.target_type, "ip")
  deregistration_delay          = try(each.value.deregistration_delay, null)
  load_balancing_algorithm_type = try(each.value.load_balancing_algorithm_type, null)

  dynamic "health_check" {
    for_each = try([each.value.health_check], [])
    content {
      enabled             = try(health_check.value.enabled, null)
      healthy_threshold   = try(health_check.value.healthy_threshold, null)
      interval            = try(health_check.value.interval, null)
      matcher             = try(health_check.value.matcher, null)
      path                = try(health_check.value.path, null)
      timeout             = try(health_check.value.timeout, null)
      unhealthy_threshold = try(health_check.value.unhealthy_threshold, null)
    }
  }

  dynamic "stickiness" {
    for_each = try([each.value.stickiness], [])
    content {
      cookie_duration = try(stickiness.value.cookie_duration, null)
      cookie_name     = try(stickiness.value.cookie_name, null)
      enabled         = try(stickiness.value.enabled, true)
      type            = stickiness.value.type
    }
  }

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_target_group_attachment" "this" {
  for_each = { for target in local.targets : "${target.group}-${target.address}" => target }

  target_group_arn = aws_lb_target_group.this[each.value.group].arn
  target_id        = each.value.address
  port             = 8080
}

resource "aws_lb_listener" "this" {
  for_each = { for k, v in var.listeners : k => v if length(keys(v)) > 0 }

  load_balancer_arn = aws_lb.this.arn
  port              = try(each.value.port, 80)
  protocol          = try(each.value.protocol, "HTTP")

  dynamic "default_action" {
    for_each = try([each.value.weighted], [])
    content {
      type = "forward"

      forward {
        dynamic "target_group" {
          for_each = default_action.value
          content {
            arn    = aws_lb_target_group.this[target_group.value.target_group].arn
            weight = try(target_group.value.weight, null)
          }
        }

        dynamic "stickiness" {
          for_each = try([each.value.stickiness], [])
          content {
            duration = try(stickiness.value.duration, 60)
            enabled  = try(stickiness.value.enabled, null)
          }
        }
      }
    }
  }

  dynamic "default_action" {
    for_each = try([each.value.fixed], [])
    content {
      type = "fixed-response"

      fixed_response {
        content_type = default_action.value.content_type
        message_body = try(default_action.value.message_body, null)
        status_code  = try(default_action.value.status_code, null)
      }
    }
  }

  tags = merge(var.tags, try(each.value.tags, {}))
}

resource "aws_lb_listener_rule" "this" {
  for_each = { for rule in local.rules : "${rule.listener_key}/${rule.rule_key}" => rule }

  listener_arn = try(each.value.listener_arn, aws_lb_listener.this[each.value.listener_key].arn)
  priority     = try(each.value.priority, null)

  dynamic "action" {
    for_each = [for action in each.value.actions : action if action.type == "forward"]
    content {
      type             = "forward"
      target_group_arn = aws_lb_target_group.this[action.value.target_group].arn
    }
  }

  dynamic "action" {
    for_each = [for action in each.value.actions : action if action.type == "redirect"]
    content {
      type = "redirect"

      redirect {
        host        = try(action.value.host, null)
        path        = try(action.value.path, null)
        port        = try(action.value.port, null)
        protocol    = try(action.value.protocol, null)
        query       = try(action.value.query, null)
        status_code = action.value.status_code
      }
    }
  }

  dynamic "action" {
    for_each = [for action in each.value.actions : action if action.type == "fixed-response"]
    content {
      type = "fixed-response"

      fixed_response {
        content_type = "text/plain"
        message_body = try(action.value.message, null)
        status_code  = action.value.status_code
      }
    }
  }

  dynamic "condition" {
    for_each = each.value.conditions
    content {
      dynamic "path_pattern" {
        for_each = try([condition.value.path_pattern], [])
        content {
          values = path_pattern.value
        }
      }

      dynamic "host_header" {
        for_each = try([condition.value.host_header], [])
        content {
          values = host_header.value
        }
      }

      dynamic "http_header" {
        for_each = try([condition.value.http_header], [])
        content {
          http_header_name = http_header.value.name
          values           = http_header.value.values
        }
      }

      dynamic "http_request_method" {
        for_each = try([condition.value.http_request_method], [])
        content {
          values = http_request_method.value
        }
      }

      dynamic "query_string" {
        for_each = try([condition.value.query_string], [])
        content {
          key   = try(query_string.value.key, null)
          value = query_string.value.value
        }
      }

      dynamic "source_ip" {
        for_each = try([condition.value.source_ip], [])
        content {
          values = source_ip.value
        }
      }
    }
  }

  tags = merge(var.tags, try(each.value.tags, {}))
}

output "arn" {
  value = aws_lb.this.arn
}

output "listeners" {
  value = aws_lb_listener.this
}
