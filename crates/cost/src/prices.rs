//! The price table of `prices.json`, in US dollars.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// Hours of a month, as AWS's own calculator has it.
pub const HOURS: f64 = 730.0;

/// Names end in what the price is for; those without are for a month.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// When they were looked up.
    pub date: String,
    pub source: String,
    /// Where they hold.
    pub regions: Vec<String>,
    pub fargate: Fargate,
    pub public_ipv4_hour: f64,
    pub alb_hour: f64,
    pub alb_lcu_hour: f64,
    pub nat_hour: f64,
    pub nat_gb: f64,
    pub interface_endpoint_hour: f64,
    pub interface_endpoint_gb: f64,
    /// An hour of PostgreSQL in one zone, by instance class.
    pub rds: BTreeMap<String, f64>,
    pub rds_storage_gb_month: BTreeMap<String, f64>,
    pub alarm: f64,
    pub alarm_high_resolution: f64,
    pub composite_alarm: f64,
    pub dashboard: f64,
    pub metric: f64,
    pub logs_ingested_gb: f64,
    pub logs_stored_gb_month: f64,
    pub secret: f64,
    pub kms_key: f64,
    pub ecr_gb_month: f64,
    pub s3_gb_month: f64,
    pub web_acl: f64,
    pub web_acl_rule: f64,
    pub hosted_zone: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fargate {
    pub x86: Compute,
    pub arm: Compute,
    /// What Spot costs of the price on demand; it moves with what AWS has to spare.
    pub spot_share: f64,
    /// Of storage beyond the 20 GB that every task has.
    pub ephemeral_gb_hour: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compute {
    pub vcpu_hour: f64,
    pub gb_hour: f64,
}

/// The table.
pub static PRICES: LazyLock<Prices> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../prices.json")).expect("a test reads the price table")
});

/// A price by itself: in cents where it comes to whole ones.
pub(crate) fn price(dollars: f64) -> String {
    let cents = format!("${dollars:.2}");
    let exact = format!("${dollars}");
    if exact.len() > cents.len() { exact } else { cents }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        assert_eq!(PRICES.regions, ["us-east-1", "us-west-2"]);
    }
}
