//! Checksums of bodies: what the caller said (`Content-MD5`, `x-amz-checksum-…`, in
//! headers or trailers) against what came.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use md5::{Digest, Md5};
use neargate_api::AwsError;
use ring::digest;

use crate::error;

/// What all the headers begin with.
const PREFIX: &str = "x-amz-checksum-";

/// A running CRC of reflected bits.
#[derive(Clone, Debug)]
struct Crc {
    polynomial: u64,
    ones: u64,
    state: u64,
}

impl Crc {
    /// CRC-32C (Castagnoli).
    fn crc32c() -> Self {
        Crc { polynomial: 0x82f6_3b78, ones: 0xffff_ffff, state: 0xffff_ffff }
    }

    /// CRC-64/NVME.
    fn crc64nvme() -> Self {
        Crc { polynomial: 0x9a6c_9329_ac4b_c9b5, ones: u64::MAX, state: u64::MAX }
    }

    fn update(&mut self, bytes: &[u8]) {
        let table: [u64; 256] = std::array::from_fn(|index| {
            (0..8).fold(index as u64, |crc, _| {
                if crc & 1 == 1 { (crc >> 1) ^ self.polynomial } else { crc >> 1 }
            })
        });
        for byte in bytes {
            let index = (self.state ^ u64::from(*byte)) & 0xff;
            self.state = (self.state >> 8) ^ table[index as usize];
        }
    }

    fn finish(&self) -> u64 {
        self.state ^ self.ones
    }
}

/// The algorithms, each with what it has seen.
enum Algorithm {
    Crc32(crc32fast::Hasher),
    Crc32c(Crc),
    Crc64Nvme(Crc),
    Sha(digest::Context),
}

impl Algorithm {
    fn named(name: &str) -> Option<Self> {
        match name {
            "crc32" => Some(Algorithm::Crc32(crc32fast::Hasher::new())),
            "crc32c" => Some(Algorithm::Crc32c(Crc::crc32c())),
            "crc64nvme" => Some(Algorithm::Crc64Nvme(Crc::crc64nvme())),
            "sha1" => Some(Algorithm::Sha(digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY))),
            "sha256" => Some(Algorithm::Sha(digest::Context::new(&digest::SHA256))),
            _ => None,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Algorithm::Crc32(crc) => crc.update(bytes),
            Algorithm::Crc32c(crc) | Algorithm::Crc64Nvme(crc) => crc.update(bytes),
            Algorithm::Sha(sha) => sha.update(bytes),
        }
    }

    /// In base64, as the headers have it.
    fn finish(self) -> String {
        match self {
            Algorithm::Crc32(crc) => STANDARD.encode(crc.finalize().to_be_bytes()),
            Algorithm::Crc32c(crc) => STANDARD.encode((crc.finish() as u32).to_be_bytes()),
            Algorithm::Crc64Nvme(crc) => STANDARD.encode(crc.finish().to_be_bytes()),
            Algorithm::Sha(sha) => STANDARD.encode(sha.finish()),
        }
    }
}

/// The sums of the bytes so far: MD5, and those that the caller will hold them against.
pub struct Sums {
    md5: Md5,
    algorithms: Vec<(String, Algorithm)>,
}

impl Sums {
    /// Those that the headers name.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut names: Vec<String> = headers
            .keys()
            .filter_map(|name| name.as_str().strip_prefix(PREFIX))
            .map(str::to_owned)
            .collect();
        for trailer in headers.get_all("x-amz-trailer") {
            let listed = String::from_utf8_lossy(trailer.as_bytes()).to_lowercase();
            names.extend(
                listed
                    .split(',')
                    .filter_map(|name| name.trim().strip_prefix(PREFIX))
                    .map(str::to_owned),
            );
        }
        let algorithms = names
            .into_iter()
            .filter_map(|name| Algorithm::named(&name).map(|algorithm| (name, algorithm)))
            .collect();
        Sums { md5: Md5::new(), algorithms }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        for (_, algorithm) in &mut self.algorithms {
            algorithm.update(bytes);
        }
    }
}

/// What the caller said of the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    md5: Option<Vec<u8>>,
    /// Base64, by algorithm.
    checksums: Vec<(String, String)>,
}

impl Expected {
    pub fn of(headers: &HeaderMap) -> Result<Self, AwsError> {
        let md5 = headers.get("content-md5").map(|value| {
            let decoded = STANDARD.decode(value.as_bytes()).ok().filter(|bytes| bytes.len() == 16);
            decoded.ok_or_else(|| {
                AwsError::new(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
            })
        });
        let checksums = headers
            .iter()
            .filter_map(|(name, value)| {
                let name = name.as_str().strip_prefix(PREFIX)?;
                Algorithm::named(name)?;
                Some((name.to_owned(), value.to_str().ok()?.to_owned()))
            })
            .collect();
        Ok(Expected { md5: md5.transpose()?, checksums })
    }

    /// What came behind the body.
    pub fn add_trailers(&mut self, trailers: Vec<(String, String)>) -> Result<(), AwsError> {
        for (name, value) in trailers {
            if let Some(name) = name.strip_prefix(PREFIX) {
                self.checksums.push((name.to_owned(), value));
            }
        }
        Ok(())
    }

    /// The MD5 of the body, if everything is as was said.
    pub fn check(&self, sums: Sums) -> Result<[u8; 16], AwsError> {
        let md5: [u8; 16] = sums.md5.finalize().into();
        if self.md5.as_ref().is_some_and(|expected| *expected != md5) {
            return Err(error::bad_digest("Content-MD5"));
        }
        for (name, algorithm) in sums.algorithms {
            let computed = algorithm.finish();
            let said = self.checksums.iter().find(|(said, _)| *said == name);
            if said.is_none_or(|(_, value)| *value != computed) {
                return Err(error::bad_digest(&format!("{} checksum", name.to_uppercase())));
            }
        }
        Ok(md5)
    }

    /// The checksums by their headers, to be shown back.
    pub fn shown(&self) -> Vec<(String, String)> {
        self.checksums
            .iter()
            .map(|(name, value)| (format!("{PREFIX}{name}"), value.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the catalogue of CRC algorithms, and of the SHA standards.
    #[test]
    fn check_values() {
        let mut crc32c = Crc::crc32c();
        crc32c.update(b"123456789");
        assert_eq!(crc32c.finish(), 0xe306_9283);
        let mut crc64 = Crc::crc64nvme();
        crc64.update(b"1234");
        crc64.update(b"56789");
        assert_eq!(crc64.finish(), 0xae8b_1486_0a79_9888);
    }

    fn check(headers: &[(&'static str, &str)], body: &[u8]) -> Result<String, String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let expected = Expected::of(&map).map_err(|e| e.code)?;
        let mut sums = Sums::of(&map);
        sums.update(body);
        expected.check(sums).map(hex::encode).map_err(|e| e.code)
    }

    #[test]
    fn what_was_said_is_held_against_what_came() {
        let md5 = "5d41402abc4b2a76b9719d911017c592";
        assert_eq!(check(&[], b"hello"), Ok(md5.into()));
        assert_eq!(check(&[("x-amz-checksum-crc32", "NhCmhg==")], b"hello"), Ok(md5.into()));
        assert_eq!(
            check(&[("x-amz-checksum-crc32", "NhCmhg==")], b"hullo"),
            Err("BadDigest".into())
        );
        assert_eq!(check(&[("content-md5", "XUFAKrxLKna5cZ2REBfFkg==")], b"hello"), Ok(md5.into()));
        assert_eq!(
            check(&[("content-md5", "XUFAKrxLKna5cZ2REBfFkg==")], b"x"),
            Err("BadDigest".into())
        );
        assert_eq!(check(&[("content-md5", "short")], b"x"), Err("InvalidDigest".into()));
    }
}
