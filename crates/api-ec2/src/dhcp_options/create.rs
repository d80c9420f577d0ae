//! CreateDhcpOptions.

use neargate_api::model::ec2::DhcpOptions;
use neargate_api::types::ec2::{
    CreateDhcpOptionsRequest, CreateDhcpOptionsResult, NewDhcpConfiguration,
};
use neargate_api::{AwsError, Ctx};

use crate::error::{self, dry_run};
use crate::resource::Resource;
use crate::tag;

/// The options that there are. Source: CreateDhcpOptions in the API reference.
const KNOWN: [&str; 6] = [
    "domain-name-servers",
    "domain-name",
    "ntp-servers",
    "netbios-name-servers",
    "netbios-node-type",
    "ipv6-address-preferred-lease-time",
];

pub async fn call(
    ctx: Ctx,
    input: CreateDhcpOptionsRequest,
) -> Result<CreateDhcpOptionsResult, AwsError> {
    dry_run(input.dry_run)?;
    let configurations = checked(input.dhcp_configurations)?;
    let tags = tag::for_creation(input.tag_specifications, DhcpOptions::TYPE)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let options = DhcpOptions {
            region: at.region.clone(),
            dhcp_options_id: format!("dopt-{}", at.rng().hex(17)),
            is_default: false,
            configurations,
        };
        tx.put(options.clone());
        tag::store(tx, &at.region, &options.dhcp_options_id, DhcpOptions::TYPE, tags);
        Ok(CreateDhcpOptionsResult { dhcp_options: Some(super::shape(&at, tx, &options)) })
    })
    .await
}

fn checked(given: Vec<NewDhcpConfiguration>) -> Result<Vec<(String, Vec<String>)>, AwsError> {
    let mut checked = Vec::new();
    for configuration in given {
        let key = configuration.key.unwrap_or_default();
        if !KNOWN.contains(&key.as_str()) {
            return Err(error::invalid_value(
                &key,
                "dhcpConfiguration",
                "There is no such option.",
            ));
        }
        let values = configuration.values.unwrap_or_default();
        if values.is_empty() || (key.ends_with("-servers") && values.len() > 4) {
            return Err(error::invalid_value(
                &values.join(","),
                &key,
                "There must be between 1 and 4 of them.",
            ));
        }
        checked.push((key, values));
    }
    match checked.is_empty() {
        true => Err(error::missing("dhcpConfiguration")),
        false => Ok(checked),
    }
}
