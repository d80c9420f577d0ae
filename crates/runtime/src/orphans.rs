//! What is under the runtime's directory and control group that no known
//! task owns: left by a launch that was cut short, or by a daemon whose store
//! was lost. Mounts are never left: they live and die with the shim.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::cgroup;
use crate::charter::ShimProcess;
use crate::{Error, Runtime};

/// Something left of a task that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    pub task_id: String,
    pub has_dir: bool,
    pub has_cgroup: bool,
    /// Its shim runs.
    pub is_alive: bool,
}

impl Runtime {
    /// All that is there but `known` does not own.
    pub fn orphans(&self, known: &BTreeSet<String>) -> Result<Vec<Orphan>, Error> {
        let mut found: BTreeMap<String, Orphan> = BTreeMap::new();
        let mut orphan = |id: String, has_dir: bool, has_cgroup: bool| {
            if !known.contains(&id) {
                let is_alive = ShimProcess::read(&self.task_dir(&id)).is_ok_and(|s| s.is_alive());
                let new =
                    Orphan { task_id: id.clone(), has_dir: false, has_cgroup: false, is_alive };
                let entry = found.entry(id).or_insert(new);
                entry.has_dir |= has_dir;
                entry.has_cgroup |= has_cgroup;
            }
        };
        for id in self.task_ids()? {
            orphan(id, true, false);
        }
        for id in cgroup::children(&self.layout, Path::new(&self.config.cgroup_prefix)) {
            orphan(id, false, true);
        }
        Ok(found.into_values().collect())
    }

    /// Removes all that `known` does not own; tells what that was.
    pub async fn remove_orphans(&self, known: &BTreeSet<String>) -> Result<Vec<Orphan>, Error> {
        let orphans = self.orphans(known)?;
        for orphan in &orphans {
            self.delete(&orphan.task_id).await?;
        }
        Ok(orphans)
    }

    /// Removes the control group that the tasks' groups are in. For an
    /// instance that is going for good; fails while tasks are there.
    pub fn remove_cgroup(&self) -> Result<(), Error> {
        let path = Path::new(&self.config.cgroup_prefix);
        let left = cgroup::children(&self.layout, path);
        if !left.is_empty() {
            return Err(Error::Invalid(format!("tasks are left: {}", left.join(", "))));
        }
        self.layout.group(path).remove().map_err(Error::io("remove the control group"))
    }
}
