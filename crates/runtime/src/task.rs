//! A task, from the daemon's side: asks its shim, and keeps what the shim
//! tells for whoever listens.
//!
//! A background task owns the socket's reading half. When the socket ends and
//! the shim is truly gone, it kills what may be left of the containers and
//! tells their end itself, so that every `Started` is followed by an `Exited`.

mod link;
mod terminal;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::event::{ContainerState, Event, Exit};
use crate::logs::{Mark, Tail};
use crate::protocol::{Answer, Ask};
use crate::runtime::blocking;
use crate::spec::TaskSpec;
use crate::{Error, Runtime, TaskStats, Usage, logs, remove, signal, stats};
use link::Link;
pub use terminal::Terminal;

/// One launched task. Cheap to clone; dropping it ends nothing.
#[derive(Clone)]
pub struct Task {
    shared: Arc<Shared>,
}

struct Shared {
    runtime: Runtime,
    id: String,
    spec: TaskSpec,
    link: Link,
    seen: Seen,
}

/// What the shim has told.
#[derive(Clone)]
struct Seen {
    events: watch::Sender<Vec<Event>>,
    marks: Arc<BTreeMap<String, watch::Sender<Mark>>>,
}

/// A process to run in a running container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecSpec {
    pub container: String,
    pub argv: Vec<String>,
    /// Added to the container's own.
    pub env: Vec<(String, String)>,
    /// As in a container's spec; `None` is the container's own.
    pub user: Option<String>,
    pub cwd: Option<String>,
    /// After this, the process and all it forked are killed.
    pub timeout_ms: Option<u64>,
    /// Output beyond this many bytes is read but not kept.
    pub max_output: usize,
    /// A listening socket of this machine that is given the process's terminal; without one,
    /// the process has none, and its output is kept.
    #[serde(default)]
    pub console: Option<PathBuf>,
}

impl ExecSpec {
    pub fn new(container: impl Into<String>, argv: Vec<String>) -> Self {
        let (env, user, cwd, timeout_ms) = (Vec::new(), None, None, None);
        let (container, max_output, console) = (container.into(), 4096, None);
        ExecSpec { container, argv, env, user, cwd, timeout_ms, max_output, console }
    }
}

/// How an exec ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecOutcome {
    /// The exit code; 128 + the signal; 126 or 127 when it could not be run.
    pub code: i32,
    /// Standard output and error as they came, what is not UTF-8 replaced.
    pub output: String,
    pub is_truncated: bool,
    pub has_timed_out: bool,
    /// Why it could not be run, in runc's words.
    pub failure: Option<String>,
}

/// A task's events, from its launch on. Each reader has all of them.
pub struct Events {
    seen: watch::Receiver<Vec<Event>>,
    next: usize,
}

impl Events {
    /// The next event, safe to cancel; `None` when the task was deleted and all were given.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.seen.borrow_and_update().get(self.next).cloned() {
                self.next += 1;
                return Some(event);
            }
            self.seen.changed().await.ok()?;
        }
    }
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task").field("id", &self.shared.id).finish_non_exhaustive()
    }
}

impl Task {
    pub fn id(&self) -> &str {
        &self.shared.id
    }

    /// Where everything of this task is kept; gone when the task is deleted.
    pub fn dir(&self) -> PathBuf {
        self.shared.runtime.task_dir(&self.shared.id)
    }

    /// What it was launched with.
    pub fn spec(&self) -> &TaskSpec {
        &self.shared.spec
    }

    /// Whether its shim is connected.
    pub fn has_shim(&self) -> bool {
        self.shared.link.is_open()
    }

    /// What each container is now.
    pub fn containers(&self) -> BTreeMap<String, ContainerState> {
        let events = self.shared.seen.events.borrow();
        let state = |name: &String| (name.clone(), ContainerState::after(&events, name));
        self.shared.seen.marks.keys().map(state).collect()
    }

    /// All events, those that have happened first.
    pub fn events(&self) -> Events {
        Events { seen: self.shared.seen.events.subscribe(), next: 0 }
    }

    /// Starts a container, and answers when its process runs. One that runs
    /// is fine; one that has ended starts again with the files it left.
    pub async fn start_container(&self, name: &str) -> Result<(), Error> {
        match self.ask(Ask::Start { container: name.into() }).await? {
            Answer::Refused(reason) => Err(Error::StartFailed { container: name.into(), reason }),
            _ => Ok(()),
        }
    }

    /// Sends a signal, by name or number, to a container's first process.
    pub async fn signal(&self, name: &str, signal: &str) -> Result<(), Error> {
        let signal = parse_signal(signal)?;
        self.done(name, Ask::Signal { container: name.into(), signal }).await
    }

    /// Signals, waits, kills after the timeout; answers when the process has
    /// ended. `None` is what the container's spec says. One that does not run
    /// is fine. The shim keeps the time, even if this daemon dies meanwhile.
    pub async fn stop_container(
        &self,
        name: &str,
        signal: Option<&str>,
        timeout: Option<Duration>,
    ) -> Result<(), Error> {
        let spec = self.shared.spec.containers.iter().find(|container| container.name == name);
        let own = |spec: &crate::ContainerSpec| (spec.stop_signal.clone(), spec.stop_timeout_ms);
        let (own_signal, own_timeout_ms) = spec.map(own).unwrap_or_default();
        let signal = parse_signal(signal.unwrap_or(&own_signal))?;
        let timeout_ms = timeout.map_or(own_timeout_ms, |timeout| timeout.as_millis() as u64);
        let ask = Ask::Stop { container: name.into(), signal, timeout_ms };
        match self.done(name, ask).await {
            Err(Error::NoShim(_)) => Ok(()),
            result => result,
        }
    }

    /// Runs a process in a running container to its end.
    pub async fn exec(&self, spec: ExecSpec) -> Result<ExecOutcome, Error> {
        let container = spec.container.clone();
        match self.ask(Ask::Exec(spec)).await? {
            Answer::Exec(outcome) => Ok(outcome),
            Answer::Refused(reason) => Err(Error::Refused { container, reason }),
            Answer::Done => Err(Error::Refused { container, reason: "no outcome".into() }),
        }
    }

    /// Runs a process in a running container with a terminal of its own; see [`Terminal`].
    pub async fn exec_in_terminal(&self, spec: ExecSpec) -> Result<Terminal, Error> {
        let dir = self.shared.runtime.task_dir(&self.shared.id);
        terminal::open(self.clone(), spec, dir).await
    }

    /// Waits for a container's end, if it has started; `None` when the task
    /// was deleted before it was seen. A start that failed is no end.
    pub async fn ended(&self, name: &str) -> Option<Exit> {
        let mut seen = self.shared.seen.events.subscribe();
        loop {
            let state = ContainerState::after(&seen.borrow_and_update(), name);
            if let ContainerState::Exited(exit) = state {
                return Some(exit);
            }
            seen.changed().await.ok()?;
        }
    }

    /// What `container` printed, from an offset that an earlier batch gave, or 0.
    pub fn logs(&self, container: &str, offset: u64) -> Result<Tail, Error> {
        let mark = self.shared.seen.marks.get(container);
        let mark = mark.ok_or_else(|| Error::Invalid(format!("no container {container:?}")))?;
        let dir = self.shared.runtime.task_dir(&self.shared.id).join("logs").join(container);
        Ok(Tail::new(dir, offset, mark.subscribe()))
    }

    /// What the task and its containers use. Reads about twenty small files, and one per process.
    pub fn stats(&self) -> TaskStats {
        let runtime = &self.shared.runtime;
        let group = runtime.layout.group(runtime.task_cgroup(&self.shared.id));
        let mut networks = BTreeMap::new();
        let (mut containers, mut storage) = (BTreeMap::new(), BTreeMap::new());
        for (name, state) in self.containers() {
            if let (ContainerState::Running { pid, .. }, true) = (state, networks.is_empty()) {
                networks = stats::networks(pid);
            }
            let group = group.child(&name);
            storage.insert(name.clone(), stats::storage(&group));
            containers.insert(name, stats::usage(&group));
        }
        let machine_cpu_ns = stats::machine_cpu_ns();
        TaskStats { task: stats::usage(&group), containers, machine_cpu_ns, networks, storage }
    }

    /// Bytes on disk of what the task's containers and volumes have written. Walks all of these
    /// files, and blocks.
    pub fn disk_bytes(&self) -> u64 {
        let dir = self.shared.runtime.task_dir(&self.shared.id);
        let containers = self.containers().into_iter();
        let upper = containers.map(|(name, _)| dir.join("containers").join(name).join("upper"));
        stats::disk_bytes(upper.chain([dir.join("volumes")]))
    }

    /// What the task uses as a whole: the cheaper question, for whoever asks every second.
    pub fn usage(&self) -> Usage {
        let runtime = &self.shared.runtime;
        stats::usage(&runtime.layout.group(runtime.task_cgroup(&self.shared.id)))
    }

    /// Kills all that runs, and removes control groups and files. Whatever
    /// state the task is in, and again, is fine. Read the logs before.
    pub async fn delete(&self) -> Result<(), Error> {
        // A shim that answers has seen its children end; one that does not
        // is killed by what follows.
        let ask = self.ask(Ask::Shutdown);
        let _ = tokio::time::timeout(Duration::from_secs(5), ask).await;
        self.shared.link.expect_end();
        self.shared.runtime.delete(&self.shared.id).await
    }

    async fn done(&self, name: &str, ask: Ask) -> Result<(), Error> {
        match self.ask(ask).await? {
            Answer::Refused(reason) => Err(Error::Refused { container: name.into(), reason }),
            _ => Ok(()),
        }
    }

    async fn ask(&self, ask: Ask) -> Result<Answer, Error> {
        self.shared.link.ask(ask).await.ok_or_else(|| Error::NoShim(self.shared.id.clone()))
    }

    /// Connects to a shim, and waits until it has told all so far.
    pub(crate) async fn connect(
        runtime: Runtime,
        id: String,
        stream: std::os::unix::net::UnixStream,
    ) -> Result<Task, Error> {
        let charter = crate::charter::Charter::read(&runtime.task_dir(&id));
        let spec = charter.map_err(Error::io("read task.json"))?.spec;
        let seen = Seen::of(&spec);
        let link = Link::open(runtime.clone(), id.clone(), stream, seen.clone()).await?;
        Ok(Task { shared: Arc::new(Shared { runtime, id, spec, link, seen }) })
    }

    /// A task whose shim is dead: kills what may be left of its containers.
    pub(crate) async fn without_shim(
        runtime: Runtime,
        id: String,
        spec: &TaskSpec,
    ) -> Result<Task, Error> {
        let seen = Seen::of(spec);
        let dir = runtime.task_dir(&id);
        let group = runtime.layout.group(runtime.task_cgroup(&id));
        let killed = blocking(move || {
            remove::kill_shim(&dir);
            group.kill_all();
            Ok(())
        });
        killed.await.map_err(Error::io("kill what is left"))?;
        seen.read_history(&runtime.task_dir(&id));
        seen.tell_lost(&runtime.task_dir(&id));
        let link = Link::closed();
        Ok(Task { shared: Arc::new(Shared { runtime, id, spec: spec.clone(), link, seen }) })
    }
}

impl Seen {
    fn of(spec: &TaskSpec) -> Self {
        let mark = |name: &String| (name.clone(), watch::Sender::new(Mark::default()));
        let marks = spec.containers.iter().map(|container| mark(&container.name)).collect();
        Seen { events: watch::Sender::new(Vec::new()), marks: Arc::new(marks) }
    }

    /// Takes the events from a dead shim's file.
    fn read_history(&self, dir: &std::path::Path) {
        let text = std::fs::read_to_string(dir.join("events.jsonl")).unwrap_or_default();
        let events: Vec<Event> =
            text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        self.events.send_replace(events);
    }

    /// Tells that what ran has ended unseen, and that no more output comes.
    fn tell_lost(&self, dir: &std::path::Path) {
        let now = neargate_ids::Clock::system().now();
        for (name, mark) in self.marks.iter() {
            let is_running = ContainerState::after(&self.events.borrow(), name).is_running();
            if is_running {
                let event = link::lost(name, now);
                link::append(dir, &event);
                self.events.send_modify(|events| events.push(event));
            }
            let upto = logs::end_offset(&dir.join("logs").join(name)).unwrap_or(0);
            mark.send_replace(Mark { upto, end: true });
        }
    }
}

fn parse_signal(text: &str) -> Result<i32, Error> {
    signal::parse(text).ok_or_else(|| Error::Invalid(format!("unknown signal {text:?}")))
}
