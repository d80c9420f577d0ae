# What a listener needs, and what somebody must do by hand without Route 53.

output "certificate_arn" {
  description = "ARN of the certificate, once it can be used."
  value       = local.issued ? aws_acm_certificate_validation.this[0].certificate_arn : aws_acm_certificate.imported[0].arn
}

output "certificate_domain_name" {
  description = "The certificate's main domain name."
  value       = local.issued ? aws_acm_certificate.issued[0].domain_name : aws_acm_certificate.imported[0].domain_name
}

output "certificate_not_after" {
  description = "When the certificate expires. ACM renews one that it issued."
  value       = local.issued ? aws_acm_certificate.issued[0].not_after : aws_acm_certificate.imported[0].not_after
}

output "validation_records" {
  description = "DNS records that prove ownership of the domain names: set them by hand if they are not in Route 53. Empty for an imported certificate."
  value = local.issued ? [
    for option in aws_acm_certificate.issued[0].domain_validation_options : {
      name  = option.resource_record_name
      type  = option.resource_record_type
      value = option.resource_record_value
    }
  ] : []
}
