//! The daemon's entrance: launches tasks, finds those of an earlier daemon,
//! and forgets those that are gone.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use crate::Error;
use crate::cgroup::Layout;
use crate::charter::{Charter, ShimProcess, boot_id};
use crate::remove;
use crate::spec::{TaskSpec, check_name};
use crate::task::Task;

/// Where and how tasks are run.
#[derive(Clone, Debug)]
pub struct Config {
    /// Holds a directory for each task.
    pub dir: PathBuf,
    /// Program and first arguments that run [`shim::main`](crate::shim::main)
    /// with the rest, as `["/proc/self/exe", "shim"]`.
    pub shim_command: Vec<OsString>,
    /// Parent of the tasks' control groups; unique on the machine.
    pub cgroup_prefix: String,
}

impl Config {
    pub fn new(
        dir: impl Into<PathBuf>,
        shim_command: Vec<OsString>,
        cgroup_prefix: impl Into<String>,
    ) -> Self {
        Config { dir: dir.into(), shim_command, cgroup_prefix: cgroup_prefix.into() }
    }
}

/// Runs tasks under one directory. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Runtime {
    pub(crate) config: Arc<Config>,
    pub(crate) layout: Layout,
}

/// What became of a task of an earlier daemon.
#[derive(Debug)]
pub enum Adopted {
    /// Its shim is there; events that happened meanwhile come first.
    Running(Task),
    /// Its shim was killed. Its containers have been killed too, and are told
    /// as exited with 137, unseen. Logs can be read; then delete it.
    Lost(Task),
    /// Nothing of it runs, and nothing is known but its directory, if that:
    /// the machine was started anew, or the launch was cut short.
    /// [`Runtime::delete`] cleans up.
    Gone,
}

impl Runtime {
    /// Makes the directory, and looks at how the machine mounts control groups.
    pub fn new(config: Config) -> Result<Runtime, Error> {
        check_name("control group", &config.cgroup_prefix)?;
        if config.shim_command.is_empty() {
            return Err(Error::Invalid("the shim command is empty".into()));
        }
        let what = format!("make {}", config.dir.display());
        fs::create_dir_all(&config.dir).map_err(Error::io(what))?;
        let mut config = config;
        config.dir = config.dir.canonicalize().map_err(Error::io("find the tasks' directory"))?;
        let layout = Layout::detect().map_err(Error::io("find control groups"))?;
        Ok(Runtime { config: Arc::new(config), layout })
    }

    /// Starts the task's shim. No container runs yet: see
    /// [`Task::start_container`].
    pub async fn launch(&self, spec: TaskSpec) -> Result<Task, Error> {
        spec.check()?;
        let dir = self.task_dir(&spec.id);
        // The spec's environment may hold secrets.
        match fs::DirBuilder::new().mode(0o700).create(&dir) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(Error::Exists(spec.id));
            }
            result => result.map_err(Error::io(format!("make {}", dir.display())))?,
        }
        let id = spec.id.clone();
        match self.launch_in(&dir, spec).await {
            Ok(task) => Ok(task),
            Err(error) => {
                let _ = self.delete(&id).await;
                Err(error)
            }
        }
    }

    async fn launch_in(&self, dir: &Path, spec: TaskSpec) -> Result<Task, Error> {
        let id = spec.id.clone();
        let boot = boot_id().map_err(Error::io("read the boot id"))?;
        let cgroup = self.task_cgroup(&id);
        Charter { spec, cgroup, boot }.write(dir).map_err(Error::io("write task.json"))?;
        let (own_end, shims_end) = UnixStream::pair().map_err(Error::io("make a socket"))?;
        let log = File::create(dir.join("shim.log")).map_err(Error::io("make shim.log"))?;
        let [program, arguments @ ..] = &self.config.shim_command[..] else {
            return Err(Error::Invalid("the shim command is empty".into()));
        };
        let mut command = tokio::process::Command::new(program);
        command.args(arguments).arg(dir).env_clear().current_dir("/");
        command.stdin(Stdio::from(OwnedFd::from(shims_end)));
        command.stdout(Stdio::null()).stderr(log);
        let mut child = command.spawn().map_err(Error::io(format!("run {program:?}")))?;
        // The command's copy of the socket must go, or a dead shim would seem
        // connected.
        drop(command);
        let reaped = tokio::spawn(async move { child.wait().await });
        match Task::connect(self.clone(), id.clone(), own_end).await {
            Ok(task) => Ok(task),
            Err(error) => {
                // It hangs up before it has said why.
                let _ = tokio::time::timeout(Duration::from_secs(2), reaped).await;
                Err(match fs::read_to_string(dir.join("shim.log")).unwrap_or_default().trim() {
                    "" => error,
                    why => Error::Io {
                        what: "start the shim".into(),
                        source: io::Error::other(why.to_owned()),
                    },
                })
            }
        }
    }

    /// Finds the task of an earlier daemon again.
    pub async fn adopt(&self, id: &str) -> Result<Adopted, Error> {
        check_name("task id", id)?;
        let dir = self.task_dir(id);
        let Ok(charter) = Charter::read(&dir) else { return Ok(Adopted::Gone) };
        if boot_id().is_ok_and(|boot| boot != charter.boot) {
            return Ok(Adopted::Gone);
        }
        let Ok(shim) = ShimProcess::read(&dir) else { return Ok(Adopted::Gone) };
        if shim.is_alive() {
            match connect(&dir) {
                Ok(stream) => {
                    if let Ok(task) = Task::connect(self.clone(), id.to_owned(), stream).await {
                        return Ok(Adopted::Running(task));
                    }
                }
                Err(error) => tracing::warn!(task = id, %error, "the shim does not answer"),
            }
        }
        Ok(Adopted::Lost(Task::without_shim(self.clone(), id.to_owned(), &charter.spec).await?))
    }

    /// Ends and removes a task by its id, whatever is left of it. See
    /// [`Task::delete`], which this is for tasks that could not be adopted.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        check_name("task id", id)?;
        let (dir, group) = (self.task_dir(id), self.layout.group(self.task_cgroup(id)));
        blocking(move || remove::task(&dir, &group))
            .await
            .map_err(Error::io(format!("remove task {id}")))
    }

    /// Ids of the tasks that have a directory.
    pub fn task_ids(&self) -> Result<Vec<String>, Error> {
        let entries = fs::read_dir(&self.config.dir).map_err(Error::io("list tasks"))?;
        let mut ids: Vec<String> =
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        ids.sort();
        Ok(ids)
    }

    pub(crate) fn task_dir(&self, id: &str) -> PathBuf {
        self.config.dir.join(id)
    }

    pub(crate) fn task_cgroup(&self, id: &str) -> String {
        format!("{}/{id}", self.config.cgroup_prefix)
    }
}

/// Connects by a path that is short however deep `dir` is.
fn connect(dir: &Path) -> io::Result<UnixStream> {
    let handle = File::open(dir)?;
    UnixStream::connect(format!("/proc/self/fd/{}/shim.sock", handle.as_raw_fd()))
}

/// Runs what waits for the kernel away from the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
