# A network in the manner of a public VPC module.

variable "name" {
  type = string
}

variable "cidr" {
  type = string
}

variable "secondary_cidrs" {
  type    = list(string)
  default = []
}

variable "public_subnets" {
  type    = list(string)
  default = []
}

variable "private_subnets" {
  type    = list(string)
  default = []
}

variable "public_subnet_tags" {
  type    = map(string)
  default = {}
}

variable "enable_nat" {
  type    = bool
  default = false
}

variable "single_nat" {
  type    = bool
  default = true
}

variable "private_nat" {
  type    = bool
  default = false
}

variable "enable_flow_logs" {
  type    = bool
  default = false
}

variable "map_public_ip_on_launch" {
  type    = bool
  default = false
}

variable "security_groups" {
  type = map(object({
    description = optional(string)
    ingress = optional(map(object({
      port        = optional(number)
      protocol    = optional(string, "tcp")
      cidr        = optional(string)
      self        = optional(bool, false)
      description = optional(string)
    })), {})
  }))
  default = {}
}

variable "tags" {
  type    = map(string)
  default = {}
}

data "aws_availability_zones" "available" {}

locals {
  azs       = slice(data.aws_availability_zones.available.names, 0, 3)
  nat_count = var.enable_nat ? (var.single_nat ? 1 : length(local.azs)) : 0

  rules = merge([
    for group, given in var.security_groups : { for name, rule in given.ingress : "${group}/${name}" => merge(rule, { group = group }) }
  ]...)
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  instance_tenancy     = "default"
  enable_dns_hostnames = true

  tags = merge({ Name = var.name }, var.tags)
}

resource "aws_vpc_ipv4_cidr_block_association" "this" {
  count = length(var.secondary_cidrs)

  vpc_id     = aws_vpc.this.id
  cidr_block = element(var.secondary_cidrs, count.index)
}

locals {
  # Subnets wait for the VPC's further ranges.
  vpc_id = try(aws_vpc_ipv4_cidr_block_association.this[0].vpc_id, aws_vpc.this.id, "")
}

resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge({ Name = "${var.name}-default" }, var.tags)
}

resource "aws_subnet" "public" {
  count = length(var.public_subnets) > 0 && (!var.enable_nat || length(var.public_subnets) >= local.nat_count) ? length(var.public_subnets) : 0

  vpc_id                  = local.vpc_id
  cidr_block              = var.public_subnets[count.index]
  availability_zone       = length(regexall("^[a-z]{2}-", element(local.azs, count.index))) > 0 ? element(local.azs, count.index) : null
  availability_zone_id    = length(regexall("^[a-z]{2}-", element(local.azs, count.index))) == 0 ? element(local.azs, count.index) : null
  map_public_ip_on_launch = var.map_public_ip_on_launch

  tags = merge({ Name = format("${var.name}-public-%s", element(local.azs, count.index)) }, var.tags, var.public_subnet_tags)
}

resource "aws_subnet" "private" {
  count = length(var.private_subnets)

  vpc_id            = local.vpc_id
  cidr_block        = var.private_subnets[count.index]
  availability_zone = element(local.azs, count.index)

  tags = merge({ Name = format("${var.name}-private-%s", element(local.azs, count.index)) }, var.tags)
}

resource "aws_internet_gateway" "this" {
  count = length(var.public_subnets) > 0 ? 1 : 0

  vpc_id = local.vpc_id
  tags   = merge({ Name = var.name }, var.tags)
}

resource "aws_route_table" "public" {
  vpc_id = local.vpc_id
  tags   = merge({ Name = "${var.name}-public" }, var.tags)
}

resource "aws_route" "public" {
  count = length(aws_internet_gateway.this)

  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[count.index].id
}

resource "aws_route_table_association" "public" {
  count = length(aws_subnet.public)

  subnet_id      = element(aws_subnet.public[*].id, count.index)
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table" "private" {
  count = max(local.nat_count, 1)

  vpc_id = local.vpc_id
  tags   = merge({ Name = "${var.name}-private-${count.index}" }, var.tags)
}

resource "aws_route" "private_nat" {
  count = local.nat_count

  route_table_id         = element(aws_route_table.private[*].id, count.index)
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = element(aws_nat_gateway.this[*].id, count.index)

  timeouts {
    create = "5m"
  }
}

resource "aws_route_table_association" "private" {
  count = length(aws_subnet.private)

  subnet_id      = element(aws_subnet.private[*].id, count.index)
  route_table_id = element(aws_route_table.private[*].id, var.single_nat ? 0 : count.index)
}

resource "aws_eip" "nat" {
  count = local.nat_count

  domain = "vpc"
  tags   = merge({ Name = "${var.name}-${count.index}" }, var.tags)
}

resource "aws_nat_gateway" "this" {
  count = local.nat_count

  allocation_id = element(aws_eip.nat[*].id, count.index)
  subnet_id     = element(aws_subnet.public[*].id, count.index)
  tags          = merge({ Name = "${var.name}-${count.index}" }, var.tags)

  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "private" {
  count = var.private_nat ? 1 : 0

  connectivity_type = "private"
  subnet_id         = aws_subnet.private[0].id
  tags              = { Name = "${var.name}-private" }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = toset(["s3", "dynamodb"])

  vpc_id            = local.vpc_id
  service_name      = "com.amazonaws.us-west-2.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = flatten([aws_route_table.private[*].id, [aws_route_table.public.id]])
  policy = each.key != "s3" ? null : jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "*" }]
  })
  tags = merge({ Name = "${var.name}-${each.key}" }, var.tags)
}

resource "aws_security_group" "this" {
  for_each = var.security_groups

  name_prefix = "${var.name}-${each.key}-"
  description = coalesce(each.value.description, "Managed by Terraform")
  vpc_id      = local.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-${each.key}" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_security_group_rule" "this" {
  for_each = local.rules

  security_group_id = aws_security_group.this[each.value.group].id
  type              = "ingress"
  protocol          = each.value.protocol
  from_port         = coalesce(each.value.port, 0)
  to_port           = coalesce(each.value.port, 0)
  cidr_blocks       = each.value.cidr != null ? [each.value.cidr] : null
  self              = each.value.self ? true : null
  description       = each.value.description
}

resource "aws_vpc_security_group_egress_rule" "all" {
  for_each = var.security_groups

  security_group_id = aws_security_group.this[each.key].id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_cloudwatch_log_group" "flow" {
  count = var.enable_flow_logs ? 1 : 0

  name              = "/flow/${var.name}"
  retention_in_days = 3
}

data "aws_iam_policy_document" "assume" {
  statement {
    sid     = "Flow"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["vpc-flow-logs.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "write" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [try("${aws_cloudwatch_log_group.flow[0].arn}:*", "*")]
  }
}

resource "aws_iam_role" "flow" {
  count = var.enable_flow_logs ? 1 : 0

  name_prefix        = "flow-"
  path               = "/differ/"
  description        = "Writes flow logs"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_policy" "flow" {
  count = var.enable_flow_logs ? 1 : 0

  name_prefix = "flow-"
  path        = "/differ/"
  policy      = data.aws_iam_policy_document.write.json
  tags        = var.tags
}

resource "aws_iam_role_policy_attachment" "flow" {
  count = var.enable_flow_logs ? 1 : 0

  role       = aws_iam_role.flow[0].name
  policy_arn = aws_iam_policy.flow[0].arn
}

resource "aws_flow_log" "vpc" {
  count = var.enable_flow_logs ? 1 : 0

  vpc_id                   = aws_vpc.this.id
  log_destination          = aws_cloudwatch_log_group.flow[0].arn
  iam_role_arn             = aws_iam_role.flow[0].arn
  traffic_type             = "REJECT"
  max_aggregation_interval = 60
  tags                     = merge({ Name = var.name }, var.tags)
}

output "vpc_id" {
  value = aws_vpc.this.id
}

output "public_subnets" {
  value = aws_subnet.public[*].id
}

output "private_subnets" {
  value = aws_subnet.private[*].id
}

output "nat_public_ips" {
  value = compact(aws_eip.nat[*].public_ip)
}

output "igw_id" {
  value = try(aws_internet_gateway.this[0].id, null)
}

output "security_groups" {
  value = { for name, group in aws_security_group.this : name => group.id }
}
