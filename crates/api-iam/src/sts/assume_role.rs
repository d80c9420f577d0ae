//! AssumeRole: the role's trust policy decides, and the caller's own policies where the
//! trust policy leaves it to the account.

use neargate_api::model::iam::Role;
use neargate_api::types::sts::{AssumeRoleRequest, AssumeRoleResponse, AssumedRoleUser, error};
use neargate_api::{AwsError, Caller, Ctx, Opener, Wanted};
use neargate_authz::Kind;

use crate::{document, policy};

/// Characters that the policies of a session may have together.
const SESSION_POLICY_LIMIT: usize = 2048;
const CHAINED_SECONDS: i32 = 3600;

pub async fn call(ctx: Ctx, input: AssumeRoleRequest) -> Result<AssumeRoleResponse, AwsError> {
    refuse_what_cannot_act(&input)?;
    let (session_policies, packed_percent) = session_policies(&ctx, &input)?;
    let seconds = input.duration_seconds.unwrap_or(3600);
    let snapshot = ctx.snapshot();
    let wanted = Wanted {
        opener: Opener::Caller(&ctx.caller),
        role_arn: &input.role_arn,
        session_name: &input.role_session_name,
        now: ctx.now,
        expires_at: ctx.cloud.clock.wall().plus_secs(i64::from(seconds)),
        session_policies,
        external_id: input.external_id.as_deref(),
    };
    let opened = ctx.cloud.identity.open_session(&snapshot, &wanted);
    let session = opened.map_err(|denied| AwsError::new(403, "AccessDenied", denied.message))?;
    let Caller::Role { role_name, role_id, session_name, .. } = &session.caller else {
        return Err(AwsError::new(500, "InternalFailure", "The session is of no role."));
    };
    check_duration(&ctx, role_name, seconds)?;
    Ok(AssumeRoleResponse {
        assumed_role_user: Some(AssumedRoleUser {
            arn: session.caller.arn(ctx.account()),
            assumed_role_id: format!("{role_id}:{session_name}"),
        }),
        credentials: Some(super::shown(&session)),
        packed_policy_size: packed_percent,
        ..AssumeRoleResponse::default()
    })
}

/// What would change the session's rights, and that sessions here do not carry.
fn refuse_what_cannot_act(input: &AssumeRoleRequest) -> Result<(), AwsError> {
    if input.serial_number.is_some() || input.token_code.is_some() {
        return Err(AwsError::new(
            403,
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code.",
        ));
    }
    let inert = [
        ("Tags", input.tags.as_ref().is_some_and(|tags| !tags.is_empty())),
        ("SourceIdentity", input.source_identity.is_some()),
        ("ProvidedContexts", input.provided_contexts.as_ref().is_some_and(|c| !c.is_empty())),
    ];
    match inert.into_iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((member, _)) => Err(AwsError::new(
            400,
            "ValidationError",
            format!("Neargate's sessions do not carry {member} yet: leave it out."),
        )),
    }
}

/// The documents that limit the session, and how much of their limit they take, in percent.
fn session_policies(
    ctx: &Ctx,
    input: &AssumeRoleRequest,
) -> Result<(Vec<String>, Option<i32>), AwsError> {
    let snapshot = ctx.snapshot();
    let mut texts = Vec::new();
    if let Some(text) = &input.policy {
        document::read(text, Kind::Identity)?;
        texts.push(text.clone());
    }
    for arn in input.policy_arns.iter().flatten().filter_map(|given| given.arn.as_deref()) {
        texts.push(policy::document(&snapshot, arn).ok_or_else(|| {
            AwsError::new(400, "ValidationError", format!("Policy {arn} was not found."))
        })?);
    }
    if texts.is_empty() {
        return Ok((texts, None));
    }
    let size: usize = texts.iter().map(|text| document::size(text)).sum();
    if size > SESSION_POLICY_LIMIT {
        return Err(error::packed_policy_too_large_exception(format!(
            "Packed policy consumes {}% of allotted space, please use smaller policy.",
            size * 100 / SESSION_POLICY_LIMIT
        )));
    }
    let percent = i32::try_from(size * 100 / SESSION_POLICY_LIMIT).unwrap_or(100);
    Ok((texts, Some(percent)))
}

fn check_duration(ctx: &Ctx, role_name: &str, seconds: i32) -> Result<(), AwsError> {
    let refuse = |message| Err(AwsError::new(400, "ValidationError", message));
    if ctx.caller != Caller::Operator && seconds > CHAINED_SECONDS {
        return refuse(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
             role chaining",
        );
    }
    let longest = ctx.snapshot().get::<Role>(role_name).map(|role| role.max_session_duration);
    if longest.is_some_and(|longest| seconds > longest) {
        return refuse(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        );
    }
    Ok(())
}
