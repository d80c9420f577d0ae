# What other modules need to stand in this network.

output "vpc_id" {
  description = "ID of the VPC."
  value       = aws_vpc.this.id
}

output "vpc_cidr_block" {
  description = "IPv4 range of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "availability_zones" {
  description = "Names of the zones in use, in the order of the subnets."
  value       = local.az_names
}

output "public_subnet_ids" {
  description = "IDs of the public subnets, for the load balancer."
  value       = aws_subnet.public[*].id
}

output "private_app_subnet_ids" {
  description = "IDs of the private subnets for tasks."
  value       = aws_subnet.private_app[*].id

  # A task that starts before its way out exists can't pull its image.
  depends_on = [
    aws_route.private_app_nat,
    aws_route_table_association.private_app,
    aws_vpc_endpoint.interface,
    aws_vpc_endpoint.s3,
  ]
}

output "private_db_subnet_ids" {
  description = "IDs of the private subnets for the database."
  value       = aws_subnet.private_db[*].id
}

output "alb_security_group_id" {
  description = "ID of the load balancer's security group."
  value       = aws_security_group.alb.id

  depends_on = [
    aws_vpc_security_group_ingress_rule.alb_from_clients,
    aws_vpc_security_group_egress_rule.alb_to_ecs,
  ]
}

output "ecs_security_group_id" {
  description = "ID of the tasks' security group."
  value       = aws_security_group.ecs.id

  # Nor one that starts before its rules do.
  depends_on = [
    aws_vpc_security_group_ingress_rule.ecs_from_alb,
    aws_vpc_security_group_egress_rule.ecs_to_db,
    aws_vpc_security_group_egress_rule.ecs_to_endpoints,
    aws_vpc_security_group_egress_rule.ecs_to_s3,
    aws_vpc_security_group_egress_rule.ecs_to_internet,
    aws_vpc_security_group_ingress_rule.endpoints_from_ecs,
  ]
}

output "db_security_group_id" {
  description = "ID of the database's security group."
  value       = aws_security_group.db.id
}

output "endpoints_security_group_id" {
  description = "ID of the interface endpoints' security group, or null without any."
  value       = one(aws_security_group.endpoints[*].id)
}

output "internet_gateway_id" {
  description = "ID of the internet gateway."
  value       = aws_internet_gateway.this.id
}

output "nat_public_ips" {
  description = "Public addresses from which tasks reach the internet: what a third party has to allow. Empty without NAT."
  value       = aws_eip.nat[*].public_ip
}

output "public_route_table_id" {
  description = "ID of the public subnets' route table."
  value       = aws_route_table.public.id
}

output "private_app_route_table_ids" {
  description = "IDs of the app subnets' route tables, one per zone."
  value       = aws_route_table.private_app[*].id
}

output "private_db_route_table_id" {
  description = "ID of the database subnets' route table."
  value       = aws_route_table.private_db.id
}

output "interface_endpoint_ids" {
  description = "IDs of the interface endpoints, by service."
  value       = { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.id }
}

output "flow_log_group_name" {
  description = "Name of the flow logs' log group, or null without flow logs."
  value       = one(aws_cloudwatch_log_group.flow_logs[*].name)
}

output "cloudtrail_bucket_name" {
  description = "Name of the audit log's bucket, or null without CloudTrail."
  value       = one(aws_s3_bucket.trail[*].id)
}
