//! The life of one server: made, started, adopted, stopped, taken away.
//!
//! Everything here blocks and is called under the instance's own lock; see
//! `postgres` for the handle.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::Signal;

use crate::bootstrap;
use crate::certificate;
use crate::create;
use crate::error::PgError;
use crate::install::{Installation, choose};
use crate::launch::{Launch, User};
use crate::layout::{Layout, make_private, remove_all, sync_directory, write_for};
use crate::process::{PidFile, Process, kill_leftovers, wait_for_leftovers};
use crate::psql::Psql;
use crate::settings;
use crate::spec::{Health, InstanceSpec, Running, Started, check_name};

const START_POLL: Duration = Duration::from_millis(5);
/// Recovery after a crash reads all that was written since the last checkpoint.
const START_POLLS: u32 = 60_000;
/// The process that writes a server's log outlives the server by its last lines.
const LOG_WRITTEN: Duration = Duration::from_secs(2);
/// RDS aborts what does not end; so do we, one step harder each time.
const STOPS: [(Signal, u64); 3] = [(Signal::INT, 30), (Signal::QUIT, 10), (Signal::KILL, 10)];

/// What does not change from one instance to the next.
pub(crate) struct Hand {
    pub layout: Layout,
    pub installed: Vec<Installation>,
    pub user: User,
    /// Names of the system users who may be the superuser.
    pub administrators: Vec<String>,
    pub machine_mib: u32,
    /// Held while the template or the authority may be made, which all share.
    pub shared: Mutex<()>,
}

impl Hand {
    pub fn ensure(&self, spec: &InstanceSpec) -> Result<Running, PgError> {
        check_name("DB instance identifier", &spec.id)?;
        if let Some(netns) = &spec.netns_path {
            fs::metadata(netns).map_err(PgError::io("looking for the network namespace", netns))?;
        }
        let data = self.layout.data(&spec.id);
        if !self.layout.made(&spec.id).exists() {
            return self.make(spec, &data);
        }
        let installation = self.installation_for(&data, &spec.id)?;
        let changed = self.write_settings(spec, &data)?;
        let started = match Process::of(&data) {
            Some(process) if is_where_asked(&process, &data, spec) => {
                if changed {
                    process.signal(Signal::HUP);
                }
                return Ok(running(process.pid, installation, Started::Adopted));
            }
            Some(process) => {
                stop(&spec.id, &process)?;
                Started::Moved
            }
            None => Started::Again,
        };
        let pid = self.start(spec, installation, &data)?;
        Ok(running(pid, installation, started))
    }

    /// What was being made when the machine stopped was never acknowledged and
    /// is made from the beginning.
    fn make(&self, spec: &InstanceSpec, data: &Path) -> Result<Running, PgError> {
        let script = bootstrap::script(spec)?;
        settings::file(spec, self.machine_mib)?;
        let source = match &spec.restore_from {
            Some(name) => Some(self.snapshot_data(name)?),
            None => None,
        };
        let installation = match &source {
            Some(source) => self.installation_for(source, &spec.id)?,
            None => choose(&self.installed, spec.major_version, &spec.id)?,
        };
        let directory = self.layout.instance(&spec.id);
        if let Some(process) = Process::of(data) {
            stop(&spec.id, &process)?;
        }
        kill_leftovers(data)?;
        remove_all(&directory)?;
        make_private(&directory, self.user)?;
        match source {
            Some(source) => create::copy(&source, data)?,
            None => {
                let _one = self.share();
                create::from_template(&self.layout, installation, self.user, data)?;
            }
        }
        self.write_settings(spec, data)?;
        // What was copied reaches the disk while the server starts.
        let pid = std::thread::scope(|scope| {
            let synced = scope.spawn(|| create::sync(installation, self.user, &directory));
            let pid = self.start(spec, installation, data)?;
            Psql { bin: &installation.bin, data, port: spec.port }.run("postgres", &script)?;
            synced.join().expect("syncing does not panic")?;
            Ok::<u32, PgError>(pid)
        })?;
        let made = self.layout.made(&spec.id);
        File::create(&made)
            .and_then(|file| file.sync_all())
            .map_err(PgError::io("making", &made))?;
        sync_directory(&directory)?;
        sync_directory(directory.parent().expect("an instance is in a directory"))?;
        Ok(running(pid, installation, Started::Made))
    }

    fn installation_for(&self, data: &Path, id: &str) -> Result<&Installation, PgError> {
        let major = create::major_of(data)?;
        choose(&self.installed, Some(major), &format!("the data of {id}"))
    }

    /// Returns whether anything is different from before.
    fn write_settings(&self, spec: &InstanceSpec, data: &Path) -> Result<bool, PgError> {
        let text = settings::file(spec, self.machine_mib)?;
        let mut changed = write_for(&data.join(settings::FILE), &text, self.user)?;
        let access = settings::access(spec.force_ssl);
        changed |= write_for(&data.join("pg_hba.conf"), &access, self.user)?;
        let identities = settings::identities(&self.administrators);
        changed |= write_for(&data.join("pg_ident.conf"), &identities, self.user)?;
        let ca = self.layout.ca();
        let _one = self.share();
        changed |= certificate::ensure(&ca, data, &spec.endpoint, spec.listen, self.user)?;
        Ok(changed)
    }

    /// Returns its pid once it accepts connections.
    fn start(
        &self,
        spec: &InstanceSpec,
        installation: &Installation,
        data: &Path,
    ) -> Result<u32, PgError> {
        kill_leftovers(data)?;
        // Nobody is left that these could belong to, but after a reboot another
        // process may have the pid, and the server would take it for one.
        for stale in ["postmaster.pid", &format!(".s.PGSQL.{}.lock", spec.port)] {
            let _ = fs::remove_file(data.join(stale));
        }
        let output = self.layout.instance(&spec.id).join("start.log");
        let log = File::create(&output).map_err(PgError::io("making", &output))?;
        let errors = log.try_clone().map_err(PgError::io("opening", &output))?;
        let program = installation.bin.join("postgres");
        let launch = Launch { user: self.user, directory: data, netns: spec.netns_path.as_deref() };
        let child = launch.spawn(|seen| {
            let mut command = Command::new(&program);
            command.arg("-D").arg(seen).stdin(Stdio::null()).stdout(log).stderr(errors);
            command
        });
        let mut child = child.map_err(PgError::io("starting", &program))?;
        let pid = child.id();
        let outcome = confine(pid, &spec.cgroups).and_then(|()| {
            if wait_until_ready(&mut child, data) {
                return Ok(pid);
            }
            wait_for_leftovers(data, LOG_WRITTEN)?;
            Err(PgError::NotStarted { id: spec.id.clone(), log: why(&output, data) })
        });
        if outcome.is_err() {
            let _ = child.kill();
        }
        reap(child);
        outcome
    }

    pub fn stop(&self, id: &str) -> Result<(), PgError> {
        self.known(id)?;
        self.stop_if_running(id).map(drop)
    }

    /// Also one that was still being made, which no one else can name; whether it ran.
    pub fn stop_if_running(&self, id: &str) -> Result<bool, PgError> {
        let data = self.layout.data(id);
        let process = Process::of(&data);
        if let Some(process) = &process {
            stop(id, process)?;
        }
        kill_leftovers(&data)?;
        Ok(process.is_some())
    }

    pub fn set_master_password(
        &self,
        id: &str,
        username: &str,
        password: &str,
    ) -> Result<(), PgError> {
        self.sql(id, &bootstrap::change_password(username, password)?).map(drop)
    }

    pub fn health(&self, id: &str) -> Result<Health, PgError> {
        let data = self.known(id)?;
        if Process::of(&data).is_none() {
            return Ok(Health::Down);
        }
        match self.sql(id, "SELECT 1;") {
            Ok(_) => Ok(Health::Ready),
            Err(e) => Ok(Health::NotAnswering { reason: e.to_string() }),
        }
    }

    pub fn sql(&self, id: &str, script: &str) -> Result<String, PgError> {
        let data = self.known(id)?;
        let installation = self.installation_for(&data, id)?;
        let port = PidFile::read(&data).map_or(0, |file| file.port);
        Psql { bin: &installation.bin, data: &data, port }.run("postgres", script)
    }

    /// Deleting what does not exist is done already.
    pub fn delete(&self, id: &str, final_snapshot: Option<&str>) -> Result<(), PgError> {
        check_name("DB instance identifier", id)?;
        let directory = self.layout.instance(id);
        if !directory.exists() {
            return Ok(());
        }
        if let Some(name) = final_snapshot {
            self.check_new_snapshot(name)?;
        }
        let data = self.layout.data(id);
        if let Some(process) = Process::of(&data) {
            stop(id, &process)?;
        }
        kill_leftovers(&data)?;
        if let Some(name) = final_snapshot {
            self.keep(&data, name)?;
        }
        remove_all(&directory)
    }

    pub fn share(&self) -> MutexGuard<'_, ()> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn process(&self, id: &str) -> Result<Option<Process>, PgError> {
        Ok(Process::of(&self.known(id)?))
    }

    pub fn known(&self, id: &str) -> Result<PathBuf, PgError> {
        check_name("DB instance identifier", id)?;
        if !self.layout.made(id).exists() {
            return Err(PgError::UnknownInstance(id.to_owned()));
        }
        Ok(self.layout.data(id))
    }
}

fn running(pid: u32, installation: &Installation, started: Started) -> Running {
    Running { pid, version: installation.version, started }
}

fn is_where_asked(process: &Process, data: &Path, spec: &InstanceSpec) -> bool {
    let listens = PidFile::read(data)
        .is_some_and(|file| file.listen == spec.listen.to_string() && file.port == spec.port);
    listens && process.is_in_network(spec.netns_path.as_deref())
}

fn confine(pid: u32, cgroups: &[PathBuf]) -> Result<(), PgError> {
    for directory in cgroups {
        let members = directory.join("cgroup.procs");
        fs::write(&members, pid.to_string()).map_err(PgError::io("writing", &members))?;
    }
    Ok(())
}

fn wait_until_ready(child: &mut Child, data: &Path) -> bool {
    for _ in 0..START_POLLS {
        if PidFile::read(data).is_some_and(|file| file.pid == child.id() && file.ready) {
            return true;
        }
        if child.try_wait().map_or(true, |status| status.is_some()) {
            return false;
        }
        std::thread::sleep(START_POLL);
    }
    false
}

/// What it said before its log began, and what went wrong after that.
fn why(output: &Path, data: &Path) -> String {
    let before = fs::read_to_string(output).unwrap_or_default();
    let chatter = ["redirecting log output", "Future log output", "starting PostgreSQL"];
    let mut lines = before
        .lines()
        .filter(|line| !chatter.iter().any(|words| line.contains(words)))
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let wrong = ["FATAL:", "PANIC:", "HINT:", "LOG:  could not"];
    for entry in fs::read_dir(data.join("log")).into_iter().flatten().flatten() {
        let log = fs::read_to_string(entry.path()).unwrap_or_default();
        let told = log.lines().filter(|line| wrong.iter().any(|words| line.contains(words)));
        lines.extend(told.map(str::to_owned));
    }
    lines[lines.len().saturating_sub(6)..].join("; ")
}

fn stop(id: &str, process: &Process) -> Result<(), PgError> {
    for (signal, seconds) in STOPS {
        process.signal(signal);
        if process.wait(Some(Duration::from_secs(seconds))) {
            return Ok(());
        }
        tracing::warn!(id, pid = process.pid, ?signal, "a database server did not stop in time");
    }
    Err(PgError::NotStopped { id: id.to_owned(), pid: process.pid })
}

/// While we live, a server that ends is our child and wants to be collected.
fn reap(mut child: Child) {
    let body = move || {
        let _ = child.wait();
    };
    let started = std::thread::Builder::new()
        .name("postgres-reaper".into())
        .stack_size(64 * 1024)
        .spawn(body);
    if let Err(error) = started {
        tracing::warn!(%error, "a database server will stay a zombie when it ends");
    }
}
