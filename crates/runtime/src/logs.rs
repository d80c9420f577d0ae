//! What containers print, kept on disk between the shim that reads it and the
//! daemon that forwards it, so that lines survive either one's death.
//!
//! ```text
//! logs/<container>/00000000000000000000.log   a segment, named by its first offset
//!                  00000000000008388731.log   the segment being written
//! record: time in ms (8 bytes LE) | stream | flags | length (4 bytes LE) | the line
//! ```
//! Offsets run on over segments. `Writer` is the shim's side, [`Tail`] the
//! daemon's; what a tail has forwarded it trims, so that disk use is bounded
//! by what is not yet consumed, and at most a gigabyte.

mod tail;
mod write;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use neargate_ids::Timestamp;

pub(crate) use tail::Mark;
pub use tail::{Batch, Tail};
pub(crate) use write::Writer;

/// The longest line kept as one; longer ones are split, as awslogs does.
pub const MAX_LINE: usize = 256 * 1024;

const HEADER: usize = 14;
const FLAG_PARTIAL: u8 = 1;

/// Where a line was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// One line, without its newline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: Timestamp,
    pub stream: Stream,
    pub bytes: Vec<u8>,
    /// The line goes on in the next record: it was longer than [`MAX_LINE`].
    pub partial: bool,
}

/// The segments of a log with their first offsets, oldest first.
fn segments(dir: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let start = path.file_stem().and_then(|stem| stem.to_str()).and_then(|s| s.parse().ok());
        if let Some(start) = start {
            found.push((start, path));
        }
    }
    found.sort();
    Ok(found)
}

fn segment_path(dir: &Path, start: u64) -> PathBuf {
    dir.join(format!("{start:020}.log"))
}

/// The offset after the last byte written.
pub(crate) fn end_offset(dir: &Path) -> io::Result<u64> {
    match segments(dir)?.last() {
        None => Ok(0),
        Some((start, path)) => Ok(start + fs::metadata(path)?.len()),
    }
}

#[cfg(test)]
mod tests;
