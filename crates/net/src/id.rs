//! Names on the machine: which instance, and what its links and files are
//! called. A link's name may have 15 bytes, so ids are hashed into it; files
//! carry the whole id, so that a directory listing tells what exists.

use std::fmt;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::NetError;

/// Six hex digits that set one Neargate on a machine apart from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InstanceTag(String);

impl InstanceTag {
    /// The tag of the instance whose data lives in `data_dir` (make it absolute
    /// first: the same directory must always give the same tag).
    pub fn of(data_dir: &Path) -> Self {
        Self(short_hash(&[data_dir.to_string_lossy().as_ref()], 6))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Every link of this instance in the host's namespace starts like this.
    pub(crate) fn link_prefix(&self) -> String {
        format!("ng{}", self.0)
    }

    /// The host's end of a VPC's way out.
    pub(crate) fn uplink(&self, vpc_id: &str) -> String {
        format!("ng{}{}", self.0, short_hash(&[vpc_id], 6))
    }

    /// The table of this instance in the host's namespace.
    pub(crate) fn host_table(&self) -> String {
        format!("neargate-{}", self.0)
    }
}

impl fmt::Display for InstanceTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The router's end of an ENI's link. The router is the VPC's own namespace,
/// so no tag is needed.
pub(crate) fn eni_link(eni_id: &str) -> String {
    format!("e{}", short_hash(&[eni_id], 12))
}

pub(crate) fn short_hash(parts: &[&str], digits: usize) -> String {
    let bytes = hash(parts);
    let mut text = String::with_capacity(digits + 1);
    for byte in bytes {
        if text.len() >= digits {
            break;
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text.truncate(digits);
    text
}

pub(crate) fn hash(parts: &[&str]) -> [u8; 32] {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part.as_bytes());
    }
    sha.finalize().into()
}

/// Ids become file names and words in nft scripts, so only what AWS's own ids
/// are made of is let through.
pub(crate) fn check_id(what: &'static str, value: &str) -> Result<(), NetError> {
    let good = !value.is_empty()
        && value.len() <= 64
        && value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if good {
        return Ok(());
    }
    Err(NetError::BadId {
        what,
        value: value.to_owned(),
        allowed: "a letter, then letters, digits, - and _, 64 in all",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_names_fit_into_the_kernels_fifteen_bytes() {
        let tag = InstanceTag::of(Path::new("/var/lib/neargate"));
        assert_eq!(tag.uplink("vpc-0123456789abcdef0").len(), 14);
        assert_eq!(eni_link("eni-0123456789abcdef0").len(), 13);
    }

    #[test]
    fn two_data_directories_give_two_tags() {
        assert_ne!(InstanceTag::of(Path::new("/a")), InstanceTag::of(Path::new("/b")));
    }

    #[test]
    fn ids_that_could_escape_a_directory_or_a_script_are_refused() {
        for bad in ["", "../x", "a/b", "a b", "a;b", "a}", "9a", "-a", &"a".repeat(65)] {
            assert!(check_id("VPC", bad).is_err(), "{bad:?}");
        }
        check_id("VPC", "vpc-0123456789abcdef0").unwrap();
    }
}
