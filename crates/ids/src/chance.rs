//! The one source of chance: a small seeded generator (xoshiro256**, public
//! domain, by Blackman and Vigna), and the shapes of AWS's random ids.
//!
//! Never for secrets: passwords and tokens take the machine's entropy.

use std::sync::{Arc, Mutex, PoisonError};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// A seeded generator. Clones share the sequence, so that a simulation that
/// hands it around stays one reproducible story.
#[derive(Clone, Debug)]
pub struct Rng {
    state: Arc<Mutex<[u64; 4]>>,
}

impl Rng {
    /// The same seed gives the same sequence, on every machine.
    pub fn seeded(seed: u64) -> Self {
        let mut x = seed;
        let mut split_mix = || {
            x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = x;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let state = [split_mix(), split_mix(), split_mix(), split_mix()];
        Rng { state: Arc::new(Mutex::new(state)) }
    }

    /// The next 64 bits.
    pub fn next_u64(&self) -> u64 {
        let mut s = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number in `0..bound`; 0 when `bound` is 0.
    pub fn below(&self, bound: u64) -> u64 {
        if bound == 0 {
            0
        } else {
            ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
        }
    }

    /// `len` lower-case hexadecimal digits: task ids (32), `vpc-…` (17), load balancers (16).
    pub fn hex(&self, len: usize) -> String {
        self.of(HEX, len)
    }

    /// `len` digits: `ecs-svc/…` (19).
    pub fn digits(&self, len: usize) -> String {
        let first = self.of(b"123456789", len.min(1));
        first + &self.of(b"0123456789", len.saturating_sub(1))
    }

    /// `len` characters of `A-Z2-7`: IAM unique ids such as `AROA…`.
    pub fn base32(&self, len: usize) -> String {
        self.of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", len)
    }

    /// `len` characters of `A-Za-z`: the suffix of a secret's ARN (6).
    pub fn letters(&self, len: usize) -> String {
        self.of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", len)
    }

    /// A version-4 UUID: request ids, secret versions.
    pub fn uuid(&self) -> String {
        let (a, b) = (self.next_u64(), self.next_u64());
        let a = (a & !0xf000) | 0x4000;
        let b = (b & !(0b11 << 62)) | (0b10 << 62);
        let number = (u128::from(a) << 64) | u128::from(b);
        let mut text = String::with_capacity(36);
        for digit in 0..32 {
            if [8, 12, 16, 20].contains(&digit) {
                text.push('-');
            }
            let value = (number >> (124 - 4 * digit)) & 0xf;
            text.push(char::from(HEX[value as usize]));
        }
        text
    }

    fn of(&self, alphabet: &[u8], len: usize) -> String {
        (0..len).map(|_| char::from(alphabet[self.below(alphabet.len() as u64) as usize])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_story() {
        assert_eq!(Rng::seeded(7).hex(32), Rng::seeded(7).hex(32));
        assert_ne!(Rng::seeded(7).hex(32), Rng::seeded(8).hex(32));
    }

    #[test]
    fn shapes() {
        let rng = Rng::seeded(1);
        assert_eq!(rng.digits(19).len(), 19);
        let uuid = rng.uuid();
        assert_eq!(uuid, "10538449-e2d4-45af-b696-41094930f791");
        assert!(b"89ab".contains(&uuid.as_bytes()[19]));
        assert!((0..100).all(|_| rng.below(3) < 3));
    }
}
