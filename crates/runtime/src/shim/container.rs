//! One container of the task, from the shim's side: its files, its start, its
//! output and its end.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use libcontainer::container::builder::ContainerBuilder;
use libcontainer::error::LibcontainerError;
use libcontainer::syscall::syscall::SyscallType;
use neargate_ids::Timestamp;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::unistd::Pid;
use serde_json::Value;

use super::client::Waiter;
use super::limits;
use super::program::{self, Program, pipe};
use super::rootfs;
use super::user;
use crate::cgroup::Group;
use crate::logs::{self, Stream};
use crate::oci::{self, Bind, Prepared, User};
use crate::protocol::Told;
use crate::spec::{ContainerSpec, Mount, TaskSpec};

/// How long output may still come after the end, from processes that are not
/// the container's own but hold its pipes.
const OUTPUT_GRACE: Duration = Duration::from_secs(2);
const PIPE_SIZE: i32 = 1 << 20;
/// Most bytes taken from one pipe in one turn of the loop.
const TURN: usize = 4 << 20;

pub(super) struct Container {
    pub spec: ContainerSpec,
    dir: PathBuf,
    pub group: Group,
    log: logs::Writer,
    rootfs: Option<PathBuf>,
    pub run: Option<Run>,
    attempts: u32,
    /// Whether a run has ended or failed, and no other has begun.
    has_ended: bool,
    told: (u64, bool),
}

/// A process that runs, or whose last output is awaited.
pub(super) struct Run {
    pub pid: Pid,
    pub oci_id: String,
    /// The `process` of its bundle: what an exec starts from.
    pub process: Value,
    pub pipes: [Option<OwnedFd>; 2],
    pub ended_at: Option<Instant>,
    pub kill_at: Option<Instant>,
    pub waiters: Vec<Waiter>,
    pub oom_kills_before: u64,
}

impl Container {
    pub fn open(task_dir: &Path, task_group: &Group, spec: &ContainerSpec) -> io::Result<Self> {
        let dir = task_dir.join("containers").join(&spec.name);
        fs::create_dir_all(&dir)?;
        Ok(Container {
            log: logs::Writer::open(&task_dir.join("logs").join(&spec.name))?,
            dir,
            group: task_group.child(&spec.name),
            spec: spec.clone(),
            rootfs: None,
            run: None,
            attempts: 0,
            has_ended: false,
            told: (0, false),
        })
    }

    pub fn is_running(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.ended_at.is_none())
    }

    /// Closes an earlier run: what its pipes still hold belongs to it.
    pub fn close_earlier_run(&mut self, now: Timestamp) {
        self.finish_output(now);
        self.has_ended = false;
    }

    /// Starts the process. The notes are what could not be given as asked; a
    /// refusal is in runc's words.
    pub fn start(
        &mut self,
        task_dir: &Path,
        task: &TaskSpec,
    ) -> Result<(Pid, Vec<String>), String> {
        let result = self.try_start(task_dir, task);
        self.has_ended = result.is_err();
        result
    }

    fn try_start(
        &mut self,
        task_dir: &Path,
        task: &TaskSpec,
    ) -> Result<(Pid, Vec<String>), String> {
        let text = |error: io::Error| error.to_string();
        let root = self.mount_root().map_err(text)?;
        let user = resolve_user(&root, &self.spec.user)?;
        let binds = self.binds(task_dir, &root).map_err(text)?;
        self.make_cwd(&root, &binds).map_err(text)?;
        self.group.create(&self.spec.limits).map_err(text)?;
        let oom_kills_before = self.group.oom_kills();

        let prepared = Prepared {
            rootfs: root.display().to_string(),
            cgroup: self.group.child("init").oci_path(),
            cgroup_views: self.group.views(),
            user,
            binds,
            ceiling: limits::ceiling,
        };
        let (mut bundle, notes) = oci::bundle(task, &self.spec, &prepared);
        self.write_bundle(&bundle).map_err(text)?;
        self.attempts += 1;
        let oci_id = format!("run-{}", self.attempts);
        let (pid, pipes) = self.create_and_start(&oci_id)?;

        // Execs get groups beside `init`: libcontainer puts them below this.
        bundle["linux"]["cgroupsPath"] = self.group.oci_path().into();
        self.write_bundle(&bundle).map_err(text)?;
        self.run = Some(Run {
            pid,
            oci_id,
            process: bundle["process"].take(),
            pipes,
            ended_at: None,
            kill_at: None,
            waiters: Vec::new(),
            oom_kills_before,
        });
        Ok((pid, notes))
    }

    fn create_and_start(&self, oci_id: &str) -> Result<(Pid, [Option<OwnedFd>; 2]), String> {
        let text = |error: io::Error| error.to_string();
        let (reasons, reasons_in) = pipe().map_err(text)?;
        let (stdout, stdout_in) = output_pipe().map_err(text)?;
        let (stderr, stderr_in) = output_pipe().map_err(text)?;
        let state_dir = self.oci_dir();
        fs::create_dir_all(&state_dir).map_err(text)?;
        let started = ContainerBuilder::new(oci_id.to_owned(), SyscallType::default())
            .with_executor(Program::new(self.spec.init, &reasons_in))
            .with_stdout(stdout_in)
            .with_stderr(stderr_in)
            .with_root_path(state_dir)
            .and_then(|builder| {
                let bundle = self.dir.join("bundle");
                let mut container = builder.as_init(bundle).with_systemd(false).build()?;
                container.start()?;
                container.pid().ok_or(LibcontainerError::Other("no process id".into()))
            });
        drop(reasons_in);
        match started {
            Ok(pid) => Ok((Pid::from_raw(pid.as_raw()), [Some(stdout), Some(stderr)])),
            Err(error) => Err(program::reasons(reasons).unwrap_or_else(|| chain(&error))),
        }
    }

    /// Where `libcontainer` keeps what it knows of this container's runs.
    pub fn oci_dir(&self) -> PathBuf {
        self.dir.join("oci")
    }

    fn mount_root(&mut self) -> io::Result<PathBuf> {
        if let Some(root) = &self.rootfs {
            return Ok(root.clone());
        }
        let root = rootfs::mount_overlay(&self.dir, &self.spec.layers)?;
        Ok(self.rootfs.insert(root).clone())
    }

    /// Volumes, binds and the files of `/etc`, with their sources made ready.
    fn binds(&self, task_dir: &Path, root: &Path) -> io::Result<Vec<Bind>> {
        let mut binds = Vec::new();
        let hostname = self.spec.hostname.as_ref().map(|name| format!("{name}\n"));
        let files = [
            ("hosts", self.spec.hosts.as_ref()),
            ("resolv.conf", self.spec.resolv_conf.as_ref()),
            ("hostname", hostname.as_ref()),
        ];
        for (name, text) in files {
            let Some(text) = text else { continue };
            let source = self.dir.join(name);
            fs::write(&source, text)?;
            let destination = format!("/etc/{name}");
            let source = source.display().to_string();
            binds.push(Bind { source, destination, read_only: self.spec.readonly_root });
        }
        for mount in &self.spec.mounts {
            let (source, destination, read_only) = match mount {
                Mount::Tmpfs { .. } => continue,
                Mount::Bind { source, destination, read_only } => {
                    (source.clone(), destination, *read_only)
                }
                Mount::Volume { volume, destination, read_only } => {
                    let source = task_dir.join("volumes").join(volume);
                    rootfs::fill_volume(&source, root, destination)?;
                    (source, destination, *read_only)
                }
            };
            let source = source.display().to_string();
            binds.push(Bind { source, destination: destination.clone(), read_only });
        }
        Ok(binds)
    }

    /// Makes the working directory where it will be seen: in the image, or in
    /// the volume that covers it.
    fn make_cwd(&self, root: &Path, binds: &[Bind]) -> io::Result<()> {
        let cwd = &self.spec.cwd;
        let below = |destination: &str| {
            let rest = cwd.strip_prefix(destination.trim_end_matches('/'))?;
            (rest.is_empty() || rest.starts_with('/')).then(|| rest.to_owned())
        };
        let covering = binds.iter().filter_map(|bind| Some((bind, below(&bind.destination)?)));
        match covering.max_by_key(|(bind, _)| bind.destination.len()) {
            Some((bind, rest)) => rootfs::make_dir_inside(Path::new(&bind.source), &rest),
            None => rootfs::make_dir_inside(root, cwd),
        }
    }

    fn write_bundle(&self, bundle: &Value) -> io::Result<()> {
        let dir = self.dir.join("bundle");
        fs::create_dir_all(&dir)?;
        fs::write(dir.join("config.json"), serde_json::to_vec(bundle)?)
    }

    pub fn resolve_user(&self, asked: &str) -> Result<User, String> {
        resolve_user(self.rootfs.as_deref().unwrap_or(Path::new("/nonexistent")), asked)
    }

    /// Takes what a pipe has; forgets the pipe at its end.
    pub fn read_output(&mut self, stream: Stream, now: Timestamp) {
        let Some(run) = &mut self.run else { return };
        let Some(pipe) = &run.pipes[stream as usize] else { return };
        let mut chunk = vec![0; 256 * 1024];
        let mut taken = 0;
        while taken < TURN {
            match nix::unistd::read(pipe, &mut chunk) {
                Ok(0) => {
                    self.log.finish(stream, now);
                    run.pipes[stream as usize] = None;
                    break;
                }
                Ok(length) => {
                    self.log.take(stream, &chunk[..length], now);
                    taken += length;
                }
                Err(nix::errno::Errno::EINTR) => {}
                Err(_) => break,
            }
        }
    }

    /// After the end of the process: whether its output has ended too, in
    /// which case the run is over.
    pub fn settle(&mut self, now: Timestamp) {
        let Some(run) = &self.run else { return };
        let Some(ended_at) = run.ended_at else { return };
        let is_drained = run.pipes.iter().all(Option::is_none);
        if is_drained || ended_at.elapsed() > OUTPUT_GRACE {
            self.finish_output(now);
            self.has_ended = true;
        }
    }

    /// Takes what the pipes still hold, and lets them go.
    fn finish_output(&mut self, now: Timestamp) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            self.read_output(stream, now);
        }
        if self.run.take().is_some() {
            self.log.finish(Stream::Stdout, now);
            self.log.finish(Stream::Stderr, now);
        }
    }

    /// Gives the log to its file; a mark to tell when it has moved.
    pub fn new_output_mark(&mut self) -> Option<Told> {
        self.log.flush();
        if self.log.dropped > 0 {
            eprintln!(
                "{}: the disk refused {} writes of the log",
                self.spec.name, self.log.dropped
            );
            self.log.dropped = 0;
        }
        let mark = (self.log.offset(), self.has_ended);
        if mark == self.told {
            return None;
        }
        self.told = mark;
        Some(self.output_mark())
    }

    pub fn output_mark(&self) -> Told {
        let (upto, end) = self.told;
        Told::Output { container: self.spec.name.clone(), upto, end }
    }
}

fn resolve_user(root: &Path, asked: &str) -> Result<User, String> {
    let passwd = rootfs::read_inside(root, "etc/passwd");
    let group = rootfs::read_inside(root, "etc/group");
    user::resolve(asked, &passwd, &group)
}

/// A pipe as wide as the machine gives, whose reading end does not block.
pub(super) fn output_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (reader, writer) = pipe()?;
    let _ = fcntl(&reader, FcntlArg::F_SETPIPE_SZ(PIPE_SIZE));
    fcntl(&reader, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    Ok((reader, writer))
}

/// An error with its causes in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}
