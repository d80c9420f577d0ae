//! The blocks that values are being added to, in memory.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::RangeInclusive;

use neargate_ids::Timestamp;
use redb::{Database, ReadableDatabase};

use super::{BLOCKS, decoded};
use crate::block::Block;
use crate::error::SeriesError;
use crate::statistics::StatisticSet;
use crate::tier::Tier;

/// A block's place: tier, number, series.
pub type Place = (Tier, u32, u32);

#[derive(Default)]
pub struct Head {
    blocks: HashMap<Place, Opened>,
}

struct Opened {
    block: Block,
    /// Whether the database does not have it so.
    changed: bool,
}

impl Head {
    /// Adds values to the blocks of every tier; one that the database has is opened first.
    pub fn add(
        &mut self,
        database: &Database,
        id: u32,
        at: Timestamp,
        high_resolution: bool,
        values: &StatisticSet,
    ) -> Result<(), SeriesError> {
        let tiers = if high_resolution { &Tier::ALL[..] } else { &Tier::ALL[1..] };
        for tier in tiers {
            let (number, slot) = tier.place(at.secs());
            let place = (*tier, number, id);
            let opened = match self.blocks.entry(place) {
                Entry::Occupied(opened) => opened.into_mut(),
                Entry::Vacant(closed) => {
                    let block = stored(database, place)?.unwrap_or_default();
                    closed.insert(Opened { block, changed: false })
                }
            };
            opened.block.add(slot, values);
            opened.changed = true;
        }
        Ok(())
    }

    /// Those of a series' blocks that are open, by number.
    pub fn blocks(&self, tier: Tier, numbers: RangeInclusive<u32>, id: u32) -> HashMap<u32, Block> {
        let opened = |number| Some((number, self.blocks.get(&(tier, number, id))?.block.clone()));
        numbers.filter_map(opened).collect()
    }

    /// The blocks that the database does not have, in its order; from now on they count as kept.
    pub fn take_changed(&mut self) -> Vec<(Place, Block)> {
        let mut changed = Vec::new();
        for (place, opened) in self.blocks.iter_mut().filter(|(_, opened)| opened.changed) {
            opened.changed = false;
            changed.push((*place, opened.block.clone()));
        }
        changed.sort_unstable_by_key(|(place, _)| *place);
        changed
    }

    /// Says that these could not be kept after all.
    pub fn put_back(&mut self, places: impl Iterator<Item = Place>) {
        for place in places {
            if let Some(opened) = self.blocks.get_mut(&place) {
                opened.changed = true;
            }
        }
    }

    /// Closes the blocks that are kept and whose time is over.
    pub fn close(&mut self, now: Timestamp) {
        self.blocks.retain(|(tier, number, _), opened| {
            opened.changed || tier.instant(number + 1, 0) > now.secs()
        });
    }
}

fn stored(database: &Database, (tier, number, id): Place) -> Result<Option<Block>, SeriesError> {
    let stored = database.begin_read()?.open_table(BLOCKS)?.get((tier as u8, number, id))?;
    Ok(stored.map(|bytes| decoded(bytes.value(), tier, number, id)))
}
