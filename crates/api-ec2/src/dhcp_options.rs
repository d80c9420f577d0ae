//! DHCP options: what a VPC tells its interfaces of names.

pub mod associate;
pub mod create;
pub mod delete;
pub mod describe;

use neargate_api::model::ec2::DhcpOptions;
use neargate_api::types::ec2;
use neargate_api::{Ctx, Snapshot};

use crate::tag;

/// The id that stands for "no options" in a VPC.
pub const NONE: &str = "default";

/// A set of options as the wire has it.
pub fn shape(ctx: &Ctx, snapshot: &Snapshot, options: &DhcpOptions) -> ec2::DhcpOptions {
    let configurations = options.configurations.iter().map(|(key, values)| {
        let values = values.iter().map(|value| ec2::AttributeValue { value: Some(value.clone()) });
        ec2::DhcpConfiguration { key: Some(key.clone()), values: Some(values.collect()) }
    });
    ec2::DhcpOptions {
        dhcp_options_id: Some(options.dhcp_options_id.clone()),
        dhcp_configurations: Some(configurations.collect()),
        owner_id: Some(ctx.account().into()),
        tags: tag::shown(snapshot, &options.region, &options.dhcp_options_id),
    }
}
