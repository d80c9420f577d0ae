//! Segments: files by number, and places in them.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::entry::Entry;

/// More than an entry has.
const TAIL_BYTES: u64 = 512 << 10;

/// A place between two entries.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Position {
    pub segment: u64,
    pub offset: u64,
}

/// A file of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    pub number: u64,
    /// Bytes of whole entries.
    pub len: u64,
    /// When its last entry was made.
    pub last_ms: i64,
}

pub fn path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{number:020}.jsonl"))
}

/// The segments in `directory`, oldest first. Half an entry at the end of one,
/// which a loss of power leaves, is cut off.
pub fn open_all(directory: &Path) -> io::Result<Vec<Segment>> {
    fs::create_dir_all(directory)?;
    let mut found = Vec::new();
    for file in fs::read_dir(directory)? {
        let name = file?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".jsonl")?.parse().ok());
        if let Some(number) = number {
            found.push(open(directory, number)?);
        }
    }
    found.sort_by_key(|segment| segment.number);
    Ok(found)
}

/// Reads the end of a segment, so that a start does not read them all.
fn open(directory: &Path, number: u64) -> io::Result<Segment> {
    let path = path(directory, number);
    let mut file = fs::OpenOptions::new().read(true).write(true).open(&path)?;
    let len = file.metadata()?.len();
    let start = len.saturating_sub(TAIL_BYTES);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let Some(end) = tail.iter().rposition(|byte| *byte == b'\n') else {
        file.set_len(0)?;
        return Ok(Segment { number, len: 0, last_ms: 0 });
    };
    let whole = start + end as u64 + 1;
    if whole < len {
        file.set_len(whole)?;
    }
    let last = lines(&tail[..=end]).next_back().and_then(|(_, line)| parse(line));
    Ok(Segment { number, len: whole, last_ms: last.map_or(i64::MAX, |entry| entry.at_ms) })
}

/// The lines of whole entries with where each begins.
pub fn lines(bytes: &[u8]) -> impl DoubleEndedIterator<Item = (u64, &[u8])> {
    let mut begins: Vec<usize> = vec![0];
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    begins.extend(ends.map(|(at, _)| at + 1));
    let ranges: Vec<(usize, usize)> = begins.windows(2).map(|pair| (pair[0], pair[1])).collect();
    ranges.into_iter().map(|(from, to)| (from as u64, &bytes[from..to - 1]))
}

/// An entry's line. One that cannot be read is passed over: it is damaged, and the rest is not.
pub fn parse(line: &[u8]) -> Option<Entry> {
    serde_json::from_slice(line).ok()
}
