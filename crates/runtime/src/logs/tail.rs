//! The daemon's side of a log: lines from an offset on, as they come.
//!
//! A tail sleeps on the mark that the shim tells (how far the log reaches,
//! and whether it has ended) and reads the files itself; so a dead shim's log
//! is read the same way as a live one's.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use neargate_ids::Timestamp;
use tokio::sync::watch;

use super::{FLAG_PARTIAL, HEADER, Line, Stream, segments};

/// How far a log reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub upto: u64,
    pub end: bool,
}

/// Lines, and the offset to go on from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub lines: Vec<Line>,
    /// Keep this durably once the lines are: a new tail goes on from here.
    pub next_offset: u64,
    /// Bytes of the log that were given up before these lines, because nobody
    /// read for so long that the disk had to be kept.
    pub skipped: u64,
}

impl Batch {
    /// Its lines, each with the offset at which it begins.
    pub fn with_offsets(&self) -> impl Iterator<Item = (u64, &Line)> {
        let length = |line: &Line| (HEADER + line.bytes.len()) as u64;
        let mut next = self.next_offset - self.lines.iter().map(length).sum::<u64>();
        self.lines.iter().map(move |line| {
            let offset = next;
            next += length(line);
            (offset, line)
        })
    }
}

/// Reads one container's log; see [`Task::logs`](crate::Task::logs).
pub struct Tail {
    dir: PathBuf,
    offset: u64,
    mark: watch::Receiver<Mark>,
}

impl Tail {
    pub(crate) fn new(dir: PathBuf, offset: u64, mark: watch::Receiver<Mark>) -> Self {
        Tail { dir, offset, mark }
    }

    /// The next lines, up to about `max_bytes` of them but at least one;
    /// waits for the first. Safe to cancel. `None` when the container's output has ended and
    /// all of it was given.
    pub async fn next(&mut self, max_bytes: usize) -> io::Result<Option<Batch>> {
        loop {
            let mark = *self.mark.borrow_and_update();
            if mark.upto > self.offset {
                let (dir, offset) = (self.dir.clone(), self.offset);
                let read = move || read_batch(&dir, offset, max_bytes);
                let batch = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??;
                let advanced = batch.next_offset > self.offset;
                self.offset = batch.next_offset;
                if !batch.lines.is_empty() {
                    return Ok(Some(batch));
                }
                if advanced {
                    continue;
                }
            }
            if mark.end {
                return Ok(None);
            }
            if self.mark.changed().await.is_err() {
                // The task was deleted: what is not read yet is gone with it.
                return Ok(None);
            }
        }
    }

    /// Frees the disk of everything before `offset`, which the caller has
    /// kept elsewhere. Whole segments go; the one being written stays.
    pub fn trim(&self, offset: u64) -> io::Result<()> {
        let segments = segments(&self.dir)?;
        for pair in segments.windows(2) {
            let [(_, path), (next_start, _)] = pair else { continue };
            if *next_start <= offset {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// Complete records from `offset` on. A record cut short (its writer was
/// killed while writing) ends its segment.
pub(super) fn read_batch(dir: &Path, offset: u64, max_bytes: usize) -> io::Result<Batch> {
    let mut batch = Batch { lines: Vec::new(), next_offset: offset, skipped: 0 };
    let segments = segments(dir)?;
    let Some((oldest, _)) = segments.first() else { return Ok(batch) };
    batch.next_offset = offset.max(*oldest);
    batch.skipped = batch.next_offset - offset;
    let at = segments.partition_point(|(start, _)| *start <= batch.next_offset) - 1;
    for (index, (start, path)) in segments.iter().enumerate().skip(at) {
        batch.next_offset = batch.next_offset.max(*start);
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let from = batch.next_offset - start;
        let mut bytes =
            vec![0; length.saturating_sub(from).min(max_bytes.max(1 << 20) as u64) as usize];
        file.read_exact_at(&mut bytes, from)?;
        batch.next_offset += parse(&bytes, max_bytes, &mut batch.lines) as u64;
        let is_last = index + 1 == segments.len();
        if !batch.lines.is_empty() || is_last {
            break;
        }
        let next_start = segments[index + 1].0;
        if from + bytes.len() as u64 >= length {
            batch.next_offset = next_start;
        }
    }
    Ok(batch)
}

/// Appends the complete records of `bytes` and says how many bytes they were.
fn parse(bytes: &[u8], max_bytes: usize, lines: &mut Vec<Line>) -> usize {
    let mut at = 0;
    while let Some(header) = bytes.get(at..at + HEADER) {
        let ms = i64::from_le_bytes(header[..8].try_into().expect("eight bytes"));
        let length = u32::from_le_bytes(header[10..].try_into().expect("four bytes")) as usize;
        let Some(line) = bytes.get(at + HEADER..at + HEADER + length) else { break };
        lines.push(Line {
            at: Timestamp(ms),
            stream: if header[8] == 0 { Stream::Stdout } else { Stream::Stderr },
            bytes: line.to_vec(),
            partial: header[9] & FLAG_PARTIAL != 0,
        });
        at += HEADER + length;
        if at >= max_bytes {
            break;
        }
    }
    at
}
