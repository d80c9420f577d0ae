//! Puts, reads, finds, and keeps on disk.

mod catalog;
mod checkpoint;
mod entry;
mod head;
mod query;

use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use neargate_ids::Timestamp;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use crate::block::Block;
use crate::error::SeriesError;
use crate::journal::{Journal, Record};
use crate::metric::{Metric, Unit};
use crate::statistics::StatisticSet;
use crate::tier::Tier;
use catalog::Catalog;
pub use catalog::Listed;
use entry::Entry;
use head::Head;
pub use query::Query;

/// Tier, block and series: so that what is too old lies together.
const BLOCKS: TableDefinition<(u8, u32, u32), &[u8]> = TableDefinition::new("blocks");
/// What each series is, as JSON.
const SERIES: TableDefinition<u32, &[u8]> = TableDefinition::new("series");
/// The number of the last journal record that the database has.
const COVERED: TableDefinition<(), u64> = TableDefinition::new("covered");

/// redb's own cache: the blocks that are being added to are in memory anyway.
const CACHE_BYTES: usize = 4 << 20;

/// A metric in one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(u32);

/// Values of a metric at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Datum {
    pub metric: Metric,
    pub unit: Unit,
    pub at: Timestamp,
    /// Whether it is kept by the second too.
    pub high_resolution: bool,
    pub values: StatisticSet,
}

/// See the crate.
pub struct Series {
    database: Database,
    open: Mutex<Open>,
}

struct Open {
    journal: Journal,
    catalog: Catalog,
    head: Head,
}

impl Series {
    /// Opens the metrics under `dir`, with all that was put.
    pub fn open(dir: &Path) -> Result<Self, SeriesError> {
        fs::create_dir_all(dir)?;
        let database =
            Database::builder().set_cache_size(CACHE_BYTES).create(dir.join("metrics.redb"))?;
        let write = database.begin_write()?;
        let covered = {
            write.open_table(BLOCKS)?;
            write.open_table(SERIES)?;
            write.open_table(COVERED)?.get(())?.map_or(0, |covered| covered.value())
        };
        write.commit()?;
        let mut catalog = Catalog::read(&database)?;
        let mut head = Head::default();
        let mut failed = None;
        let journal = Journal::open(dir, covered, |record| {
            if record.number > covered
                && let Err(error) = replay(&database, &mut catalog, &mut head, record)
            {
                failed.get_or_insert(error);
            }
        })?;
        match failed {
            Some(error) => Err(error),
            None => Ok(Series { database, open: Mutex::new(Open { journal, catalog, head }) }),
        }
    }

    /// Adds values to their metrics. They survive the end of the process.
    pub fn put(&self, data: &[Datum]) -> Result<(), SeriesError> {
        let mut open = self.state();
        let Open { journal, catalog, head } = &mut *open;
        let mut record = Vec::new();
        let mut ids = Vec::with_capacity(data.len());
        for datum in data {
            let (id, is_new) = catalog.id(&datum.metric, datum.unit);
            if is_new {
                entry::put_definition(&mut record, id.0, &datum.metric, datum.unit);
            }
            entry::put_values(&mut record, id.0, datum);
            ids.push(id);
        }
        journal.append(&record)?;
        for (id, datum) in ids.into_iter().zip(data) {
            catalog.seen(id, datum.at);
            head.add(&self.database, id.0, datum.at, datum.high_resolution, &datum.values)?;
        }
        Ok(())
    }

    /// The points of a series in a tier from `from` until before `to`, by time.
    pub fn read(
        &self,
        id: SeriesId,
        tier: Tier,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, StatisticSet)>, SeriesError> {
        let mut points = Vec::new();
        if to <= from {
            return Ok(points);
        }
        let (first, _) = tier.place(from.secs());
        let (last, _) = tier.place(to.plus_millis(-1).secs());
        // Before the transaction begins: a block that is not open by then is in the database, as
        // it is closed only after it was written there.
        let mut opened = self.state().head.blocks(tier, first..=last, id.0);
        let read = self.database.begin_read()?;
        let stored = read.open_table(BLOCKS)?;
        for number in first..=last {
            let block = match opened.remove(&number) {
                Some(block) => block,
                None => match stored.get((tier as u8, number, id.0))? {
                    Some(bytes) => decoded(bytes.value(), tier, number, id.0),
                    None => continue,
                },
            };
            for (slot, set) in block.points() {
                let at = Timestamp::from_secs(tier.instant(number, slot));
                if at >= from && at < to {
                    points.push((at, set.clone()));
                }
            }
        }
        Ok(points)
    }

    /// The series that `wanted` takes, by metric.
    pub fn find(&self, wanted: impl FnMut(&Listed) -> bool) -> Vec<Listed> {
        self.state().catalog.find(wanted)
    }

    /// The series of a metric: one for each unit.
    pub fn of(&self, metric: &Metric) -> Vec<(SeriesId, Unit)> {
        self.state().catalog.of(metric)
    }

    fn state(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn replay(
    database: &Database,
    catalog: &mut Catalog,
    head: &mut Head,
    record: Record,
) -> Result<(), SeriesError> {
    for entry in entry::read(&record.body) {
        match entry {
            Entry::Definition { id, metric, unit } => {
                catalog.define(SeriesId(id), metric, unit, true);
            }
            Entry::Values { id, at, high_resolution, values } => {
                catalog.seen(SeriesId(id), at);
                head.add(database, id, at, high_resolution, &values)?;
            }
        }
    }
    Ok(())
}

/// A block of the database. One that cannot be read is told and counts as empty.
fn decoded(bytes: &[u8], tier: Tier, number: u32, id: u32) -> Block {
    Block::decode(bytes).unwrap_or_else(|| {
        tracing::error!(?tier, number, id, "a block of metrics cannot be read: it is left out");
        Block::default()
    })
}

#[cfg(test)]
mod tests;
