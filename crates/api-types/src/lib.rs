//! Inputs, outputs, errors and schemas of the AWS operations that Neargate has:
//! a module per service, all of it written by `cargo xtask generate` from AWS's
//! models for the operations in `xtask/operations.txt`. Nothing here is edited by hand.

#![allow(clippy::single_match)] // a structure of one member is decoded as all others are

use neargate_wire::ServiceModel;

pub mod acm;
pub mod application_autoscaling;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod codedeploy;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod elbv2;
pub mod events;
pub mod iam;
pub mod kms;
pub mod logs;
pub mod rds;
pub mod secretsmanager;
pub mod sns;
pub mod ssm;
pub mod sts;
pub mod wafv2;

/// All services.
pub static SERVICES: &[&ServiceModel] = &[
    &acm::SERVICE,
    &application_autoscaling::SERVICE,
    &cloudtrail::SERVICE,
    &cloudwatch::SERVICE,
    &codedeploy::SERVICE,
    &ec2::SERVICE,
    &ecr::SERVICE,
    &ecs::SERVICE,
    &elbv2::SERVICE,
    &events::SERVICE,
    &iam::SERVICE,
    &kms::SERVICE,
    &logs::SERVICE,
    &rds::SERVICE,
    &secretsmanager::SERVICE,
    &sns::SERVICE,
    &ssm::SERVICE,
    &sts::SERVICE,
    &wafv2::SERVICE,
];
