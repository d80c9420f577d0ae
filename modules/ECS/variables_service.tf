# The inputs of the service: how many tasks, on what capacity, how they are replaced,
# and how their number follows the load.

variable "desired_count" {
  description = "Number of tasks. With autoscaling, the number to start with: the autoscaler's own decisions are left alone afterwards."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.desired_count >= 0 && var.desired_count <= 5000 && floor(var.desired_count) == var.desired_count
    error_message = "The desired_count must be a whole number from 0 to 5000."
  }
}

variable "enable_fargate_spot" {
  description = "Whether all tasks run on Fargate Spot: up to 70% cheaper, and stopped with two minutes' notice when AWS needs the capacity back."
  type        = bool
  default     = false
  nullable    = false
}

variable "capacity_provider_strategy" {
  description = "How tasks spread over FARGATE and FARGATE_SPOT, instead of `enable_fargate_spot`: `base` tasks first, the rest by `weight`."
  type = list(object({
    capacity_provider = string
    base              = number
    weight            = number
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for s in var.capacity_provider_strategy : contains(["FARGATE", "FARGATE_SPOT"], s.capacity_provider)]) && length(distinct(var.capacity_provider_strategy[*].capacity_provider)) == length(var.capacity_provider_strategy)
    error_message = "The capacity_provider_strategy may name FARGATE and FARGATE_SPOT, each once."
  }

  validation {
    condition     = length([for s in var.capacity_provider_strategy : s if s.base > 0]) <= 1 && alltrue([for s in var.capacity_provider_strategy : s.base >= 0 && s.base <= 100000])
    error_message = "Only one entry of the capacity_provider_strategy may have a base above 0 (and at most 100000)."
  }

  validation {
    condition     = alltrue([for s in var.capacity_provider_strategy : s.weight >= 0 && s.weight <= 1000]) && (length(var.capacity_provider_strategy) == 0 || anytrue([for s in var.capacity_provider_strategy : s.weight > 0]))
    error_message = "The weights in the capacity_provider_strategy must be from 0 to 1000, and one of them above 0."
  }
}

variable "platform_version" {
  description = "Version of the Fargate platform."
  type        = string
  default     = "LATEST"
  nullable    = false

  validation {
    condition     = can(regex("^(LATEST|1\\.[0-9]+\\.[0-9]+)$", var.platform_version))
    error_message = "The platform_version must be LATEST or a version such as 1.4.0."
  }
}

variable "container_insights" {
  description = "Metrics of the cluster, its services and its tasks: `enabled`, `enhanced` (down to the container) or `disabled`."
  type        = string
  default     = "enabled"
  nullable    = false

  validation {
    condition     = contains(["enabled", "enhanced", "disabled"], var.container_insights)
    error_message = "The container_insights must be enabled, enhanced or disabled."
  }
}

variable "deployment_controller" {
  description = "How new versions replace old ones: `ECS` rolls task by task, `CODE_DEPLOY` is blue/green (see README.md)."
  type        = string
  default     = "ECS"
  nullable    = false

  validation {
    condition     = contains(["ECS", "CODE_DEPLOY"], var.deployment_controller)
    error_message = "The deployment_controller must be ECS (rolling) or CODE_DEPLOY (blue/green)."
  }
}

variable "deployment_minimum_healthy_percent" {
  description = "Percentage of the desired count, rounded up, that stays healthy during a rolling deployment."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.deployment_minimum_healthy_percent >= 0 && var.deployment_minimum_healthy_percent <= 100 && floor(var.deployment_minimum_healthy_percent) == var.deployment_minimum_healthy_percent
    error_message = "The deployment_minimum_healthy_percent must be a whole number from 0 to 100."
  }
}

variable "deployment_maximum_percent" {
  description = "Percentage of the desired count, rounded down, that runs at most during a rolling deployment."
  type        = number
  default     = 200
  nullable    = false

  validation {
    condition     = var.deployment_maximum_percent >= 100 && var.deployment_maximum_percent <= 200 && floor(var.deployment_maximum_percent) == var.deployment_maximum_percent
    error_message = "The deployment_maximum_percent must be a whole number from 100 to 200."
  }
}

variable "enable_circuit_breaker" {
  description = "Whether a rolling deployment whose tasks don't become healthy is given up and rolled back."
  type        = bool
  default     = true
  nullable    = false
}

variable "enable_deployment_alarms" {
  description = "Whether this module's alarms on response time and 5XX errors roll a deployment back. Needs `enable_cloudwatch_alarms`."
  type        = bool
  default     = false
  nullable    = false
}

variable "deployment_alarm_names" {
  description = "Names of further CloudWatch alarms that roll a deployment back."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for n in var.deployment_alarm_names : length(n) >= 1 && length(n) <= 255])
    error_message = "The deployment_alarm_names must be names of alarms, of 1 to 255 characters."
  }
}

variable "force_new_deployment" {
  description = "Whether every change of the service starts a new rolling deployment. It lets a change of the capacity strategy roll through; with false the AWS provider replaces the whole service instead."
  type        = bool
  default     = true
  nullable    = false
}

variable "wait_for_steady_state" {
  description = "Whether an apply waits until the new tasks are healthy. It can't succeed before an image is pushed."
  type        = bool
  default     = false
  nullable    = false
}

variable "health_check_grace_period" {
  description = "Seconds after its start in which a task is not replaced for being unhealthy."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.health_check_grace_period >= 0 && var.health_check_grace_period <= 2147483647
    error_message = "The health_check_grace_period must be 0 seconds or more."
  }
}

variable "enable_execute_command" {
  description = "Whether `aws ecs execute-command` opens a shell in a task. Needs a writable root (`readonly_root_filesystem = false`), and `ssmmessages` in reach."
  type        = bool
  default     = false
  nullable    = false
}

variable "enable_autoscaling" {
  description = "Whether the number of tasks follows the load."
  type        = bool
  default     = true
  nullable    = false
}

variable "autoscaling_min_capacity" {
  description = "Least number of tasks."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.autoscaling_min_capacity >= 0 && floor(var.autoscaling_min_capacity) == var.autoscaling_min_capacity
    error_message = "The autoscaling_min_capacity must be a whole number, 0 or more."
  }
}

variable "autoscaling_max_capacity" {
  description = "Greatest number of tasks."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.autoscaling_max_capacity >= 1 && var.autoscaling_max_capacity <= 5000 && floor(var.autoscaling_max_capacity) == var.autoscaling_max_capacity
    error_message = "The autoscaling_max_capacity must be a whole number from 1 to 5000."
  }
}

variable "autoscaling_cpu_target" {
  description = "Average CPU utilization to keep, in percent. 0 does not scale on CPU."
  type        = number
  default     = 70
  nullable    = false

  validation {
    condition     = var.autoscaling_cpu_target >= 0 && var.autoscaling_cpu_target <= 100
    error_message = "The autoscaling_cpu_target must be from 1 to 100 percent, or 0 (off)."
  }
}

variable "autoscaling_memory_target" {
  description = "Average memory utilization to keep, in percent. 0 does not scale on memory."
  type        = number
  default     = 80
  nullable    = false

  validation {
    condition     = var.autoscaling_memory_target >= 0 && var.autoscaling_memory_target <= 100
    error_message = "The autoscaling_memory_target must be from 1 to 100 percent, or 0 (off)."
  }
}

variable "autoscaling_requests_target" {
  description = "Requests per task and minute to keep. 0 does not scale on requests."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.autoscaling_requests_target >= 0
    error_message = "The autoscaling_requests_target must be above 0 requests per task and minute, or 0 (off)."
  }
}

variable "autoscaling_scale_out_cooldown" {
  description = "Seconds between two additions of tasks."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.autoscaling_scale_out_cooldown >= 0 && var.autoscaling_scale_out_cooldown <= 3600
    error_message = "The autoscaling_scale_out_cooldown must be from 0 to 3600 seconds."
  }
}

variable "autoscaling_scale_in_cooldown" {
  description = "Seconds between two removals of tasks."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.autoscaling_scale_in_cooldown >= 0 && var.autoscaling_scale_in_cooldown <= 3600
    error_message = "The autoscaling_scale_in_cooldown must be from 0 to 3600 seconds."
  }
}

variable "autoscaling_schedules" {
  description = "Other limits at certain times, by name: a `schedule` such as `cron(0 20 ? * MON-FRI *)`, `rate(1 day)` or `at(2030-01-01T00:00:00)`, and the limits from then on."
  type = map(object({
    schedule     = string
    min_capacity = number
    max_capacity = number
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for s in values(var.autoscaling_schedules) : can(regex("^(cron|rate|at)\\(.+\\)$", s.schedule)) && s.min_capacity >= 0 && s.min_capacity <= s.max_capacity])
    error_message = "Each of the autoscaling_schedules needs a schedule such as cron(0 20 ? * MON-FRI *), and a min_capacity from 0 to its max_capacity."
  }
}

variable "autoscaling_timezone" {
  description = "Time zone of those schedules."
  type        = string
  default     = "UTC"
  nullable    = false

  validation {
    condition     = can(regex("^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$", var.autoscaling_timezone))
    error_message = "The autoscaling_timezone must be UTC or a name such as Europe/Berlin."
  }
}

variable "blue_green_deployment_config" {
  description = "How CODE_DEPLOY shifts traffic: the name of a CodeDeploy configuration for ECS."
  type        = string
  default     = "CodeDeployDefault.ECSAllAtOnce"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,100}$", var.blue_green_deployment_config))
    error_message = "The blue_green_deployment_config must be a name such as CodeDeployDefault.ECSAllAtOnce, CodeDeployDefault.ECSLinear10PercentEvery1Minutes or CodeDeployDefault.ECSCanary10Percent5Minutes."
  }
}

variable "blue_green_termination_wait" {
  description = "Minutes in which CODE_DEPLOY keeps the old tasks after the shift, to go back to at once."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.blue_green_termination_wait >= 0 && var.blue_green_termination_wait <= 2880 && floor(var.blue_green_termination_wait) == var.blue_green_termination_wait
    error_message = "The blue_green_termination_wait must be a whole number of minutes from 0 to 2880."
  }
}

variable "blue_green_test_port" {
  description = "Port of a listener of the load balancer that shows the new version before the shift. 0 makes none."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.blue_green_test_port >= 0 && var.blue_green_test_port <= 65535 && !contains([80, 443], var.blue_green_test_port)
    error_message = "The blue_green_test_port must be 0 (none) or a port up to 65535 other than 80 and 443."
  }
}
