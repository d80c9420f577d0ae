//! Signing keys, and those of late: each takes four HMACs to derive, and is the same for
//! all requests of a caller to one service on one day.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ring::hmac;

use crate::scope::CredentialScope;

/// The key that a secret gives for a scope: good for a day, a region and a service.
pub fn signing_key(secret: &str, scope: &CredentialScope) -> hmac::Key {
    let mut key = mac(format!("AWS4{secret}").as_bytes(), &scope.date);
    for part in [scope.region.as_str(), &scope.service, "aws4_request"] {
        key = mac(key.as_ref(), part);
    }
    hmac::Key::new(hmac::HMAC_SHA256, key.as_ref())
}

fn mac(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

/// Keys that are kept at most; then all are forgotten.
const LIMIT: usize = 256;

/// The keys by their secret and scope.
#[derive(Default)]
pub struct SigningKeys {
    kept: Mutex<HashMap<CredentialScope, (String, hmac::Key)>>,
}

impl SigningKeys {
    /// The key of a secret for a scope.
    pub fn get(&self, secret: &str, scope: &CredentialScope) -> hmac::Key {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, key)) = kept.get(scope).filter(|(of, _)| of == secret) {
            return key.clone();
        }
        if kept.len() >= LIMIT {
            kept.clear();
        }
        let key = signing_key(secret, scope);
        kept.insert(scope.clone(), (secret.to_owned(), key.clone()));
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(date: &str) -> CredentialScope {
        CredentialScope::parse(&format!("AKID/{date}/us-west-2/ecs/aws4_request")).unwrap()
    }

    /// Two keys are the same when they sign the same.
    fn signs(key: &hmac::Key) -> Vec<u8> {
        hmac::sign(key, b"x").as_ref().to_vec()
    }

    #[test]
    fn a_kept_key_is_that_of_its_secret_and_scope() {
        let keys = SigningKeys::default();
        for (secret, date) in
            [("a", "20260102"), ("a", "20260102"), ("b", "20260102"), ("a", "20260103")]
        {
            let fresh = signing_key(secret, &scope(date));
            assert_eq!(signs(&keys.get(secret, &scope(date))), signs(&fresh));
        }
    }

    #[test]
    fn many_secrets_do_not_pile_up() {
        let keys = SigningKeys::default();
        for day in 0..LIMIT * 2 {
            keys.get("a", &scope(&day.to_string()));
        }
        assert!(keys.kept.lock().unwrap().len() <= LIMIT);
    }
}
