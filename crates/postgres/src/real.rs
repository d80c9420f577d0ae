//! Real servers on real interfaces: a database's and a client's, in a VPC of
//! the test's own. Needs root, nft and PostgreSQL.

mod life;
mod refusals;
mod snapshots;
mod speed;

use std::collections::BTreeMap;
use std::fs::File;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use neargate_net as net;
use nix::sched::{CloneFlags, setns};
use tempfile::TempDir;

use crate::process::kill_leftovers;
use crate::*;

const DATABASE_IP: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 4);

pub(crate) struct Stage {
    pub dir: TempDir,
    pub network: net::Net,
    pub database: PathBuf,
    client: PathBuf,
}

/// Runs a test and looks afterwards whether it left anything.
pub(crate) fn on_stage<F: Future<Output = ()>>(test: impl FnOnce(std::sync::Arc<Stage>) -> F) {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let stage = std::sync::Arc::new(Stage::open().await);
        test(stage.clone()).await;
        let left = stage.postgres().instances().unwrap();
        assert_eq!(left, Vec::<String>::new());
        stage.network.destroy_all().await.unwrap();
    });
}

impl Stage {
    async fn open() -> Self {
        // Only root may pass it, as with data below /root.
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o700)).unwrap();
        let netns = dir.path().join("netns");
        let tag = net::InstanceTag::of(&netns);
        let network = net::Net::new(net::Config::new(tag, netns)).unwrap();
        let cidrs = vec!["10.0.0.0/16".parse().unwrap()];
        network.ensure_vpc(net::VpcSpec { id: "vpc-1".into(), cidrs }).await.unwrap();
        let any = net::Rule::ingress(net::Protocol::All, net::Peer::anywhere());
        let rules = vec![any, net::Rule::egress_to_anywhere()];
        network.set_security_group("sg-open", rules).await.unwrap();
        let mut paths = vec![];
        for (id, ip) in [("eni-db", DATABASE_IP), ("eni-client", [10, 0, 1, 4].into())] {
            let eni = net::EniSpec {
                eni_id: id.into(),
                vpc_id: "vpc-1".into(),
                ip,
                mac: None,
                security_groups: vec!["sg-open".into()],
                egress: net::Egress::None,
            };
            paths.push(network.attach_eni(eni).await.unwrap().netns_path);
        }
        let client = paths.pop().unwrap();
        Self { dir, network, database: paths.pop().unwrap(), client }
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join("rds")
    }

    pub fn postgres(&self) -> Postgres {
        Postgres::new(Config { root: self.root(), bin: None, user: None }).unwrap()
    }

    pub fn spec(&self, id: &str, port: u16) -> InstanceSpec {
        InstanceSpec {
            id: id.into(),
            netns_path: Some(self.database.clone()),
            cgroups: vec![],
            listen: DATABASE_IP,
            port,
            endpoint: format!("{id}.rds.test"),
            major_version: None,
            master_username: "realworld".into(),
            master_password: "it's \\ a secret".into(),
            database: Some("app-db".into()),
            memory_mib: 256,
            parameters: BTreeMap::new(),
            force_ssl: false,
            restore_from: None,
        }
    }

    pub fn open_to_everybody(&self) {
        std::fs::set_permissions(self.dir.path(), PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// Asks as a client on the other interface does; the error is psql's.
    pub fn ask(&self, login: &Login, sql: &str) -> Result<String, String> {
        let bin = self.postgres().installed()[0].bin.clone();
        let connection = format!(
            "hostaddr={DATABASE_IP} host={} port={} user={} dbname={} sslmode={} connect_timeout=20 sslrootcert={}",
            login.host, login.port, login.user, login.database, login.sslmode, login.root,
        );
        let mut command = Command::new(bin.join("psql"));
        command.args(["-X", "-A", "-t", "-w", "-c", sql]).arg(connection);
        command.env("PGPASSWORD", &login.password);
        let output = std::thread::scope(|scope| {
            let inside = || {
                setns(File::open(&self.client).unwrap(), CloneFlags::CLONE_NEWNET).unwrap();
                command.output().unwrap()
            };
            scope.spawn(inside).join().unwrap()
        });
        if output.status.success() {
            return Ok(String::from_utf8(output.stdout).unwrap().trim().to_owned());
        }
        Err(String::from_utf8(output.stderr).unwrap())
    }
}

/// A test that fails leaves no server and no namespace either.
impl Drop for Stage {
    fn drop(&mut self) {
        for id in self.postgres().instances().unwrap_or_default() {
            let _ = kill_leftovers(&self.root().join("instances").join(id).join("data"));
        }
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        for point in mounts.lines().filter_map(|line| line.split(' ').nth(4)) {
            if Path::new(point).starts_with(self.dir.path()) {
                let _ = nix::mount::umount2(point, nix::mount::MntFlags::MNT_DETACH);
            }
        }
    }
}

/// How a client connects.
#[derive(Clone)]
pub(crate) struct Login {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: String,
    pub database: String,
    pub sslmode: &'static str,
    pub root: String,
}

impl Login {
    pub fn to(spec: &InstanceSpec) -> Self {
        Self {
            host: spec.endpoint.clone(),
            port: spec.port,
            user: spec.master_username.clone(),
            password: spec.master_password.clone(),
            database: spec.database.clone().unwrap_or("postgres".into()),
            sslmode: "require",
            root: String::new(),
        }
    }
}
