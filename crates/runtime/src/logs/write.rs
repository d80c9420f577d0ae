//! The shim's side of a log: cuts what a pipe gave into lines and appends
//! them. It never waits and never fails the container: what the disk refuses
//! is counted and dropped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

use neargate_ids::Timestamp;

use super::{FLAG_PARTIAL, HEADER, MAX_LINE, Stream, segment_path, segments};

const SEGMENT: u64 = 8 << 20;
/// With nobody to trim it, a log keeps its last gigabyte.
const MOST_SEGMENTS: usize = 128;

pub(crate) struct Writer {
    dir: PathBuf,
    file: File,
    segment_start: u64,
    offset: u64,
    /// Records not yet given to the file.
    buffer: Vec<u8>,
    /// Unfinished lines, by stream.
    open_line: [Vec<u8>; 2],
    /// Lines that the disk refused.
    pub dropped: u64,
}

impl Writer {
    /// Opens the log in `dir`, after what is there.
    pub fn open(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let (segment_start, path) = match segments(dir)?.pop() {
            Some(last) => last,
            None => (0, segment_path(dir, 0)),
        };
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let offset = segment_start + file.metadata()?.len();
        let dir = dir.to_owned();
        Ok(Writer {
            dir,
            file,
            segment_start,
            offset,
            buffer: Vec::new(),
            open_line: Default::default(),
            dropped: 0,
        })
    }

    /// The offset after all that is written; call [`Writer::flush`] first.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Takes bytes as a pipe gave them.
    pub fn take(&mut self, stream: Stream, mut bytes: &[u8], now: Timestamp) {
        let mut line = std::mem::take(&mut self.open_line[stream as usize]);
        while !bytes.is_empty() {
            let room = MAX_LINE - line.len();
            let mut window = &bytes[..bytes.len().min(room + 1)];
            let before = window.len();
            let _ = window.read_until(b'\n', &mut line);
            bytes = &bytes[before - window.len()..];
            if line.last() == Some(&b'\n') {
                line.pop();
                self.record(stream, &line, 0, now);
                line.clear();
            } else if line.len() > MAX_LINE {
                self.record(stream, &line[..MAX_LINE], FLAG_PARTIAL, now);
                line.drain(..MAX_LINE);
            }
        }
        self.open_line[stream as usize] = line;
    }

    /// Ends a stream: an unfinished line counts as one.
    pub fn finish(&mut self, stream: Stream, now: Timestamp) {
        let line = std::mem::take(&mut self.open_line[stream as usize]);
        if !line.is_empty() {
            self.record(stream, &line, 0, now);
        }
    }

    /// Gives everything taken so far to the file.
    pub fn flush(&mut self) {
        if self.buffer.is_empty() {
            return;
        }
        if self.offset - self.segment_start >= SEGMENT {
            let next = segment_path(&self.dir, self.offset);
            if let Ok(file) = OpenOptions::new().create(true).append(true).open(next) {
                self.file = file;
                self.segment_start = self.offset;
                self.drop_oldest();
            }
        }
        match self.file.write_all(&self.buffer) {
            Ok(()) => self.offset += self.buffer.len() as u64,
            Err(_) => {
                self.dropped += 1;
                // A torn record would hide all that follows it.
                let _ = self.file.set_len(self.offset - self.segment_start);
            }
        }
        self.buffer.clear();
    }

    /// What goes unread is told by the tail as skipped.
    fn drop_oldest(&self) {
        let segments = segments(&self.dir).unwrap_or_default();
        let excess = segments.len().saturating_sub(MOST_SEGMENTS);
        for (_, path) in &segments[..excess] {
            let _ = fs::remove_file(path);
        }
    }

    fn record(&mut self, stream: Stream, line: &[u8], flags: u8, now: Timestamp) {
        self.buffer.reserve(HEADER + line.len());
        self.buffer.extend_from_slice(&now.millis().to_le_bytes());
        self.buffer.push(stream as u8);
        self.buffer.push(flags);
        self.buffer.extend_from_slice(&(line.len() as u32).to_le_bytes());
        self.buffer.extend_from_slice(line);
        if self.buffer.len() >= 1 << 20 {
            self.flush();
        }
    }
}
