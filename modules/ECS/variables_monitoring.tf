# The inputs of what is watched: logs, alarms and the dashboard.

variable "log_retention_days" {
  description = "Days to keep the application's logs."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "The log_retention_days must be one of the periods that CloudWatch Logs accepts: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "enable_cloudwatch_alarms" {
  description = "Whether to make the five alarms (CPU, memory, response time, 5XX errors, running tasks) and their SNS topic."
  type        = bool
  default     = true
  nullable    = false
}

variable "enable_cloudwatch_dashboard" {
  description = "Whether to make the dashboard."
  type        = bool
  default     = true
  nullable    = false
}

variable "alarm_cpu_threshold" {
  description = "CPU utilization, in percent, above which an alarm fires."
  type        = number
  default     = 80
  nullable    = false

  validation {
    condition     = var.alarm_cpu_threshold > 0 && var.alarm_cpu_threshold <= 100
    error_message = "The alarm_cpu_threshold must be above 0 and at most 100 percent."
  }
}

variable "alarm_memory_threshold" {
  description = "Memory utilization, in percent, above which an alarm fires."
  type        = number
  default     = 80
  nullable    = false

  validation {
    condition     = var.alarm_memory_threshold > 0 && var.alarm_memory_threshold <= 100
    error_message = "The alarm_memory_threshold must be above 0 and at most 100 percent."
  }
}

variable "alarm_response_time_threshold" {
  description = "Average response time, in seconds, above which an alarm fires."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.alarm_response_time_threshold > 0
    error_message = "The alarm_response_time_threshold must be above 0 seconds."
  }
}

variable "alarm_5xx_threshold" {
  description = "Number of 5XX answers of the application in a minute above which an alarm fires."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.alarm_5xx_threshold >= 0
    error_message = "The alarm_5xx_threshold must be 0 or more."
  }
}

variable "alarm_evaluation_periods" {
  description = "Number of minutes in a row in which CPU, memory, response time or running tasks must be bad."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.alarm_evaluation_periods >= 1 && var.alarm_evaluation_periods <= 1440 && floor(var.alarm_evaluation_periods) == var.alarm_evaluation_periods
    error_message = "The alarm_evaluation_periods must be a whole number from 1 to 1440."
  }
}

variable "alarm_emails" {
  description = "Mail addresses that the alarms are sent to. Each has to confirm once."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for a in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", a))])
    error_message = "The alarm_emails must be mail addresses."
  }
}

variable "alarm_actions" {
  description = "ARNs of further actions of the alarms, besides their own topic."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_actions : can(regex("^arn:aws[a-z-]*:", arn))])
    error_message = "The alarm_actions must be ARNs."
  }
}

variable "alarm_topic_kms_key_id" {
  description = "KMS key of the alarms' topic. Its policy must let cloudwatch.amazonaws.com use it: with `alias/aws/sns`, whose policy can't be changed, alarms would never arrive. Null does not encrypt the topic."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_topic_kms_key_id != "alias/aws/sns"
    error_message = "The alarm_topic_kms_key_id can't be alias/aws/sns: CloudWatch may not use that key, and alarms would never arrive. Give a customer managed key whose policy allows cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*."
  }
}
