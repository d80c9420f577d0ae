//! `Authorization: Basic …`, which is how docker sends ECR's token: the user
//! is `AWS`, the password is the token.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::{AUTHORIZATION, HOST};

/// What the client sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub username: String,
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({})", self.username)
    }
}

impl Credentials {
    /// Nothing when the header is absent or is no Basic one.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (username, password) = decoded.split_once(':')?;
        Some(Credentials { username: username.into(), password: password.into() })
    }
}

/// What a client without credentials is told to bring.
pub fn challenge(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let fits = |b: u8| b.is_ascii_alphanumeric() || b".-:[]".contains(&b);
    let host = if host.bytes().all(fits) { host } else { "localhost" };
    format!("Basic realm=\"https://{host}/\",service=\"ecr.amazonaws.com\"")
}
