//! The daemon's end of the socket to one shim: requests out, answers and
//! news in.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use neargate_ids::Timestamp;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, oneshot};

use super::Seen;
use crate::charter::ShimProcess;
use crate::event::{Event, Exit, Happened};
use crate::logs::Mark;
use crate::protocol::{Answer, Ask, Request, Told};
use crate::runtime::blocking;
use crate::{Error, Runtime, remove};

/// Far beyond what a busy machine needs; a shim that hangs must not hang the daemon.
const GREETING_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) struct Link {
    /// Lines to write; a task of its own writes them whole, whoever gives up.
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    next_id: AtomicU64,
    state: Arc<State>,
}

/// Who waits for which answer; `None` when no answer will come any more.
type Pending = Option<HashMap<u64, oneshot::Sender<Answer>>>;

/// Shared with the reader.
#[derive(Default)]
struct State {
    pending: Mutex<Pending>,
    /// The end of the shim is no surprise.
    is_ending: AtomicBool,
}

impl State {
    fn pending<T>(&self, act: impl FnOnce(&mut Pending) -> T) -> T {
        act(&mut self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Link {
    /// Starts to read; returns when the shim has told all that happened so far.
    pub async fn open(
        runtime: Runtime,
        id: String,
        stream: std::os::unix::net::UnixStream,
        seen: Seen,
    ) -> Result<Link, Error> {
        let wired = stream.set_nonblocking(true).and_then(|()| UnixStream::from_std(stream));
        let (lines, writer) = wired.map_err(Error::io("use the shim's socket"))?.into_split();
        let state = Arc::new(State::default());
        state.pending(|pending| *pending = Some(HashMap::new()));
        let (greeted, greeting) = oneshot::channel();
        let reader = Reader { runtime, id: id.clone(), seen, state: state.clone() };
        tokio::spawn(reader.run(lines, greeted));
        match tokio::time::timeout(GREETING_TIMEOUT, greeting).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return Err(Error::NoShim(id)),
        }
        let (outgoing, lines) = mpsc::unbounded_channel();
        tokio::spawn(write(writer, lines));
        Ok(Link { outgoing, next_id: AtomicU64::new(1), state })
    }

    /// To a shim that is dead.
    pub fn closed() -> Link {
        let (outgoing, _) = mpsc::unbounded_channel();
        Link { outgoing, next_id: AtomicU64::new(1), state: Arc::default() }
    }

    pub fn is_open(&self) -> bool {
        self.state.pending(|pending| pending.is_some())
    }

    /// From now on, the shim's end is what was asked for.
    pub fn expect_end(&self) {
        self.state.is_ending.store(true, Ordering::Relaxed);
    }

    /// The shim's answer; `None` when there is no shim to answer.
    pub async fn ask(&self, ask: Ask) -> Option<Answer> {
        if matches!(ask, Ask::Shutdown) {
            self.expect_end();
        }
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        self.state.pending(|pending| pending.as_mut().map(|waiting| waiting.insert(id, sender)))?;
        let mut line = serde_json::to_vec(&Request { id, ask }).expect("a request is plain data");
        line.push(b'\n');
        self.outgoing.send(line).ok()?;
        answer.await.ok()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.expect_end();
    }
}

/// A failing write needs no answer here: the reader sees the socket's end.
async fn write(mut socket: OwnedWriteHalf, mut lines: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(line) = lines.recv().await {
        if socket.write_all(&line).await.is_err() {
            return;
        }
    }
}

struct Reader {
    runtime: Runtime,
    id: String,
    seen: Seen,
    state: Arc<State>,
}

impl Reader {
    async fn run(self, socket: OwnedReadHalf, greeted: oneshot::Sender<()>) {
        let mut greeted = Some(greeted);
        let mut lines = BufReader::new(socket).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            match serde_json::from_str(&line) {
                Ok(Told::Greeting) => drop(greeted.take().map(|greeted| greeted.send(()))),
                Ok(told) => self.take(told),
                Err(error) => tracing::error!(task = self.id, %error, "unreadable words of a shim"),
            }
        }
        // Whoever waits for the greeting gets an error, not a lost task.
        let was_greeted = greeted.is_none();
        if was_greeted && !self.state.is_ending.load(Ordering::Relaxed) {
            self.clean_up().await;
        }
        self.state.pending(|pending| *pending = None);
    }

    fn take(&self, told: Told) {
        match told {
            Told::Event(event) => self.seen.events.send_modify(|events| events.push(event)),
            Told::Output { container, upto, end } => {
                if let Some(mark) = self.seen.marks.get(&container) {
                    mark.send_replace(Mark { upto, end });
                }
            }
            Told::Reply { id, answer } => {
                let waiting = self.state.pending(|pending| pending.as_mut()?.remove(&id));
                if let Some(waiting) = waiting {
                    // The asker may have given up.
                    let _ = waiting.send(answer);
                }
            }
            Told::Greeting => {}
        }
    }

    /// The shim died by itself: see that nothing of the task runs, and say so.
    async fn clean_up(&self) {
        let dir = self.runtime.task_dir(&self.id);
        if !has_died(&dir).await {
            tracing::error!(task = self.id, "the shim hung up but runs");
            return;
        }
        tracing::warn!(task = self.id, "the shim died; its containers are killed");
        let group = self.runtime.layout.group(self.runtime.task_cgroup(&self.id));
        let killing = dir.clone();
        let killed = blocking(move || {
            remove::kill_shim(&killing);
            group.kill_all();
            Ok(())
        });
        if let Err(error) = killed.await {
            tracing::error!(task = self.id, %error, "kill what is left");
        }
        self.seen.tell_lost(&dir);
    }
}

/// Waits for the end of a process whose sockets are closed already.
async fn has_died(dir: &Path) -> bool {
    for _ in 0..200 {
        if !ShimProcess::read(dir).is_ok_and(|shim| shim.is_alive()) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

/// The end of a container whose shim was killed.
pub(super) fn lost(container: &str, now: Timestamp) -> Event {
    let exit =
        Exit { code: 137, signal: Some(9), oom_killed: false, finished_at: now, unseen: true };
    Event { container: container.to_owned(), at: now, what: Happened::Exited(exit) }
}

/// Adds to a dead shim's history, so that a later daemon sees the same.
pub(super) fn append(dir: &Path, event: &Event) {
    let file = std::fs::OpenOptions::new().append(true).open(dir.join("events.jsonl"));
    let mut line = serde_json::to_vec(event).expect("an event is plain data");
    line.push(b'\n');
    if let Err(error) = file.and_then(|mut file| file.write_all(&line)) {
        tracing::warn!(%error, "add to a task's history");
    }
}
