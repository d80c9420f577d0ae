//! `neargate exec`: a command in a container, over the same channel that
//! `aws ecs execute-command` uses. Where this is a terminal, it becomes the
//! process's; else what comes in is typed, and the end of it is told by ^D. Ends
//! with the process's exit code.

use std::io::{IsTerminal, Read, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use futures_util::{SinkExt, StreamExt};
use neargate_ids::{Clock, Rng};
use neargate_session::{Client, DataKey, Told};
use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use super::paint;
use crate::client::Reach;
use crate::exec_page::PATH;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    reach: Reach,
    /// The task's id, its beginning, or its ARN.
    task: String,
    /// The container; needed where the task has several.
    #[arg(long, short)]
    container: Option<String>,
    /// The command and its arguments.
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let wanted = json!({
        "task": options.task, "container": options.container, "command": options.command,
    });
    let session = options.reach.post(PATH, &wanted)?;
    let text = |key: &str| session[key].as_str().unwrap_or_default().to_owned();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let raw = RawTerminal::take()?;
    let data_key = data_key(&session["dataKey"])?;
    let (path, token) = (text("path"), text("token"));
    let ended = runtime.block_on(talk(options.reach.port, &path, &token, data_key));
    drop(raw);
    ended
}

/// What the session is encrypted with, where its cluster has a key for it.
fn data_key(given: &Value) -> Result<Option<DataKey>> {
    if given.is_null() {
        return Ok(None);
    }
    let bytes = |key: &str| {
        let text = given[key].as_str().unwrap_or_default();
        STANDARD.decode(text).context("reading the session's data key")
    };
    Ok(Some(DataKey { plain: bytes("plain")?, encrypted: bytes("encrypted")? }))
}

/// ^D, which a terminal takes for the end of what is typed at the beginning of a line; within
/// one the first hands over what there is of it.
const END_OF_INPUT: &[u8] = &[4];
const END_WITHIN_LINE: &[u8] = &[4, 4];

async fn talk(port: u16, path: &str, token: &str, data_key: Option<DataKey>) -> Result<ExitCode> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.set_nodelay(true)?;
    let url = format!("ws://127.0.0.1:{port}{path}");
    let (mut socket, _) =
        tokio_tungstenite::client_async(url, stream).await.context("opening the session")?;
    let mut talk = Talk::new(data_key);
    socket.send(Message::text(talk.client.opening(token))).await?;
    let mut resized = signal(SignalKind::window_change())?;
    let mut keys = keys();
    loop {
        tokio::select! {
            came = socket.next() => match came {
                Some(Ok(Message::Binary(bytes))) => {
                    if let Some(code) = talk.hear(&bytes)? {
                        return Ok(code);
                    }
                }
                Some(Ok(Message::Close(_))) | None => bail!("the session was closed"),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error).context("the session broke off"),
            },
            typed = keys.recv(), if talk.is_ready && talk.may_type => talk.type_keys(typed),
            _ = resized.recv() => talk.tell_size(),
        }
        for bytes in talk.client.outgoing() {
            socket.send(Message::binary(bytes)).await?;
        }
    }
}

/// A session as this side has it.
struct Talk {
    client: Client,
    clock: Clock,
    is_ready: bool,
    /// Whether more may be typed, and whether the last of it did not end its line.
    may_type: bool,
    is_within_line: bool,
    code: Option<i32>,
}

impl Talk {
    fn new(data_key: Option<DataKey>) -> Self {
        let clock = Clock::system();
        let rng = Rng::seeded(clock.now().millis().unsigned_abs());
        Talk {
            client: Client::new(rng, data_key),
            clock,
            is_ready: false,
            may_type: true,
            is_within_line: false,
            code: None,
        }
    }

    /// Takes what the agent says; gives this command's exit code at the end of the session.
    fn hear(&mut self, bytes: &[u8]) -> Result<Option<ExitCode>> {
        for told in self.client.take(bytes, self.clock.now())? {
            match told {
                Told::Ready => {
                    self.is_ready = true;
                    self.tell_size();
                }
                Told::Printed(bytes) => print(&bytes)?,
                Told::ExitCode(code) => self.code = Some(code),
                Told::Closed(why) => return closed(self.code, why.trim()).map(Some),
            }
        }
        Ok(None)
    }

    /// Sends what was typed; nothing: that was all.
    fn type_keys(&mut self, typed: Option<Vec<u8>>) {
        let now = self.clock.now();
        match typed {
            Some(bytes) => {
                self.is_within_line = bytes.last() != Some(&b'\n');
                self.client.send_keys(&bytes, now);
            }
            None => {
                self.may_type = false;
                let end = if self.is_within_line { END_WITHIN_LINE } else { END_OF_INPUT };
                self.client.send_keys(end, now);
            }
        }
    }

    fn tell_size(&mut self) {
        if let Some((columns, rows)) = paint::size().filter(|_| self.is_ready) {
            self.client.send_size(columns, rows, self.clock.now());
        }
    }
}

/// The process's exit code; where there is none, or no process, why.
fn closed(code: Option<i32>, why: &str) -> Result<ExitCode> {
    let Some(code) = code else {
        if why.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        bail!("{why}");
    };
    if !why.is_empty() {
        // The terminal may still be raw.
        eprint!("{}\r\n", why.replace('\n', "\r\n"));
    }
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX)))
}

/// What is typed, as it comes. The thread that waits for it is left alone at the end.
fn keys() -> mpsc::Receiver<Vec<u8>> {
    let (to, keys) = mpsc::channel(16);
    std::thread::spawn(move || {
        let mut buffer = vec![0; 4096];
        while let Ok(length @ 1..) = std::io::stdin().read(&mut buffer) {
            if to.blocking_send(buffer[..length].to_vec()).is_err() {
                return;
            }
        }
    });
    keys
}

fn print(bytes: &[u8]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)?;
    Ok(out.flush()?)
}

/// This terminal with every key passed on; as it was before, when dropped.
struct RawTerminal {
    before: Option<Termios>,
}

impl RawTerminal {
    fn take() -> Result<Self> {
        let stdin = std::io::stdin();
        if !stdin.is_terminal() {
            return Ok(RawTerminal { before: None });
        }
        let before = tcgetattr(&stdin)?;
        let mut raw = before.clone();
        cfmakeraw(&mut raw);
        tcsetattr(&stdin, SetArg::TCSANOW, &raw)?;
        Ok(RawTerminal { before: Some(before) })
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = tcsetattr(std::io::stdin(), SetArg::TCSANOW, before);
        }
    }
}
