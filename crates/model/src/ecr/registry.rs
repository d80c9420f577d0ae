//! What holds for all repositories: of a region its settings, of this Neargate
//! the key that seals authorization tokens.

use neargate_api_types::ecr;
use neargate_store::Record;
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

/// A region's registry, once something was set for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registry {
    pub region: String,
    pub scanning: Stored<ecr::RegistryScanningConfiguration>,
}

impl Record for Registry {
    const TABLE: &'static str = "ecr-registries";

    fn key(&self) -> String {
        self.region.clone()
    }
}

/// The key of this Neargate's authorization tokens. It outlives restarts, so
/// that a `docker login` does.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenKey {
    /// 32 bytes as hexadecimal digits.
    pub hex: String,
}

impl TokenKey {
    /// There is one.
    pub const KEY: &'static str = "tokens";
}

impl Record for TokenKey {
    const TABLE: &'static str = "ecr-token-keys";

    fn key(&self) -> String {
        TokenKey::KEY.to_owned()
    }
}
