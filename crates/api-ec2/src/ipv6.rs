//! Blocks of IPv6 addresses. No interface has one, so that they are only kept
//! and shown: in canonical form, so that two spellings are one block.

use std::net::Ipv6Addr;

/// `2001:DB8:0::/32` as `2001:db8::/32`, bits beyond the prefix cleared.
pub fn canonical(text: &str) -> Option<String> {
    let (address, prefix) = text.split_once('/')?;
    let prefix: u32 = prefix.parse().ok().filter(|prefix| *prefix <= 128)?;
    let address: Ipv6Addr = address.parse().ok()?;
    let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
    Some(format!("{}/{prefix}", Ipv6Addr::from(u128::from(address) & mask)))
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn one_spelling() {
        assert_eq!(canonical("::/0").as_deref(), Some("::/0"));
        assert_eq!(canonical("2001:DB8:0::1/32").as_deref(), Some("2001:db8::/32"));
        assert_eq!(canonical("2001:db8::1/128").as_deref(), Some("2001:db8::1/128"));
        assert_eq!(canonical("::/129"), None);
        assert_eq!(canonical("10.0.0.0/8"), None);
    }
}
