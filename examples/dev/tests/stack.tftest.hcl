# The whole development stack, wired together, with no cloud behind it.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { id = "us-west-2", name = "us-west-2" }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-west-2a", "us-west-2b", "us-west-2c"] }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_vpc" {
    defaults = { id = "vpc-1" }
  }
  mock_resource "aws_security_group" {
    defaults = { id = "sg-1" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-west-2:123456789012:secret:realworld-db-credentials-AbCdEf" }
  }
  mock_resource "aws_acm_certificate" {
    defaults = { arn = "arn:aws:acm:us-west-2:123456789012:certificate/1" }
  }
  mock_resource "aws_acm_certificate_validation" {
    defaults = { certificate_arn = "arn:aws:acm:us-west-2:123456789012:certificate/1" }
  }
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/realworld/1", dns_name = "realworld-1.us-west-2.elb.amazonaws.com" }
  }
  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-west-2:123456789012:listener/app/realworld/1/2" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/realworld/1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_ecs_cluster" {
    defaults = { id = "arn:aws:ecs:us-west-2:123456789012:cluster/realworld" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:us-west-2:123456789012:task-definition/realworld:1" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-west-2:123456789012:realworld-alarms" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-west-2:123456789012:log-group:mocked" }
  }
  mock_resource "aws_ecr_repository" {
    defaults = { repository_url = "123456789012.dkr.ecr.us-west-2.amazonaws.com/realworld" }
  }
}

run "stack" {
  command = apply

  assert {
    condition     = output.alb_url == "http://realworld-1.us-west-2.elb.amazonaws.com"
    error_message = "The application must be at the load balancer's URL."
  }

  assert {
    condition     = output.cluster_name == "realworld-dev-cluster" && output.service_name == "realworld-dev-service" && output.log_group_name == "/ecs/realworld-dev"
    error_message = "The names are those of the specification."
  }
}

run "another_image" {
  command = apply

  variables {
    container_image = "public.ecr.aws/docker/library/python:3.11-slim"
  }

  assert {
    condition     = module.ecs.container_image == "public.ecr.aws/docker/library/python:3.11-slim"
    error_message = "A container_image must reach the module."
  }
}
