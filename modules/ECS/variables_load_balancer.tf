# The inputs of the load balancer: its listeners, its rules, its health checks, and
# what it writes down.

variable "internal" {
  description = "Whether the load balancer has private addresses only."
  type        = bool
  default     = false
  nullable    = false
}

variable "enable_https" {
  description = "Whether to listen on 443 with `certificate_arn`."
  type        = bool
  default     = false
  nullable    = false
}

variable "enable_https_redirect" {
  description = "Whether port 80 redirects to HTTPS instead of serving. Null follows `enable_https`."
  type        = bool
  default     = null
}

variable "certificate_arn" {
  description = "ARN of the ACM certificate for HTTPS."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:(acm|iam):", var.certificate_arn))
    error_message = "The certificate_arn must be the ARN of a certificate (arn:aws:acm:...), or null."
  }
}

variable "additional_certificate_arns" {
  description = "ARNs of further certificates, by any name: the client's SNI chooses among them."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.additional_certificate_arns) : can(regex("^arn:aws[a-z-]*:(acm|iam):", arn))])
    error_message = "The additional_certificate_arns must be ARNs of certificates (arn:aws:acm:...)."
  }
}

variable "ssl_policy" {
  description = "TLS versions and ciphers of the HTTPS listener. The default speaks TLS 1.3 and 1.2."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  nullable    = false

  validation {
    condition     = can(regex("^ELBSecurityPolicy-(TLS13-1-[23]-|FS-1-2-Res-|TLS-1-2-)[A-Za-z0-9-]+$", var.ssl_policy))
    error_message = "The ssl_policy must be one of ELB's policies without TLS 1.0 and 1.1, such as ELBSecurityPolicy-TLS13-1-2-2021-06."
  }
}

variable "path_rules" {
  description = "Paths that go elsewhere than to this service, by any name: `priority` (lowest first), `path_patterns` such as `/admin/*`, and the `target_group_arn` that takes them."
  type = map(object({
    priority         = number
    path_patterns    = list(string)
    target_group_arn = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for r in values(var.path_rules) : r.priority >= 1 && r.priority <= 50000]) && length(distinct(values(var.path_rules)[*].priority)) == length(var.path_rules)
    error_message = "The priorities of the path_rules must be different and from 1 to 50000."
  }

  validation {
    condition     = alltrue([for r in values(var.path_rules) : length(r.path_patterns) >= 1 && length(r.path_patterns) <= 5 && alltrue([for p in r.path_patterns : can(regex("^[/*]", p)) && length(p) <= 128])])
    error_message = "Each of the path_rules needs one to five path_patterns of up to 128 characters that start with / or *."
  }
}

variable "idle_timeout" {
  description = "Seconds for which the load balancer waits for data. The application's keep-alive must be longer."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.idle_timeout >= 1 && var.idle_timeout <= 4000
    error_message = "The idle_timeout must be from 1 to 4000 seconds."
  }
}

variable "enable_deletion_protection" {
  description = "Whether AWS refuses to delete the load balancer. Set it to false, and apply, before a destroy."
  type        = bool
  default     = false
  nullable    = false
}

variable "health_check_path" {
  description = "Path that answers 200 when the application is healthy."
  type        = string
  default     = "/health"
  nullable    = false

  validation {
    condition     = can(regex("^/[A-Za-z0-9._~/?&=%+-]*$", var.health_check_path)) && length(var.health_check_path) <= 1024
    error_message = "The health_check_path must be a path that starts with a slash, such as /health."
  }
}

variable "health_check_matcher" {
  description = "Status codes that mean healthy: `200`, `200,204` or `200-299`."
  type        = string
  default     = "200"
  nullable    = false

  validation {
    condition     = can(regex("^[2-4][0-9]{2}([,-][2-4][0-9]{2})*$", var.health_check_matcher))
    error_message = "The health_check_matcher must be status codes from 200 to 499, such as 200, 200,204 or 200-299."
  }
}

variable "health_check_interval" {
  description = "Seconds between two of the load balancer's checks of a task."
  type        = number
  default     = 15
  nullable    = false

  validation {
    condition     = var.health_check_interval >= 5 && var.health_check_interval <= 300
    error_message = "The health_check_interval must be from 5 to 300 seconds."
  }
}

variable "health_check_timeout" {
  description = "Seconds after which such a check has failed; less than `health_check_interval`."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.health_check_timeout >= 2 && var.health_check_timeout <= 120
    error_message = "The health_check_timeout must be from 2 to 120 seconds."
  }
}

variable "healthy_threshold" {
  description = "Passed checks in a row after which an unhealthy task is healthy again."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.healthy_threshold >= 2 && var.healthy_threshold <= 10
    error_message = "The healthy_threshold must be from 2 to 10."
  }
}

variable "unhealthy_threshold" {
  description = "Failed checks in a row after which a task is unhealthy."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.unhealthy_threshold >= 2 && var.unhealthy_threshold <= 10
    error_message = "The unhealthy_threshold must be from 2 to 10."
  }
}

variable "deregistration_delay" {
  description = "Seconds in which a stopping task finishes its requests. AWS's own default of 300 makes every deployment five minutes longer."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.deregistration_delay >= 0 && var.deregistration_delay <= 3600
    error_message = "The deregistration_delay must be from 0 to 3600 seconds."
  }
}

variable "slow_start" {
  description = "Seconds in which a new task's share of requests grows to the full: 30 to 900, or 0 for at once."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.slow_start == 0 || (var.slow_start >= 30 && var.slow_start <= 900)
    error_message = "The slow_start must be 0 (off) or from 30 to 900 seconds."
  }
}

variable "load_balancing_algorithm" {
  description = "How the load balancer chooses a task: `round_robin`, `least_outstanding_requests` or `weighted_random`."
  type        = string
  default     = "round_robin"
  nullable    = false

  validation {
    condition     = contains(["round_robin", "least_outstanding_requests", "weighted_random"], var.load_balancing_algorithm)
    error_message = "The load_balancing_algorithm must be round_robin, least_outstanding_requests or weighted_random."
  }
}

variable "stickiness_duration" {
  description = "Seconds for which a cookie of the load balancer ties a client to a task, up to 604800 (a week). 0 does not."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.stickiness_duration >= 0 && var.stickiness_duration <= 604800
    error_message = "The stickiness_duration must be 0 (off) or up to 604800 seconds."
  }
}

variable "enable_access_logs" {
  description = "Whether the load balancer writes every request down in S3."
  type        = bool
  default     = false
  nullable    = false
}

variable "access_logs_bucket" {
  description = "Name of an existing bucket for the access logs. Null makes one."
  type        = string
  default     = null

  validation {
    condition     = var.access_logs_bucket == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.access_logs_bucket))
    error_message = "The access_logs_bucket must be the name of a bucket, or null."
  }
}

variable "access_logs_retention_days" {
  description = "Days to keep access logs in the bucket that this module makes."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.access_logs_retention_days >= 1 && floor(var.access_logs_retention_days) == var.access_logs_retention_days
    error_message = "The access_logs_retention_days must be a whole number from 1 on."
  }
}

variable "access_logs_force_destroy" {
  description = "Whether a destroy deletes that bucket with the logs in it."
  type        = bool
  default     = false
  nullable    = false
}

variable "enable_waf" {
  description = "Whether the web ACL in `waf_web_acl_arn` guards the load balancer."
  type        = bool
  default     = false
  nullable    = false
}

variable "waf_web_acl_arn" {
  description = "ARN of a regional WAFv2 web ACL."
  type        = string
  default     = null

  validation {
    condition     = var.waf_web_acl_arn == null || can(regex("^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:[0-9]{12}:regional/webacl/", var.waf_web_acl_arn))
    error_message = "The waf_web_acl_arn must be the ARN of a regional WAFv2 web ACL (arn:aws:wafv2:...:regional/webacl/...), or null."
  }
}
