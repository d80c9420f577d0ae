//! Bytes that nobody reads without the instance's key: what a record holds in
//! place of a secret. `neargate-vault` makes and opens them.

use serde::{Deserialize, Serialize};

/// Ciphertext as base64. Printing it for debugging shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(pub String);

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(…)")
    }
}
