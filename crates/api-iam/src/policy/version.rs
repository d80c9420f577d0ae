//! Versions of a managed policy: at most five, one of them the default, which acts.

use neargate_api::model::iam::{self as model, ManagedPolicy};
use neargate_api::types::iam::{
    CreatePolicyVersionRequest, CreatePolicyVersionResponse, DeletePolicyVersionOutput,
    DeletePolicyVersionRequest, GetPolicyVersionRequest, GetPolicyVersionResponse,
    ListPolicyVersionsRequest, ListPolicyVersionsResponse, PolicyVersion,
    SetDefaultPolicyVersionOutput, SetDefaultPolicyVersionRequest, error,
};
use neargate_api::{AwsError, Ctx, Timestamp};

use crate::aws_managed::{self, AwsManaged};
use crate::{document, pages, policy};

/// Versions that one policy can have.
const VERSION_LIMIT: usize = 5;

pub async fn create(
    ctx: Ctx,
    input: CreatePolicyVersionRequest,
) -> Result<CreatePolicyVersionResponse, AwsError> {
    document::check_managed(&input.policy_document)?;
    let now = ctx.now;
    let changed = ctx
        .write(move |tx| {
            if policy::find_own(tx, &input.policy_arn)?.versions.len() >= VERSION_LIMIT {
                return Err(error::limit_exceeded_exception(
                    "A managed policy can have up to 5 versions. Before you create a new version, \
                     you must delete an existing version.",
                ));
            }
            policy::change(tx, &input.policy_arn, |policy| {
                let number = policy.next_version;
                let version =
                    model::PolicyVersion { document: input.policy_document, created_at: now };
                policy.versions.insert(number, version);
                policy.next_version += 1;
                policy.updated_at = now;
                if input.set_as_default == Some(true) {
                    policy.default_version = number;
                }
            })
        })
        .await?;
    let number = changed.next_version - 1;
    let shown = changed.versions.get(&number).map(|version| shown(&changed, number, version));
    Ok(CreatePolicyVersionResponse {
        policy_version: shown.map(|version| PolicyVersion { document: None, ..version }),
    })
}

pub async fn delete(
    ctx: Ctx,
    input: DeletePolicyVersionRequest,
) -> Result<DeletePolicyVersionOutput, AwsError> {
    let now = ctx.now;
    ctx.write(move |tx| {
        let found = policy::find_own(tx, &input.policy_arn)?;
        let number = number_of(&found, &input.version_id)?;
        if number == found.default_version {
            return Err(error::delete_conflict_exception(
                "Cannot delete the default version of a policy.",
            ));
        }
        policy::change(tx, &input.policy_arn, |policy| {
            policy.versions.remove(&number);
            policy.updated_at = now;
        })?;
        Ok(DeletePolicyVersionOutput {})
    })
    .await
}

pub async fn set_default(
    ctx: Ctx,
    input: SetDefaultPolicyVersionRequest,
) -> Result<SetDefaultPolicyVersionOutput, AwsError> {
    let now = ctx.now;
    ctx.write(move |tx| {
        let found = policy::find_own(tx, &input.policy_arn)?;
        let number = number_of(&found, &input.version_id)?;
        policy::change(tx, &input.policy_arn, |policy| {
            policy.default_version = number;
            policy.updated_at = now;
        })?;
        Ok(SetDefaultPolicyVersionOutput {})
    })
    .await
}

pub async fn get(
    ctx: Ctx,
    input: GetPolicyVersionRequest,
) -> Result<GetPolicyVersionResponse, AwsError> {
    if let Some(found) = aws_managed::find(&input.policy_arn) {
        return match input.version_id == found.version {
            true => Ok(GetPolicyVersionResponse { policy_version: Some(shown_aws(found)) }),
            false => Err(no_version(&input.policy_arn, &input.version_id)),
        };
    }
    let found = ctx.snapshot().get::<ManagedPolicy>(&input.policy_arn);
    let found = found.ok_or_else(|| policy::not_found(&input.policy_arn))?;
    let number = number_of(&found, &input.version_id)?;
    let version = found.versions.get(&number).map(|version| shown(&found, number, version));
    Ok(GetPolicyVersionResponse { policy_version: version })
}

pub async fn list(
    ctx: Ctx,
    input: ListPolicyVersionsRequest,
) -> Result<ListPolicyVersionsResponse, AwsError> {
    let newest_first: Vec<PolicyVersion> = match aws_managed::find(&input.policy_arn) {
        Some(found) => vec![shown_aws(found)],
        None => {
            let found = ctx.snapshot().get::<ManagedPolicy>(&input.policy_arn);
            let found = found.ok_or_else(|| policy::not_found(&input.policy_arn))?;
            found.versions.iter().rev().map(|(n, version)| shown(&found, *n, version)).collect()
        }
    };
    let listed = newest_first
        .into_iter()
        .enumerate()
        .map(|(place, version)| (place, PolicyVersion { document: None, ..version }));
    let key = |(place, _): &(usize, PolicyVersion)| place.to_string();
    let page = pages::of(listed, key, input.marker.as_deref(), input.max_items)?;
    Ok(ListPolicyVersionsResponse {
        versions: Some(page.items.into_iter().map(|(_, version)| version).collect()),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

fn number_of(policy: &ManagedPolicy, version_id: &str) -> Result<u32, AwsError> {
    let number = version_id.strip_prefix('v').and_then(|digits| digits.parse().ok());
    number
        .filter(|number| policy.versions.contains_key(number))
        .ok_or_else(|| no_version(&policy.arn, version_id))
}

fn no_version(arn: &str, version_id: &str) -> AwsError {
    error::no_such_entity_exception(format!("Policy {arn} version {version_id} does not exist."))
}

fn shown(policy: &ManagedPolicy, number: u32, version: &model::PolicyVersion) -> PolicyVersion {
    PolicyVersion {
        create_date: Some(version.created_at),
        document: Some(document::encoded(&version.document)),
        is_default_version: Some(number == policy.default_version),
        version_id: Some(format!("v{number}")),
    }
}

fn shown_aws(policy: &AwsManaged) -> PolicyVersion {
    PolicyVersion {
        create_date: Timestamp::parse_iso8601(policy.updated_at),
        document: Some(document::encoded(policy.document)),
        is_default_version: Some(true),
        version_id: Some(policy.version.to_owned()),
    }
}
