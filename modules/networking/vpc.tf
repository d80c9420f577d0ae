# The VPC and its three tiers of subnets in each zone:
#
#   public        load balancer and NAT gateways; the only tier with public addresses
#   private app   tasks and interface endpoints; out only by NAT (if any) or endpoints
#   private DB    the database; no way out at all
#
# The VPC's own default security group is emptied, so that nothing can be reached
# by having forgotten to name a group.

data "aws_region" "current" {}

data "aws_availability_zones" "available" {
  #checkov:skip=CKV_AWS_394:Only the first az_count names are taken, and a new zone comes last; availability_zones pins them.
  state = "available"

  # Local zones and Wavelength zones have no Fargate and no RDS.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  name = "${var.project_name}-${var.environment}"
  tags = merge({ Project = var.project_name, Environment = var.environment }, var.common_tags)

  az_names = length(var.availability_zones) > 0 ? var.availability_zones : slice(
    data.aws_availability_zones.available.names, 0,
    min(var.az_count, length(data.aws_availability_zones.available.names))
  )
  az_total = length(var.availability_zones) > 0 ? length(var.availability_zones) : var.az_count

  app_cidrs    = [for i in range(local.az_total) : cidrsubnet(var.vpc_cidr, 4, i)]
  public_cidrs = [for i in range(local.az_total) : cidrsubnet(cidrsubnet(var.vpc_cidr, 4, 14), 4, i)]
  db_cidrs     = [for i in range(local.az_total) : cidrsubnet(cidrsubnet(var.vpc_cidr, 4, 15), 4, i)]

  nat_total = { none = 0, single = 1, one_per_az = local.az_total }[var.nat_gateway_mode]
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11:Flow logs cost money per gigabyte; enable_flow_logs switches them on.
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true # interface endpoints with private DNS need it

  tags = merge(local.tags, { Name = "${local.name}-vpc" })

  lifecycle {
    precondition {
      condition     = length(local.az_names) == local.az_total
      error_message = "The region has fewer than az_count (${var.az_count}) availability zones: lower az_count, or name the zones in availability_zones."
    }
  }
}

resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge(local.tags, { Name = "${local.name}-default-closed" })
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge(local.tags, { Name = "${local.name}-igw" })
}

resource "aws_subnet" "public" {
  count = local.az_total

  vpc_id                  = aws_vpc.this.id
  cidr_block              = local.public_cidrs[count.index]
  availability_zone       = local.az_names[count.index]
  map_public_ip_on_launch = false # what needs a public address here asks for one itself

  tags = merge(local.tags, { Name = "${local.name}-public-${count.index + 1}", Tier = "public" })
}

resource "aws_subnet" "private_app" {
  count = local.az_total

  vpc_id            = aws_vpc.this.id
  cidr_block        = local.app_cidrs[count.index]
  availability_zone = local.az_names[count.index]

  tags = merge(local.tags, { Name = "${local.name}-app-${count.index + 1}", Tier = "private-app" })
}

resource "aws_subnet" "private_db" {
  count = local.az_total

  vpc_id            = aws_vpc.this.id
  cidr_block        = local.db_cidrs[count.index]
  availability_zone = local.az_names[count.index]

  tags = merge(local.tags, { Name = "${local.name}-db-${count.index + 1}", Tier = "private-db" })
}
