# Who may talk to whom. Groups name each other instead of address ranges, so that
# a rule says what it means and survives a change of subnets:
#
#   clients -> alb -> ecs -> db
#                      |---> endpoints (443), S3 by its prefix list (443)
#                      `---> internet (443), only with a NAT gateway
#
# Each rule is a resource of its own: groups that name each other could not be
# made otherwise. AWS resolves DNS (and serves task metadata) outside of groups.

resource "aws_security_group" "alb" {
  #checkov:skip=CKV2_AWS_5:The load balancer of the ECS module carries it (output alb_security_group_id).
  name        = "${local.name}-alb"
  description = "Load balancer of ${local.name}"
  vpc_id      = aws_vpc.this.id
  tags        = merge(local.tags, { Name = "${local.name}-alb" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "alb_from_clients" {
  #checkov:skip=CKV_AWS_260:Port 80 of a public load balancer is open to its clients; alb_ingress_cidr_blocks and alb_ingress_ports narrow it.
  for_each = {
    for pair in setproduct(var.alb_ingress_ports, var.alb_ingress_cidr_blocks) :
    "${pair[0]}-${pair[1]}" => { port = pair[0], cidr = pair[1] }
  }

  security_group_id = aws_security_group.alb.id
  description       = "Clients"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
  tags              = local.tags
}

resource "aws_vpc_security_group_egress_rule" "alb_to_ecs" {
  security_group_id            = aws_security_group.alb.id
  description                  = "Tasks"
  ip_protocol                  = "tcp"
  from_port                    = var.app_port
  to_port                      = var.app_port
  referenced_security_group_id = aws_security_group.ecs.id
  tags                         = local.tags
}

resource "aws_security_group" "ecs" {
  #checkov:skip=CKV2_AWS_5:The tasks of the ECS module carry it (output ecs_security_group_id).
  name        = "${local.name}-ecs"
  description = "Tasks of ${local.name}"
  vpc_id      = aws_vpc.this.id
  tags        = merge(local.tags, { Name = "${local.name}-ecs" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "ecs_from_alb" {
  security_group_id            = aws_security_group.ecs.id
  description                  = "Load balancer"
  ip_protocol                  = "tcp"
  from_port                    = var.app_port
  to_port                      = var.app_port
  referenced_security_group_id = aws_security_group.alb.id
  tags                         = local.tags
}

resource "aws_vpc_security_group_egress_rule" "ecs_to_db" {
  security_group_id            = aws_security_group.ecs.id
  description                  = "Database"
  ip_protocol                  = "tcp"
  from_port                    = var.db_port
  to_port                      = var.db_port
  referenced_security_group_id = aws_security_group.db.id
  tags                         = local.tags
}

resource "aws_vpc_security_group_egress_rule" "ecs_to_endpoints" {
  count = length(var.interface_endpoints) > 0 ? 1 : 0

  security_group_id            = aws_security_group.ecs.id
  description                  = "AWS services by interface endpoint"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.endpoints[0].id
  tags                         = local.tags
}

resource "aws_vpc_security_group_egress_rule" "ecs_to_s3" {
  count = var.enable_s3_gateway_endpoint ? 1 : 0

  security_group_id = aws_security_group.ecs.id
  description       = "S3 by gateway endpoint"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = aws_vpc_endpoint.s3[0].prefix_list_id
  tags              = local.tags
}

resource "aws_vpc_security_group_egress_rule" "ecs_to_internet" {
  count = local.nat_total > 0 ? 1 : 0

  security_group_id = aws_security_group.ecs.id
  description       = "Internet by NAT"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
  tags              = local.tags
}

resource "aws_security_group" "db" {
  #checkov:skip=CKV2_AWS_5:The instance of the database module carries it (output db_security_group_id).
  name        = "${local.name}-db"
  description = "Database of ${local.name}"
  vpc_id      = aws_vpc.this.id
  tags        = merge(local.tags, { Name = "${local.name}-db" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "db_from_ecs" {
  security_group_id            = aws_security_group.db.id
  description                  = "Tasks"
  ip_protocol                  = "tcp"
  from_port                    = var.db_port
  to_port                      = var.db_port
  referenced_security_group_id = aws_security_group.ecs.id
  tags                         = local.tags
}

resource "aws_security_group" "endpoints" {
  #checkov:skip=CKV2_AWS_5:The interface endpoints of this module carry it.
  count = length(var.interface_endpoints) > 0 ? 1 : 0

  name        = "${local.name}-endpoints"
  description = "Interface endpoints of ${local.name}"
  vpc_id      = aws_vpc.this.id
  tags        = merge(local.tags, { Name = "${local.name}-endpoints" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints_from_ecs" {
  count = length(var.interface_endpoints) > 0 ? 1 : 0

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "Tasks"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.ecs.id
  tags                         = local.tags
}
