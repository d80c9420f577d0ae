//! One session: the handshake, the process, what is carried between it and its client,
//! and what is done with the transcript.

use std::path::PathBuf;
use std::time::Duration;

use neargate_api::Cloud;
use neargate_api::model::ecs::Task;
use neargate_api_ecs::exec::{By, Grant, Settings};
use neargate_reconcile::Running;
use neargate_runtime::{ExecOutcome, ExecSpec, Terminal};
use neargate_session::Heard;

use super::link::{Gone, Link};
use super::records;
use super::rights::{Asked, Rights, told};
use super::transcript::Transcript;

/// From the handshake's question to its end.
const HANDSHAKE: Duration = Duration::from_secs(20);

/// What a process has printed before its end is there within this.
const REST: Duration = Duration::from_millis(50);

/// Bytes of keys that the process has not taken yet.
const KEYS: usize = 1 << 20;

/// While nothing is heard of the client, for that the process takes no keys.
const TICK: Duration = Duration::from_millis(200);

const IDLE: &str = "Your session timed out due to inactivity.";

/// What people read in a session with a key when their plugin does not ask our KMS for it.
const ANOTHER_KMS: &str = "This session is not encrypted: session-manager-plugin asks AWS's own KMS for the key, whatever \
    AWS_ENDPOINT_URL says. The key is used by `neargate exec`.\r\n";

pub struct Session {
    pub asked: Asked,
    pub running: Running,
    pub grant: Grant,
    /// Of the record of the session.
    pub key: String,
    pub wants_exit_code: bool,
    pub link: Link,
    pub settings: Settings,
    /// Where transcripts are kept while a session lasts.
    pub dir: PathBuf,
    pub transcript: Option<Transcript>,
}

/// Why nothing more is carried.
enum Carried {
    Ended(Result<ExecOutcome, neargate_runtime::Error>),
    Idle,
    /// The client has ended the session, or somebody else.
    Terminated,
}

/// What happens next in a session.
enum Came {
    Heard(Result<Vec<Heard>, Gone>),
    /// So many bytes; none: the terminal is at its end.
    Printed(usize),
    /// So many keys.
    Taken(usize),
    Ended(Result<ExecOutcome, neargate_runtime::Error>),
    Tick,
}

impl Session {
    fn cloud(&self) -> &Cloud {
        &self.asked.cloud
    }

    /// From the handshake to the end of the process; gives why it ends, where it is no
    /// ordinary end.
    pub async fn run(&mut self, task: &Task) -> Result<String, Gone> {
        let rights = match Rights::of(&self.asked, task, &self.grant) {
            Ok(rights) => rights,
            Err(why) => return Ok(failure(&why)),
        };
        self.link.flush().await?;
        match tokio::time::timeout(HANDSHAKE, self.handshake(&rights)).await {
            Err(_) => {
                return Ok(handshake_failure(
                    "Handshake timed out. Please ensure that you have the latest version of the session manager plugin.",
                ));
            }
            Ok(Err(gone)) => return Err(gone),
            Ok(Ok(Some(why))) => return Ok(why),
            Ok(Ok(None)) => {}
        }
        if self.is_logged()
            && let Err(why) = check_places(&self.settings, &rights).await
        {
            return Ok(why);
        }
        let Some(running) = self.running.get(&self.grant.task_id) else {
            return Ok(format!("Task {} does not run any more.", self.grant.task_id));
        };
        let mut spec = ExecSpec::new(&self.grant.container, self.grant.argv.clone());
        // As the agent has it, whoever the container's own processes are.
        spec.user = Some("0".into());
        spec.env = vec![("TERM".into(), "xterm-256color".into())];
        let carried = match running.exec_in_terminal(spec).await {
            Ok(terminal) => {
                self.begin_transcript().await;
                self.carry(&terminal).await?
            }
            Err(error) => Carried::Ended(Err(error)),
        };
        let (code, why) = match carried {
            Carried::Idle => return Ok(IDLE.into()),
            Carried::Terminated => return Ok(String::new()),
            Carried::Ended(Err(error)) => (127, self.not_started(&error.to_string())),
            Carried::Ended(Ok(ExecOutcome { failure: Some(why), code, .. })) => {
                (code, self.not_started(&why))
            }
            Carried::Ended(Ok(outcome)) => (outcome.code, String::new()),
        };
        if self.wants_exit_code {
            let (agent, now) = self.link.agent();
            agent.exit_code(code, now);
        }
        Ok(why)
    }

    /// As the agent says that the process could not be started.
    fn not_started(&self, why: &str) -> String {
        let program = self.grant.argv.first().map(String::as_str).unwrap_or_default();
        let is_missing = why.contains("no such file") || why.contains("not found in $PATH");
        let why = if is_missing { "no such file or directory" } else { why };
        failure(&format!(
            "Unable to start command: Failed to start pty: fork/exec {program}: {why}"
        ))
    }

    /// Waits for the client to be ready; gives why it never will be.
    async fn handshake(&mut self, rights: &Rights) -> Result<Option<String>, Gone> {
        loop {
            for heard in self.link.next().await? {
                match heard {
                    Heard::Ready => return Ok(None),
                    Heard::Terminate => return Ok(Some(String::new())),
                    Heard::Refused(why) => return Ok(Some(handshake_failure(&why))),
                    Heard::DataKey(encrypted) => {
                        if let Err(why) = self.encrypt(rights, encrypted).await {
                            return Ok(Some(handshake_failure(&why)));
                        }
                    }
                    Heard::NoDataKey(why) if asked_another_kms(&why) => {
                        tracing::warn!(why, "a session is not encrypted");
                        let (agent, now) = self.link.agent();
                        agent.go_on_unencrypted(ANOTHER_KMS, now);
                        return Ok(None);
                    }
                    Heard::NoDataKey(why) => return Ok(Some(handshake_failure(&why))),
                    Heard::Typed(_) | Heard::Resized { .. } => {}
                }
            }
            self.link.flush().await?;
        }
    }

    async fn encrypt(&mut self, rights: &Rights, encrypted: Vec<u8>) -> Result<(), String> {
        let key_id = self.settings.kms_key_id.clone().unwrap_or_default();
        let key = rights.decrypt(&key_id, &self.grant, encrypted).await.map_err(|error| {
            format!(
                "Fetching data key failed: Unable to retrieve data key, Error when decrypting data key {}",
                told(&error)
            )
        })?;
        let mut challenge = [0; 64];
        self.cloud().vault.random(&mut challenge);
        let (agent, now) = self.link.agent();
        match agent.encrypt_with(&key, &challenge, now) {
            true => Ok(()),
            false => Err("Fetching data key failed: it has another length".into()),
        }
    }

    fn is_logged(&self) -> bool {
        let has_place = self.settings.log_group.is_some() || self.settings.bucket.is_some();
        has_place && self.grant.by != By::Operator
    }

    async fn begin_transcript(&mut self) {
        if !self.is_logged() {
            return;
        }
        let now = self.cloud().clock.now();
        match Transcript::begin(&self.dir, &self.grant.session_id, now).await {
            Ok(transcript) => self.transcript = Some(transcript),
            Err(error) => tracing::error!(%error, "a session is not logged: no file for it"),
        }
    }

    /// Carries keys and output until the process or the session is at its end.
    async fn carry(&mut self, terminal: &Terminal) -> Result<Carried, Gone> {
        let mut buffer = vec![0; 4096];
        let mut keys = Vec::new();
        loop {
            let (may_print, has_room) = (self.link.may_print(), keys.len() < KEYS);
            let came = tokio::select! {
                heard = self.link.next(), if has_room => Came::Heard(heard),
                read = terminal.read(&mut buffer), if may_print => Came::Printed(read.unwrap_or(0)),
                written = terminal.write(&keys), if !keys.is_empty() => {
                    // A process that is gone takes no keys.
                    Came::Taken(written.unwrap_or(keys.len()))
                }
                ended = terminal.ended() => Came::Ended(ended),
                () = tokio::time::sleep(TICK), if !has_room => Came::Tick,
            };
            match came {
                Came::Heard(heard) => {
                    for heard in heard? {
                        match heard {
                            Heard::Typed(typed) => keys.extend(typed),
                            Heard::Resized { columns, rows } => {
                                if let Err(error) = terminal.resize(columns, rows) {
                                    tracing::debug!(%error, "a terminal was not resized");
                                }
                            }
                            Heard::Terminate => return Ok(Carried::Terminated),
                            Heard::Ready
                            | Heard::Refused(_)
                            | Heard::DataKey(_)
                            | Heard::NoDataKey(_) => {}
                        }
                    }
                }
                // Nobody has the terminal open any more: the end comes next.
                Came::Printed(0) => return Ok(Carried::Ended(terminal.ended().await)),
                Came::Printed(length) => self.print(&buffer[..length]).await,
                Came::Taken(length) => drop(keys.drain(..length)),
                Came::Ended(ended) => {
                    self.print_rest(terminal, &mut buffer).await?;
                    return Ok(Carried::Ended(ended));
                }
                Came::Tick => {}
            }
            self.link.flush().await?;
            if let Some(over) = self.over() {
                return Ok(over);
            }
        }
    }

    /// Why the session is over, whatever its process does.
    fn over(&self) -> Option<Carried> {
        if self.link.is_idle() {
            return Some(Carried::Idle);
        }
        let is_terminated = records::is_terminated(self.cloud(), &self.key);
        is_terminated.then_some(Carried::Terminated)
    }

    /// What the process has printed before its end. What it has left in the background may
    /// hold the terminal open, and is not waited for.
    async fn print_rest(&mut self, terminal: &Terminal, buffer: &mut [u8]) -> Result<(), Gone> {
        loop {
            let read = tokio::time::timeout(REST, terminal.read(buffer)).await;
            let Ok(Ok(length @ 1..)) = read else { return Ok(()) };
            self.print(&buffer[..length]).await;
            self.link.flush().await?;
            while !self.link.may_print() && self.over().is_none() {
                self.link.next().await?;
                self.link.flush().await?;
            }
        }
    }

    async fn print(&mut self, bytes: &[u8]) {
        let (agent, now) = self.link.agent();
        agent.print(bytes, now);
        if let Some(transcript) = &mut self.transcript
            && let Err(error) = transcript.add(bytes).await
        {
            tracing::error!(%error, "a session is not logged any more");
            self.transcript = None;
        }
    }

    /// Brings the transcript to where it belongs. What cannot be brought is lost, as on AWS,
    /// and the log says why.
    pub async fn deliver(mut self, task: &Task) {
        let Some(mut transcript) = self.transcript.take() else { return };
        let id = &self.grant.session_id;
        if let Err(error) = transcript.end(self.cloud().clock.now()).await {
            return tracing::error!(%error, id, "the transcript of a session is lost");
        }
        let rights = match Rights::of(&self.asked, task, &self.grant) {
            Ok(rights) => rights,
            Err(why) => return tracing::warn!(why, id, "a session is not logged"),
        };
        if let Some(bucket) = &self.settings.bucket
            && let Err(why) = rights.put(bucket, id, &mut transcript).await
        {
            tracing::warn!(why, id, bucket = bucket.name, "a session is not in its bucket");
        }
        if let Some(group) = &self.settings.log_group
            && let Err(why) = rights.log(group, id, &mut transcript).await
        {
            tracing::warn!(why, id, group = group.name, "a session is not in its log group");
        }
    }
}

/// What must be so of the places of the log before the process starts.
async fn check_places(settings: &Settings, rights: &Rights) -> Result<(), String> {
    if let Some(group) = &settings.log_group {
        rights.check_group(group).await?;
    }
    match &settings.bucket {
        Some(bucket) => rights.check_bucket(bucket).await,
        None => Ok(()),
    }
}

/// How a session's end says what went wrong in the agent.
fn failure(why: &str) -> String {
    format!("\n----------ERROR-------\n{why}\n")
}

fn handshake_failure(why: &str) -> String {
    failure(&format!("Encountered error while initiating handshake. {why}"))
}

/// Whether a plugin got no data key because it did not ask us: AWS's has no setting for where
/// KMS is. It finds nobody there, or AWS, which does not know our credentials.
fn asked_another_kms(why: &str) -> bool {
    let is_of_kms = why.contains("Error calling KMS GenerateDataKey API");
    let elsewhere = ["RequestError: send request failed", "UnrecognizedClientException"];
    is_of_kms && elsewhere.iter().any(|sign| why.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_that_asks_aws_is_told_from_one_that_may_not() {
        let on_client = "KMSEncryption failed on client with status 2 error: Failed to process action KMSEncryption: \
            Error calling KMS GenerateDataKey API: ";
        let nobody = "RequestError: send request failed\ncaused by: Post \"https://kms.us-west-2.amazonaws.com/\"";
        let stranger =
            "UnrecognizedClientException: The security token included in the request is invalid.";
        let denied =
            "AccessDeniedException: User: arn:aws:iam::000000000000:root is not authorized";
        assert!(asked_another_kms(&format!("{on_client}{nobody}")));
        assert!(asked_another_kms(&format!("{on_client}{stranger}")));
        assert!(!asked_another_kms(&format!("{on_client}{denied}")));
        assert!(!asked_another_kms("no data key"));
    }
}
