//! The credentials of the task role, good for six hours and renewed by the SDKs
//! in time, as the agent gives them.

use http::StatusCode;
use neargate_api::model::ecs::Task;
use neargate_api::{Cloud, Opener, Snapshot, Wanted};
use serde_json::json;

use crate::Answer;

const LIFETIME_SECS: i64 = 6 * 3600;

pub fn answer(cloud: &Cloud, snapshot: &Snapshot, task: &Task) -> Answer {
    let Some(role_arn) = &task.task_role_arn else {
        return refused("the task definition has no task role");
    };
    let wanted = Wanted {
        opener: Opener::Service { name: "ecs-tasks.amazonaws.com", source_arn: &task.arn },
        role_arn,
        session_name: &task.id,
        now: cloud.clock.now(),
        // The SDK renews them by the machine's time, which nobody moves.
        expires_at: cloud.clock.wall().plus_secs(LIFETIME_SECS),
        session_policies: Vec::new(),
        external_id: None,
    };
    let session = match cloud.identity.open_session(snapshot, &wanted) {
        Ok(session) => session,
        Err(denied) => return refused(&denied.message),
    };
    let document = json!({
        "RoleArn": role_arn,
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "Token": session.session_token,
        "Expiration": session.expires_at.iso8601_secs(),
    });
    (StatusCode::OK, document)
}

fn refused(why: &str) -> Answer {
    let document = json!({ "code": "NoIdInRequest", "message": format!("CredentialsV2Request: {why}"), "HTTPErrorCode": 400 });
    (StatusCode::BAD_REQUEST, document)
}
