//! The last steps inside a container before its program runs, and the small
//! init that runs above it where one was asked for.
//!
//! `libcontainer` calls this in the container's first process, after
//! namespaces, root, user and capabilities are set. Reasons for failure go
//! through a pipe, because they are shown to users in runc's words and must
//! not be dressed up on the way.

use std::ffi::CString;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use libcontainer::oci_spec::runtime::Spec;
use libcontainer::workload::{Executor, ExecutorError, ExecutorValidationError};
use nix::errno::Errno;
use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, signal, sigprocmask};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, execv, fork};

/// How the program of a container or of an exec is run.
#[derive(Clone)]
pub(crate) struct Program {
    init: bool,
    reasons: RawFd,
}

impl Program {
    /// `reasons` is the writing end of a pipe, open for as long as this lives.
    pub fn new(init: bool, reasons: &OwnedFd) -> Self {
        Program { init, reasons: reasons.as_raw_fd() }
    }

    fn tell(&self, reason: &str) {
        // SAFETY: the descriptor is a pipe that the shim holds open over the
        // fork; writing does not take ownership of it.
        unsafe { libc::write(self.reasons, reason.as_ptr().cast(), reason.len()) };
    }
}

impl Executor for Program {
    fn validate(&self, spec: &Spec) -> Result<(), ExecutorValidationError> {
        match find_program(spec) {
            Ok(_) => Ok(()),
            Err(reason) => {
                self.tell(&reason);
                Err(ExecutorValidationError::ArgValidationError(reason))
            }
        }
    }

    fn exec(&self, spec: &Spec) -> Result<(), ExecutorError> {
        let path = find_program(spec).map_err(ExecutorError::Other)?;
        // The container ends with its shim: nothing runs that nobody watches.
        // SAFETY: sets an attribute of this process alone.
        unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
        if self.init { init(&path, arguments(spec)) } else { run(&path, arguments(spec)) }
    }
}

fn arguments(spec: &Spec) -> &[String] {
    spec.process().as_ref().and_then(|process| process.args().as_deref()).unwrap_or_default()
}

/// The program's path by the rules of Go's `exec.LookPath`, in its words.
fn find_program(spec: &Spec) -> Result<PathBuf, String> {
    let name = arguments(spec).first().map(String::as_str).unwrap_or_default();
    let failed = |what: &str| Err(format!("exec: {name:?}: {what}"));
    if name.contains('/') {
        let path = PathBuf::from(name);
        return match check_program(&path) {
            Ok(()) => Ok(path),
            Err(Errno::ENOENT) => failed(&format!("stat {name}: no such file or directory")),
            Err(errno) => failed(&text_of(errno)),
        };
    }
    let env = spec.process().as_ref().and_then(|process| process.env().as_deref());
    let path = env.unwrap_or_default().iter().find_map(|entry| entry.strip_prefix("PATH="));
    for dir in path.unwrap_or_default().split(':') {
        let candidate = Path::new(if dir.is_empty() { "." } else { dir }).join(name);
        if !name.is_empty() && check_program(&candidate).is_ok() {
            return Ok(candidate);
        }
    }
    failed("executable file not found in $PATH")
}

fn check_program(path: &Path) -> Result<(), Errno> {
    let metadata = path
        .metadata()
        .map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)))?;
    if metadata.is_dir() {
        return Err(Errno::EISDIR);
    }
    if metadata.permissions().mode() & 0o111 == 0 {
        return Err(Errno::EACCES);
    }
    nix::unistd::eaccess(path, nix::unistd::AccessFlags::X_OK)
}

/// An error in the C library's words, as Go writes them: without a capital.
fn text_of(errno: Errno) -> String {
    let text = errno.desc();
    text[..1].to_ascii_lowercase() + &text[1..]
}

/// Becomes the program. What fails this late (an executable for another
/// architecture, say) is printed where the program would have printed, and
/// the exit code is runc's 255.
fn run(path: &Path, args: &[String]) -> ! {
    let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None);
    // What is ignored stays so over an exec: SIGPIPE by Rust's runtime, SIGHUP by `nohup`, without
    // which the end of a terminal would not end what runs in it.
    for ignored in Signal::iterator() {
        // SAFETY: restores a default; of the two that have no other it fails.
        let _ = unsafe { signal(ignored, SigHandler::SigDfl) };
    }
    let c_path = CString::new(path.as_os_str().as_bytes()).unwrap_or_default();
    let c_args: Vec<CString> =
        args.iter().map(|arg| CString::new(arg.as_bytes()).unwrap_or_default()).collect();
    let Err(errno) = execv(&c_path, &c_args);
    let _ = writeln!(io::stderr(), "exec {}: {}", path.display(), text_of(errno));
    leave(255)
}

/// Runs the program as a child, hands it every signal, reaps what it leaves,
/// and ends as it ended. Being process 1, its end ends the container.
fn init(path: &Path, args: &[String]) -> ! {
    let all = SigSet::all();
    let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&all), None);
    // SAFETY: this process has one thread.
    let child = match unsafe { fork() } {
        Ok(ForkResult::Child) => run(path, args),
        Ok(ForkResult::Parent { child }) => child,
        Err(errno) => {
            let _ = writeln!(io::stderr(), "fork: {}", text_of(errno));
            leave(255)
        }
    };
    // SAFETY: none of these descriptors is used again by this process, which
    // ends through `_exit`; the shim's sockets must not seem alive through them.
    unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) };
    loop {
        let Ok(number) = wait_for_signal(&all) else { continue };
        if number != libc::SIGCHLD {
            // SAFETY: sends a signal; real-time ones have no name in nix.
            unsafe { libc::kill(child.as_raw(), number) };
            continue;
        }
        if let Some(code) = reap(child) {
            leave(code)
        }
    }
}

fn wait_for_signal(set: &SigSet) -> Result<i32, Errno> {
    // SAFETY: a null info pointer is allowed.
    let number = unsafe { libc::sigwaitinfo(set.as_ref(), std::ptr::null_mut()) };
    Errno::result(number)
}

/// Reaps all that has ended; the exit code when `main` is among them.
fn reap(main: Pid) -> Option<i32> {
    let mut code = None;
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, status)) if pid == main => code = Some(status),
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == main => {
                code = Some(128 + signal as i32);
            }
            Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => return code,
            Ok(_) | Err(_) => {}
        }
    }
}

fn leave(code: i32) -> ! {
    // SAFETY: ends the process at once; nothing of the shim's may run here.
    unsafe { libc::_exit(code) }
}

/// What was told through the reading end of the pipe, after the writing ends
/// in this process are closed.
pub(crate) fn reasons(reader: OwnedFd) -> Option<String> {
    let _ =
        nix::fcntl::fcntl(&reader, nix::fcntl::FcntlArg::F_SETFL(nix::fcntl::OFlag::O_NONBLOCK));
    let mut buffer = [0; 4096];
    let length = nix::unistd::read(&reader, &mut buffer).unwrap_or(0);
    let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
    Some(text).filter(|text| !text.is_empty())
}

/// A close-on-exec pipe: reading and writing end.
pub(crate) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: the array has room for the two descriptors, which on success
    // are new and owned by nobody else.
    unsafe {
        if libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok((OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])))
    }
}
