//! Which series there are, and when each was last seen.

use std::collections::{BTreeMap, HashMap};

use neargate_ids::Timestamp;
use redb::{Database, ReadableDatabase, ReadableTable};
use serde::{Deserialize, Serialize};

use super::{SERIES, SeriesId};
use crate::error::SeriesError;
use crate::metric::{Metric, Unit};

/// A series as it is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: SeriesId,
    pub metric: Metric,
    pub unit: Unit,
    /// The latest instant that it has a value for.
    pub last: Timestamp,
}

#[derive(Default)]
pub struct Catalog {
    by_metric: BTreeMap<Metric, Vec<(SeriesId, Unit)>>,
    known: HashMap<SeriesId, Known>,
    next: u32,
}

struct Known {
    metric: Metric,
    unit: Unit,
    last: Timestamp,
    changed: bool,
}

/// A series on disk.
#[derive(Serialize, Deserialize)]
struct Written {
    metric: Metric,
    unit: Unit,
    last: Timestamp,
}

impl Catalog {
    pub fn read(database: &Database) -> Result<Self, SeriesError> {
        let mut catalog = Catalog::default();
        for entry in database.begin_read()?.open_table(SERIES)?.iter()? {
            let (id, written) = entry?;
            let written: Written =
                serde_json::from_slice(written.value()).map_err(std::io::Error::other)?;
            let id = SeriesId(id.value());
            catalog.define(id, written.metric, written.unit, false);
            if let Some(known) = catalog.known.get_mut(&id) {
                known.last = written.last;
            }
        }
        Ok(catalog)
    }

    /// The id of a metric in a unit, and whether it is a new one.
    pub fn id(&mut self, metric: &Metric, unit: Unit) -> (SeriesId, bool) {
        let of = self.by_metric.get(metric);
        let known = of.and_then(|all| all.iter().find(|(_, own)| *own == unit));
        if let Some((id, _)) = known {
            return (*id, false);
        }
        let id = SeriesId(self.next);
        self.define(id, metric.clone(), unit, true);
        (id, true)
    }

    pub fn define(&mut self, id: SeriesId, metric: Metric, unit: Unit, changed: bool) {
        self.next = self.next.max(id.0 + 1);
        let of = self.by_metric.entry(metric.clone()).or_default();
        if !of.contains(&(id, unit)) {
            of.push((id, unit));
        }
        self.known.insert(id, Known { metric, unit, last: Timestamp::default(), changed });
    }

    pub fn seen(&mut self, id: SeriesId, at: Timestamp) {
        if let Some(known) = self.known.get_mut(&id)
            && at > known.last
        {
            known.last = at;
            known.changed = true;
        }
    }

    pub fn of(&self, metric: &Metric) -> Vec<(SeriesId, Unit)> {
        self.by_metric.get(metric).cloned().unwrap_or_default()
    }

    pub fn find(&self, mut wanted: impl FnMut(&Listed) -> bool) -> Vec<Listed> {
        let all = self
            .by_metric
            .iter()
            .flat_map(|(metric, of)| of.iter().map(move |(id, unit)| (*id, metric.clone(), *unit)));
        all.map(|(id, metric, unit)| {
            let last = self.known.get(&id).map_or(Timestamp::default(), |known| known.last);
            Listed { id, metric, unit, last }
        })
        .filter(|listed| wanted(listed))
        .collect()
    }

    /// What the database does not have of the series, as bytes; from now on it counts as kept.
    pub fn take_changed(&mut self) -> Vec<(u32, Vec<u8>)> {
        let mut changed = Vec::new();
        for (id, known) in self.known.iter_mut().filter(|(_, known)| known.changed) {
            known.changed = false;
            let (metric, unit, last) = (known.metric.clone(), known.unit, known.last);
            let written = serde_json::to_vec(&Written { metric, unit, last });
            changed.push((id.0, written.expect("names and numbers are JSON")));
        }
        changed
    }

    pub fn put_back(&mut self, ids: impl Iterator<Item = u32>) {
        for id in ids {
            if let Some(known) = self.known.get_mut(&SeriesId(id)) {
                known.changed = true;
            }
        }
    }

    /// Forgets what has had no value since `before`; gives the ids.
    pub fn forget(&mut self, before: Timestamp) -> Vec<u32> {
        let old: Vec<SeriesId> =
            self.known.iter().filter(|(_, known)| known.last < before).map(|(id, _)| *id).collect();
        for id in &old {
            let Some(known) = self.known.remove(id) else { continue };
            if let Some(of) = self.by_metric.get_mut(&known.metric) {
                of.retain(|(own, _)| own != id);
                if of.is_empty() {
                    self.by_metric.remove(&known.metric);
                }
            }
        }
        old.into_iter().map(|id| id.0).collect()
    }
}
