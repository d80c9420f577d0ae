# The constructs and the resource types of well-known public modules, in small: objects with optional
# attributes, chains of try, lookup and coalesce, dynamic blocks, toggles by count.

provider "aws" {
  region = "us-west-2"

  default_tags {
    tags = { Terraform = "true" }
  }
}

locals {
  name = "differ-con"
  tags = { Example = local.name }
}

module "network" {
  source = "./network"

  name             = local.name
  cidr             = "10.23.0.0/16"
  secondary_cidrs  = ["10.24.0.0/20"]
  public_subnets   = ["10.23.0.0/24", "10.23.1.0/24"]
  private_subnets  = ["10.23.10.0/24", "10.24.1.0/24"]
  enable_nat       = true
  private_nat      = true
  enable_flow_logs = true
  tags             = local.tags

  public_subnet_tags = { Tier = "public" }

  security_groups = {
    web = {
      description = "Web"
      ingress = {
        http  = { port = 80, cidr = "0.0.0.0/0", description = "HTTP" }
        https = { port = 443, cidr = "0.0.0.0/0" }
        all   = { protocol = "-1", self = true }
      }
    }
  }
}

module "balancer" {
  source = "./balancer"

  name            = local.name
  vpc_id          = module.network.vpc_id
  subnets         = module.network.public_subnets
  security_groups = [module.network.security_groups["web"]]
  tags            = local.tags

  target_groups = {
    app = {
      port         = 8080
      health_check = { path = "/health", matcher = "200-299" }
      stickiness   = { type = "lb_cookie", cookie_duration = 600 }
      targets      = ["10.23.0.10", "10.23.0.11"]
    }
    api = { port = 9090, protocol_version = "HTTP2", deregistration_delay = 5 }
  }

  listeners = {
    http = {
      port       = 80
      stickiness = { duration = 60, enabled = true }
      weighted = [
        { target_group = "app", weight = 90 },
        { target_group = "api", weight = 10 },
      ]
      rules = {
        api = {
          priority   = 10
          actions    = [{ type = "forward", target_group = "api" }]
          conditions = [{ path_pattern = ["/api/*"] }, { host_header = ["api.example.com"] }]
        }
        away = {
          priority   = 20
          actions    = [{ type = "redirect", host = "example.org", status_code = "HTTP_301" }]
          conditions = [{ query_string = { key = "old", value = "yes" } }, { source_ip = ["192.0.2.0/24"] }]
        }
        gone = {
          priority   = 30
          actions    = [{ type = "fixed-response", message = "gone", status_code = "410" }]
          conditions = [{ http_header = { name = "X-Old", values = ["1", "2"] } }, { http_request_method = ["GET"] }]
        }
      }
    }
    plain = { port = 8081, fixed = { content_type = "text/plain", message_body = "hello", status_code = "200" } }
  }
}

module "storage" {
  source = "./storage"

  name = local.name
  tags = local.tags

  buckets = {
    logs = {
      versioning = true
      lifecycle_rules = [
        { id = "old", prefix = "old/", expiration_days = 30 },
        { id = "all", noncurrent_days = 7 },
      ]
    }
    data = { kms = false, public_access = { block_public_acls = false } }
  }
}

variable "web_acl_arn" {
  description = "A web ACL of the cloud."
  type        = string
}

resource "aws_wafv2_web_acl_association" "this" {
  resource_arn = module.balancer.arn
  web_acl_arn  = var.web_acl_arn
}

output "network" {
  value = module.network
}

output "listeners" {
  value = module.balancer.listeners
}
