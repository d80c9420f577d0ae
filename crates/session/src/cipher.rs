//! What is said in a session that a KMS key encrypts: AES-256-GCM, each message behind
//! a nonce of its own. A data key has 64 bytes: with the first half the agent encrypts,
//! with the second the client.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::message::Malformed;

/// Bytes of a data key.
pub const DATA_KEY: usize = 64;

/// Bytes of a nonce, which goes before what it has encrypted.
const NONCE: usize = 12;

/// One side of an encrypted channel.
pub struct Cipher {
    seals: LessSafeKey,
    opens: LessSafeKey,
    /// Nonces are numbers: a half of the key encrypts nothing but one side of one session.
    sealed: u64,
}

impl Cipher {
    /// The agent's side; `None` when this is no data key.
    pub fn of_agent(data_key: &[u8]) -> Option<Self> {
        let (agent, client) = halves(data_key)?;
        Some(Cipher { seals: agent, opens: client, sealed: 0 })
    }

    /// The client's side.
    pub fn of_client(data_key: &[u8]) -> Option<Self> {
        let (agent, client) = halves(data_key)?;
        Some(Cipher { seals: client, opens: agent, sealed: 0 })
    }

    pub fn seal(&mut self, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        nonce[NONCE - 8..].copy_from_slice(&self.sealed.to_be_bytes());
        self.sealed += 1;
        let mut text = plain.to_vec();
        let nonce_used = Nonce::assume_unique_for_key(nonce);
        self.seals
            .seal_in_place_append_tag(nonce_used, Aad::empty(), &mut text)
            .expect("a message is shorter than AES-GCM's limit");
        [&nonce, text.as_slice()].concat()
    }

    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, Malformed> {
        let (nonce, text) =
            sealed.split_at_checked(NONCE).ok_or(Malformed("the ciphertext breaks off"))?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).expect("it has the length of a nonce");
        let mut text = text.to_vec();
        let plain = self.opens.open_in_place(nonce, Aad::empty(), &mut text);
        let plain = plain.map_err(|_| Malformed("the ciphertext cannot be decrypted"))?;
        Ok(plain.to_vec())
    }
}

fn halves(data_key: &[u8]) -> Option<(LessSafeKey, LessSafeKey)> {
    if data_key.len() != DATA_KEY {
        return None;
    }
    let (agent, client) = data_key.split_at(DATA_KEY / 2);
    let key = |half| UnboundKey::new(&AES_256_GCM, half).ok().map(LessSafeKey::new);
    Some((key(agent)?, key(client)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_reads_the_other_and_nobody_else_does() {
        let key: Vec<u8> = (0..64).collect();
        let mut agent = Cipher::of_agent(&key).unwrap();
        let mut client = Cipher::of_client(&key).unwrap();
        let (first, second) = (agent.seal(b"hello"), agent.seal(b"hello"));
        assert_eq!(first.len(), 12 + 5 + 16);
        assert_ne!(first, second);
        assert_eq!(client.open(&first).unwrap(), b"hello");
        assert_eq!(agent.open(&client.seal(b"ls")).unwrap(), b"ls");
        assert!(agent.open(&first).is_err(), "its own half does not open it");
        let mut changed = first.clone();
        changed[20] ^= 1;
        assert!(client.open(&changed).is_err());
        assert!(client.open(&first[..11]).is_err());
        assert!(Cipher::of_agent(&key[1..]).is_none());
    }
}
