# What this module needs to run. Terraform 1.2 brought `precondition`, with which
# combinations of inputs are refused at plan time; see README.md, "Versions".
terraform {
  required_version = ">= 1.2"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 4.49"
    }
  }
}
