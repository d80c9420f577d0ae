//! Sessions of Session Manager: what ECS Exec opens. Their channels are served beside
//! the API, by whoever runs the process; what is asked of a session here is written
//! down and seen there.

pub mod resume;
pub mod terminate;

use neargate_api::model::ecs::Task;
use neargate_api::{Caller, Cloud, Ctx, Sealed, Timestamp};
use serde::{Deserialize, Serialize};

/// The path of the channel at the AWS port, up to the session's id.
pub const CHANNEL: &str = "/v1/data-channel/";

/// Where tasks find the AWS port.
const INSIDE: &str = "169.254.170.2";

/// What a token is sealed as.
const LABEL: &str = "ssm/resume-session";

/// From the answer to the opening of the channel.
const OPENS_WITHIN_SECS: i64 = 300;

/// Where a session's channel is, for who asked for it: on this machine, or in a task.
pub fn stream_url(cloud: &Cloud, caller: &Caller, session_id: &str) -> String {
    let host = if is_task(cloud, caller) { INSIDE } else { "127.0.0.1" };
    let port = cloud.port;
    format!("ws://{host}:{port}{CHANNEL}{session_id}?role=publish_subscribe")
}

/// A task's own credentials are sessions of its role under the task's id.
fn is_task(cloud: &Cloud, caller: &Caller) -> bool {
    let Caller::Role { session_name, .. } = caller else { return false };
    cloud.store.snapshot().all::<Task>().any(|task| task.id == *session_name)
}

/// The ARN by which policies name a session.
pub fn arn(ctx: &Ctx, session_id: &str) -> String {
    ctx.arn("ssm", format!("session/{session_id}"))
}

/// That a client may come back to its session.
#[derive(Serialize, Deserialize)]
struct Return {
    session_id: String,
    /// By the machine's time: clients have no other.
    expires_at: Timestamp,
}

/// What lets a client come back to its session.
fn token(cloud: &Cloud, session_id: &str) -> String {
    let expires_at = cloud.clock.wall().plus_secs(OPENS_WITHIN_SECS);
    let leave = Return { session_id: session_id.to_owned(), expires_at };
    let text = serde_json::to_vec(&leave).expect("a string and a number have a JSON form");
    cloud.vault.seal(LABEL, &text).0
}

/// Whether a token lets a client come back to this session.
pub fn may_return(cloud: &Cloud, session_id: &str, token: &str) -> bool {
    let Ok(text) = cloud.vault.unseal(LABEL, &Sealed(token.to_owned())) else { return false };
    let leave = serde_json::from_slice::<Return>(&text);
    leave.is_ok_and(|leave| leave.session_id == session_id && cloud.clock.wall() < leave.expires_at)
}
