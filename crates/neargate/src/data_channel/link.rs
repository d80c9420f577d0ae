//! The agent's end of a channel: what is to be said goes out over whichever connection
//! the client has now, and what comes in is heard. A client whose connection breaks may
//! come back over another one, where its session lets it; until then nothing is lost.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use neargate_api::{Cloud, Timestamp};
use neargate_session::{Agent, Heard};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Message};

pub type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// How often it is looked after what was not acknowledged.
const TICK: Duration = Duration::from_millis(200);

/// What a connection may take for one message, before it counts as broken.
const SENDING: Duration = Duration::from_secs(10);

/// What the last output may take to be acknowledged.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Messages that a slow client may owe before the process has to wait.
const UNACKNOWLEDGED: usize = 64;

/// The client's connection is gone, and it may not come back.
pub struct Gone;

pub struct Link {
    cloud: Arc<Cloud>,
    agent: Agent,
    socket: Option<Socket>,
    /// Further connections of the client; nothing comes where it may not come back.
    back: Option<mpsc::Receiver<Socket>>,
}

enum Came {
    Message(Option<Result<Message, tungstenite::Error>>),
    Back(Box<Socket>),
    Tick,
}

impl Link {
    pub fn new(
        cloud: Arc<Cloud>,
        agent: Agent,
        socket: Socket,
        back: Option<mpsc::Receiver<Socket>>,
    ) -> Self {
        Link { cloud, agent, socket: Some(socket), back }
    }

    /// The agent, to have it say something, and the instant.
    pub fn agent(&mut self) -> (&mut Agent, Timestamp) {
        let now = self.cloud.clock.wall();
        (&mut self.agent, now)
    }

    /// Whether the client is there, and quick enough for more output.
    pub fn may_print(&self) -> bool {
        self.socket.is_some() && self.agent.unacknowledged() < UNACKNOWLEDGED
    }

    pub fn is_idle(&self) -> bool {
        self.agent.is_idle(self.cloud.clock.wall())
    }

    /// What the client says next; nothing when only a tick has passed. Safe to cancel: it is
    /// [`Link::flush`] that sends.
    pub async fn next(&mut self) -> Result<Vec<Heard>, Gone> {
        let came = tokio::select! {
            back = next_back(&mut self.back) => Came::Back(Box::new(back)),
            came = next_message(&mut self.socket) => Came::Message(came),
            () = tokio::time::sleep(TICK) => Came::Tick,
        };
        let now = self.cloud.clock.wall();
        match came {
            Came::Tick => self.agent.resend(now),
            Came::Back(socket) => {
                tracing::info!("the client of a session is back");
                self.socket = Some(*socket);
                self.agent.resume(now);
            }
            Came::Message(Some(Ok(Message::Binary(bytes)))) => {
                let heard = self.agent.take(&bytes, now);
                return Ok(heard.unwrap_or_else(|error| {
                    tracing::debug!(%error, "a client's message was not understood");
                    Vec::new()
                }));
            }
            Came::Message(Some(Ok(Message::Close(_)) | Err(_)) | None) => self.lose()?,
            Came::Message(Some(Ok(_))) => {}
        }
        Ok(Vec::new())
    }

    fn lose(&mut self) -> Result<(), Gone> {
        self.socket = None;
        if self.back.is_none() {
            return Err(Gone);
        }
        tracing::info!("the client of a session has lost its connection, and may come back");
        Ok(())
    }

    /// Sends everything that is to be sent. Without a connection it waits with the agent.
    pub async fn flush(&mut self) -> Result<(), Gone> {
        for bytes in self.agent.outgoing() {
            let Some(socket) = &mut self.socket else { return Ok(()) };
            let sent = tokio::time::timeout(SENDING, socket.send(Message::binary(bytes))).await;
            if !matches!(sent, Ok(Ok(()))) {
                return self.lose();
            }
        }
        Ok(())
    }

    /// Waits until all is acknowledged.
    async fn settle(&mut self) -> Result<(), Gone> {
        self.flush().await?;
        while self.agent.unacknowledged() > 0 {
            self.next().await?;
            self.flush().await?;
        }
        Ok(())
    }

    /// The last words: what was printed must be acknowledged before the channel is closed.
    pub async fn close(&mut self, why: &str) {
        if let Ok(Err(Gone)) = tokio::time::timeout(LAST_WORDS, self.settle()).await {
            return;
        }
        let (agent, now) = self.agent();
        agent.close(why, now);
        if self.flush().await.is_ok()
            && let Some(socket) = &mut self.socket
        {
            let _ = socket.close(None).await;
        }
    }
}

/// The next message, if there is a connection that it could come by.
async fn next_message(socket: &mut Option<Socket>) -> Option<Result<Message, tungstenite::Error>> {
    match socket {
        Some(socket) => socket.next().await,
        None => std::future::pending().await,
    }
}

async fn next_back(back: &mut Option<mpsc::Receiver<Socket>>) -> Socket {
    if let Some(back) = back
        && let Some(socket) = back.recv().await
    {
        return socket;
    }
    std::future::pending().await
}
