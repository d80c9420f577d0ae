# A network by modules/networking, for the two engines in turn.

terraform {
  required_version = ">= 1.2"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 4.49"
    }
  }
}

provider "aws" {
  region = "us-west-2"

  default_tags {
    tags = { Project = "embedded" }
  }
}

variable "owner" {
  type    = string
  default = "one"
}

module "networking" {
  source = "../../../modules/networking"

  project_name                    = "embedded"
  environment                     = "dev"
  vpc_cidr                        = "10.78.0.0/16"
  nat_gateway_mode                = "single"
  interface_endpoints_in_every_az = false
  common_tags                     = { Owner = var.owner }
}

output "vpc_id" {
  value = module.networking.vpc_id
}

output "private_app_subnet_ids" {
  value = module.networking.private_app_subnet_ids
}
