//! The sparse index: what is known of each stretch of a segment, about 64 KiB
//! long, so that a read finds the few stretches that can matter to it.

use crate::frame::Summary;

/// A block takes frames until it is at least this long.
const BLOCK_BYTES: u64 = 64 << 10;

/// Some whole frames of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Block {
    pub offset: u64,
    pub length: u64,
    pub summary: Summary,
}

/// Adds the frame at `offset` to the index of its segment.
pub(crate) fn extend(blocks: &mut Vec<Block>, offset: u64, length: u64, summary: Summary) {
    match blocks.last_mut() {
        Some(last) if last.length < BLOCK_BYTES => {
            last.length = offset + length - last.offset;
            last.summary = last.summary.join(summary);
        }
        _ => blocks.push(Block { offset, length, summary }),
    }
}
