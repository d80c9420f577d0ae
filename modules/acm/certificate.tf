# One certificate, imported or issued. An issued one is proved by DNS and renewed by
# ACM for as long as its records stand; an imported one is yours to renew.

locals {
  name   = "${var.project_name}-${var.environment}"
  tags   = merge({ Project = var.project_name, Environment = var.environment }, var.common_tags)
  issued = var.domain_name != null

  # A name and its wildcard are proved by the same record.
  proofs = var.route53_zone_id == null || !local.issued ? toset([]) : toset([
    for name in concat([var.domain_name], var.subject_alternative_names) : trimprefix(name, "*.")
  ])
}

resource "aws_acm_certificate" "imported" {
  count = local.issued ? 0 : 1

  certificate_body  = var.certificate_body
  private_key       = var.private_key
  certificate_chain = var.certificate_chain

  tags = merge(local.tags, { Name = "${local.name}-certificate" })

  lifecycle {
    create_before_destroy = true # a listener uses the old one until the new one is there

    precondition {
      condition     = var.certificate_body != null && var.private_key != null
      error_message = "Give a domain_name for a certificate that ACM issues, or certificate_body and private_key for one to import."
    }
  }
}

resource "aws_acm_certificate" "issued" {
  count = local.issued ? 1 : 0

  domain_name               = var.domain_name
  subject_alternative_names = var.subject_alternative_names
  validation_method         = "DNS"

  options {
    certificate_transparency_logging_preference = "ENABLED"
  }

  tags = merge(local.tags, { Name = "${local.name}-certificate" })

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.certificate_body == null && var.private_key == null && var.certificate_chain == null
      error_message = "Give either a domain_name, for a certificate that ACM issues, or certificate_body and private_key, for one to import, but not both."
    }
  }
}

resource "aws_route53_record" "validation" {
  for_each = local.proofs

  zone_id = var.route53_zone_id
  ttl     = 60

  name    = [for o in aws_acm_certificate.issued[0].domain_validation_options : o.resource_record_name if trimprefix(o.domain_name, "*.") == each.value][0]
  type    = [for o in aws_acm_certificate.issued[0].domain_validation_options : o.resource_record_type if trimprefix(o.domain_name, "*.") == each.value][0]
  records = [[for o in aws_acm_certificate.issued[0].domain_validation_options : o.resource_record_value if trimprefix(o.domain_name, "*.") == each.value][0]]

  allow_overwrite = true # another certificate for the same name asks for the same record
}

resource "aws_acm_certificate_validation" "this" {
  count = local.issued ? 1 : 0

  certificate_arn         = aws_acm_certificate.issued[0].arn
  validation_record_fqdns = var.route53_zone_id == null ? null : [for r in aws_route53_record.validation : r.fqdn]

  timeouts {
    create = var.validation_timeout
  }
}
