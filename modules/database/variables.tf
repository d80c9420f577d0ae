# The inputs: what to call the database, where it stands, how large it is, and how
# carefully it is kept. Checks that need two inputs at once are preconditions in
# the resource that they protect.

variable "project_name" {
  description = "Name of the project. Everything is named `<project_name>-<environment>-...`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,28}[a-z0-9]$", var.project_name)) && !can(regex("--", var.project_name))
    error_message = "The project_name must be 2 to 30 lower-case letters, digits and single hyphens, starting with a letter and not ending in a hyphen."
  }
}

variable "environment" {
  description = "Name of the environment, such as `dev`, `staging` or `prod`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.environment)) && !can(regex("--", var.environment))
    error_message = "The environment must be 2 to 20 lower-case letters, digits and single hyphens, starting with a letter and not ending in a hyphen."
  }
}

variable "private_db_subnet_ids" {
  description = "IDs of the private subnets to stand in: two or more, in different zones."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.private_db_subnet_ids) >= 2
    error_message = "The private_db_subnet_ids must be two or more subnets in different availability zones: RDS takes no fewer."
  }
}

variable "db_security_group_id" {
  description = "ID of the security group that lets the tasks in, and nobody else."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^sg-", var.db_security_group_id))
    error_message = "The db_security_group_id must be the ID of a security group (sg-...)."
  }
}

variable "db_name" {
  description = "Name of the database that is made with the instance."
  type        = string
  default     = "app"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z_][A-Za-z0-9_]{0,62}$", var.db_name))
    error_message = "The db_name must be 1 to 63 letters, digits and underscores, not starting with a digit."
  }
}

variable "db_username" {
  description = "Name of the master user. Its password is never in the configuration."
  type        = string
  default     = "app"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_]{0,62}$", var.db_username)) && !contains(["postgres", "rdsadmin", "admin", "rds_superuser"], lower(var.db_username))
    error_message = "The db_username must be 1 to 63 letters, digits and underscores, start with a letter, and be none of the reserved postgres, admin, rdsadmin, rds_superuser."
  }
}

variable "db_port" {
  description = "TCP port of the database."
  type        = number
  default     = 5432
  nullable    = false

  validation {
    condition     = var.db_port >= 1150 && var.db_port <= 65535 && floor(var.db_port) == var.db_port
    error_message = "The db_port must be a whole number from 1150 to 65535, the range that RDS accepts."
  }
}

variable "engine_version" {
  description = "Version of PostgreSQL. A major version alone, such as `16`, takes its newest minor version."
  type        = string
  default     = "16"
  nullable    = false

  validation {
    condition     = can(regex("^1[1-9](\\.[0-9]+)?$", var.engine_version))
    error_message = "The engine_version must be a PostgreSQL version that RDS offers, from 11 on: 16 or 16.4, for example."
  }
}

variable "instance_class" {
  description = "Class of the instance, which sets its CPU, memory and price."
  type        = string
  default     = "db.t4g.micro"
  nullable    = false

  validation {
    condition     = can(regex("^db\\.[a-z0-9-]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "The instance_class must be an RDS instance class such as db.t4g.micro or db.m6g.large."
  }
}

variable "allocated_storage" {
  description = "Storage to start with, in GiB."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.allocated_storage >= 20 && var.allocated_storage <= 65536 && floor(var.allocated_storage) == var.allocated_storage
    error_message = "The allocated_storage must be a whole number of GiB from 20 to 65536."
  }
}

variable "max_allocated_storage" {
  description = "Storage up to which RDS grows the volume by itself, in GiB. 0 never grows it."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.max_allocated_storage == 0 || (var.max_allocated_storage >= 20 && var.max_allocated_storage <= 65536)
    error_message = "The max_allocated_storage must be 0 (off) or from 20 to 65536 GiB."
  }
}

variable "multi_az" {
  description = "Whether to keep a standby in a second zone. It doubles the price and lets the database outlive a zone."
  type        = bool
  default     = false
  nullable    = false
}

variable "backup_retention_days" {
  description = "Days to keep automatic backups, from 0 (none) to 35."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.backup_retention_days >= 0 && var.backup_retention_days <= 35 && floor(var.backup_retention_days) == var.backup_retention_days
    error_message = "The backup_retention_days must be a whole number from 0 to 35."
  }
}

variable "backup_window" {
  description = "Daily time for backups in UTC, as `hh:mm-hh:mm`."
  type        = string
  default     = "03:00-04:00"
  nullable    = false

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.backup_window))
    error_message = "The backup_window must look like 03:00-04:00, in UTC."
  }
}

variable "maintenance_window" {
  description = "Weekly time for maintenance in UTC, as `ddd:hh:mm-ddd:hh:mm`, outside of the backup window."
  type        = string
  default     = "sun:04:30-sun:05:30"
  nullable    = false

  validation {
    condition     = can(regex("^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$", var.maintenance_window))
    error_message = "The maintenance_window must look like sun:04:30-sun:05:30, in UTC."
  }
}

variable "apply_immediately" {
  description = "Whether changes act at once instead of in the next maintenance window. Some of them restart the database."
  type        = bool
  default     = false
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether RDS refuses to delete the instance. Set it to false, and apply, before a destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "skip_final_snapshot" {
  description = "Whether a destroy deletes the data without a last snapshot (`<project_name>-<environment>-db-final`)."
  type        = bool
  default     = false
  nullable    = false
}

variable "parameters" {
  description = "Settings of PostgreSQL, by name, for a parameter group of its own. Empty uses AWS's default group, which requires TLS (rds.force_ssl) from PostgreSQL 15 on."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "enable_performance_insights" {
  description = "Whether to switch on Performance Insights, whose first seven days of history are free."
  type        = bool
  default     = false
  nullable    = false
}

variable "monitoring_interval" {
  description = "Seconds between the operating system's metrics (Enhanced Monitoring), or 0 for none."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = contains([0, 1, 5, 10, 15, 30, 60], var.monitoring_interval)
    error_message = "The monitoring_interval must be one of 0, 1, 5, 10, 15, 30, 60."
  }
}

variable "enable_iam_authentication" {
  description = "Whether users can log in with IAM credentials besides passwords."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_exports" {
  description = "Logs that RDS sends to CloudWatch Logs: `postgresql`, `upgrade`, both or none."
  type        = set(string)
  default     = ["postgresql", "upgrade"]
  nullable    = false

  validation {
    condition     = alltrue([for l in var.log_exports : contains(["postgresql", "upgrade"], l)])
    error_message = "The log_exports may contain postgresql and upgrade."
  }
}

variable "log_retention_days" {
  description = "Days to keep those logs."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "The log_retention_days must be one of the periods that CloudWatch Logs accepts: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "secret_recovery_window_days" {
  description = "Days in which a deleted secret can be restored: 7 to 30, or 0 to delete it at once. Its name can't be used again until then."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.secret_recovery_window_days == 0 || (var.secret_recovery_window_days >= 7 && var.secret_recovery_window_days <= 30)
    error_message = "The secret_recovery_window_days must be 0 (delete at once) or from 7 to 30."
  }
}

variable "kms_key_arn" {
  description = "ARN of a KMS key for the storage, the secret and the logs. Null encrypts them with AWS's own keys; a key given here must be passed to the ECS module too (`secrets_kms_key_arns`), so that tasks may read the secret."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "The kms_key_arn must be the ARN of a KMS key (arn:aws:kms:...), or null."
  }
}

variable "common_tags" {
  description = "Tags for every resource, besides Project and Environment."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.common_tags) <= 45 && alltrue([for k, v in var.common_tags : can(regex("^[\\pL\\pN _.:/=+@-]{1,128}$", k)) && can(regex("^[\\pL\\pN _.:/=+@-]{0,256}$", v)) && !can(regex("^(?i:aws:)", k))])
    error_message = "The common_tags may be up to 45 tags with keys of 1 to 128 and values of up to 256 letters, digits, spaces and _.:/=+@-, whose keys don't start with aws:."
  }
}
