//! Telling how bytes are compressed by their first ones, as Docker does:
//! media types and file names lie.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Reads a file decompressed: gzip (of several members too), zstd, or plain.
pub fn decoder(file: Arc<File>) -> io::Result<Box<dyn Read>> {
    let mut magic = [0; 4];
    let read = file.read_at(&mut magic, 0)?;
    let compressed = BufReader::with_capacity(256 * 1024, Positioned { file, offset: 0 });
    Ok(match &magic[..read] {
        [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(compressed)),
        [0x28, 0xb5, 0x2f, 0xfd] => Box::new(zstd::Decoder::with_buffer(compressed)?),
        _ => Box::new(compressed),
    })
}

/// Reads a shared file by an offset of its own.
struct Positioned {
    file: Arc<File>,
    offset: u64,
}

impl Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}
