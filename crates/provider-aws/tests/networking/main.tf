# What the test of networking applies, changes and destroys.

terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}

provider "aws" {
  region                      = "us-west-2"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  default_tags { tags = { Owner = "me" } }
}

data "aws_region" "r" {}
data "aws_caller_identity" "c" {}
data "aws_partition" "p" {}
data "aws_availability_zones" "z" { state = "available" }
resource "aws_vpc" "v" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "v" }
}
resource "aws_subnet" "a" {
  vpc_id                  = aws_vpc.v.id
  cidr_block              = "10.0.1.0/24"
  availability_zone       = data.aws_availability_zones.z.names[0]
  map_public_ip_on_launch = true
}
resource "aws_subnet" "b" {
  vpc_id            = aws_vpc.v.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = data.aws_availability_zones.z.names[1]
  tags              = { Name = "b" }
}
resource "aws_internet_gateway" "g" { vpc_id = aws_vpc.v.id }
resource "aws_route_table" "t" {
  vpc_id = aws_vpc.v.id
  tags   = { Name = "t" }
}
resource "aws_route_table" "inline" {
  vpc_id = aws_vpc.v.id
  route = [{
    cidr_block                 = "0.0.0.0/0"
    gateway_id                 = aws_internet_gateway.g.id
    carrier_gateway_id         = null
    core_network_arn           = null
    destination_prefix_list_id = null
    egress_only_gateway_id     = null
    ipv6_cidr_block            = null
    local_gateway_id           = null
    nat_gateway_id             = null
    network_interface_id       = null
    transit_gateway_id         = null
    vpc_endpoint_id            = null
    vpc_peering_connection_id  = null
  }]
}
resource "aws_route" "r" {
  route_table_id         = aws_route_table.t.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.g.id
}
resource "aws_route_table_association" "a" {
  route_table_id = aws_route_table.t.id
  subnet_id      = aws_subnet.a.id
}
resource "aws_eip" "e" { domain = "vpc" }
resource "aws_nat_gateway" "n" {
  allocation_id = aws_eip.e.id
  subnet_id     = aws_subnet.a.id
  depends_on    = [aws_internet_gateway.g]
}
resource "aws_security_group" "s" {
  name        = "s"
  description = "a group"
  vpc_id      = aws_vpc.v.id
}
resource "aws_security_group" "inline" {
  name_prefix = "inl-"
  vpc_id      = aws_vpc.v.id
  ingress = [{
    description      = "web"
    from_port        = 80
    to_port          = 80
    protocol         = "tcp"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = null
    prefix_list_ids  = null
    security_groups  = null
    self             = null
  }]
  egress = [{
    description      = null
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = null
    prefix_list_ids  = null
    security_groups  = null
    self             = null
  }]
}
resource "aws_vpc_security_group_ingress_rule" "i" {
  security_group_id = aws_security_group.s.id
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  description       = "x"
}
resource "aws_vpc_security_group_egress_rule" "o" {
  security_group_id = aws_security_group.s.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
  tags              = { A = "b" }
}
resource "aws_vpc_security_group_ingress_rule" "ref" {
  security_group_id            = aws_security_group.s.id
  referenced_security_group_id = aws_security_group.inline.id
  ip_protocol                  = "udp"
  from_port                    = 53
  to_port                      = 54
}
resource "aws_default_security_group" "d" { vpc_id = aws_vpc.v.id }
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.v.id
  service_name    = "com.amazonaws.us-west-2.s3"
  route_table_ids = [aws_route_table.t.id]
}
resource "aws_vpc_endpoint" "logs" {
  vpc_id              = aws_vpc.v.id
  service_name        = "com.amazonaws.us-west-2.logs"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [aws_subnet.a.id]
  security_group_ids  = [aws_security_group.s.id]
  private_dns_enabled = true
}

resource "aws_cloudwatch_log_group" "l" {
  name_prefix       = "/x/"
  retention_in_days = 7
}
resource "aws_iam_role" "r" {
  name               = "networking-test"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}
resource "aws_iam_role_policy" "p" {
  name   = "inline"
  role   = aws_iam_role.r.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "logs:*", Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.r.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}
