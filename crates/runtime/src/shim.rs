//! The shim: one small single-threaded process for each task, which is the
//! parent of its containers and outlives the daemon.
//!
//! It must have one thread, because `libcontainer` clones without the C
//! library's knowledge; so it is a plain poll loop (`serve`) over its
//! clients, its children's pipes and SIGCHLD. It decides nothing: it does what
//! it is asked, writes down what happens, and tells whoever is connected.
//!
//! Its containers end with it (parent-death signal), and their mounts with
//! them, since both live in the shim's own mount namespace.

mod client;
mod container;
mod exec;
mod limits;
mod program;
mod rootfs;
mod serve;
mod user;

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use neargate_ids::Clock;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::cgroup::{Group, Layout};
use crate::charter::{Charter, ShimProcess};
use crate::event::{Event, Happened};
use crate::protocol::Told;
use client::Client;
use container::Container;
use exec::ExecRun;

/// Runs a shim: the arguments are one, the task's directory; standard input
/// is the launching daemon's socket. Returns when the task was shut down.
pub fn main(mut args: impl Iterator<Item = OsString>) -> ExitCode {
    let (Some(dir), None) = (args.next(), args.next()) else {
        eprintln!("usage: shim <task directory>");
        return ExitCode::from(2);
    };
    match Shim::open(Path::new(&dir)).and_then(Shim::serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shim of {}: {error}", dir.display());
            ExitCode::FAILURE
        }
    }
}

/// Everything of a task, owned by the poll loop.
struct Shim {
    dir: PathBuf,
    charter: Charter,
    group: Group,
    clock: Clock,
    signals: SignalFd,
    listener: UnixListener,
    clients: Vec<Client>,
    next_client: u64,
    containers: Vec<Container>,
    execs: Vec<ExecRun>,
    exec_count: u64,
    events: Vec<Event>,
    events_file: File,
    ending: Option<Ending>,
}

/// Who asked for the end, if not a signal did.
struct Ending {
    asked_by: Option<client::Waiter>,
}

impl Shim {
    fn open(dir: &Path) -> io::Result<Self> {
        let _ = nix::unistd::setsid();
        // The containers', whatever the daemon's is.
        nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o022));
        // SAFETY: sets an attribute of this process alone.
        unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
        let charter = Charter::read(dir)?;
        ShimProcess::own()?.write(dir)?;

        let mut set = SigSet::empty();
        for signal in [Signal::SIGCHLD, Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
            set.add(signal);
        }
        set.thread_block()?;
        let signals = SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;

        let first_client = take_stdin()?;
        let listener = listen(dir)?;
        rootfs::own_mounts(charter.spec.netns.as_deref())?;
        let group = Layout::detect()?.group(&charter.cgroup);
        group.sibling(".shims").shelter();
        group.create(&charter.spec.limits)?;
        group.restrict_devices()?;
        let containers = charter
            .spec
            .containers
            .iter()
            .map(|spec| Container::open(dir, &group, spec))
            .collect::<io::Result<Vec<_>>>()?;
        let events_file =
            OpenOptions::new().create(true).append(true).open(dir.join("events.jsonl"))?;
        let mut shim = Shim {
            dir: dir.to_owned(),
            charter,
            group,
            clock: Clock::system(),
            signals,
            listener,
            clients: Vec::new(),
            next_client: 0,
            containers,
            execs: Vec::new(),
            exec_count: 0,
            events: Vec::new(),
            events_file,
            ending: None,
        };
        shim.welcome(first_client)?;
        Ok(shim)
    }

    /// Writes down what happened, then tells it.
    fn happened(&mut self, container: &str, what: Happened) {
        let event = Event { container: container.to_owned(), at: self.clock.now(), what };
        let mut line = serde_json::to_vec(&event).expect("an event is plain data");
        line.push(b'\n');
        if let Err(error) = self.events_file.write_all(&line) {
            eprintln!("write an event: {error}");
        }
        self.events.push(event.clone());
        let told = Told::Event(event);
        for client in &mut self.clients {
            client.tell(&told);
        }
    }

    /// Takes in a client: it is told all that happened so far.
    fn welcome(&mut self, stream: UnixStream) -> io::Result<()> {
        let mut client = Client::new(self.next_client, stream)?;
        self.next_client += 1;
        for event in &self.events {
            client.tell(&Told::Event(event.clone()));
        }
        for container in &self.containers {
            client.tell(&container.output_mark());
        }
        client.tell(&Told::Greeting);
        self.clients.push(client);
        Ok(())
    }
}

/// The socket that came as standard input, which becomes `/dev/null`.
fn take_stdin() -> io::Result<UnixStream> {
    // SAFETY: descriptor 0 is open (the daemon gave it) and owned by nobody
    // else; the copy is new.
    let stream = unsafe {
        let copy = libc::fcntl(0, libc::F_DUPFD_CLOEXEC, 3);
        if copy < 0 {
            return Err(io::Error::last_os_error());
        }
        UnixStream::from(OwnedFd::from_raw_fd(copy))
    };
    let null = File::open("/dev/null")?;
    // SAFETY: replaces standard input, which nothing here reads.
    unsafe { libc::dup2(null.as_raw_fd(), 0) };
    Ok(stream)
}

/// Listens at `dir/shim.sock` by a path that is short however deep `dir` is.
fn listen(dir: &Path) -> io::Result<UnixListener> {
    let _ = fs::remove_file(dir.join("shim.sock"));
    let handle = File::open(dir)?;
    let path = format!("/proc/self/fd/{}/shim.sock", handle.as_raw_fd());
    let listener = UnixListener::bind(path)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
