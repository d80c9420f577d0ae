# The certificate with no cloud behind it: imported or issued, never both.

mock_provider "aws" {
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:us-west-2:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      domain_validation_options = [{
        domain_name           = "api.example.com"
        resource_record_name  = "_x.api.example.com."
        resource_record_type  = "CNAME"
        resource_record_value = "_y.acm-validations.aws."
      }]
    }
  }
}

variables {
  project_name = "realworld"
  environment  = "prod"
}

run "imported" {
  command = plan

  variables {
    certificate_body = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
    private_key      = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----"
  }

  assert {
    condition     = length(aws_acm_certificate.imported) == 1 && length(aws_acm_certificate.issued) == 0 && output.validation_records == []
    error_message = "A certificate and its key must be imported, with nothing to prove."
  }

  assert {
    condition     = aws_acm_certificate.imported[0].tags["Name"] == "realworld-prod-certificate"
    error_message = "The certificate must be named <project_name>-<environment>-..."
  }
}

run "issued" {
  command = apply

  variables {
    domain_name               = "api.example.com"
    subject_alternative_names = ["*.api.example.com"]
    route53_zone_id           = "Z0123456789"
  }

  assert {
    condition     = length(aws_acm_certificate.imported) == 0 && aws_acm_certificate.issued[0].validation_method == "DNS"
    error_message = "A domain name must be certified by DNS."
  }

  assert {
    condition     = keys(aws_route53_record.validation) == ["api.example.com"] && aws_route53_record.validation["api.example.com"].name == "_x.api.example.com."
    error_message = "A name and its wildcard must be proved by one record."
  }
}

run "issued_without_route53" {
  command = apply

  variables {
    domain_name = "api.example.com"
  }

  assert {
    condition     = length(aws_route53_record.validation) == 0 && output.validation_records[0].value == "_y.acm-validations.aws."
    error_message = "Without Route 53 the records must be shown."
  }
}

run "nothing_given" {
  command         = plan
  expect_failures = [aws_acm_certificate.imported]
}

run "both_given" {
  command = plan

  variables {
    domain_name      = "api.example.com"
    certificate_body = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
    private_key      = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----"
  }

  expect_failures = [aws_acm_certificate.issued]
}

run "refuses_values" {
  command = plan

  variables {
    common_tags               = { "aws:owner" = "me" }
    project_name              = "r"
    environment               = "a--b"
    domain_name               = "localhost"
    subject_alternative_names = ["UPPER.example.com"]
    route53_zone_id           = "example.com"
    validation_timeout        = "an hour"
    certificate_body          = "certificate.pem"
    private_key               = "-----BEGIN ENCRYPTED KEY-----"
    certificate_chain         = "chain.pem"
  }

  expect_failures = [
    var.common_tags, var.project_name, var.environment, var.domain_name, var.subject_alternative_names, var.route53_zone_id,
    var.validation_timeout, var.certificate_body, var.private_key, var.certificate_chain,
  ]
}
