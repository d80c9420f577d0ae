//! What a `put` did, as the bytes of one journal record.

use neargate_ids::Timestamp;

use super::Datum;
use crate::block::Block;
use crate::block::bytes::{Reader, put_varint};
use crate::metric::{Metric, Unit};
use crate::statistics::StatisticSet;

pub enum Entry {
    Definition { id: u32, metric: Metric, unit: Unit },
    Values { id: u32, at: Timestamp, high_resolution: bool, values: StatisticSet },
}

const DEFINITION: u8 = 0;
const VALUES: u8 = 1;
const HIGH_RESOLUTION_VALUES: u8 = 2;

pub fn put_definition(out: &mut Vec<u8>, id: u32, metric: &Metric, unit: Unit) {
    out.push(DEFINITION);
    put_varint(out, id.into());
    let described = serde_json::to_vec(&(metric, unit)).expect("names and numbers are JSON");
    put_varint(out, described.len() as u64);
    out.extend_from_slice(&described);
}

pub fn put_values(out: &mut Vec<u8>, id: u32, datum: &Datum) {
    out.push(if datum.high_resolution { HIGH_RESOLUTION_VALUES } else { VALUES });
    put_varint(out, id.into());
    out.extend_from_slice(&datum.at.millis().to_le_bytes());
    let mut block = Block::default();
    block.add(0, &datum.values);
    let block = block.encode();
    put_varint(out, block.len() as u64);
    out.extend_from_slice(&block);
}

/// The entries of a record. Its checksum was right: what cannot be read ends them.
pub fn read(record: &[u8]) -> Vec<Entry> {
    let mut from = Reader::new(record);
    let mut entries = Vec::new();
    while let Some(entry) = next(&mut from) {
        entries.push(entry);
    }
    entries
}

fn next(from: &mut Reader) -> Option<Entry> {
    let kind = from.byte()?;
    let id = u32::try_from(from.varint()?).ok()?;
    if kind == DEFINITION {
        let length = usize::try_from(from.varint()?).ok()?;
        let (metric, unit) = serde_json::from_slice(from.take(length)?).ok()?;
        return Some(Entry::Definition { id, metric, unit });
    }
    let at = Timestamp(i64::from_le_bytes(from.take(8)?.try_into().ok()?));
    let length = usize::try_from(from.varint()?).ok()?;
    let block = Block::decode(from.take(length)?)?;
    let values = block.points().next()?.1.clone();
    Some(Entry::Values { id, at, high_resolution: kind == HIGH_RESOLUTION_VALUES, values })
}
