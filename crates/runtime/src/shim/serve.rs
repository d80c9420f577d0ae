//! The shim's loop: wait for clients, pipes, children and deadlines; do one
//! turn; tell.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::client::Waiter;
use super::exec::ExecRun;
use super::{Ending, Shim};
use crate::event::{Exit, Happened};
use crate::logs::Stream;
use crate::protocol::{Answer, Ask, Request};
use crate::signal;
use crate::task::{ExecOutcome, ExecSpec};

const SOON: Duration = Duration::from_millis(50);

/// What a descriptor in the poll set is.
#[derive(Clone, Copy)]
enum Source {
    Signals,
    Listener,
    Client(usize),
    Output(usize, Stream),
    ExecOutput(usize, usize),
}

impl Shim {
    /// Serves until the task was shut down.
    pub(super) fn serve(mut self) -> io::Result<()> {
        loop {
            for source in self.wait()? {
                self.handle(source);
            }
            self.reap();
            self.pass_deadlines();
            self.settle();
            self.tell_output();
            self.clients.retain(|client| !client.is_gone);
            if self.ending.is_some() && self.is_idle() {
                break;
            }
        }
        if let Some(waiter) = self.ending.take().and_then(|ending| ending.asked_by) {
            self.answer(waiter, Answer::Done);
        }
        Ok(())
    }

    fn wait(&self) -> io::Result<Vec<Source>> {
        let mut sources = Vec::new();
        let mut fds: Vec<PollFd> = Vec::new();
        let mut watch = |source, fd: BorrowedFd<'_>, flags| {
            // SAFETY: every descriptor watched is owned by `self`, which is
            // borrowed for longer than the poll set lives.
            let fd = unsafe { BorrowedFd::borrow_raw(std::os::fd::AsRawFd::as_raw_fd(&fd)) };
            sources.push(source);
            fds.push(PollFd::new(fd, flags));
        };
        watch(Source::Signals, self.signals.as_fd(), PollFlags::POLLIN);
        watch(Source::Listener, self.listener.as_fd(), PollFlags::POLLIN);
        for (index, client) in self.clients.iter().enumerate() {
            let mut flags = PollFlags::POLLIN;
            flags.set(PollFlags::POLLOUT, client.wants_to_write());
            watch(Source::Client(index), client.stream.as_fd(), flags);
        }
        for (index, container) in self.containers.iter().enumerate() {
            let Some(run) = &container.run else { continue };
            for (stream, pipe) in [Stream::Stdout, Stream::Stderr].into_iter().zip(&run.pipes) {
                if let Some(pipe) = pipe {
                    watch(Source::Output(index, stream), pipe.as_fd(), PollFlags::POLLIN);
                }
            }
        }
        for (index, exec) in self.execs.iter().enumerate() {
            for (stream, pipe) in exec.pipes.iter().enumerate() {
                if let Some(pipe) = pipe {
                    watch(Source::ExecOutput(index, stream), pipe.as_fd(), PollFlags::POLLIN);
                }
            }
        }
        match poll(&mut fds, self.timeout()) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        let is_ready = |fd: &PollFd| fd.revents().is_some_and(|events| !events.is_empty());
        let ready = sources.into_iter().zip(&fds).filter(|(_, fd)| is_ready(fd));
        Ok(ready.map(|(source, _)| source).collect())
    }

    /// Until the next deadline.
    fn timeout(&self) -> PollTimeout {
        let now = Instant::now();
        let mut next: Option<Duration> = None;
        let mut at_most = |wait: Duration| next = Some(next.map_or(wait, |next| next.min(wait)));
        for run in self.containers.iter().filter_map(|container| container.run.as_ref()) {
            if run.ended_at.is_some() {
                at_most(SOON);
            } else if let Some(kill_at) = run.kill_at {
                at_most(kill_at.saturating_duration_since(now));
            }
        }
        for exec in &self.execs {
            match exec.deadline {
                _ if exec.exit.is_some() => at_most(SOON),
                Some(deadline) => at_most(deadline.saturating_duration_since(now)),
                None => {}
            }
        }
        // Rounded up, so as not to spin through a deadline's last millisecond.
        let up = |wait: Duration| wait + Duration::from_micros(999);
        next.map_or(PollTimeout::NONE, |wait| up(wait).try_into().unwrap_or(PollTimeout::MAX))
    }

    fn handle(&mut self, source: Source) {
        let now = self.clock.now();
        match source {
            Source::Signals => self.take_signals(),
            Source::Listener => {
                while let Ok((stream, _)) = self.listener.accept() {
                    if let Err(error) = self.welcome(stream) {
                        eprintln!("take in a client: {error}");
                    }
                }
            }
            Source::Client(index) => {
                self.clients[index].write();
                let client = self.clients[index].id;
                for request in self.clients[index].read() {
                    self.perform(client, request);
                }
            }
            Source::Output(index, stream) => self.containers[index].read_output(stream, now),
            Source::ExecOutput(index, stream) => {
                if let Some(exec) = self.execs.get_mut(index) {
                    exec.read_output(stream);
                }
            }
        }
    }

    fn take_signals(&mut self) {
        while let Ok(Some(info)) = self.signals.read_signal() {
            if info.ssi_signo == Signal::SIGTERM as u32 && self.ending.is_none() {
                // The machine goes down: stop as a person would.
                self.ending = Some(Ending { asked_by: None });
                for index in 0..self.containers.len() {
                    let spec = &self.containers[index].spec;
                    let number = signal::parse(&spec.stop_signal).unwrap_or(libc::SIGTERM);
                    let timeout = Duration::from_millis(spec.stop_timeout_ms);
                    self.stop(index, number, timeout, None);
                }
            }
        }
    }

    fn perform(&mut self, client: u64, request: Request) {
        let waiter = Waiter { client, request: request.id };
        let answer = match request.ask {
            Ask::Start { container } => self.with(&container, |shim, index| shim.start(index)),
            Ask::Signal { container, signal } => {
                self.with(&container, |shim, index| match shim.send(index, signal) {
                    true => Some(Answer::Done),
                    false => Some(Answer::Refused("container is not running".into())),
                })
            }
            Ask::Stop { container, signal, timeout_ms } => self.with(&container, |shim, index| {
                let timeout = Duration::from_millis(timeout_ms);
                let must_wait = shim.stop(index, signal, timeout, Some(waiter));
                (!must_wait).then_some(Answer::Done)
            }),
            Ask::Exec(spec) => {
                let name = spec.container.clone();
                self.with(&name, |shim, index| shim.exec(index, spec, waiter))
            }
            Ask::Shutdown => {
                self.ending = Some(Ending { asked_by: Some(waiter) });
                self.group.kill();
                None
            }
        };
        if let Some(answer) = answer {
            self.answer(waiter, answer);
        }
    }

    fn with(
        &mut self,
        container: &str,
        act: impl FnOnce(&mut Self, usize) -> Option<Answer>,
    ) -> Option<Answer> {
        match self.containers.iter().position(|known| known.spec.name == container) {
            Some(index) => act(self, index),
            None => Some(Answer::Refused(format!("no container {container:?}"))),
        }
    }

    fn start(&mut self, index: usize) -> Option<Answer> {
        if self.ending.is_some() {
            return Some(Answer::Refused("the task is being deleted".into()));
        }
        if self.containers[index].is_running() {
            return Some(Answer::Done);
        }
        let name = self.containers[index].spec.name.clone();
        // Readers must not take an earlier run's end for this one's.
        self.containers[index].close_earlier_run(self.clock.now());
        self.tell_output();
        match self.containers[index].start(&self.dir, &self.charter.spec) {
            Ok((pid, notes)) => {
                self.happened(&name, Happened::Started { pid: pid.as_raw(), notes });
                Some(Answer::Done)
            }
            Err(reason) => {
                self.happened(&name, Happened::StartFailed { reason: reason.clone() });
                Some(Answer::Refused(reason))
            }
        }
    }

    fn send(&self, index: usize, number: i32) -> bool {
        let container = &self.containers[index];
        let Some(run) = container.run.as_ref().filter(|run| run.ended_at.is_none()) else {
            return false;
        };
        // SAFETY: sends a signal to a child that was not reaped yet;
        // real-time signals have no name in nix.
        unsafe { libc::kill(run.pid.as_raw(), number) };
        true
    }

    /// Signals now, and kills after `timeout`; whether there is an end to wait for.
    fn stop(
        &mut self,
        index: usize,
        number: i32,
        timeout: Duration,
        waiter: Option<Waiter>,
    ) -> bool {
        if !self.send(index, number) {
            return false;
        }
        let Some(run) = &mut self.containers[index].run else { return false };
        let kill_at = Instant::now() + timeout;
        run.kill_at = Some(run.kill_at.map_or(kill_at, |sooner| sooner.min(kill_at)));
        run.waiters.extend(waiter);
        true
    }

    fn exec(&mut self, index: usize, spec: ExecSpec, waiter: Waiter) -> Option<Answer> {
        self.exec_count += 1;
        let container = &self.containers[index];
        match ExecRun::start(container, &spec, self.exec_count, waiter) {
            Ok(exec) => {
                self.execs.push(exec);
                None
            }
            Err((code, reason)) => Some(Answer::Exec(ExecOutcome {
                code,
                output: String::new(),
                is_truncated: false,
                has_timed_out: false,
                failure: Some(reason),
            })),
        }
    }

    fn reap(&mut self) {
        loop {
            let (pid, code, signal) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, code)) => (pid, code, None),
                Ok(WaitStatus::Signaled(pid, signal, _)) => {
                    (pid, 128 + signal as i32, Some(signal as i32))
                }
                Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => return,
                Ok(_) | Err(_) => continue,
            };
            self.ended(pid, code, signal);
        }
    }

    fn ended(&mut self, pid: Pid, code: i32, signal: Option<i32>) {
        let now = Instant::now();
        if let Some(exec) = self.execs.iter_mut().find(|exec| exec.pid == pid) {
            exec.exit = Some((code, now));
            return;
        }
        let is_it = |run: &super::container::Run| run.pid == pid && run.ended_at.is_none();
        let found = self.containers.iter_mut().find(|c| c.run.as_ref().is_some_and(is_it));
        let Some(container) = found else { return };
        let oom_kills = container.group.oom_kills();
        let Some(run) = &mut container.run else { return };
        run.ended_at = Some(now);
        let oom_killed = code == 137 && oom_kills > run.oom_kills_before;
        let waiters = std::mem::take(&mut run.waiters);
        let name = container.spec.name.clone();
        let finished_at = self.clock.now();
        let exit = Exit { code, signal, oom_killed, finished_at, unseen: false };
        self.happened(&name, Happened::Exited(exit));
        for waiter in waiters {
            self.answer(waiter, Answer::Done);
        }
    }

    fn pass_deadlines(&mut self) {
        let now = Instant::now();
        for index in 0..self.containers.len() {
            let run = self.containers[index].run.as_mut();
            let Some(run) = run.filter(|run| run.kill_at.is_some_and(|at| at <= now)) else {
                continue;
            };
            run.kill_at = None;
            self.send(index, libc::SIGKILL);
        }
        for exec in &mut self.execs {
            exec.pass_deadline(now);
        }
        if self.ending.as_ref().is_some_and(|ending| ending.asked_by.is_some()) {
            self.group.kill();
        }
    }

    fn settle(&mut self) {
        let now = self.clock.now();
        for container in &mut self.containers {
            container.settle(now);
        }
        let mut index = 0;
        while index < self.execs.len() {
            if !self.execs[index].is_over() {
                index += 1;
                continue;
            }
            let exec = self.execs.remove(index);
            let waiter = exec.waiter;
            self.answer(waiter, Answer::Exec(exec.outcome()));
        }
    }

    fn tell_output(&mut self) {
        for container in &mut self.containers {
            let Some(mark) = container.new_output_mark() else { continue };
            for client in &mut self.clients {
                client.tell(&mark);
            }
        }
    }

    fn is_idle(&self) -> bool {
        self.execs.is_empty() && self.containers.iter().all(|container| container.run.is_none())
    }

    fn answer(&mut self, waiter: Waiter, answer: Answer) {
        if let Some(client) = self.clients.iter_mut().find(|client| client.id == waiter.client) {
            client.answer(waiter.request, answer);
        }
    }
}
