# The inputs that say what to call things, where they stand, and who keeps them
# secret. The others are beside this file, by subject: variables_task.tf,
# variables_service.tf, variables_load_balancer.tf, variables_monitoring.tf.
# Checks that need two inputs at once are preconditions in the resource that they
# protect.

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

variable "app_name" {
  description = "Name of the application: of its container, and the end of its image repository's name."
  type        = string
  default     = "flask-api"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.app_name)) && length(var.app_name) <= 60
    error_message = "The app_name must be up to 60 lower-case letters, digits and single hyphens, starting with a letter and not ending in a hyphen."
  }
}

variable "vpc_id" {
  description = "ID of the VPC."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^vpc-", var.vpc_id))
    error_message = "The vpc_id must be the ID of a VPC (vpc-...)."
  }
}

variable "public_subnet_ids" {
  description = "IDs of the subnets of the load balancer: two or more, in different zones."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.public_subnet_ids) >= 2
    error_message = "The public_subnet_ids must be two or more subnets in different availability zones: a load balancer takes no fewer."
  }
}

variable "private_app_subnet_ids" {
  description = "IDs of the subnets of the tasks: two or more survive the loss of a zone."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.private_app_subnet_ids) >= 1 && length(var.private_app_subnet_ids) <= 16
    error_message = "The private_app_subnet_ids must be 1 to 16 subnets: ECS takes no more."
  }
}

variable "alb_security_group_id" {
  description = "ID of the load balancer's security group."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^sg-", var.alb_security_group_id))
    error_message = "The alb_security_group_id must be the ID of a security group (sg-...)."
  }
}

variable "ecs_security_group_id" {
  description = "ID of the tasks' security group. It must let the load balancer in on `container_port`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^sg-", var.ecs_security_group_id))
    error_message = "The ecs_security_group_id must be the ID of a security group (sg-...)."
  }
}

variable "db_credentials_secret_arn" {
  description = "ARN of the secret with the database's credentials. The task is told it as `DB_SECRET_ARN`, and its role may read this secret and no other."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+", var.db_credentials_secret_arn))
    error_message = "The db_credentials_secret_arn must be the ARN of a secret (arn:aws:secretsmanager:<region>:<account>:secret:...)."
  }
}

variable "secrets_kms_key_arns" {
  description = "ARNs of the customer managed KMS keys that encrypt the secrets and parameters which the task is given. None for AWS's own keys."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.secrets_kms_key_arns : can(regex("^arn:aws[a-z-]*:kms:", arn))])
    error_message = "The secrets_kms_key_arns must be ARNs of KMS keys (arn:aws:kms:...)."
  }
}

variable "kms_key_arn" {
  description = "ARN of a KMS key for the log group and the image repository. Null encrypts them with AWS's own keys."
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
