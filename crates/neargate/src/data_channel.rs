//! `/v1/data-channel/SESSION`: the WebSocket of a session of ECS Exec. What is said
//! over it is `neargate_session`'s; here it is carried between the socket and the
//! terminal of a process in the container.
//!
//! ```text
//! open (token) ─▶ handshake ─▶ the process starts ─▶ keys, output ─▶ it ends ─▶ channel closed
//!                   │ (key)         ▲ connection lost, open (token of ResumeSession) │
//!                 KMS               └────────────────────────────────────────────    └▶ transcript
//! ```
//! A session ends with its process, with its client's word or another's, with its task, or
//! after 20 idle minutes; the process is hung up on then.

mod link;
mod records;
pub mod rights;
mod session;
mod transcript;

use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use neargate_api::Cloud;
use neargate_api::model::ecs::Task;
use neargate_api::model::ssm;
use neargate_api_ecs::exec::{By, Grant, Settings};
use neargate_api_ssm::session::{CHANNEL, may_return};
use neargate_edge::{Body, Route, full};
use neargate_reconcile::Running;
use neargate_session::{Agent, Opening};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use self::link::{Gone, Link, Socket};
use self::rights::Asked;
use self::session::Session;

/// From the connection to the token.
const OPENING: Duration = Duration::from_secs(20);

/// A message of a client is some keys.
const MESSAGE_LIMIT: usize = 1 << 20;

/// All sessions. Clones share everything.
#[derive(Clone)]
pub struct DataChannels {
    asked: Asked,
    running: Running,
    /// Where transcripts are kept while their sessions last.
    dir: PathBuf,
    stop: watch::Receiver<bool>,
    /// Where the sessions of the present take further connections of their clients.
    live: Arc<Mutex<HashMap<String, mpsc::Sender<Socket>>>>,
    serving: Arc<Mutex<JoinSet<()>>>,
}

/// Whether a request is for a channel.
pub fn is_for(request: &Request<Incoming>) -> bool {
    request.uri().path().starts_with(CHANNEL)
}

impl DataChannels {
    pub fn new(asked: Asked, running: Running, dir: PathBuf, stop: watch::Receiver<bool>) -> Self {
        let (live, serving) = (Arc::default(), Arc::default());
        DataChannels { asked, running, dir, stop, live, serving }
    }

    /// Tells of the sessions that ended with an earlier run; from `stop` on waits for those
    /// of this one, which end then.
    pub async fn run(self) {
        let cloud = &self.asked.cloud;
        records::end_those_before(cloud, cloud.clock.now()).await;
        // An error: nobody is there any more to say so.
        let _ = self.stop.clone().wait_for(|stop| *stop).await;
        let mut serving = std::mem::take(&mut *lock(&self.serving));
        while serving.join_next().await.is_some() {}
    }

    async fn serve(self, session_id: String, upgrade: OnUpgrade) {
        let Ok(upgraded) = upgrade.await else { return };
        let mut limits = WebSocketConfig::default();
        limits.max_message_size = Some(MESSAGE_LIMIT);
        limits.max_frame_size = Some(MESSAGE_LIMIT);
        let io = TokioIo::new(upgraded);
        let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(limits)).await;
        let cloud = &self.asked.cloud;
        let opened = opening(cloud, &session_id, &mut socket);
        match tokio::time::timeout(OPENING, opened).await.ok().flatten() {
            Some(Opened::New { grant, wants_exit_code }) => {
                self.begin(grant, wants_exit_code, socket).await;
            }
            Some(Opened::Again) => self.resume(&session_id, socket).await,
            None => {
                tracing::info!(session_id, "a channel was not opened: its token is not good");
                let _ = socket.close(None).await;
            }
        }
    }

    /// Gives a client that is back to its session.
    async fn resume(&self, session_id: &str, mut socket: Socket) {
        let session = lock(&self.live).get(session_id).cloned();
        if let Some(session) = session {
            match session.send(socket).await {
                Ok(()) => return,
                Err(refused) => socket = refused.0,
            }
        }
        let _ = socket.close(None).await;
    }

    async fn begin(&self, grant: Grant, wants_exit_code: bool, mut socket: Socket) {
        let cloud = self.asked.cloud.clone();
        let snapshot = cloud.store.snapshot();
        let task = snapshot.get::<Task>(&grant.task_key);
        let is_new = match &task {
            Some(task) => records::begin(&cloud, &task.region, &grant).await,
            None => Ok(false),
        };
        let (Some(task), Ok(true)) = (task, is_new) else {
            tracing::info!(session_id = grant.session_id, "a channel was opened before");
            let _ = socket.close(None).await;
            return;
        };
        let session_id = grant.session_id.clone();
        let (by, container, command) = (&grant.by, &grant.container, &grant.argv);
        tracing::info!(session_id, ?by, task = task.id, container, ?command, "a session begins");
        let settings = Settings::of(&snapshot, &task, &grant.container);
        let (command, rng, now) = (grant.argv.join(" "), cloud.rng.clone(), cloud.clock.wall());
        let agent = Agent::begin(&session_id, &command, settings.kms_key_id.as_deref(), rng, now);
        let back = matches!(grant.by, By::Caller(_)).then(|| {
            let (to, back) = mpsc::channel(1);
            lock(&self.live).insert(session_id.clone(), to);
            back
        });
        let session = Session {
            key: ssm::Session::key_of(&task.region, &session_id),
            link: Link::new(cloud.clone(), agent, socket, back),
            asked: self.asked.clone(),
            running: self.running.clone(),
            dir: self.dir.clone(),
            transcript: None,
            grant,
            wants_exit_code,
            settings,
        };
        self.carry(session, &task).await;
        tracing::info!(session_id, "a session has ended");
    }

    async fn carry(&self, mut session: Session, task: &Task) {
        let mut stop = self.stop.clone();
        let ended = tokio::select! {
            ended = session.run(task) => ended,
            _ = stop.wait_for(|stop| *stop) => Ok("Neargate stops.".into()),
        };
        let session_id = session.grant.session_id.clone();
        match ended {
            Ok(why) => session.link.close(&why).await,
            Err(Gone) => tracing::debug!(session_id, "the client of a session has gone"),
        }
        lock(&self.live).remove(&session_id);
        records::end(&self.asked.cloud, &session.key).await;
        session.deliver(task).await;
    }
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
                let path = request.uri().path();
                let id = path.strip_prefix(CHANNEL).unwrap_or_default().to_owned();
                let upgrade = hyper::upgrade::on(&mut request);
                let mut serving = lock(&self.serving);
                while serving.try_join_next().is_some() {}
                serving.spawn(self.clone().serve(id, upgrade));
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

/// What a client's first message opens.
enum Opened {
    New { grant: Grant, wants_exit_code: bool },
    Again,
}

async fn opening(cloud: &Cloud, session_id: &str, socket: &mut Socket) -> Option<Opened> {
    loop {
        match socket.next().await?.ok()? {
            Message::Text(text) => {
                let Opening { token_value, wants_exit_code, .. } =
                    serde_json::from_str(&text).ok()?;
                if may_return(cloud, session_id, &token_value) {
                    return Some(Opened::Again);
                }
                let grant = Grant::open(cloud, session_id, &token_value)?;
                return Some(Opened::New { grant, wants_exit_code });
            }
            Message::Ping(_) | Message::Pong(_) => {}
            _ => return None,
        }
    }
}

/// What is locked here is never left half changed.
fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
