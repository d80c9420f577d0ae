//! Where the tests on real namespaces play: each has a "host" of its own, a
//! network namespace that its threads live in, so that tests neither meet each
//! other nor touch the machine. Needs root and nft.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use nix::sched::{CloneFlags, unshare};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::namespace::{Home, Namespace, unpin};
use crate::netlink::{Netlink, PeerEnd};
use crate::*;

/// How long a dropped packet is waited for. A slow machine can't turn a
/// refusal into a pass: every test shows the opposite case as well.
const DROPPED: Duration = Duration::from_millis(400);
const ALLOWED: Duration = Duration::from_secs(20);

pub(crate) const INTERNET: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 9);
pub(crate) const HOST_ON_INTERNET: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 8);

pub(crate) struct Stage {
    pub dir: TempDir,
    internet: Option<Namespace>,
}

/// Runs a test in a host of its own, and looks afterwards whether it is as
/// empty as before.
pub(crate) fn on_stage<F: Future<Output = Stage>>(test: impl FnOnce(Stage) -> F + Send + 'static) {
    let thread = std::thread::spawn(move || {
        unshare(CloneFlags::CLONE_NEWNET).expect("these tests need root");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let netlink = Netlink::here().unwrap();
            let lo = netlink.index("lo").await.unwrap().unwrap();
            netlink.up(lo).await.unwrap();
            let stage = Stage { dir: tempfile::tempdir().unwrap(), internet: None };
            let stage = test(stage).await;
            stage.assert_empty(&netlink).await;
        });
    });
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

/// A test that fails leaves nothing pinned either.
impl Drop for Stage {
    fn drop(&mut self) {
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        for point in mounts.lines().filter_map(|line| line.split(' ').nth(4)) {
            let point = PathBuf::from(point);
            if point.starts_with(self.dir.path()) {
                let _ = unpin(&point);
            }
        }
    }
}

impl Stage {
    pub fn config(&self, name: &str) -> Config {
        let dir = self.dir.path().join(name);
        Config::new(InstanceTag::of(&dir), dir)
    }

    pub fn net(&self, name: &str) -> Net {
        Net::new(self.config(name)).unwrap()
    }

    /// A machine beyond the host, and a server on it that tells who asks.
    pub async fn with_internet(mut self) -> (Self, SocketAddr) {
        let home = Home::of_this_thread().unwrap();
        let internet = Namespace::create(&self.dir.path().join("internet"), &home).unwrap();
        let (near, far) = (Netlink::here().unwrap(), Netlink::inside(&internet).unwrap());
        let peer = PeerEnd { name: "eth0", namespace: internet.as_raw_fd(), mac: None };
        let index = near.add_pair("wan", None, peer).await.unwrap();
        near.add_address(index, Ipv4Net::new(HOST_ON_INTERNET, 31).unwrap()).await.unwrap();
        near.up(index).await.unwrap();
        let eth0 = far.index("eth0").await.unwrap().unwrap();
        far.add_address(eth0, Ipv4Net::new(INTERNET, 31).unwrap()).await.unwrap();
        far.up(eth0).await.unwrap();
        let server = serve(&internet, SocketAddr::from((INTERNET, 80)));
        self.internet = Some(internet);
        (self, server)
    }

    async fn assert_empty(mut self, host: &Netlink) {
        if let Some(internet) = self.internet.take() {
            unpin(internet.path()).unwrap();
            host.delete_link("wan").await.unwrap();
        }
        let left = std::fs::read_dir(self.dir.path()).unwrap();
        assert_eq!(
            left.map(|e| e.unwrap().path()).collect::<Vec<PathBuf>>(),
            Vec::<PathBuf>::new()
        );
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
        assert!(!mounts.contains(self.dir.path().to_str().unwrap()), "{mounts}");
        assert_eq!(host.names().await.unwrap(), ["lo"]);
        let rules = nft(&["list", "ruleset"]);
        assert!(!rules.contains("neargate"), "{rules}");
    }
}

/// Runs nft on the stage's host.
pub(crate) fn nft(words: &[&str]) -> String {
    let output = Command::new("nft").args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn vpc(id: &str) -> VpcSpec {
    VpcSpec { id: id.into(), cidrs: vec!["10.0.0.0/16".parse().unwrap()] }
}

pub(crate) fn eni(vpc_id: &str, id: &str, ip: &str, groups: &[&str]) -> EniSpec {
    EniSpec {
        eni_id: id.into(),
        vpc_id: vpc_id.into(),
        ip: ip.parse().unwrap(),
        mac: None,
        security_groups: groups.iter().map(|group| (*group).into()).collect(),
        egress: Egress::None,
    }
}

/// A group that lets everything in and out.
pub(crate) fn open() -> Vec<Rule> {
    vec![Rule::ingress(Protocol::All, Peer::anywhere()), Rule::egress_to_anywhere()]
}

/// A server that answers each connection with the address it came from, and
/// then echoes.
pub(crate) fn serve(namespace: &Namespace, at: SocketAddr) -> SocketAddr {
    let listener = TcpListener::from_std(namespace.listen(at).unwrap()).unwrap();
    serve_on(listener)
}

/// The same on a listener that is there already.
pub(crate) fn serve_on(listener: TcpListener) -> SocketAddr {
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, from)) = listener.accept().await {
            tokio::spawn(async move {
                stream.write_all(format!("{}\n", from.ip()).as_bytes()).await?;
                let (mut read, mut write) = stream.split();
                tokio::io::copy(&mut read, &mut write).await
            });
        }
    });
    at
}

/// Connects and reads which address the server saw; `None` if it was dropped.
pub(crate) async fn seen_as(net: &Net, from: &str, to: SocketAddr) -> Option<String> {
    connect(net, from, to, DROPPED).await.map(|(_, seen)| seen)
}

/// As `seen_as`, where it must work.
pub(crate) async fn must_connect(net: &Net, from: &str, to: SocketAddr) -> (TcpStream, String) {
    connect(net, from, to, ALLOWED).await.unwrap_or_else(|| panic!("{from} can't reach {to}"))
}

async fn connect(
    net: &Net,
    from: &str,
    to: SocketAddr,
    patience: Duration,
) -> Option<(TcpStream, String)> {
    let attempt = async {
        let mut stream = net.connect_from(from, to).await.unwrap();
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            line.push(stream.read_u8().await.unwrap());
        }
        (stream, String::from_utf8(line).unwrap().trim().to_owned())
    };
    tokio::time::timeout(patience, attempt).await.ok()
}

/// Says a word on an open connection and waits for its echo.
pub(crate) async fn must_echo(stream: &mut TcpStream) {
    stream.write_all(b"ping").await.unwrap();
    let mut answer = [0; 4];
    let read = stream.read_exact(&mut answer);
    tokio::time::timeout(ALLOWED, read).await.expect("no echo").unwrap();
    assert_eq!(&answer, b"ping");
}

pub(crate) fn at(ip: &str, port: u16) -> SocketAddr {
    SocketAddr::new(ip.parse().unwrap(), port)
}
