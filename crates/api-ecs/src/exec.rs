//! ECS Exec: who may run which command where. What was granted is not kept: its
//! token carries all of it, sealed, and is good for a few minutes and one opening. Whoever
//! holds the token may open the session's channel, which Neargate serves beside the API.
//!
//! What AWS needs beside this is not needed here: no `ssmmessages` rights of the
//! task's role, no endpoint of Session Manager, no writable root file system.

mod settings;

use neargate_api::model::ecs::{Container, Task};
use neargate_api::{Caller, Cloud, Sealed, Timestamp};
use neargate_api_ssm::session;
use serde::{Deserialize, Serialize};

pub use settings::{Bucket, LogGroup, Settings};

/// From the answer to the opening of the channel.
const OPENS_WITHIN_SECS: i64 = 300;

/// One session: a command in a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub session_id: String,
    /// The task: its key, and its id.
    pub task_key: String,
    pub task_id: String,
    pub container: String,
    /// What a KMS key is bound to beside the session: `ecs:CLUSTER_TASK_CONTAINER`.
    pub target: String,
    pub by: By,
    pub argv: Vec<String>,
    /// By the machine's time: clients have no other.
    pub expires_at: Timestamp,
}

/// Who has opened a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    /// A caller of ECS, by its ARN: all that the cluster says of sessions is done, with the
    /// rights of the task's role.
    Caller(String),
    /// The operator, by `neargate exec`, who needs no rights of the task's: the session is
    /// encrypted as others are, but it is not logged, and ends with its client.
    Operator,
}

/// What the token is sealed as.
const LABEL: &str = "ecs/execute-command";

impl Grant {
    /// A session that is new.
    pub fn new(
        cloud: &Cloud,
        task: &Task,
        container: &Container,
        argv: Vec<String>,
        by: By,
    ) -> Self {
        let (cluster, id, runtime_id) = (&task.cluster, &task.id, &container.runtime_id);
        Grant {
            session_id: format!("ecs-execute-command-{}", cloud.rng.hex(17)),
            task_key: Task::key_of(&task.region, cluster, id),
            task_id: id.clone(),
            container: container.name.clone(),
            target: format!("ecs:{cluster}_{id}_{runtime_id}"),
            by,
            argv,
            expires_at: cloud.clock.wall().plus_secs(OPENS_WITHIN_SECS),
        }
    }

    /// Where its channel is, for who has asked for it.
    pub fn stream_url(&self, cloud: &Cloud, caller: &Caller) -> String {
        session::stream_url(cloud, caller, &self.session_id)
    }

    /// What opens it.
    pub fn token(&self, cloud: &Cloud) -> String {
        let text = serde_json::to_vec(self).expect("strings and a number have a JSON form");
        cloud.vault.seal(LABEL, &text).0
    }

    /// The session that a token is for; `None` when it is none of ours, of another session, or
    /// too old.
    pub fn open(cloud: &Cloud, session_id: &str, token: &str) -> Option<Self> {
        let text = cloud.vault.unseal(LABEL, &Sealed(token.to_owned())).ok()?;
        let grant: Grant = serde_json::from_slice(&text).ok()?;
        let is_good = grant.session_id == session_id && cloud.clock.wall() < grant.expires_at;
        is_good.then_some(grant)
    }
}

/// A command's words, as a shell has them: quotes and backslashes count, nothing else does.
/// `None`: a quote has no end, or there are no words.
pub fn words(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => {
                let quoted = quoted(c, &mut chars)?;
                word.get_or_insert_default().push_str(&quoted);
            }
            '\\' => word.get_or_insert_default().push(chars.next()?),
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    (!words.is_empty()).then_some(words)
}

/// What stands up to the closing quote.
fn quoted(quote: char, chars: &mut std::str::Chars<'_>) -> Option<String> {
    let mut text = String::new();
    loop {
        match chars.next()? {
            c if c == quote => return Some(text),
            '\\' if quote == '"' => match chars.next()? {
                c @ ('"' | '\\' | '$' | '`') => text.push(c),
                c => text.extend(['\\', c]),
            },
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_command_is_split_as_a_shell_does() {
        let read = |text| words(text).map(|words| words.join("|")).unwrap_or("-".into());
        assert_eq!(read("/bin/sh"), "/bin/sh");
        assert_eq!(read("  sh -c  'echo \"a  b\"' "), "sh|-c|echo \"a  b\"");
        assert_eq!(read(r#"echo "a \"q\" \n" c\ d ''"#), r#"echo|a "q" \n|c d|"#);
        assert_eq!([read("echo 'a"), read(""), read("echo \\")], ["-", "-", "-"]);
    }
}
