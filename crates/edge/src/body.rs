//! Bodies: of answers, and of requests that are read whole within bounds.

use std::io::Read;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};

/// The body of any answer of this port.
pub type Body = BoxBody<Bytes, std::io::Error>;

/// A body that is all there.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed()
}

/// Why a request's body could not be read.
#[derive(Debug, PartialEq, Eq)]
pub enum ReadBodyError {
    /// It is longer than this many bytes.
    TooLong(usize),
    /// Nothing came for too long.
    TooSlow,
    /// The connection broke, or the compression is damaged.
    Broken(String),
}

/// Silence within a body that ends the request.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// Reads a body of at most `limit` bytes, before and after decompression.
pub async fn read_body<B>(body: B, gzip: bool, limit: usize) -> Result<Bytes, ReadBodyError>
where
    B: hyper::body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let collected = tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, limit).collect()).await;
    let bytes = match collected {
        Err(_) => return Err(ReadBodyError::TooSlow),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return Err(ReadBodyError::TooLong(limit));
        }
        Ok(Err(error)) => return Err(ReadBodyError::Broken(error.to_string())),
        Ok(Ok(collected)) => collected.to_bytes(),
    };
    if !gzip {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(&bytes[..]).take(limit as u64 + 1);
    reader.read_to_end(&mut plain).map_err(|e| ReadBodyError::Broken(e.to_string()))?;
    if plain.len() > limit {
        return Err(ReadBodyError::TooLong(limit));
    }
    Ok(plain.into())
}
