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
