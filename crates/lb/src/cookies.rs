//! Stickiness cookies: AWSALB, AWSALBCORS, AWSALBAPP-0, AWSALBTG(CORS).
//!
//! Their content is sealed, as AWS's is: a client can neither read nor forge
//! which target it is bound to. A cookie that does not open, is of another
//! target group or is older than the configured duration counts as absent.
//!
//! Source: "Sticky sessions for your Application Load Balancer".

use std::net::{IpAddr, SocketAddr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use neargate_ids::Timestamp;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

/// AWS's fixed lifetime of its cookies: what is inside may be stale sooner.
const EXPIRES_SECS: i64 = 7 * 24 * 3600;

pub const LB: &str = "AWSALB";
pub const LB_CORS: &str = "AWSALBCORS";
pub const APP: &str = "AWSALBAPP-0";
pub const GROUP: &str = "AWSALBTG";
pub const GROUP_CORS: &str = "AWSALBTGCORS";

/// Seals and opens cookie values.
pub struct Seal {
    key: LessSafeKey,
    random: SystemRandom,
}

impl Seal {
    /// With the instance's key.
    pub fn new(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key).expect("the key has the cipher's length");
        Seal { key: LessSafeKey::new(key), random: SystemRandom::new() }
    }

    /// A value that binds to `target` of the group `arn` from `now` on.
    pub fn target(&self, arn: &str, target: SocketAddr, now: Timestamp) -> Option<String> {
        let mut plain = now.secs().to_be_bytes().to_vec();
        match target.ip() {
            IpAddr::V4(ip) => plain.extend(ip.to_ipv6_mapped().octets()),
            IpAddr::V6(ip) => plain.extend(ip.octets()),
        }
        plain.extend(target.port().to_be_bytes());
        self.seal(plain, arn)
    }

    /// The target that `value` binds to, if it is this group's and not stale.
    pub fn open_target(
        &self,
        value: &str,
        arn: &str,
        duration_secs: u32,
        now: Timestamp,
    ) -> Option<SocketAddr> {
        let plain = self.open(value, arn)?;
        let (issued, rest) = plain.split_first_chunk::<8>()?;
        let (ip, port) = rest.split_first_chunk::<16>()?;
        let age = now.secs() - i64::from_be_bytes(*issued);
        if age >= i64::from(duration_secs) {
            return None;
        }
        let ip = IpAddr::from(*ip).to_canonical();
        Some(SocketAddr::new(ip, u16::from_be_bytes(port.try_into().ok()?)))
    }

    /// A value that binds to the target group `arn`.
    pub fn group(&self, arn: &str, now: Timestamp) -> Option<String> {
        let mut plain = now.secs().to_be_bytes().to_vec();
        plain.extend(arn.as_bytes());
        self.seal(plain, GROUP)
    }

    /// The target group that `value` binds to.
    pub fn open_group(&self, value: &str, duration_secs: u32, now: Timestamp) -> Option<String> {
        let plain = self.open(value, GROUP)?;
        let (issued, arn) = plain.split_first_chunk::<8>()?;
        let age = now.secs() - i64::from_be_bytes(*issued);
        if age >= i64::from(duration_secs) {
            return None;
        }
        String::from_utf8(arn.to_vec()).ok()
    }

    fn seal(&self, mut plain: Vec<u8>, bound_to: &str) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).ok()?;
        let aad = Aad::from(bound_to.as_bytes());
        let unique = Nonce::assume_unique_for_key(nonce);
        self.key.seal_in_place_append_tag(unique, aad, &mut plain).ok()?;
        let mut whole = nonce.to_vec();
        whole.append(&mut plain);
        Some(STANDARD.encode(whole))
    }

    fn open(&self, value: &str, bound_to: &str) -> Option<Vec<u8>> {
        let mut whole = STANDARD.decode(value).ok()?;
        let (nonce, sealed) = whole.split_first_chunk_mut::<NONCE_LEN>()?;
        let aad = Aad::from(bound_to.as_bytes());
        let unique = Nonce::assume_unique_for_key(*nonce);
        self.key.open_in_place(unique, aad, sealed).ok().map(|plain| plain.to_vec())
    }
}

/// The value of the request's cookie `name`.
pub fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Whether the response sets the cookie `name`.
pub fn sets(headers: &HeaderMap, name: &str) -> bool {
    headers.get_all(SET_COOKIE).iter().any(|value| {
        value
            .as_bytes()
            .strip_prefix(name.as_bytes())
            .is_some_and(|rest| rest.first() == Some(&b'='))
    })
}

/// Adds `name=value`, with AWS's lifetime and path.
pub fn add(headers: &mut HeaderMap, name: &str, value: &str, now: Timestamp, suffix: &str) {
    let expires = now.plus_secs(EXPIRES_SECS).http_date();
    let cookie = format!("{name}={value}; Expires={expires}; Path=/{suffix}");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        headers.append(SET_COOKIE, cookie);
    }
}

/// What follows the path in the CORS twin of a cookie.
pub fn cors_suffix(secure: bool) -> &'static str {
    if secure { "; SameSite=None; Secure" } else { "; SameSite=None" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_sealed_target_opens_only_for_its_group_and_in_time() {
        let seal = Seal::new(&[7; 32]);
        let now = Timestamp::from_secs(1_000);
        let target: SocketAddr = "10.0.0.1:5000".parse().unwrap();
        let value = seal.target("arn:a", target, now).unwrap();
        let open = |arn, at| seal.open_target(&value, arn, 60, Timestamp::from_secs(at));
        assert_eq!(open("arn:a", 1_059), Some(target));
        assert_eq!(open("arn:a", 1_060), None);
        assert_eq!(open("arn:b", 1_000), None);
        assert_eq!(Seal::new(&[8; 32]).open_target(&value, "arn:a", 60, now), None);
        for garbage in ["", "AAAA", "%%%", &value[4..]] {
            assert_eq!(seal.open_target(garbage, "arn:a", 60, now), None);
        }
        let group = seal.group("arn:g", now).unwrap();
        assert_eq!(seal.open_group(&group, 1, now).as_deref(), Some("arn:g"));
        assert_eq!(seal.open_group(&value, 1, now), None);
    }

    #[test]
    fn cookies_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; AWSALBCORS=x; AWSALB=y"));
        headers.append(COOKIE, HeaderValue::from_static("AWSALBTG=z=="));
        assert_eq!(find(&headers, LB), Some("y"));
        assert_eq!(find(&headers, GROUP), Some("z=="));
        assert_eq!(find(&headers, APP), None);
        let mut response = HeaderMap::new();
        add(&mut response, LB_CORS, "v", Timestamp::from_secs(0), cors_suffix(true));
        expect![
            "AWSALBCORS=v; Expires=Thu, 08 Jan 1970 00:00:00 GMT; Path=/; SameSite=None; Secure"
        ]
        .assert_eq(response[SET_COOKIE].to_str().unwrap());
        assert!(sets(&response, LB_CORS));
        assert!(!sets(&response, LB));
    }
}
