//! A process in a container with a terminal of its own. The container's side
//! opens the terminal and sends its master over a socket straight to this daemon:
//! the shim starts the process and waits for its end, and sees none of the bytes.

use std::fs::{self, File};
use std::io::{self, IoSliceMut};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, UnixAddr, recvmsg};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::net::UnixStream;
use tokio::sync::watch;

use super::{ExecOutcome, ExecSpec, Task};
use crate::Error;

/// What a terminal that was sent may take to be seen.
const LATE_TERMINAL: Duration = Duration::from_secs(5);

/// The process and its terminal. Dropping it hangs up: the process has SIGHUP.
pub struct Terminal {
    master: AsyncFd<OwnedFd>,
    end: End,
}

/// How the process ends, once it has.
struct End {
    container: String,
    outcome: watch::Receiver<Option<Result<ExecOutcome, String>>>,
}

/// Starts the process of `spec` in `task`, whose directory is `dir`.
pub(super) async fn open(task: Task, mut spec: ExecSpec, dir: PathBuf) -> Result<Terminal, Error> {
    let (listener, socket) = listen(&dir).map_err(Error::io("open a terminal"))?;
    let container = spec.container.clone();
    spec.console = Some(socket.0.clone());
    let (tell, outcome) = watch::channel(None);
    tokio::spawn(async move {
        let ended = task.exec(spec).await.map_err(|error| error.to_string());
        tell.send_replace(Some(ended));
    });
    let end = End { container, outcome };
    let taken = take(&listener);
    tokio::pin!(taken);
    let failed = |reason| Error::StartFailed { container: end.container.clone(), reason };
    let master = tokio::select! {
        master = &mut taken => master,
        ended = end.wait() => match ended?.failure {
            Some(reason) => return Err(failed(reason)),
            // So soon ended that we hear of it first: its terminal was sent before it began.
            None => tokio::time::timeout(LATE_TERMINAL, taken)
                .await
                .map_err(|_| failed("it ended without a terminal".into()))?,
        },
    };
    let master = master.map_err(Error::io("take a terminal"))?;
    Ok(Terminal { master, end })
}

impl End {
    async fn wait(&self) -> Result<ExecOutcome, Error> {
        let mut outcome = self.outcome.clone();
        let refused = |reason| Error::Refused { container: self.container.clone(), reason };
        match outcome.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(ended)) => ended.clone().map_err(refused),
            Ok(None) | Err(_) => Err(refused("its end was not seen".into())),
        }
    }
}

impl Terminal {
    /// What the process printed; 0 bytes once nobody has the terminal open any more.
    pub async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.master.async_io(Interest::READABLE, |fd| {
            nix::unistd::read(fd, buffer).map_err(io::Error::from)
        });
        match read.await {
            // How Linux says that the other side is gone.
            Err(error) if error.raw_os_error() == Some(libc::EIO) => Ok(0),
            read => read,
        }
    }

    /// Types what of `bytes` there is room for, as much as it says. Safe to cancel.
    pub async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let write = |fd: &OwnedFd| nix::unistd::write(fd, bytes).map_err(io::Error::from);
        self.master.async_io(Interest::WRITABLE, write).await
    }

    pub fn resize(&self, columns: u16, rows: u16) -> io::Result<()> {
        let size = libc::winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: the descriptor is open, and the call reads one `winsize`, which lives on.
        let done = unsafe { libc::ioctl(self.master.as_raw_fd(), libc::TIOCSWINSZ, &size) };
        if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Waits for the process's end. Safe to cancel.
    pub async fn ended(&self) -> Result<ExecOutcome, Error> {
        self.end.wait().await
    }
}

/// A socket's file, which goes with it.
struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Listens in `dir` by a path that is short however deep `dir` is.
fn listen(dir: &Path) -> io::Result<(tokio::net::UnixListener, SocketFile)> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("console-{}-{number}", std::process::id());
    let handle = File::open(dir)?;
    let path = format!("/proc/self/fd/{}/{name}", handle.as_raw_fd());
    let listener = UnixListener::bind(path)?;
    listener.set_nonblocking(true)?;
    Ok((tokio::net::UnixListener::from_std(listener)?, SocketFile(dir.join(name))))
}

/// Takes the terminal that the container's side sends.
async fn take(listener: &tokio::net::UnixListener) -> io::Result<AsyncFd<OwnedFd>> {
    let (stream, _) = listener.accept().await?;
    let master = stream.async_io(Interest::READABLE, || receive(&stream)).await?;
    let flags = OFlag::from_bits_retain(fcntl(&master, FcntlArg::F_GETFL)?);
    fcntl(&master, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    // SAFETY: an `OwnedFd` is one descriptor, open for as long as it lives.
    Ok(unsafe { AsyncFd::register(master) }?)
}

/// The descriptor that comes with a message.
fn receive(stream: &UnixStream) -> io::Result<OwnedFd> {
    let mut space = nix::cmsg_space!([RawFd; 1]);
    let mut name = [0; 256];
    let mut bytes = [IoSliceMut::new(&mut name)];
    let flags = MsgFlags::MSG_CMSG_CLOEXEC | MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<UnixAddr>(stream.as_raw_fd(), &mut bytes, Some(&mut space), flags)?;
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(fds) = control
            && let Some(&fd) = fds.first()
        {
            // SAFETY: the kernel has just made this descriptor for us, and nobody else has it.
            return Ok(unsafe { OwnedFd::from_raw_fd(fd) });
        }
    }
    Err(Errno::EPIPE.into())
}
