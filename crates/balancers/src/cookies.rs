//! The key that seals stickiness cookies: made once, so that sessions stay
//! stuck over restarts.

use neargate_api::model::elbv2::CookieKey;
use neargate_api::{Snapshot, Vault};

/// The key, once it was made.
pub fn key(snapshot: &Snapshot, vault: &Vault) -> Option<[u8; 32]> {
    let kept = snapshot.get::<CookieKey>(CookieKey::LABEL)?;
    vault.unseal(CookieKey::LABEL, &kept.key).ok()?.try_into().ok()
}

/// A new one.
pub fn make(vault: &Vault) -> CookieKey {
    let mut key = [0; 32];
    vault.random(&mut key);
    CookieKey { key: vault.seal(CookieKey::LABEL, &key) }
}
