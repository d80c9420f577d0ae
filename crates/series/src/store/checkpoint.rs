//! Brings what was put into the database, and deletes what is older than AWS keeps it.

use neargate_ids::Timestamp;
use redb::{ReadableTable, WriteTransaction};

use super::head::Place;
use super::{BLOCKS, COVERED, SERIES, Series};
use crate::block::Block;
use crate::error::SeriesError;
use crate::tier::Tier;

/// A journal that is larger wants a checkpoint, in bytes.
const LARGE: u64 = 16 << 20;

impl Series {
    /// Whether the journal is so large that a checkpoint should not wait for its time.
    pub fn is_journal_large(&self) -> bool {
        self.state().journal.length() > LARGE
    }

    /// Writes all that has changed in one transaction, and begins the journal anew. Puts and reads
    /// go on meanwhile.
    pub fn checkpoint(&self, now: Timestamp) -> Result<(), SeriesError> {
        let (covered, blocks, series, forgotten) = {
            let mut open = self.state();
            let covered = open.journal.turn()?;
            let oldest = now.plus_secs(-Tier::Hour.kept());
            let forgotten = open.catalog.forget(oldest);
            (covered, open.head.take_changed(), open.catalog.take_changed(), forgotten)
        };
        let written = self.write(covered, &blocks, &series, &forgotten, now);
        let mut open = self.state();
        if let Err(error) = written {
            // The journal still has it all.
            open.head.put_back(blocks.iter().map(|(place, _)| *place));
            open.catalog.put_back(series.iter().map(|(id, _)| *id));
            return Err(error);
        }
        open.head.close(now);
        Ok(open.journal.forget()?)
    }

    fn write(
        &self,
        covered: u64,
        blocks: &[(Place, Block)],
        series: &[(u32, Vec<u8>)],
        forgotten: &[u32],
        now: Timestamp,
    ) -> Result<(), SeriesError> {
        let write = self.database.begin_write()?;
        {
            let mut table = write.open_table(BLOCKS)?;
            for ((tier, number, id), block) in blocks {
                table.insert((*tier as u8, *number, *id), block.encode().as_slice())?;
            }
            let mut table = write.open_table(SERIES)?;
            for (id, written) in series {
                table.insert(id, written.as_slice())?;
            }
            for id in forgotten {
                table.remove(id)?;
            }
            write.open_table(COVERED)?.insert((), covered)?;
        }
        delete_old(&write, now)?;
        write.commit()?;
        Ok(())
    }
}

/// Deletes the blocks of which every point is older than its tier is kept.
fn delete_old(write: &WriteTransaction, now: Timestamp) -> Result<(), SeriesError> {
    let mut table = write.open_table(BLOCKS)?;
    for tier in Tier::ALL {
        let (first_kept, _) = tier.place(now.secs() - tier.kept());
        let tier = tier as u8;
        let old = (tier, 0, 0)..(tier, first_kept, 0);
        if table.range(old.clone())?.next().is_some() {
            table.retain_in(old, |_, _| false)?;
        }
    }
    Ok(())
}
