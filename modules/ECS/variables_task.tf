# The inputs of the task: its image, its size, what it is told, and what it may not do.

variable "container_image" {
  description = "URI of the image to run. Null runs `image_tag` of this module's own repository."
  type        = string
  default     = null

  validation {
    condition     = var.container_image == null || can(regex("^[a-zA-Z0-9][a-zA-Z0-9._:/@-]*$", var.container_image))
    error_message = "The container_image must be an image such as public.ecr.aws/docker/library/python:3.11-slim, or null for this module's own repository."
  }
}

variable "image_tag" {
  description = "Tag, in this module's own repository, of the image to run."
  type        = string
  default     = "latest"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$", var.image_tag))
    error_message = "The image_tag must be 1 to 128 letters, digits, underscores, dots and hyphens, not starting with a dot or a hyphen."
  }
}

variable "image_repository_arns" {
  description = "ARNs of further ECR repositories from which the task may pull, for a `container_image` that is not in this module's own."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.image_repository_arns : can(regex("^arn:aws[a-z-]*:ecr:[a-z0-9-]+:[0-9]{12}:repository/", arn))])
    error_message = "The image_repository_arns must be ARNs of ECR repositories (arn:aws:ecr:<region>:<account>:repository/...)."
  }
}

variable "image_tag_mutability" {
  description = "Whether a tag in the repository can be pushed again: `MUTABLE`, or `IMMUTABLE` for a tag per build."
  type        = string
  default     = "MUTABLE"
  nullable    = false

  validation {
    condition     = contains(["MUTABLE", "IMMUTABLE"], var.image_tag_mutability)
    error_message = "The image_tag_mutability must be MUTABLE or IMMUTABLE."
  }
}

variable "image_scan_on_push" {
  description = "Whether ECR scans images for known vulnerabilities when they are pushed."
  type        = bool
  default     = true
  nullable    = false
}

variable "image_keep_count" {
  description = "Number of tagged images to keep in the repository. Untagged ones go after a day."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.image_keep_count >= 1 && var.image_keep_count <= 10000 && floor(var.image_keep_count) == var.image_keep_count
    error_message = "The image_keep_count must be a whole number from 1 to 10000."
  }
}

variable "repository_force_delete" {
  description = "Whether a destroy deletes the repository with the images in it. They can be built again; false refuses instead."
  type        = bool
  default     = true
  nullable    = false
}

variable "task_cpu" {
  description = "CPU units of the task; 1024 are one vCPU."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.task_cpu)
    error_message = "The task_cpu must be one of Fargate's sizes: 256, 512, 1024, 2048, 4096, 8192 or 16384."
  }
}

variable "task_memory" {
  description = "Memory of the task in MiB. Fargate allows certain amounts for each `task_cpu`: 256 takes 512, 1024 or 2048, for example."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition     = var.task_memory == 512 || (var.task_memory >= 1024 && var.task_memory <= 122880 && var.task_memory % 1024 == 0)
    error_message = "The task_memory must be 512 or a multiple of 1024 up to 122880 MiB."
  }
}

variable "cpu_architecture" {
  description = "Architecture of the image: `X86_64`, or `ARM64` for a fifth less money."
  type        = string
  default     = "X86_64"
  nullable    = false

  validation {
    condition     = contains(["X86_64", "ARM64"], var.cpu_architecture)
    error_message = "The cpu_architecture must be X86_64 or ARM64."
  }
}

variable "ephemeral_storage_gib" {
  description = "Disk of the task in GiB, from 20 (free of charge) to 200."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.ephemeral_storage_gib >= 20 && var.ephemeral_storage_gib <= 200 && floor(var.ephemeral_storage_gib) == var.ephemeral_storage_gib
    error_message = "The ephemeral_storage_gib must be a whole number from 20 to 200."
  }
}

variable "container_port" {
  description = "Port on which the container listens. The task is told it as `PORT`."
  type        = number
  default     = 5000
  nullable    = false

  validation {
    condition     = var.container_port >= 1 && var.container_port <= 65535 && floor(var.container_port) == var.container_port
    error_message = "The container_port must be a whole number from 1 to 65535."
  }
}

variable "environment_variables" {
  description = "Further environment of the container, besides `ENV`, `PORT`, `AWS_DEFAULT_REGION` and `DB_SECRET_ARN`. Not for secrets."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for k in keys(var.environment_variables) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", k)) && !contains(["ENV", "PORT", "AWS_DEFAULT_REGION", "DB_SECRET_ARN"], k)])
    error_message = "The environment_variables must be named with letters, digits and underscores, and may not set ENV, PORT, AWS_DEFAULT_REGION or DB_SECRET_ARN, which the module sets (inputs environment, container_port and db_credentials_secret_arn)."
  }
}

variable "secrets" {
  description = "Environment of the container taken from secrets, by name: the ARN of a Secrets Manager secret (optionally followed by `:json-key:version-stage:version-id`) or of an SSM parameter."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for k in keys(var.secrets) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", k))]) && alltrue([for arn in values(var.secrets) : can(regex("^arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:|ssm:[a-z0-9-]+:[0-9]{12}:parameter/)", arn))])
    error_message = "The secrets must map names of letters, digits and underscores to ARNs of secrets (arn:aws:secretsmanager:...:secret:...) or of parameters (arn:aws:ssm:...:parameter/...)."
  }
}

variable "task_role_policy_arns" {
  description = "ARNs of IAM policies for the application's role, by any name: what it may do on AWS besides reading its secret."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.task_role_policy_arns) : can(regex("^arn:aws[a-z-]*:iam::", arn))])
    error_message = "The task_role_policy_arns must be ARNs of IAM policies (arn:aws:iam::...)."
  }
}

variable "command" {
  description = "Command of the container. Empty runs the image's own."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "container_user" {
  description = "User, and optionally group, as which the container runs."
  type        = string
  default     = "1000:1000"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_][a-zA-Z0-9_-]*(:[a-zA-Z0-9_][a-zA-Z0-9_-]*)?$", var.container_user)) && !can(regex("^(0+|root)(:|$)", var.container_user))
    error_message = "The container_user must be a user, or user:group, other than root: 1000:1000, for example."
  }
}

variable "readonly_root_filesystem" {
  description = "Whether the container's file system is read-only, except for `writable_paths`."
  type        = bool
  default     = true
  nullable    = false
}

variable "writable_paths" {
  description = "Directories of the container that are volumes of the task: empty at its start, gone at its end."
  type        = list(string)
  default     = ["/tmp"]
  nullable    = false

  validation {
    condition     = alltrue([for p in var.writable_paths : can(regex("^(/[A-Za-z0-9._-]+)+$", p))]) && length(distinct(var.writable_paths)) == length(var.writable_paths)
    error_message = "The writable_paths must be different absolute directories such as /tmp or /var/run, without a slash at the end."
  }
}

variable "open_writable_paths" {
  description = "Whether a short-lived first container opens `writable_paths` to the container's user. Fargate makes volumes that belong to root unless the image declares them as VOLUME: set this to false for an image that does, or that has no `chmod`."
  type        = bool
  default     = true
  nullable    = false
}

variable "init_process_enabled" {
  description = "Whether an init process forwards signals and reaps zombies in the container. Without it an application that is process 1 ignores SIGTERM unless it handles it."
  type        = bool
  default     = true
  nullable    = false
}

variable "stop_timeout" {
  description = "Seconds between SIGTERM and SIGKILL when a task stops."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.stop_timeout >= 2 && var.stop_timeout <= 120 && floor(var.stop_timeout) == var.stop_timeout
    error_message = "The stop_timeout must be a whole number of seconds from 2 to 120."
  }
}

variable "nofile_limit" {
  description = "Number of files and sockets that the container may hold open."
  type        = number
  default     = 65535
  nullable    = false

  validation {
    condition     = var.nofile_limit >= 1024 && var.nofile_limit <= 1048576 && floor(var.nofile_limit) == var.nofile_limit
    error_message = "The nofile_limit must be a whole number from 1024 to 1048576."
  }
}

variable "enable_container_health_check" {
  description = "Whether ECS checks the container's health itself, besides the load balancer. ECS ignores the HEALTHCHECK of an image."
  type        = bool
  default     = true
  nullable    = false
}

variable "container_health_check_command" {
  description = "Command of that check, starting with `CMD` or `CMD-SHELL`. Empty asks for `health_check_path` with the image's own Python: slim images have no curl."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.container_health_check_command) == 0 || (length(var.container_health_check_command) >= 2 && try(contains(["CMD", "CMD-SHELL"], var.container_health_check_command[0]), false))
    error_message = "The container_health_check_command must be empty, or start with CMD or CMD-SHELL and go on with a command."
  }
}

variable "container_health_check_interval" {
  description = "Seconds between two checks of the container."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.container_health_check_interval >= 5 && var.container_health_check_interval <= 300
    error_message = "The container_health_check_interval must be from 5 to 300 seconds."
  }
}

variable "container_health_check_timeout" {
  description = "Seconds after which a check of the container has failed."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.container_health_check_timeout >= 2 && var.container_health_check_timeout <= 60
    error_message = "The container_health_check_timeout must be from 2 to 60 seconds."
  }
}

variable "container_health_check_retries" {
  description = "Number of failed checks in a row after which the container is unhealthy."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.container_health_check_retries >= 1 && var.container_health_check_retries <= 10
    error_message = "The container_health_check_retries must be from 1 to 10."
  }
}

variable "container_health_check_start_period" {
  description = "Seconds after the container's start in which failed checks don't count."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.container_health_check_start_period >= 0 && var.container_health_check_start_period <= 300
    error_message = "The container_health_check_start_period must be from 0 to 300 seconds."
  }
}

variable "keep_task_definitions" {
  description = "Whether replaced task definitions stay active, to go back to by hand. They also stay after a destroy."
  type        = bool
  default     = false
  nullable    = false
}
