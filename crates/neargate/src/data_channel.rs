//! `/v1/data-channel/SESSION`: the WebSocket of a session of ECS Exec. What is said
//! over it is `neargate_session`'s; here it is carried between the socket and the
//! terminal of a process in the container.
//!
//! ```text
//! open (token) ─▶ handshake ─▶ the process starts ─▶ keys, output ─▶ it ends ─▶ channel closed
//! ```
//! A session ends with its process, its client, its task, or after 20 idle minutes;
//! the process is hung up on then.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use neargate_api::Cloud;
use neargate_api_ecs::exec::{CHANNEL, Grant};
use neargate_edge::{Body, Route, full};
use neargate_reconcile::Running;
use neargate_runtime::{ExecOutcome, ExecSpec, Terminal};
use neargate_session::{Agent, Heard, Opening};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};

/// From the connection to the token, and from the handshake's question to its answer.
const OPENING: Duration = Duration::from_secs(20);

/// A session in which nothing happens ends after this.
/// Source: "Using Amazon ECS Exec to access containers", considerations.
const IDLE: Duration = Duration::from_secs(20 * 60);

/// How often it is looked after what was not acknowledged.
const TICK: Duration = Duration::from_millis(200);

/// What the last output may take to be acknowledged.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What a process has printed before its end is there within this.
const REST: Duration = Duration::from_millis(50);

/// Messages that a slow client may owe before the process has to wait.
const UNACKNOWLEDGED: usize = 64;

/// A message of a client is some keys.
const MESSAGE_LIMIT: usize = 1 << 20;

pub struct DataChannels {
    pub cloud: Arc<Cloud>,
    pub running: Running,
    pub stop: watch::Receiver<bool>,
}

/// Whether a request is for a channel.
pub fn is_for(request: &Request<Incoming>) -> bool {
    request.uri().path().starts_with(CHANNEL)
}

impl Route for DataChannels {
    fn handle(
        &self,
        mut request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>> {
        let is_upgrade = request.method() == Method::GET
            && request
                .headers()
                .get(UPGRADE)
                .is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"websocket"));
        let accept = request.headers().get(SEC_WEBSOCKET_KEY).filter(|_| is_upgrade);
        let accept = accept.map(|key| derive_accept_key(key.as_bytes()));
        let response = match accept {
            Some(accept) => {
                let id = request.uri().path().trim_start_matches(CHANNEL).to_owned();
                let upgrade = hyper::upgrade::on(&mut request);
                let (cloud, running) = (self.cloud.clone(), self.running.clone());
                tokio::spawn(serve(cloud, running, self.stop.clone(), id, upgrade));
                let answer = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
                let answer = answer.header(CONNECTION, "Upgrade").header(UPGRADE, "websocket");
                answer.header(SEC_WEBSOCKET_ACCEPT, accept).body(full(""))
            }
            None => {
                let answer = Response::builder().status(StatusCode::UPGRADE_REQUIRED);
                answer.header(UPGRADE, "websocket").body(full("this is a WebSocket\n"))
            }
        };
        Box::pin(async move { response.expect("these headers are valid") })
    }
}

type Socket = WebSocketStream<TokioIo<Upgraded>>;

async fn serve(
    cloud: Arc<Cloud>,
    running: Running,
    mut stop: watch::Receiver<bool>,
    session_id: String,
    upgrade: OnUpgrade,
) {
    let Ok(upgraded) = upgrade.await else { return };
    let mut limits = WebSocketConfig::default();
    limits.max_message_size = Some(MESSAGE_LIMIT);
    limits.max_frame_size = Some(MESSAGE_LIMIT);
    let io = TokioIo::new(upgraded);
    let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(limits)).await;
    let opened = tokio::time::timeout(OPENING, opening(&cloud, &session_id, &mut socket)).await;
    let Ok(Some((grant, wants_exit_code))) = opened else {
        tracing::info!(session_id, "a channel was not opened: its token is not good");
        let _ = socket.close(None).await;
        return;
    };
    let (task, container) = (grant.task_id.clone(), grant.container.clone());
    tracing::info!(session_id, task, container, command = ?grant.argv, "a session begins");
    let agent = Agent::begin(
        &session_id,
        &grant.argv.join(" "),
        None,
        cloud.rng.clone(),
        cloud.clock.wall(),
    );
    let mut session = Session { cloud, socket, agent, idle_from: Instant::now() };
    let ended = tokio::select! {
        ended = session.run(&running, &grant, wants_exit_code) => ended,
        _ = stop.wait_for(|stop| *stop) => Ok("Neargate stops.".into()),
    };
    match ended {
        Ok(why) => session.close(&why).await,
        Err(Gone) => tracing::debug!(session_id, "the client of a session has gone"),
    }
    tracing::info!(session_id, "a session has ended");
}

/// The session that the client's first message is for, and whether it wants the exit code.
async fn opening(cloud: &Cloud, session_id: &str, socket: &mut Socket) -> Option<(Grant, bool)> {
    loop {
        match socket.next().await?.ok()? {
            Message::Text(text) => {
                let opening: Opening = serde_json::from_str(&text).ok()?;
                let grant = Grant::open(cloud, session_id, &opening.token_value)?;
                return Some((grant, opening.wants_exit_code));
            }
            Message::Ping(_) | Message::Pong(_) => {}
            _ => return None,
        }
    }
}

/// The client's connection is gone.
struct Gone;

impl From<tungstenite::Error> for Gone {
    fn from(_: tungstenite::Error) -> Self {
        Gone
    }
}

struct Session {
    cloud: Arc<Cloud>,
    socket: Socket,
    agent: Agent,
    idle_from: Instant,
}

impl Session {
    /// From the handshake to the end of the process; gives why it ends, where it is no
    /// ordinary end.
    async fn run(
        &mut self,
        running: &Running,
        grant: &Grant,
        wants_exit_code: bool,
    ) -> Result<String, Gone> {
        self.flush().await?;
        match tokio::time::timeout(OPENING, self.handshake()).await {
            Err(_) => return Ok("The handshake was not answered in time.".into()),
            Ok(Err(gone)) => return Err(gone),
            Ok(Ok(Some(why))) => return Ok(why),
            Ok(Ok(None)) => {}
        }
        let Some(task) = running.get(&grant.task_id) else {
            return Ok(format!("Task {} does not run any more.", grant.task_id));
        };
        let mut spec = ExecSpec::new(&grant.container, grant.argv.clone());
        // As the agent has it, whoever the container's own processes are.
        spec.user = Some("0".into());
        spec.env = vec![("TERM".into(), "xterm-256color".into())];
        let carried = match task.exec_in_terminal(spec).await {
            Ok(terminal) => self.carry(&terminal).await?,
            Err(error) => Carried::Ended(Err(error)),
        };
        let code = match carried {
            Carried::Idle => return Ok("Session timed out.".into()),
            Carried::Terminated => return Ok(String::new()),
            Carried::Ended(Err(error)) => self.tell_failure(grant, &error.to_string(), 127),
            Carried::Ended(Ok(ExecOutcome { failure: Some(why), code, .. })) => {
                self.tell_failure(grant, &why, code)
            }
            Carried::Ended(Ok(outcome)) => outcome.code,
        };
        if wants_exit_code {
            self.agent.exit_code(code, self.cloud.clock.wall());
        }
        Ok(String::new())
    }

    /// Says, as the agent does, why the process could not be started; gives its code.
    fn tell_failure(&mut self, grant: &Grant, why: &str, code: i32) -> i32 {
        let program = grant.argv.first().map(String::as_str).unwrap_or_default();
        let is_missing = why.contains("no such file") || why.contains("not found in $PATH");
        let why = if is_missing { "no such file or directory" } else { why };
        let told = format!(
            "\r\n----------ERROR-------\r\nUnable to start command: Failed to start pty: fork/exec {program}: {why}\r\n"
        );
        self.agent.print(told.as_bytes(), self.cloud.clock.wall());
        code
    }

    /// Waits for the client to be ready; gives why it never will be.
    async fn handshake(&mut self) -> Result<Option<String>, Gone> {
        loop {
            for heard in self.next_heard().await? {
                match heard {
                    Heard::Ready => return Ok(None),
                    Heard::Terminate => return Ok(Some(String::new())),
                    Heard::Refused(why) => return Ok(Some(why)),
                    Heard::Typed(_)
                    | Heard::Resized { .. }
                    | Heard::DataKey(_)
                    | Heard::NoDataKey(_) => {}
                }
            }
        }
    }

    /// Carries keys and output until the process or the session is at its end.
    async fn carry(&mut self, terminal: &Terminal) -> Result<Carried, Gone> {
        let mut buffer = vec![0; 4096];
        let mut keys = Vec::new();
        loop {
            let may_print = self.agent.unacknowledged() < UNACKNOWLEDGED;
            let came = tokio::select! {
                came = self.socket.next(), if keys.len() < MESSAGE_LIMIT => Came::Message(came),
                read = terminal.read(&mut buffer), if may_print => Came::Printed(read.unwrap_or(0)),
                written = terminal.write(&keys), if !keys.is_empty() => {
                    // A process that is gone takes no keys.
                    Came::Taken(written.unwrap_or(keys.len()))
                }
                ended = terminal.ended() => Came::Ended(ended),
                () = tokio::time::sleep(TICK) => Came::Tick,
            };
            match came {
                Came::Message(came) => {
                    for heard in self.hear(came)? {
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
                Came::Printed(length) => self.print(&buffer[..length]),
                Came::Taken(length) => drop(keys.drain(..length)),
                Came::Ended(ended) => {
                    self.print_rest(terminal, &mut buffer).await?;
                    return Ok(Carried::Ended(ended));
                }
                Came::Tick => self.agent.resend(self.cloud.clock.wall()),
            }
            self.flush().await?;
            if self.idle_from.elapsed() > IDLE {
                return Ok(Carried::Idle);
            }
        }
    }

    /// What the process has printed before its end. What it has left in the background may
    /// hold the terminal open, and is not waited for.
    async fn print_rest(&mut self, terminal: &Terminal, buffer: &mut [u8]) -> Result<(), Gone> {
        loop {
            let read = tokio::time::timeout(REST, terminal.read(buffer)).await;
            let Ok(Ok(length @ 1..)) = read else { return Ok(()) };
            self.print(&buffer[..length]);
            self.flush().await?;
            while self.agent.unacknowledged() >= UNACKNOWLEDGED {
                self.next_heard().await?;
            }
        }
    }

    fn print(&mut self, bytes: &[u8]) {
        self.idle_from = Instant::now();
        self.agent.print(bytes, self.cloud.clock.wall());
    }

    /// What the client says next; nothing when only a tick has passed.
    async fn next_heard(&mut self) -> Result<Vec<Heard>, Gone> {
        let heard = match tokio::time::timeout(TICK, self.socket.next()).await {
            Ok(came) => self.hear(came)?,
            Err(_) => {
                self.agent.resend(self.cloud.clock.wall());
                Vec::new()
            }
        };
        self.flush().await?;
        Ok(heard)
    }

    fn hear(
        &mut self,
        came: Option<Result<Message, tungstenite::Error>>,
    ) -> Result<Vec<Heard>, Gone> {
        match came {
            Some(Ok(Message::Binary(bytes))) => {
                self.idle_from = Instant::now();
                let heard = self.agent.take(&bytes, self.cloud.clock.wall());
                Ok(heard.unwrap_or_else(|error| {
                    tracing::debug!(%error, "a client's message was not understood");
                    Vec::new()
                }))
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(Gone),
            Some(Ok(_)) => Ok(Vec::new()),
        }
    }

    /// Sends everything that is to be sent.
    async fn flush(&mut self) -> Result<(), Gone> {
        for bytes in self.agent.outgoing() {
            self.socket.send(Message::binary(bytes)).await?;
        }
        Ok(())
    }

    /// The last words: what was printed must be acknowledged before the channel is closed.
    async fn close(&mut self, why: &str) {
        let last = async {
            self.flush().await?;
            while self.agent.unacknowledged() > 0 {
                self.next_heard().await?;
            }
            Ok::<(), Gone>(())
        };
        if let Ok(Err(Gone)) = tokio::time::timeout(LAST_WORDS, last).await {
            return;
        }
        self.agent.close(why, self.cloud.clock.wall());
        if self.flush().await.is_ok() {
            let _ = self.socket.close(None).await;
        }
    }
}

/// What happens next in a session.
enum Came {
    Message(Option<Result<Message, tungstenite::Error>>),
    /// So many bytes; none: the terminal is at its end.
    Printed(usize),
    /// So many keys.
    Taken(usize),
    Ended(Result<ExecOutcome, neargate_runtime::Error>),
    Tick,
}

/// Why nothing more is carried.
enum Carried {
    Ended(Result<ExecOutcome, neargate_runtime::Error>),
    Idle,
    /// The client has ended the session.
    Terminated,
}
