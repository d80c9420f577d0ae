//! Access logs, delivered: a line for each request to a load balancer that has them on, put
//! into its bucket as compressed files, as AWS does every five minutes; here a few seconds
//! after a file's first line. Like AWS's they are a best effort: what was not delivered yet
//! when Neargate is killed is lost.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use flate2::Compression;
use flate2::write::GzEncoder;
use neargate_api::model::ec2::{NetworkInterface, key};
use neargate_api::model::elbv2::LoadBalancer;
use neargate_api::model::s3::Object;
use neargate_api::{AwsError, Cloud, Rng, Snapshot, Timestamp};
use neargate_api_elbv2::Destination;
use neargate_api_s3::S3;
use neargate_lb::access_log;
use neargate_lb::observe::RequestRecord;
use tokio::sync::{Notify, watch};

/// From a file's first line to its delivery.
const FILE_SECS: u64 = 5;
/// A file that has this many bytes of lines takes no more, and the rest is dropped.
const FILE_MAX: usize = 64 << 20;

/// The logs of one load balancer: where they go, and what their names tell.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Log {
    to: Destination,
    /// `app.my-loadbalancer.1234567890abcdef`
    balancer: String,
    account: String,
    /// The address of its first node: all of its listeners are one process here.
    node: Ipv4Addr,
}

/// Lines that are not delivered yet, by load balancer; none for a log that was just switched on.
type Pending = HashMap<String, (Arc<Log>, Vec<u8>)>;

/// All logs that are on.
pub struct AccessLogs {
    cloud: Arc<Cloud>,
    s3: S3,
    /// `app/<name>/<id>` → its log.
    on: ArcSwap<HashMap<String, Arc<Log>>>,
    pending: Mutex<Pending>,
    begun: Notify,
}

impl AccessLogs {
    pub fn new(cloud: Arc<Cloud>, s3: S3) -> Self {
        let (on, pending, begun) = (ArcSwap::default(), Mutex::default(), Notify::new());
        AccessLogs { cloud, s3, on, pending, begun }
    }

    /// Takes note of which logs are on.
    pub fn follow(&self, snapshot: &Snapshot) {
        let now = logs(snapshot, &self.cloud.account);
        let before = self.on.swap(Arc::new(now.clone()));
        for (id, log) in now {
            if before.get(&id) != Some(&log) {
                self.pending().entry(id).or_insert_with(|| (log, Vec::new()));
                self.begun.notify_one();
            }
        }
    }

    /// Keeps the line of a request, where its load balancer's log is on.
    pub fn note(&self, record: &RequestRecord) {
        let on = self.on.load();
        let Some(log) = on.get(&*record.load_balancer) else { return };
        // The load balancer goes by the machine's time, its files by the cloud's.
        let clock = &self.cloud.clock;
        let record = RequestRecord {
            created_at: clock.cloud_at(record.created_at),
            responded_at: clock.cloud_at(record.responded_at),
            ..record.clone()
        };
        let line = access_log::line(&record);
        let mut pending = self.pending();
        let entry = pending.entry(record.load_balancer.to_string());
        let (_, lines) = entry.or_insert_with(|| (log.clone(), Vec::new()));
        if lines.len() + line.len() < FILE_MAX {
            lines.extend_from_slice(line.as_bytes());
            lines.push(b'\n');
        }
        self.begun.notify_one();
    }

    /// Delivers until `stop` turns true, and then what is left.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        loop {
            let stopped = tokio::select! {
                () = self.begun.notified() => false,
                _ = stop.wait_for(|stop| *stop) => true,
            };
            if !stopped {
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs(FILE_SECS)) => {}
                    _ = stop.wait_for(|stop| *stop) => {}
                }
            }
            let pending = std::mem::take(&mut *self.pending());
            for (log, lines) in pending.into_values() {
                if let Err(error) = self.deliver(&log, &lines).await {
                    let (balancer, bucket) = (&log.balancer, &log.to.bucket);
                    tracing::warn!(balancer, bucket, %error, "an access log could not be delivered");
                }
            }
            if stopped {
                return;
            }
        }
    }

    async fn deliver(&self, log: &Log, lines: &[u8]) -> Result<(), AwsError> {
        let now = self.cloud.clock.now();
        let test = log.to.test_key();
        let snapshot = self.cloud.store.snapshot();
        let tried = Object::versions_of(&log.to.bucket, &test);
        if snapshot.scan::<Object>(&tried).next().is_none() {
            let text =
                format!("Enable AccessLog for ELB: {} at {}", log.balancer, now.iso8601_secs());
            self.put(log, &test, text.into_bytes(), now).await?;
        }
        if lines.is_empty() {
            return Ok(());
        }
        let file = compressed(lines).map_err(|error| {
            AwsError::new(500, "InternalError", format!("the log could not be compressed: {error}"))
        })?;
        self.put(log, &log.file_key(now, &self.cloud.rng), file, now).await
    }

    async fn put(
        &self,
        log: &Log,
        key: &str,
        bytes: Vec<u8>,
        now: Timestamp,
    ) -> Result<(), AwsError> {
        log.to.admits(&self.cloud.store.snapshot(), &log.account, key, now)?;
        let content_type = if key.ends_with(".gz") { "application/x-gzip" } else { "text/plain" };
        let headers = BTreeMap::from([("content-type".to_owned(), content_type.to_owned())]);
        self.s3.put_permitted(now, &log.to.bucket, key, headers, bytes).await
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    /// The name of a file that ends at `now`.
    fn file_key(&self, now: Timestamp, rng: &Rng) -> String {
        let Log { to, balancer, account, node } = self;
        format!(
            "{}/elasticloadbalancing/{region}/{}/{account}_elasticloadbalancing_{region}_{balancer}_{}_{node}_{}.log.gz",
            to.folder,
            now.format("%Y/%m/%d"),
            now.format("%Y%m%dT%H%MZ"),
            rng.letters(8),
            region = to.region,
        )
    }
}

/// The logs that are on, of a snapshot: pure.
fn logs(snapshot: &Snapshot, account: &str) -> HashMap<String, Arc<Log>> {
    let log = |balancer: &LoadBalancer| {
        let first = balancer.nodes.first();
        let interface = first.and_then(|node| {
            snapshot.get::<NetworkInterface>(&key(&balancer.region, &node.interface_id))
        });
        Some(Arc::new(Log {
            to: Destination::of(balancer, account)?,
            balancer: balancer.id().replace('/', "."),
            account: account.to_owned(),
            node: interface.map_or(balancer.address, |interface| interface.private_ip),
        }))
    };
    let all = snapshot.all::<LoadBalancer>();
    all.filter_map(|balancer| Some((balancer.id().to_owned(), log(&balancer)?))).collect()
}

fn compressed(lines: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut file = GzEncoder::new(Vec::new(), Compression::default());
    file.write_all(lines)?;
    file.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_as_aws_names_it() {
        let log = Log {
            to: Destination {
                region: "us-west-2".into(),
                load_balancer_arn: "arn".into(),
                bucket: "logs".into(),
                folder: "prefix/AWSLogs/123456789012".into(),
            },
            balancer: "app.web.1234567890abcdef".into(),
            account: "123456789012".into(),
            node: Ipv4Addr::new(10, 0, 0, 4),
        };
        let key = log.file_key(Timestamp::from_secs(1_795_809_162), &Rng::seeded(1));
        let (name, random) = key.rsplit_once('_').unwrap();
        assert_eq!(
            name,
            "prefix/AWSLogs/123456789012/elasticloadbalancing/us-west-2/2026/11/27/\
             123456789012_elasticloadbalancing_us-west-2_app.web.1234567890abcdef_20261127T1952Z_10.0.0.4"
        );
        assert_eq!(random.len(), "12345678.log.gz".len());
    }
}
