//! IP sets: what their operations share.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod update;

use std::net::IpAddr;

use neargate_api::model::wafv2::IpSet;
use neargate_api::{AwsError, Ctx};

use crate::{error, scope};

/// Blocks of one set.
const LIMIT: usize = 10_000;

/// The ARN of an IP set.
pub fn resource(ctx: &Ctx, scope: &str, name: &str, id: &str) -> String {
    scope::arn(ctx, scope, "ipset", name, id)
}

/// Refuses what is no block of the set's version: `192.0.2.0/24`, never all addresses.
fn check_addresses(version: &str, addresses: &[String]) -> Result<(), AwsError> {
    if addresses.len() > LIMIT {
        return Err(neargate_api::types::wafv2::error::waf_limits_exceeded_exception(
            "AWS WAF couldn’t perform the operation because you exceeded your resource limit.",
        ));
    }
    for text in addresses {
        let is_block = || {
            let (address, length) = text.split_once('/')?;
            let (address, length): (IpAddr, u8) = (address.parse().ok()?, length.parse().ok()?);
            let most = if version == "IPV4" { 32 } else { 128 };
            let fits = address.is_ipv4() == (version == "IPV4") && (1..=most).contains(&length);
            fits.then_some(())
        };
        if is_block().is_none() {
            let reason = "Your request contains an invalid parameter.";
            return Err(error::invalid(reason, "IP_ADDRESS", text));
        }
    }
    Ok(())
}

fn check_lock(found: &IpSet, token: &str) -> Result<(), AwsError> {
    if found.lock_token == token { Ok(()) } else { Err(error::changed_since()) }
}
