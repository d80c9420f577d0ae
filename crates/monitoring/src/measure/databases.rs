//! The metrics of `AWS/RDS`: what the servers of DB instances use, once a minute.
//!
//! Source: "Amazon CloudWatch metrics for Amazon RDS" in the RDS guide.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use neargate_api::Snapshot;
use neargate_api::model::rds::{DbInstance, vcpus};
use neargate_postgres::Usage;
use neargate_series::{Metric, Unit};

use crate::told::Told;

const NAMESPACE: &str = "AWS/RDS";
const GIB: u64 = 1 << 30;

/// The servers at the last look.
#[derive(Default)]
pub struct Databases {
    seen: HashMap<String, (Instant, Usage)>,
}

impl Databases {
    /// Looks at all servers that run, and tells what they use, by identifier and by class.
    pub fn tell(&mut self, snapshot: &Snapshot, root: &Path, told: &mut Told) {
        let before = std::mem::take(&mut self.seen);
        for instance in snapshot.all::<DbInstance>() {
            let Some(usage) = Usage::of(root, &instance.resource_id) else { continue };
            let now = Instant::now();
            let cpu = before.get(&instance.resource_id).and_then(|(at, before)| {
                let used = usage.cpu_ns.checked_sub(before.cpu_ns)? as f64;
                Some(100.0 * used / now.duration_since(*at).as_nanos() as f64)
            });
            tell(&instance, &usage, cpu, told);
            self.seen.insert(instance.resource_id.clone(), (now, usage));
        }
    }
}

/// `cpu` is in percent of one CPU, where there was a look before.
fn tell(instance: &DbInstance, usage: &Usage, cpu: Option<f64>, told: &mut Told) {
    let cpus = f64::from(vcpus(instance.class()).unwrap_or(1));
    let allocated = instance.settings.allocated_storage.unwrap_or_default();
    let allocated = u64::try_from(allocated).unwrap_or_default() * GIB;
    let values = [
        ("CPUUtilization", Unit::PERCENT, cpu.map(|cpu| cpu / cpus)),
        ("DatabaseConnections", Unit::COUNT, Some(f64::from(usage.connections))),
        ("FreeStorageSpace", Unit::BYTES, Some(allocated.saturating_sub(usage.disk_bytes) as f64)),
    ];
    for (name, unit, value) in values {
        let Some(value) = value else { continue };
        let own = ("DBInstanceIdentifier", instance.identifier.as_str());
        for dimension in [own, ("DatabaseClass", instance.class())] {
            let metric = Metric::new(&instance.region, NAMESPACE, name, [dimension]);
            told.level(metric, unit, value);
        }
    }
}
