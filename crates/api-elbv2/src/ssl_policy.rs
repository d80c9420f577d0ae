//! DescribeSSLPolicies: the security policies of Application Load Balancers.
//!
//! Source: "Security policies for your Application Load Balancer". Each policy
//! is a set of families of ciphers, which all list their ciphers in one order.

use neargate_api::types::elbv2::{
    Cipher, DescribeSSLPoliciesInput, DescribeSSLPoliciesOutput, SslPolicy, error,
};
use neargate_api::{AwsError, Ctx};

use crate::pages;

/// The policy of an HTTPS listener that is made without one.
pub const DEFAULT: &str = "ELBSecurityPolicy-2016-08";

const TLS13: u8 = 1;
const TLS13_CHACHA: u8 = 2;
const ECDHE_GCM: u8 = 4;
const ECDHE_SHA2: u8 = 8;
const ECDHE_SHA1: u8 = 16;
const RSA_SHA2: u8 = 32;
const RSA_SHA1: u8 = 64;
const DES: u8 = 128;

const ANY_TLS13: u8 = TLS13 | TLS13_CHACHA;
const FORWARD_SECRET: u8 = ECDHE_GCM | ECDHE_SHA2;
const ALL_TLS12: u8 = FORWARD_SECRET | ECDHE_SHA1 | RSA_SHA2 | RSA_SHA1;

const CIPHERS: &[(&str, u8)] = &[
    ("TLS_AES_128_GCM_SHA256", TLS13),
    ("TLS_AES_256_GCM_SHA384", TLS13),
    ("TLS_CHACHA20_POLY1305_SHA256", TLS13_CHACHA),
    ("ECDHE-ECDSA-AES128-GCM-SHA256", ECDHE_GCM),
    ("ECDHE-RSA-AES128-GCM-SHA256", ECDHE_GCM),
    ("ECDHE-ECDSA-AES128-SHA256", ECDHE_SHA2),
    ("ECDHE-RSA-AES128-SHA256", ECDHE_SHA2),
    ("ECDHE-ECDSA-AES128-SHA", ECDHE_SHA1),
    ("ECDHE-RSA-AES128-SHA", ECDHE_SHA1),
    ("ECDHE-ECDSA-AES256-GCM-SHA384", ECDHE_GCM),
    ("ECDHE-RSA-AES256-GCM-SHA384", ECDHE_GCM),
    ("ECDHE-ECDSA-AES256-SHA384", ECDHE_SHA2),
    ("ECDHE-RSA-AES256-SHA384", ECDHE_SHA2),
    ("ECDHE-ECDSA-AES256-SHA", ECDHE_SHA1),
    ("ECDHE-RSA-AES256-SHA", ECDHE_SHA1),
    ("AES128-GCM-SHA256", RSA_SHA2),
    ("AES128-SHA256", RSA_SHA2),
    ("AES128-SHA", RSA_SHA1),
    ("AES256-GCM-SHA384", RSA_SHA2),
    ("AES256-SHA256", RSA_SHA2),
    ("AES256-SHA", RSA_SHA1),
    ("DES-CBC3-SHA", DES),
];

/// `TLSv1` is 0. What stands for them is the oldest and the newest.
const VERSIONS: &[&str] = &["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

struct Policy {
    name: &'static str,
    oldest: usize,
    newest: usize,
    ciphers: u8,
}

const fn policy(name: &'static str, oldest: usize, newest: usize, ciphers: u8) -> Policy {
    Policy { name, oldest, newest, ciphers }
}

const EXT1: u8 = ANY_TLS13 | FORWARD_SECRET | RSA_SHA2;
const EXT2: u8 = ANY_TLS13 | ALL_TLS12;

const POLICIES: &[Policy] = &[
    policy("ELBSecurityPolicy-TLS13-1-3-2021-06", 3, 3, ANY_TLS13),
    policy("ELBSecurityPolicy-TLS13-1-3-PQ-2025-09", 3, 3, ANY_TLS13),
    policy("ELBSecurityPolicy-TLS13-1-2-2021-06", 2, 3, ANY_TLS13 | FORWARD_SECRET),
    policy("ELBSecurityPolicy-TLS13-1-2-PQ-2025-09", 2, 3, ANY_TLS13 | FORWARD_SECRET),
    policy("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", 2, 3, ANY_TLS13 | ECDHE_GCM),
    policy("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", 2, 3, ANY_TLS13 | ECDHE_GCM),
    policy("ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", 2, 3, EXT1),
    policy("ELBSecurityPolicy-TLS13-1-2-Ext1-PQ-2025-09", 2, 3, EXT1),
    policy("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", 2, 3, EXT2),
    policy("ELBSecurityPolicy-TLS13-1-2-Ext2-PQ-2025-09", 2, 3, EXT2),
    policy("ELBSecurityPolicy-TLS13-1-1-2021-06", 1, 3, EXT2),
    policy("ELBSecurityPolicy-TLS13-1-0-2021-06", 0, 3, EXT2),
    policy("ELBSecurityPolicy-TLS13-1-0-PQ-2025-09", 0, 3, EXT2),
    policy("ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04", 3, 3, TLS13),
    policy("ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04", 2, 3, TLS13 | FORWARD_SECRET),
    policy("ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04", 2, 3, TLS13 | ECDHE_GCM),
    policy(
        "ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04",
        2,
        3,
        TLS13 | FORWARD_SECRET | ECDHE_SHA1,
    ),
    policy(
        "ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-2023-04",
        2,
        3,
        TLS13 | FORWARD_SECRET | RSA_SHA2,
    ),
    policy("ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-2023-04", 2, 3, TLS13 | ALL_TLS12),
    policy("ELBSecurityPolicy-TLS13-1-1-FIPS-2023-04", 1, 3, TLS13 | ALL_TLS12),
    policy("ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04", 0, 3, TLS13 | ALL_TLS12),
    policy("ELBSecurityPolicy-FS-1-2-Res-2020-10", 2, 2, ECDHE_GCM),
    policy("ELBSecurityPolicy-FS-1-2-Res-2019-08", 2, 2, FORWARD_SECRET),
    policy("ELBSecurityPolicy-FS-1-2-2019-08", 2, 2, FORWARD_SECRET | ECDHE_SHA1),
    policy("ELBSecurityPolicy-FS-1-1-2019-08", 1, 2, FORWARD_SECRET | ECDHE_SHA1),
    policy("ELBSecurityPolicy-FS-2018-06", 0, 2, FORWARD_SECRET | ECDHE_SHA1),
    policy("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", 2, 2, ALL_TLS12),
    policy("ELBSecurityPolicy-TLS-1-2-2017-01", 2, 2, FORWARD_SECRET | RSA_SHA2),
    policy("ELBSecurityPolicy-TLS-1-1-2017-01", 1, 2, ALL_TLS12),
    policy("ELBSecurityPolicy-2016-08", 0, 2, ALL_TLS12),
    policy("ELBSecurityPolicy-2015-05", 0, 2, ALL_TLS12),
    policy("ELBSecurityPolicy-TLS-1-0-2015-04", 0, 2, ALL_TLS12 | DES),
];

impl Policy {
    fn shown(&self) -> SslPolicy {
        let versions = VERSIONS[self.oldest..=self.newest].iter().rev();
        let ciphers = CIPHERS.iter().filter(|(_, family)| self.ciphers & family != 0).zip(1..);
        SslPolicy {
            name: Some(self.name.into()),
            ssl_protocols: Some(versions.map(|v| (*v).into()).collect()),
            ciphers: Some(
                ciphers
                    .map(|((name, _), priority)| Cipher {
                        name: Some((*name).into()),
                        priority: Some(priority),
                    })
                    .collect(),
            ),
            supported_load_balancer_types: Some(vec!["application".into(), "network".into()]),
        }
    }
}

/// Refuses a policy that AWS has not.
pub fn check(name: &str) -> Result<(), AwsError> {
    match POLICIES.iter().any(|policy| policy.name == name) {
        true => Ok(()),
        false => {
            Err(error::ssl_policy_not_found_exception(format!("SSL policy '{name}' not found")))
        }
    }
}

/// Versions that the policy has and that are spoken nowhere here: TLS 1.0 and 1.1.
pub fn has_old_versions(name: &str) -> bool {
    POLICIES.iter().any(|policy| policy.name == name && policy.oldest < 2)
}

pub async fn describe(
    _: Ctx,
    input: DescribeSSLPoliciesInput,
) -> Result<DescribeSSLPoliciesOutput, AwsError> {
    let names = input.names.unwrap_or_default();
    for name in &names {
        check(name)?;
    }
    let mut wanted: Vec<&Policy> =
        POLICIES.iter().filter(|p| names.is_empty() || names.iter().any(|n| n == p.name)).collect();
    wanted.sort_by_key(|policy| policy.name);
    let page = pages::cut(wanted, |policy| policy.name.into(), input.marker, input.page_size)?;
    Ok(DescribeSSLPoliciesOutput {
        ssl_policies: Some(page.items.iter().map(|policy| policy.shown()).collect()),
        next_marker: page.next_token,
    })
}
