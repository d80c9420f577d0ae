# Who can go where: the public tier to the internet gateway, the app tier to a NAT
# gateway where there is one, the database tier nowhere. Every app subnet has a
# route table of its own, so that switching nat_gateway_mode replaces no table.

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  tags   = merge(local.tags, { Name = "${local.name}-public" })
}

resource "aws_route" "public_internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  count = local.az_total

  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = aws_route_table.public.id
}

resource "aws_eip" "nat" {
  #checkov:skip=CKV2_AWS_19:The address belongs to a NAT gateway, not to an instance.
  count = local.nat_total

  tags       = merge(local.tags, { Name = "${local.name}-nat-${count.index + 1}" })
  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  count = local.nat_total

  allocation_id = aws_eip.nat[count.index].id
  subnet_id     = aws_subnet.public[count.index].id

  tags       = merge(local.tags, { Name = "${local.name}-nat-${count.index + 1}" })
  depends_on = [aws_internet_gateway.this]
}

resource "aws_route_table" "private_app" {
  count = local.az_total

  vpc_id = aws_vpc.this.id
  tags   = merge(local.tags, { Name = "${local.name}-app-${count.index + 1}" })
}

resource "aws_route" "private_app_nat" {
  count = local.nat_total > 0 ? local.az_total : 0

  route_table_id         = aws_route_table.private_app[count.index].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[local.nat_total == 1 ? 0 : count.index].id
}

resource "aws_route_table_association" "private_app" {
  count = local.az_total

  subnet_id      = aws_subnet.private_app[count.index].id
  route_table_id = aws_route_table.private_app[count.index].id
}

resource "aws_route_table" "private_db" {
  vpc_id = aws_vpc.this.id
  tags   = merge(local.tags, { Name = "${local.name}-db" })
}

resource "aws_route_table_association" "private_db" {
  count = local.az_total

  subnet_id      = aws_subnet.private_db[count.index].id
  route_table_id = aws_route_table.private_db.id
}
