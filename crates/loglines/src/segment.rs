//! A segment: one append-only file of one stream, `<first sequence>.log`. It
//! begins with the names that it belongs to, so that the files are all that is
//! needed to find every stream again. `<first sequence>.idx` beside it is a
//! copy of its index that only saves time at the next start: it is written
//! without fsync, and believed only as far as the file is long.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::block::{self, Block};
use crate::frame::{self, Summary};

const MAGIC: [u8; 8] = *b"NGLOGS1\n";

/// A segment takes no more events when it is at least this long…
pub(crate) const SEGMENT_BYTES: u64 = 8 << 20;
/// …or covers at least this much time, so that retention, which is counted in
/// days, can free it.
pub(crate) const SEGMENT_SPAN_MS: i64 = 24 * 60 * 60 * 1000;
/// How much a segment grows before its index is saved again: bounds what is
/// read of it at the start after a crash.
pub(crate) const INDEX_EVERY_BYTES: u64 = 1 << 20;

/// What is known of a segment; its events are in its file.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub path: Arc<Path>,
    /// Of the file, as far as it is synced and whole.
    pub length: u64,
    pub blocks: Vec<Block>,
    /// As long as the file was when its index was saved.
    pub indexed: u64,
    /// Takes no more events.
    pub sealed: bool,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct SavedIndex {
    length: u64,
    blocks: Vec<Block>,
}

/// Whose events a segment holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StreamName {
    pub group: Arc<str>,
    pub stream: Arc<str>,
}

impl Segment {
    pub fn new(path: Arc<Path>, header: u64) -> Self {
        Segment { path, length: header, blocks: Vec::new(), indexed: 0, sealed: false }
    }

    /// Of all its events; `None` while there are none.
    pub fn summary(&self) -> Option<Summary> {
        self.blocks.iter().map(|block| block.summary).reduce(Summary::join)
    }

    /// Whether it should take no more events.
    pub fn is_full(&self) -> bool {
        let long = |all: Summary| all.span.last_ms - all.span.first_ms >= SEGMENT_SPAN_MS;
        self.sealed || self.length >= SEGMENT_BYTES || self.summary().is_some_and(long)
    }

    /// Reads one block's bytes.
    pub fn read(path: &Path, block: &Block) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; block.length as usize];
        File::open(path)?.read_exact_at(&mut bytes, block.offset)?;
        Ok(bytes)
    }

    /// Saves the index beside the file.
    pub fn save_index(&mut self) -> io::Result<()> {
        let saved = SavedIndex { length: self.length, blocks: self.blocks.clone() };
        let temporary = self.path.with_extension("tmp");
        std::fs::write(&temporary, serde_json::to_vec(&saved)?)?;
        std::fs::rename(&temporary, index_path(&self.path))?;
        self.indexed = self.length;
        Ok(())
    }

    /// Frees the file and its index.
    pub fn remove(&self) -> io::Result<()> {
        remove_if_there(&index_path(&self.path))?;
        remove_if_there(&self.path)
    }

    /// Finds out what the file at `path` holds, and cuts off what a crash left
    /// half-written. `None`, and the file removed, when not even its header is
    /// whole: nothing in it was ever acknowledged.
    pub fn load(path: &Path) -> io::Result<Option<(StreamName, Segment)>> {
        let file = File::options().read(true).write(true).open(path)?;
        let on_disk = file.metadata()?.len();
        let Some((name, header)) = read_header(&file)? else {
            drop(file);
            remove_if_there(path)?;
            return Ok(None);
        };
        let mut segment = Segment::new(path.into(), header);
        segment.believe_index(on_disk);
        segment.scan(&file, on_disk)?;
        if segment.length < on_disk {
            file.set_len(segment.length)?;
            file.sync_all()?;
        }
        Ok(Some((name, segment)))
    }

    fn believe_index(&mut self, on_disk: u64) {
        let saved = std::fs::read(index_path(&self.path)).ok();
        let saved = saved.and_then(|bytes| serde_json::from_slice::<SavedIndex>(&bytes).ok());
        if let Some(saved) = saved
            && (self.length..=on_disk).contains(&saved.length)
            && saved.blocks.iter().all(|block| block.summary.last_sequence > 0)
        {
            self.length = saved.length;
            self.indexed = saved.length;
            self.blocks = saved.blocks;
        }
    }

    /// Adds what is behind the index, as far as it is whole.
    fn scan(&mut self, file: &File, on_disk: u64) -> io::Result<()> {
        let mut bytes = vec![0; (on_disk - self.length) as usize];
        file.read_exact_at(&mut bytes, self.length)?;
        let mut rest = bytes.as_slice();
        while let Some((length, events)) = frame::decode(rest) {
            if let Some(summary) = frame::summarize(events) {
                block::extend(&mut self.blocks, self.length, length as u64, summary);
            }
            self.length += length as u64;
            rest = &rest[length..];
        }
        Ok(())
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn index_path(path: &Path) -> PathBuf {
    path.with_extension("idx")
}

/// `magic | group length u16 | stream length u16 | group | stream | crc32 u32`.
pub(crate) fn header(name: &StreamName) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend((name.group.len() as u16).to_le_bytes());
    header.extend((name.stream.len() as u16).to_le_bytes());
    header.extend(name.group.as_bytes());
    header.extend(name.stream.as_bytes());
    let crc = crc32fast::hash(&header);
    header.extend(crc.to_le_bytes());
    header
}

/// The names in a file's header and its length; `None` when it is not whole.
fn read_header(mut file: &File) -> io::Result<Option<(StreamName, u64)>> {
    let fixed = MAGIC.len() + 4;
    let mut header = vec![0; fixed];
    if !fill(&mut file, &mut header)? || header[..MAGIC.len()] != MAGIC {
        return Ok(None);
    }
    let length = |at: usize| usize::from(u16::from_le_bytes([header[at], header[at + 1]]));
    let (group, stream) = (length(MAGIC.len()), length(MAGIC.len() + 2));
    header.resize(fixed + group + stream + 4, 0);
    if !fill(&mut file, &mut header[fixed..])? {
        return Ok(None);
    }
    let (checked, crc) = header.split_at(header.len() - 4);
    if crc32fast::hash(checked).to_le_bytes() != crc {
        return Ok(None);
    }
    let text = |from: usize, length: usize| {
        std::str::from_utf8(&header[from..from + length]).ok().map(Arc::from)
    };
    let (Some(group_name), Some(stream_name)) = (text(fixed, group), text(fixed + group, stream))
    else {
        return Ok(None);
    };
    Ok(Some((StreamName { group: group_name, stream: stream_name }, header.len() as u64)))
}

/// Reads exactly `buffer`; `false` when the file ends before.
fn fill(file: &mut &File, buffer: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(buffer) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        done => done.map(|()| true),
    }
}
