//! Sessions sealed in their token: `base64(mac ‖ payload)`. The secret access key is
//! derived from the token, so that neither has to be kept.
//!
//! The payload can be read by its holder, as AWS's cannot: it says no more than
//! GetCallerIdentity does. Changing one bit of it needs the key.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use neargate_api::{Caller, Session, Timestamp};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

const KEY_FILE: &str = "identity.key";
const KEY_BYTES: usize = 32;
const MAC_BYTES: usize = 32;

/// Why the key of this instance cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the key {path} of this instance: {source}")]
    Key { path: PathBuf, source: std::io::Error },
    #[error("the key {0} of this instance is not {KEY_BYTES} bytes long: restore or remove it")]
    Length(PathBuf),
    #[error("the machine gives no randomness")]
    NoRandomness,
}

/// What a token says.
pub struct Sealed {
    pub caller: Caller,
    pub expires_at: Timestamp,
}

/// A token's payload. Names are short: it goes with every request.
#[derive(Serialize, Deserialize)]
struct Payload {
    /// The access key that the token belongs to.
    k: String,
    /// Expiry in milliseconds since the epoch.
    e: i64,
    /// The role's session; none for the operator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<RoleSession>,
}

#[derive(Serialize, Deserialize)]
struct RoleSession {
    name: String,
    id: String,
    session: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    policies: Vec<String>,
}

pub struct Sealer {
    key: hmac::Key,
    random: SystemRandom,
}

impl Sealer {
    /// Reads the key under the data directory, or makes it there, readable by its owner only.
    pub fn open(data_dir: &Path) -> Result<Self, OpenError> {
        let path = data_dir.join(KEY_FILE);
        let fail = |source| OpenError::Key { path: path.clone(), source };
        let random = SystemRandom::new();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut bytes = [0; KEY_BYTES];
                random.fill(&mut bytes).map_err(|_| OpenError::NoRandomness)?;
                keep(data_dir, &path, &bytes).map_err(fail)?;
                bytes.to_vec()
            }
            Err(error) => return Err(fail(error)),
        };
        if bytes.len() != KEY_BYTES {
            return Err(OpenError::Length(path));
        }
        Ok(Sealer { key: hmac::Key::new(hmac::HMAC_SHA256, &bytes), random })
    }

    /// New credentials that say `sealed`.
    pub fn seal(&self, sealed: Sealed) -> Session {
        let mut nonce = [0; 16];
        self.random.fill(&mut nonce).expect("the machine gave randomness when the key was opened");
        let access_key_id = format!("ASIA{}", base32(self.mac("access-key", &nonce).as_ref(), 16));
        let Sealed { caller, expires_at } = sealed;
        let role = match caller.clone() {
            Caller::Operator => None,
            Caller::Role { role_name, role_id, session_name, session_policies } => {
                Some(RoleSession {
                    name: role_name,
                    id: role_id,
                    session: session_name,
                    policies: session_policies,
                })
            }
        };
        let payload = Payload { k: access_key_id.clone(), e: expires_at.millis(), r: role };
        let payload = serde_json::to_vec(&payload).expect("texts and numbers can be written");
        let mut token = self.mac("token", &payload).as_ref().to_vec();
        token.extend(payload);
        let session_token = STANDARD.encode(token);
        let secret_access_key = self.secret(&session_token);
        Session { access_key_id, secret_access_key, session_token, expires_at, caller }
    }

    /// What a token says, with its secret key; `None` unless it is ours and of this access key.
    pub fn unseal(&self, access_key_id: &str, token: &str) -> Option<(Sealed, String)> {
        let bytes = STANDARD.decode(token).ok()?;
        let (mac, payload) = bytes.split_at_checked(MAC_BYTES)?;
        hmac::verify(&self.key, &labelled("token", payload), mac).ok()?;
        let payload: Payload = serde_json::from_slice(payload).ok()?;
        if payload.k != access_key_id {
            return None;
        }
        let caller = match payload.r {
            None => Caller::Operator,
            Some(role) => Caller::Role {
                role_name: role.name,
                role_id: role.id,
                session_name: role.session,
                session_policies: role.policies,
            },
        };
        let expires_at = Timestamp(payload.e);
        Some((Sealed { caller, expires_at }, self.secret(token)))
    }

    fn secret(&self, token: &str) -> String {
        STANDARD.encode(&self.mac("secret", token.as_bytes()).as_ref()[..30])
    }

    fn mac(&self, label: &str, data: &[u8]) -> hmac::Tag {
        hmac::sign(&self.key, &labelled(label, data))
    }
}

/// Data under a label, so that no two uses of the key meet.
fn labelled(label: &str, data: &[u8]) -> Vec<u8> {
    [label.as_bytes(), b"\0", data].concat()
}

/// Writes a new key so that it is there whole or not at all.
fn keep(data_dir: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let unfinished = path.with_extension("new");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(data_dir)?.sync_all()
}

/// `len` characters of AWS's key ids out of random bytes (at least as many).
fn base32(bytes: &[u8], len: usize) -> String {
    let digit = |byte: &u8| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(byte % 32)]);
    bytes.iter().take(len).map(digit).collect()
}
