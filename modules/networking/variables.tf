# The inputs: what to call the network, how large it is, how it reaches AWS, and
# what it writes down. Checks that need two inputs at once are preconditions in
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

variable "vpc_cidr" {
  description = "IPv4 range of the VPC, from /16 to /20. App subnets take the first fourteen sixteenths, public subnets the fifteenth, database subnets the last."
  type        = string
  default     = "10.0.0.0/16"
  nullable    = false

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && can(regex("/(16|17|18|19|20)$", var.vpc_cidr))
    error_message = "The vpc_cidr must be an IPv4 range with a prefix from /16 to /20, such as 10.0.0.0/16."
  }
}

variable "az_count" {
  description = "Number of availability zones to spread over. A load balancer and a database subnet group need at least two. Ignored for a list given in `availability_zones`, whose length counts."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.az_count >= 2 && var.az_count <= 6 && floor(var.az_count) == var.az_count
    error_message = "The az_count must be a whole number from 2 to 6."
  }
}

variable "availability_zones" {
  description = "Names of the availability zones to use, such as `[\"us-west-2a\", \"us-west-2b\"]`. Empty takes the first `az_count` zones of the region."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.availability_zones) != 1 && length(var.availability_zones) <= 6 && length(distinct(var.availability_zones)) == length(var.availability_zones)
    error_message = "The availability_zones must be empty or name 2 to 6 different zones."
  }
}

variable "nat_gateway_mode" {
  description = "How private app subnets reach the internet: `none` (only AWS services, by VPC endpoints), `single` (one NAT gateway for all zones: cheaper, but its zone takes the others down with it) or `one_per_az`."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = contains(["none", "single", "one_per_az"], var.nat_gateway_mode)
    error_message = "The nat_gateway_mode must be one of: none, single, one_per_az."
  }
}

variable "interface_endpoints" {
  description = "AWS services that private app subnets reach without the internet, by the last part of the service's name. The default is what a Fargate task needs: its image, its log and its secret. Add `ssmmessages` for ECS Exec, `kms` for customer managed keys, `sts`, `monitoring` and so on as the application needs them."
  type        = set(string)
  default     = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"]
  nullable    = false

  validation {
    condition     = alltrue([for s in var.interface_endpoints : can(regex("^[a-z0-9][a-z0-9.-]*$", s)) && !contains(["s3", "dynamodb"], s)])
    error_message = "The interface_endpoints must be service names such as ecr.api or secretsmanager, without the com.amazonaws.<region> in front; s3 has a gateway endpoint of its own (enable_s3_gateway_endpoint)."
  }
}

variable "interface_endpoints_in_every_az" {
  description = "Whether interface endpoints stand in every zone, or only in the first one: cheaper by a factor, at the price of one zone's failure cutting off the others and of traffic between zones."
  type        = bool
  default     = true
  nullable    = false
}

variable "enable_s3_gateway_endpoint" {
  description = "Whether to make the gateway endpoint of S3, from which ECR serves image layers. It costs nothing."
  type        = bool
  default     = true
  nullable    = false
}

variable "app_port" {
  description = "TCP port on which the application's container listens: the only one that the load balancer may reach."
  type        = number
  default     = 5000
  nullable    = false

  validation {
    condition     = var.app_port >= 1 && var.app_port <= 65535 && floor(var.app_port) == var.app_port
    error_message = "The app_port must be a whole number from 1 to 65535."
  }
}

variable "db_port" {
  description = "TCP port of the database: the only one that tasks may reach in the database subnets."
  type        = number
  default     = 5432
  nullable    = false

  validation {
    condition     = var.db_port >= 1150 && var.db_port <= 65535 && floor(var.db_port) == var.db_port
    error_message = "The db_port must be a whole number from 1150 to 65535, the range that RDS accepts."
  }
}

variable "alb_ingress_cidr_blocks" {
  description = "IPv4 ranges whose clients may reach the load balancer."
  type        = list(string)
  default     = ["0.0.0.0/0"]
  nullable    = false

  validation {
    condition     = length(var.alb_ingress_cidr_blocks) > 0 && alltrue([for c in var.alb_ingress_cidr_blocks : can(cidrhost(c, 0)) && !can(regex(":", c))])
    error_message = "The alb_ingress_cidr_blocks must be one or more IPv4 ranges such as 203.0.113.0/24."
  }
}

variable "alb_ingress_ports" {
  description = "TCP ports of the load balancer that those clients may reach."
  type        = list(number)
  default     = [80, 443]
  nullable    = false

  validation {
    condition     = length(var.alb_ingress_ports) > 0 && alltrue([for p in var.alb_ingress_ports : p >= 1 && p <= 65535])
    error_message = "The alb_ingress_ports must be one or more ports from 1 to 65535."
  }
}

variable "enable_flow_logs" {
  description = "Whether to log the VPC's connections, accepted and rejected, to CloudWatch Logs."
  type        = bool
  default     = false
  nullable    = false
}

variable "enable_cloudtrail" {
  description = "Whether to record the account's API calls in all regions, in an S3 bucket that this module makes. An account's first trail of management events is free of charge."
  type        = bool
  default     = false
  nullable    = false
}

variable "cloudtrail_force_destroy" {
  description = "Whether destroying the stack may delete the bucket of the audit log with what is in it."
  type        = bool
  default     = false
  nullable    = false
}

variable "log_retention_days" {
  description = "Days to keep the flow logs and the audit log in S3."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "The log_retention_days must be one of the periods that CloudWatch Logs accepts: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "kms_key_arn" {
  description = "ARN of a KMS key for the flow logs and the audit log. Null encrypts them with AWS's own keys."
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
