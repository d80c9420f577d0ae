//! A network namespace: made on the calling thread, pinned as a file, entered
//! for the length of one closure.
//!
//! A namespace belongs to a thread, and a socket stays for ever in the one
//! where it was made. So a thread steps in, makes the socket and steps out
//! (about 3 µs), and everything after that is ordinary async IO on any thread.
//! A closure can't await, so no other task sees the thread while it is away.

use std::fs::{self, File};
use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::statfs::{FsType, fstatfs};
use tokio::net::{TcpSocket, TcpStream};

use crate::error::NetError;

const OWN: &str = "/proc/thread-self/ns/net";
/// `NSFS_MAGIC` of linux/magic.h.
const NSFS: FsType = FsType(0x6e73_6673);

/// The namespace that threads of this program live in.
#[derive(Clone, Debug)]
pub(crate) struct Home(Arc<OwnedFd>);

#[derive(Clone, Debug)]
pub struct Namespace {
    fd: Arc<OwnedFd>,
    home: Home,
    path: PathBuf,
}

impl Home {
    pub fn of_this_thread() -> Result<Self, NetError> {
        let file = File::open(OWN).map_err(|e| NetError::io(format!("opening {OWN}"), e))?;
        Ok(Self(Arc::new(file.into())))
    }

    fn come_back(&self) {
        if let Err(errno) = setns(self.0.as_fd(), CloneFlags::CLONE_NEWNET) {
            // A thread that stays away would make every later socket in the
            // wrong network, silently.
            eprintln!("neargate: a thread can't return to its network namespace: {errno}");
            std::process::abort();
        }
    }
}

/// Comes back even when the closure panics.
struct Away<'a>(&'a Home);

impl Drop for Away<'_> {
    fn drop(&mut self) {
        self.0.come_back();
    }
}

impl Namespace {
    /// Opens what is pinned at `path`; `None` if nothing is, or if only the
    /// empty file is left (after a reboot).
    pub(crate) fn open(path: &Path, home: &Home) -> Result<Option<Self>, NetError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(NetError::io(format!("opening {}", path.display()), e)),
        };
        let kind = fstatfs(&file).map_err(|e| NetError::errno("asking a file's kind", e))?;
        if kind.filesystem_type() != NSFS {
            return Ok(None);
        }
        Ok(Some(Self { fd: Arc::new(file.into()), home: home.clone(), path: path.to_owned() }))
    }

    /// Makes a new namespace and pins it at `path`. The thread is in it only
    /// while this runs.
    pub(crate) fn create(path: &Path, home: &Home) -> Result<Self, NetError> {
        let doing = || format!("pinning a network namespace at {}", path.display());
        File::create(path).map_err(|e| NetError::io(doing(), e))?;
        {
            let away = Away(home);
            unshare(CloneFlags::CLONE_NEWNET)
                .map_err(|e| NetError::errno("making a network namespace", e))?;
            mount(Some(OWN), path, None::<&str>, MsFlags::MS_BIND, None::<&str>)
                .map_err(|e| NetError::errno(doing(), e))?;
            drop(away);
        }
        Self::open(path, home)?.ok_or(NetError::NotANamespace { path: path.to_owned() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Runs `act` with the calling thread inside.
    pub fn enter<R>(&self, act: impl FnOnce() -> R) -> io::Result<R> {
        let _away = Away(&self.home);
        setns(self.fd.as_fd(), CloneFlags::CLONE_NEWNET)?;
        Ok(act())
    }

    /// A listening TCP socket inside, non-blocking.
    pub fn listen(&self, address: SocketAddr) -> io::Result<TcpListener> {
        let listener = self.enter(|| TcpListener::bind(address))??;
        listener.set_nonblocking(true)?;
        Ok(listener)
    }

    /// A bound UDP socket inside, non-blocking.
    pub fn udp(&self, address: SocketAddr) -> io::Result<UdpSocket> {
        let socket = self.enter(|| UdpSocket::bind(address))??;
        socket.set_nonblocking(true)?;
        Ok(socket)
    }

    /// Connects from inside. Needs a tokio runtime with IO.
    pub async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let socket = self.enter(|| match address {
            SocketAddr::V4(_) => TcpSocket::new_v4(),
            SocketAddr::V6(_) => TcpSocket::new_v6(),
        })??;
        socket.connect(address).await
    }
}

/// Takes a pin away. The namespace lives on while something runs in it or
/// holds it open.
pub(crate) fn unpin(path: &Path) -> Result<(), NetError> {
    match umount2(path, MntFlags::MNT_DETACH) {
        // EINVAL: not a mount point; ENOENT: not there at all.
        Ok(()) | Err(Errno::EINVAL | Errno::ENOENT) => {}
        Err(e) => return Err(NetError::errno(format!("unmounting {}", path.display()), e)),
    }
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(NetError::io(format!("removing {}", path.display()), e)),
    }
}
