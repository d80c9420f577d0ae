//! What the store holds: a module per service, a record type per resource. These
//! are words: plain data with their states and transitions, no IO, no policy.
//!
//! Keys of regional resources begin with the region (`us-west-2/name`), so that
//! two regions never see each other. A part that AWS shows back exactly as it
//! was given is kept as its wire shape (`Stored<ecs::ContainerDefinition>`).

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
pub mod s3;
pub mod secretsmanager;
pub mod sns;
pub mod ssm;
pub mod wafv2;

use neargate_store::Tables;

/// A resource's tags.
pub type Tags = std::collections::BTreeMap<String, String>;

/// All tables of the store.
pub fn tables() -> Tables {
    let tables = Tables::new();
    let tables = acm::tables(tables);
    let tables = application_autoscaling::tables(tables);
    let tables = cloudtrail::tables(tables);
    let tables = cloudwatch::tables(tables);
    let tables = codedeploy::tables(tables);
    let tables = ec2::tables(tables);
    let tables = ecr::tables(tables);
    let tables = ecs::tables(tables);
    let tables = elbv2::tables(tables);
    let tables = events::tables(tables);
    let tables = iam::tables(tables);
    let tables = kms::tables(tables);
    let tables = logs::tables(tables);
    let tables = rds::tables(tables);
    let tables = s3::tables(tables);
    let tables = secretsmanager::tables(tables);
    let tables = sns::tables(tables);
    let tables = ssm::tables(tables);
    wafv2::tables(tables)
}
