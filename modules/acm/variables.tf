# The inputs: either a domain name, for a certificate that ACM issues and renews, or
# a certificate and its key, for one that comes from elsewhere.

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

variable "domain_name" {
  description = "Domain name to certify, such as `api.example.com` or `*.example.com`. Null imports the certificate in `certificate_body` instead."
  type        = string
  default     = null

  validation {
    condition     = var.domain_name == null || can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain_name))
    error_message = "The domain_name must be a host name in lower case such as api.example.com or *.example.com, or null."
  }
}

variable "subject_alternative_names" {
  description = "Further domain names on the same certificate."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for n in var.subject_alternative_names : can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", n))])
    error_message = "The subject_alternative_names must be host names in lower case such as www.example.com or *.example.com."
  }
}

variable "route53_zone_id" {
  description = "ID, known at plan time, of the public Route 53 zone in which to prove ownership of the domain names. Null leaves the records to you (output `validation_records`), and ACM issues the certificate when they are there."
  type        = string
  default     = null

  validation {
    condition     = var.route53_zone_id == null || can(regex("^Z[A-Z0-9]+$", var.route53_zone_id))
    error_message = "The route53_zone_id must be the ID of a hosted zone (Z...), or null."
  }
}

variable "validation_timeout" {
  description = "How long to wait for ACM to issue the certificate."
  type        = string
  default     = "45m"
  nullable    = false

  validation {
    condition     = can(regex("^([0-9]+(h|m|s))+$", var.validation_timeout))
    error_message = "The validation_timeout must be a duration such as 45m or 1h30m."
  }
}

variable "certificate_body" {
  description = "The certificate to import, in PEM. Terraform keeps it in its state."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_body == null || can(regex("-----BEGIN CERTIFICATE-----", var.certificate_body))
    error_message = "The certificate_body must be a certificate in PEM (-----BEGIN CERTIFICATE-----), or null."
  }
}

variable "private_key" {
  description = "The imported certificate's private key, in PEM and without a passphrase. Terraform keeps it in its state."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.private_key == null || can(regex("-----BEGIN ([A-Z]+ )?PRIVATE KEY-----", var.private_key))
    error_message = "The private_key must be a private key in PEM without a passphrase (-----BEGIN PRIVATE KEY-----), or null."
  }
}

variable "certificate_chain" {
  description = "The imported certificate's intermediate certificates, in PEM."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_chain == null || can(regex("-----BEGIN CERTIFICATE-----", var.certificate_chain))
    error_message = "The certificate_chain must be certificates in PEM (-----BEGIN CERTIFICATE-----), or null."
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
