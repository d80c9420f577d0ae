//! GetAccountSummary and ListAccountAliases.

use std::collections::BTreeMap;

use neargate_api::model::iam::{ManagedPolicy, Role};
use neargate_api::types::iam::{
    GetAccountSummaryInput, GetAccountSummaryResponse, ListAccountAliasesRequest,
    ListAccountAliasesResponse,
};
use neargate_api::{AwsError, Ctx};

use crate::document::{INLINE_LIMIT, MANAGED_LIMIT, TRUST_LIMIT};

pub async fn summary(
    ctx: Ctx,
    _: GetAccountSummaryInput,
) -> Result<GetAccountSummaryResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let versions: usize = snapshot.all::<ManagedPolicy>().map(|p| p.versions.len()).sum();
    let counts = [
        ("Roles", snapshot.count::<Role>()),
        ("Policies", snapshot.count::<ManagedPolicy>()),
        ("PolicyVersionsInUse", versions),
        ("Users", 0),
        ("Groups", 0),
        ("InstanceProfiles", 0),
        ("RolesQuota", 1000),
        ("PoliciesQuota", 1500),
        ("VersionsPerPolicyQuota", 5),
        ("AttachedPoliciesPerRoleQuota", 10),
        ("PolicySizeQuota", MANAGED_LIMIT),
        ("RolePolicySizeQuota", INLINE_LIMIT),
        ("AssumeRolePolicySizeQuota", TRUST_LIMIT),
    ];
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let map: BTreeMap<String, i32> =
        counts.into_iter().map(|(name, n)| (name.to_owned(), count(n))).collect();
    Ok(GetAccountSummaryResponse { summary_map: Some(map) })
}

/// No operation of Neargate gives the account a name: there are none.
pub async fn aliases(
    _: Ctx,
    _: ListAccountAliasesRequest,
) -> Result<ListAccountAliasesResponse, AwsError> {
    Ok(ListAccountAliasesResponse {
        account_aliases: Vec::new(),
        is_truncated: Some(false),
        marker: None,
    })
}
