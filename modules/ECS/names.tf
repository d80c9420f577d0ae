# The names that the other files share, and the account and region they stand in.

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name         = "${var.project_name}-${var.environment}"
  cluster_name = "${local.name}-cluster"
  service_name = "${local.name}-service"
  tags         = merge({ Project = var.project_name, Environment = var.environment }, var.common_tags)

  region     = data.aws_region.current.id
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition

  # Load balancers and target groups have AWS's shortest names: 32 characters.
  name_too_long = "The name ${local.name} is too long: project_name and environment may have 25 characters together, so that no load balancer's or target group's name exceeds AWS's 32."

  blue_green = var.deployment_controller == "CODE_DEPLOY"
}
