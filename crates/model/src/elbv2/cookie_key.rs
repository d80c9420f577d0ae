//! What seals the stickiness cookies of all load balancers.

use neargate_ids::Sealed;
use neargate_store::Record;
use serde::{Deserialize, Serialize};

/// There is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CookieKey {
    /// 32 bytes, sealed under [`CookieKey::LABEL`].
    pub key: Sealed,
}

impl CookieKey {
    /// The label that the key is sealed under, and the record's own key.
    pub const LABEL: &'static str = "elbv2/cookies";
}

impl Record for CookieKey {
    const TABLE: &'static str = "elbv2-cookie-key";

    fn key(&self) -> String {
        Self::LABEL.to_owned()
    }
}
