# What can differ between two of these stacks without editing them.

variable "region" {
  description = "AWS region of the stack."
  type        = string
  default     = "us-west-2"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "The region must be the code of an AWS region, such as us-west-2."
  }
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC, from /16 to /20."
  type        = string
  default     = "10.0.0.0/16"
  nullable    = false
}

variable "nat_gateway_mode" {
  description = "How tasks reach the internet: `none`, `single` or `one_per_az`."
  type        = string
  default     = "none"
  nullable    = false
}

variable "image_tag" {
  description = "Tag, in the stack's own repository, of the image to run."
  type        = string
  default     = "latest"
  nullable    = false
}

variable "container_image" {
  description = "URI of another image to run. Null runs the stack's own repository's `image_tag`."
  type        = string
  default     = null
}

variable "domain_name" {
  description = "Domain name for a certificate from ACM. Null imports `certificate.pem` and `private-key.pem` beside this file, which `scripts/self-signed-certificate` makes."
  type        = string
  default     = null
}

variable "route53_zone_id" {
  description = "Route 53 zone in which ACM's validation records for `domain_name` are set."
  type        = string
  default     = null
}

variable "protect_data" {
  description = "Whether a destroy is refused, and the data and its secret can be restored. Set it to true when people depend on the stack."
  type        = bool
  default     = false
  nullable    = false
}

variable "enable_audit_logs" {
  description = "Whether to write down the VPC's connections (flow logs) and the account's API calls (CloudTrail)."
  type        = bool
  default     = false
  nullable    = false
}
