//! A message: a header of fixed length, big-endian, and a payload.
//!
//! ```text
//! length of the header (4) │ kind (32) │ version (4) │ created (8) │ number (8) │ flags (8)
//! id (16) │ SHA-256 of the payload (32) │ kind of the payload (4) │ its length (4) │ payload
//! ```

use neargate_ids::{Rng, Timestamp};
use ring::digest::{SHA256, digest};

/// Bytes up to the length of the payload, which is not counted.
const HEADER: usize = 116;

pub const INPUT: &str = "input_stream_data";
pub const OUTPUT: &str = "output_stream_data";
pub const ACKNOWLEDGE: &str = "acknowledge";
pub const CLOSED: &str = "channel_closed";

/// Kinds of payloads.
pub mod payload_kind {
    pub const BYTES: u32 = 1;
    pub const SIZE: u32 = 3;
    pub const HANDSHAKE_REQUEST: u32 = 5;
    pub const HANDSHAKE_RESPONSE: u32 = 6;
    pub const HANDSHAKE_COMPLETE: u32 = 7;
    pub const CHALLENGE: u32 = 8;
    pub const CHALLENGE_RESPONSE: u32 = 9;
    pub const FLAG: u32 = 10;
    pub const EXIT_CODE: u32 = 12;
}

/// The flag of the first message of a stream.
pub const SYN: u64 = 1;
/// The flag of the last one.
pub const FIN: u64 = 2;

/// One message of either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `input_stream_data` and the like: 32 bytes at most.
    pub kind: String,
    pub created_at: Timestamp,
    /// Its number in its stream.
    pub number: i64,
    pub flags: u64,
    pub id: [u8; 16],
    pub payload_kind: u32,
    pub payload: Vec<u8>,
}

/// What is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

impl Message {
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + 4 + self.payload.len());
        bytes.extend((HEADER as u32).to_be_bytes());
        let mut kind = [b' '; 32];
        kind[..self.kind.len()].copy_from_slice(self.kind.as_bytes());
        bytes.extend(kind);
        bytes.extend(1_u32.to_be_bytes());
        bytes.extend(self.created_at.millis().to_be_bytes());
        bytes.extend(self.number.to_be_bytes());
        bytes.extend(self.flags.to_be_bytes());
        // The lower half of an id goes first.
        bytes.extend(&self.id[8..]);
        bytes.extend(&self.id[..8]);
        bytes.extend(digest(&SHA256, &self.payload).as_ref());
        bytes.extend(self.payload_kind.to_be_bytes());
        bytes.extend((self.payload.len() as u32).to_be_bytes());
        bytes.extend(&self.payload);
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let header = u32::from_be_bytes(take(bytes, 0)?) as usize;
        if !(HEADER..=1024).contains(&header) {
            return Err(Malformed("the header has another length"));
        }
        let payload = bytes.get(header + 4..).ok_or(Malformed("the message breaks off"))?;
        let length = u32::from_be_bytes(take(bytes, header)?) as usize;
        let payload = payload.get(..length).ok_or(Malformed("the payload breaks off"))?;
        let expected: [u8; 32] = take(bytes, 80)?;
        if length > 0 && digest(&SHA256, payload).as_ref() != expected {
            return Err(Malformed("the payload is not what its digest says"));
        }
        let kind: [u8; 32] = take(bytes, 4)?;
        let kind = String::from_utf8_lossy(&kind);
        let (lower, upper): ([u8; 8], [u8; 8]) = (take(bytes, 64)?, take(bytes, 72)?);
        let mut id = [0; 16];
        id[..8].copy_from_slice(&upper);
        id[8..].copy_from_slice(&lower);
        Ok(Message {
            kind: kind.trim_matches(['\0', ' ']).to_owned(),
            created_at: Timestamp(i64::from_be_bytes(take(bytes, 40)?)),
            number: i64::from_be_bytes(take(bytes, 48)?),
            flags: u64::from_be_bytes(take(bytes, 56)?),
            id,
            payload_kind: u32::from_be_bytes(take(bytes, 112)?),
            payload: payload.to_vec(),
        })
    }

    /// The id as people and payloads write it.
    pub fn id_text(&self) -> String {
        let hex: String = self.id.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

/// A new message's id: a UUID.
pub fn new_id(rng: &Rng) -> [u8; 16] {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&rng.next_u64().to_be_bytes());
    id[8..].copy_from_slice(&rng.next_u64().to_be_bytes());
    id[6] = id[6] & 0x0f | 0x40;
    id[8] = id[8] & 0x3f | 0x80;
    id
}

fn take<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Malformed> {
    let found = bytes.get(at..at + N).and_then(|bytes| bytes.try_into().ok());
    found.ok_or(Malformed("the header breaks off"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        Message {
            kind: OUTPUT.into(),
            created_at: Timestamp(1_767_323_045_678),
            number: 7,
            flags: SYN,
            id: *b"ABCDEFGHabcdefgh",
            payload_kind: payload_kind::BYTES,
            payload: b"hello".to_vec(),
        }
    }

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let bytes = message().encode();
        assert_eq!(bytes.len(), 120 + 5);
        assert_eq!(&bytes[4..36], b"output_stream_data              ");
        assert_eq!(&bytes[64..80], b"abcdefghABCDEFGH");
        assert_eq!(Message::decode(&bytes), Ok(message()));
        assert_eq!(message().id_text(), "41424344-4546-4748-6162-636465666768");
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let bytes = message().encode();
        let mut changed = bytes.clone();
        *changed.last_mut().unwrap() ^= 1;
        let why = "the payload is not what its digest says";
        assert_eq!(Message::decode(&changed), Err(Malformed(why)));
        for length in 0..bytes.len() {
            assert!(Message::decode(&bytes[..length]).is_err());
        }
        assert!(Message::decode(&[0xff; 200]).is_err());
    }
}
