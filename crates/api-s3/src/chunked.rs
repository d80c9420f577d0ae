//! The framing `aws-chunked`: `SIZE[;extension]\r\n BYTES \r\n … 0\r\n trailer:value\r\n \r\n`.

use bytes::{Bytes, BytesMut};
use neargate_api::AwsError;

use crate::error;

/// A chunk's head, or a trailer, is shorter than this.
const LINE_LIMIT: usize = 1024;

#[derive(Debug, PartialEq, Eq)]
enum State {
    /// Before `SIZE\r\n`.
    Head,
    /// Within a chunk, so many bytes before its end.
    Bytes(u64),
    /// Before the `\r\n` that ends a chunk.
    End,
    Trailers,
}

/// Takes the framing off, whatever pieces it comes in.
#[derive(Debug)]
pub struct Unframer {
    state: State,
    buffered: BytesMut,
    trailers: Vec<(String, String)>,
}

impl Default for Unframer {
    fn default() -> Self {
        Unframer { state: State::Head, buffered: BytesMut::new(), trailers: Vec::new() }
    }
}

fn malformed() -> AwsError {
    error::invalid_request("The chunks of the body are malformed.")
}

impl Unframer {
    /// The object's bytes within these.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Bytes, AwsError> {
        self.buffered.extend_from_slice(bytes);
        let mut out = BytesMut::new();
        loop {
            match self.state {
                State::Bytes(0) => self.state = State::End,
                State::Bytes(left) => {
                    if self.buffered.is_empty() {
                        return Ok(out.freeze());
                    }
                    let len = left.min(self.buffered.len() as u64);
                    out.extend_from_slice(&self.buffered.split_to(len as usize));
                    self.state = State::Bytes(left - len);
                }
                State::Head => {
                    let Some(line) = self.line()? else { return Ok(out.freeze()) };
                    let size = line.split(';').next().unwrap_or_default();
                    let size = u64::from_str_radix(size, 16).map_err(|_| malformed())?;
                    self.state = if size == 0 { State::Trailers } else { State::Bytes(size) };
                }
                State::End => {
                    let Some(line) = self.line()? else { return Ok(out.freeze()) };
                    if !line.is_empty() {
                        return Err(malformed());
                    }
                    self.state = State::Head;
                }
                State::Trailers => {
                    let Some(line) = self.line()? else { return Ok(out.freeze()) };
                    if let Some((name, value)) = line.split_once(':') {
                        self.trailers.push((name.trim().to_lowercase(), value.trim().to_owned()));
                    } else if !line.is_empty() {
                        return Err(malformed());
                    }
                }
            }
        }
    }

    /// The next line, once all of it is there.
    fn line(&mut self) -> Result<Option<String>, AwsError> {
        let Some(end) = self.buffered.windows(2).position(|pair| pair == b"\r\n") else {
            return if self.buffered.len() > LINE_LIMIT { Err(malformed()) } else { Ok(None) };
        };
        let line = self.buffered.split_to(end + 2);
        String::from_utf8(line[..end].to_vec()).map(Some).map_err(|_| malformed())
    }

    /// The trailers, if the last chunk has come.
    pub fn finish(self) -> Result<Vec<(String, String)>, AwsError> {
        match self.state {
            State::Trailers => Ok(self.trailers),
            _ => Err(AwsError::new(
                400,
                "IncompleteBody",
                "You did not provide the number of bytes specified by the chunks of the body.",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAMED: &[u8] =
        b"5\r\nhello\r\n7;chunk-signature=ab\r\n, world\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";

    #[test]
    fn pieces_of_any_size_give_the_same() {
        for size in 1..=FRAMED.len() {
            let mut unframer = Unframer::default();
            let mut out = Vec::new();
            for piece in FRAMED.chunks(size) {
                out.extend_from_slice(&unframer.take(piece).unwrap());
            }
            assert_eq!(out, b"hello, world");
            let trailers = unframer.finish().unwrap();
            assert_eq!(trailers, [("x-amz-checksum-crc32".to_owned(), "AAAA".to_owned())]);
        }
    }

    #[test]
    fn what_is_malformed_or_cut_off_is_refused() {
        for bad in [&b"x\r\n"[..], b"1\r\nab\r\n", &[b'1'; 2000]] {
            assert!(Unframer::default().take(bad).is_err());
        }
        let mut cut = Unframer::default();
        cut.take(&FRAMED[..8]).unwrap();
        assert_eq!(cut.finish().map_err(|e| e.code), Err("IncompleteBody".into()));
    }
}
