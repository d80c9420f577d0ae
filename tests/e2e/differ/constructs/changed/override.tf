locals {
  tags = { Example = "another" }
}

module "network" {
  public_subnets          = ["10.23.0.0/24", "10.23.1.0/24", "10.23.2.0/24"]
  single_nat              = false
  private_nat             = false
  enable_flow_logs        = false
  map_public_ip_on_launch = true
  public_subnet_tags      = {}
  security_groups = {
    web = {
      description = "Web"
      ingress = {
        http = { port = 8080, cidr = "10.0.0.0/8", description = "HTTP" }
        all  = { protocol = "-1", self = true, description = "Among us" }
      }
    }
  }
}

module "balancer" {
  idle_timeout = 90

  target_groups = {
    app = {
      port                          = 8080
      health_check                  = { path = "/ready", interval = 10, timeout = 3 }
      load_balancing_algorithm_type = "least_outstanding_requests"
      targets                       = ["10.23.0.11", "10.23.0.12"]
    }
    api = { port = 9090, protocol_version = "HTTP2", deregistration_delay = 15 }
  }

  listeners = {
    http = {
      port       = 80
      stickiness = { duration = 120, enabled = true }
      weighted = [
        { target_group = "app", weight = 50 },
        { target_group = "api", weight = 50 },
      ]
      rules = {
        api = {
          priority   = 15
          actions    = [{ type = "fixed-response", message = "moved", status_code = "404" }]
          conditions = [{ path_pattern = ["/api/*", "/v2/*"] }]
        }
        away = {
          priority   = 20
          actions    = [{ type = "redirect", host = "example.net", path = "/new", status_code = "HTTP_302" }]
          conditions = [{ source_ip = ["192.0.2.0/24", "198.51.100.0/24"] }]
        }
      }
    }
    plain = { port = 8082, fixed = { content_type = "text/html", message_body = "<p>", status_code = "503" } }
  }
}

module "storage" {
  parameter = "two"
  threshold = 7

  buckets = {
    logs = {
      versioning = false
      lifecycle_rules = [
        { id = "old", prefix = "older/", expiration_days = 60 },
      ]
    }
    data = { kms = true }
  }
}
