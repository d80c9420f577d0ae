# The network with no cloud behind it: what is made, how it is named and cut, and what is refused.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { id = "us-west-2", name = "us-west-2" }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"] }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  project_name = "realworld"
  environment  = "dev"
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_vpc.this.tags["Name"] == "realworld-dev-vpc" && aws_security_group.ecs.name == "realworld-dev-ecs"
    error_message = "Everything must be named <project_name>-<environment>-..."
  }

  assert {
    condition     = aws_subnet.public[*].cidr_block == ["10.0.224.0/24", "10.0.225.0/24"] && aws_subnet.private_app[*].cidr_block == ["10.0.0.0/20", "10.0.16.0/20"] && aws_subnet.private_db[*].cidr_block == ["10.0.240.0/24", "10.0.241.0/24"]
    error_message = "The tiers must be cut out of the VPC without overlap."
  }

  assert {
    condition     = aws_subnet.public[*].availability_zone == ["us-west-2a", "us-west-2b"]
    error_message = "Subnets must spread over the first zones."
  }

  assert {
    condition     = !anytrue(aws_subnet.public[*].map_public_ip_on_launch)
    error_message = "No subnet may give out public addresses by itself."
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_route.private_app_nat) == 0 && length(aws_vpc_security_group_egress_rule.ecs_to_internet) == 0
    error_message = "Without NAT, nothing may lead to the internet."
  }

  assert {
    condition     = toset(keys(aws_vpc_endpoint.interface)) == toset(["ecr.api", "ecr.dkr", "logs", "secretsmanager"]) && aws_vpc_endpoint.interface["ecr.dkr"].service_name == "com.amazonaws.us-west-2.ecr.dkr"
    error_message = "A Fargate task without internet needs its image, its log and its secret."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.ecs_from_alb.cidr_ipv4 == null && aws_vpc_security_group_ingress_rule.ecs_from_alb.from_port == 5000 && aws_vpc_security_group_ingress_rule.db_from_ecs.from_port == 5432
    error_message = "Groups must name each other, on the ports of the application and the database."
  }

  assert {
    condition     = length(aws_flow_log.this) == 0 && length(aws_cloudtrail.this) == 0
    error_message = "The audit logs must be off by default."
  }

  assert {
    condition     = aws_vpc.this.tags["Project"] == "realworld" && aws_vpc.this.tags["Environment"] == "dev"
    error_message = "Every resource must carry the tags Project and Environment."
  }
}

run "nat_in_every_zone" {
  command = plan

  variables {
    nat_gateway_mode = "one_per_az"
    az_count         = 3
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_eip.nat) == 3 && length(aws_route.private_app_nat) == 3 && length(aws_vpc_security_group_egress_rule.ecs_to_internet) == 1
    error_message = "Each of three zones must have a NAT gateway and a route to it."
  }
}

run "single_nat" {
  command = plan

  variables {
    nat_gateway_mode = "single"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.private_app_nat) == 2
    error_message = "Two zones must share one NAT gateway."
  }
}

run "smallest_vpc" {
  command = plan

  variables {
    vpc_cidr = "192.168.16.0/20"
    az_count = 2
  }

  assert {
    condition     = aws_subnet.private_db[1].cidr_block == "192.168.31.16/28"
    error_message = "A /20 must be cut into subnets that AWS accepts."
  }
}

run "audit_logs" {
  command = plan

  variables {
    enable_flow_logs  = true
    enable_cloudtrail = true
  }

  assert {
    condition     = aws_s3_bucket.trail[0].bucket == "realworld-dev-audit-123456789012" && aws_cloudtrail.this[0].is_multi_region_trail && aws_cloudtrail.this[0].enable_log_file_validation && aws_flow_log.this[0].traffic_type == "ALL"
    error_message = "The audit logs must record all regions and all connections."
  }
}

run "more_zones_than_the_region_has" {
  command = plan

  variables {
    az_count = 6
  }

  expect_failures = [aws_vpc.this]
}

run "refuses_names" {
  command = plan

  variables {
    common_tags  = { "aws:owner" = "me" }
    project_name = "Real_World"
    environment  = "p"
  }

  expect_failures = [var.common_tags, var.project_name, var.environment]
}

run "refuses_values" {
  command = plan

  variables {
    vpc_cidr                = "10.0.0.0/24"
    nat_gateway_mode        = "two"
    interface_endpoints     = ["com.amazonaws.us-west-2.ecr.api!"]
    app_port                = 0
    db_port                 = 80
    alb_ingress_cidr_blocks = ["anywhere"]
    alb_ingress_ports       = []
    log_retention_days      = 2
    kms_key_arn             = "alias/mine"
  }

  expect_failures = [
    var.vpc_cidr, var.nat_gateway_mode, var.interface_endpoints, var.app_port, var.db_port,
    var.alb_ingress_cidr_blocks, var.alb_ingress_ports, var.log_retention_days, var.kms_key_arn,
  ]
}

run "refuses_one_zone" {
  command = plan

  variables {
    az_count           = 1
    availability_zones = ["us-west-2a"]
  }

  expect_failures = [var.az_count, var.availability_zones]
}
