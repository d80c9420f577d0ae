//! Reading a blob as a stream, whole or in part.
//!
//! One chunk is read when it is asked for, so that a slow reader holds one
//! chunk and no thread.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::Stream;

/// Large enough that a chunk's cost is its bytes, small enough for many readers.
const CHUNK: u64 = 256 * 1024;

/// An open blob.
#[derive(Clone, Debug)]
pub struct Reader {
    file: Arc<File>,
    size: u64,
}

impl Reader {
    pub(crate) fn new(file: File, size: u64) -> Self {
        Reader { file: Arc::new(file), size }
    }

    /// The blob's size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The file, for those who read it in a thread of their own.
    pub fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// The bytes of `range`, which must lie within the blob, in chunks.
    pub fn stream(
        &self,
        range: Range<u64>,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + Sync + use<> {
        let file = self.file.clone();
        futures_util::stream::try_unfold(range, move |left| {
            let file = file.clone();
            async move {
                if left.start >= left.end {
                    return Ok(None);
                }
                let len = (left.end - left.start).min(CHUNK);
                let chunk = read_at(file, left.start, len).await?;
                Ok(Some((chunk, left.start + len..left.end)))
            }
        })
    }
}

async fn read_at(file: Arc<File>, offset: u64, len: u64) -> io::Result<Bytes> {
    let read = move || {
        let mut buffer = vec![0; len as usize];
        file.read_exact_at(&mut buffer, offset)?;
        Ok(Bytes::from(buffer))
    };
    tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
}
