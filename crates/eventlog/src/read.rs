//! Reads: forward from a position, for deliveries; backward from the end, for
//! whoever looks something up. Both block on files: call them from a thread that may.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use crate::entry::Entry;
use crate::log::EventLog;
use crate::segment::{self, Position, Segment};

/// A piece of the log.
#[derive(Clone, Debug)]
pub struct Ahead {
    pub entries: Vec<Entry>,
    /// Where the next piece begins.
    pub next: Position,
}

/// An entry with where it begins.
#[derive(Clone, Debug)]
pub struct Found {
    pub entry: Entry,
    pub at: Position,
}

impl EventLog {
    /// The entries from `from` up to `until`, of one segment at most. What is
    /// no longer kept is passed over.
    pub fn ahead(&self, from: Position, until: Position) -> io::Result<Ahead> {
        let segments = self.shared.segments().clone();
        let Some(segment) = segments
            .iter()
            .find(|s| s.number > from.segment || (s.number == from.segment && from.offset < s.len))
        else {
            return Ok(Ahead { entries: Vec::new(), next: from.min(until) });
        };
        let start = if segment.number == from.segment { from.offset } else { 0 };
        let end = if segment.number == until.segment { until.offset } else { segment.len };
        if segment.number > until.segment || start >= end {
            return Ok(Ahead { entries: Vec::new(), next: from });
        }
        let bytes = self.bytes(segment, start, end)?;
        let entries = segment::lines(&bytes).filter_map(|(_, line)| segment::parse(line));
        let next = Position { segment: segment.number, offset: end };
        Ok(Ahead { entries: entries.collect(), next })
    }

    /// Shows the entries before `before` (all, when there is none), newest
    /// first, until `visit` breaks off.
    pub fn back(
        &self,
        before: Option<Position>,
        mut visit: impl FnMut(Found) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let segments = self.shared.segments().clone();
        for segment in segments.iter().rev() {
            let end = match before {
                Some(before) if segment.number > before.segment => continue,
                Some(before) if segment.number == before.segment => before.offset.min(segment.len),
                _ => segment.len,
            };
            let bytes = match self.bytes(segment, 0, end) {
                // It was let go since.
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                bytes => bytes?,
            };
            for (offset, line) in segment::lines(&bytes).rev() {
                let Some(entry) = segment::parse(line) else { continue };
                let at = Position { segment: segment.number, offset };
                if visit(Found { entry, at }).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn bytes(&self, segment: &Segment, start: u64, end: u64) -> io::Result<Vec<u8>> {
        let mut file = File::open(segment::path(&self.shared.directory, segment.number))?;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(end.saturating_sub(start)).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
