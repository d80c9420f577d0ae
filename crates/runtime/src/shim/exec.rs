//! A further process in a running container, such as a health check: in a
//! control group of its own, so that on a timeout its whole tree is killed.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use libcontainer::container::builder::ContainerBuilder;
use libcontainer::syscall::syscall::SyscallType;
use nix::unistd::Pid;
use serde_json::json;

use super::client::Waiter;
use super::container::{Container, chain, output_pipe};
use super::program::{self, Program, pipe};
use crate::cgroup::Group;
use crate::oci;
use crate::task::{ExecOutcome, ExecSpec};

pub(super) struct ExecRun {
    pub pid: Pid,
    group: Group,
    pub waiter: Waiter,
    pub pipes: [Option<OwnedFd>; 2],
    output: Vec<u8>,
    max_output: usize,
    is_truncated: bool,
    pub deadline: Option<Instant>,
    has_timed_out: bool,
    /// The code, and when it came.
    pub exit: Option<(i32, Instant)>,
}

impl ExecRun {
    /// Starts the process. A refusal comes with the shell's code for it.
    pub fn start(
        container: &Container,
        spec: &ExecSpec,
        number: u64,
        waiter: Waiter,
    ) -> Result<ExecRun, (i32, String)> {
        let refused = |reason: String| {
            let is_missing =
                reason.contains("not found in $PATH") || reason.contains("no such file");
            (if is_missing { 127 } else { 126 }, reason)
        };
        let text = |error: io::Error| (126, error.to_string());
        let run = container.run.as_ref().filter(|_| container.is_running());
        let run = run.ok_or_else(|| (126, "container is not running".to_owned()))?;

        let mut process = run.process.clone();
        process["args"] = json!(spec.argv);
        process["terminal"] = json!(spec.console.is_some());
        if let Some(asked) = &spec.user {
            let user = container.resolve_user(asked).map_err(refused)?;
            process["env"] = json!(oci::environment(&container.spec.env, &user));
            process["user"] =
                json!({ "uid": user.uid, "gid": user.gid, "additionalGids": user.groups });
        }
        if let Some(env) = process["env"].as_array_mut() {
            for (name, value) in &spec.env {
                let prefix = format!("{name}=");
                env.retain(|entry| !entry.as_str().unwrap_or_default().starts_with(&prefix));
                env.push(json!(format!("{prefix}{value}")));
            }
        }
        if let Some(cwd) = &spec.cwd {
            process["cwd"] = json!(cwd);
        }
        let name = format!("exec-{number}");
        let file = container.oci_dir().join(format!("{name}.json"));
        fs::write(&file, process.to_string()).map_err(text)?;
        let (reasons, reasons_in) = pipe().map_err(text)?;
        let mut builder = ContainerBuilder::new(run.oci_id.clone(), SyscallType::default())
            .with_executor(Program::new(false, &reasons_in));
        let mut pipes = [None, None];
        match &spec.console {
            // Its terminal goes to whoever listens there; the shim never has it.
            Some(console) => builder = builder.with_console_socket(Some(console.clone())),
            None => {
                let (stdout, stdout_in) = output_pipe().map_err(text)?;
                let (stderr, stderr_in) = output_pipe().map_err(text)?;
                builder = builder.with_stdout(stdout_in).with_stderr(stderr_in);
                pipes = [Some(stdout), Some(stderr)];
            }
        }
        let built = builder.with_root_path(container.oci_dir()).and_then(|builder| {
            let tenant = builder.as_tenant().with_detach(true);
            tenant.with_process(Some(&file)).with_sub_cgroup(Some(name.clone())).build()
        });
        drop(reasons_in);
        let _ = fs::remove_file(&file);
        let group = container.group.child(&name);
        let pid = built.map_err(|error| {
            let _ = group.remove();
            refused(program::reasons(reasons).unwrap_or_else(|| chain(&error)))
        })?;
        Ok(ExecRun {
            pid: Pid::from_raw(pid.as_raw()),
            group,
            waiter,
            pipes,
            output: Vec::new(),
            max_output: spec.max_output,
            is_truncated: false,
            deadline: spec.timeout_ms.map(|ms| Instant::now() + Duration::from_millis(ms)),
            has_timed_out: false,
            exit: None,
        })
    }

    pub fn read_output(&mut self, stream: usize) {
        let Some(pipe) = &self.pipes[stream] else { return };
        let mut chunk = [0; 65536];
        loop {
            match nix::unistd::read(pipe, &mut chunk) {
                Ok(0) => {
                    self.pipes[stream] = None;
                    return;
                }
                Ok(length) => {
                    let room = self.max_output.saturating_sub(self.output.len()).min(length);
                    self.output.extend_from_slice(&chunk[..room]);
                    self.is_truncated |= room < length;
                }
                Err(nix::errno::Errno::EINTR) => {}
                Err(_) => return,
            }
        }
    }

    /// Kills the whole tree when its time is over.
    pub fn pass_deadline(&mut self, now: Instant) {
        if self.exit.is_none() && self.deadline.is_some_and(|deadline| deadline <= now) {
            self.has_timed_out = true;
            self.deadline = None;
            self.group.kill();
        }
    }

    /// Whether nothing more is to be told: it has ended, and its output has or
    /// has been left to a process in the background.
    pub fn is_over(&self) -> bool {
        let is_drained = self.pipes.iter().all(Option::is_none);
        self.exit.is_some_and(|(_, at)| is_drained || at.elapsed() > Duration::from_millis(100))
    }

    pub fn outcome(self) -> ExecOutcome {
        if self.has_timed_out {
            // What was forked while the first kill went through.
            self.group.kill();
        }
        for dir in self.group.dirs() {
            // Not empty while something runs on in the background; then it
            // goes with the container.
            let _ = fs::remove_dir(dir);
        }
        ExecOutcome {
            code: self.exit.map_or(137, |(code, _)| code),
            output: String::from_utf8_lossy(&self.output).into_owned(),
            is_truncated: self.is_truncated,
            has_timed_out: self.has_timed_out,
            failure: None,
        }
    }
}
