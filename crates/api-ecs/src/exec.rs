//! ECS Exec: who may run which command where. A session is nothing that is kept:
//! its token carries all of it, sealed, and is good for a few minutes. Whoever holds
//! the token may open the session's channel, which Neargate serves beside the API.
//!
//! What AWS needs beside this is not needed here: no `ssmmessages` rights of the
//! task's role, no endpoint of Session Manager, no writable root file system.

use neargate_api::{Cloud, Sealed, Timestamp};
use serde::{Deserialize, Serialize};

/// From the answer to the opening of the channel.
const OPENS_WITHIN_SECS: i64 = 300;

/// One session: a command in a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub session_id: String,
    pub task_id: String,
    pub container: String,
    pub argv: Vec<String>,
    /// By the machine's time: clients have no other.
    pub expires_at: Timestamp,
}

/// The path of the channel at the AWS port, up to the session's id.
pub const CHANNEL: &str = "/v1/data-channel/";

/// What the token is sealed as.
const LABEL: &str = "ecs/execute-command";

impl Grant {
    /// A session that is new.
    pub fn new(cloud: &Cloud, task_id: &str, container: &str, argv: Vec<String>) -> Self {
        Grant {
            session_id: format!("ecs-execute-command-{}", cloud.rng.hex(17)),
            task_id: task_id.to_owned(),
            container: container.to_owned(),
            argv,
            expires_at: cloud.clock.wall().plus_secs(OPENS_WITHIN_SECS),
        }
    }

    /// Where its channel is, for clients on this machine.
    pub fn stream_url(&self, cloud: &Cloud) -> String {
        let (port, id) = (cloud.port, &self.session_id);
        format!("ws://127.0.0.1:{port}{CHANNEL}{id}?role=publish_subscribe")
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
