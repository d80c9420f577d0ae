//! The instance's key, a file under the data directory, and what it is for: no
//! secret (a password, a private key) stands readable in the store, which
//! people copy, back up and attach to bug reports.
//!
//! ```text
//!   secret ── AES-256-GCM, bound to a label ──▶ Sealed, in a record of the store
//!   DIR/vault.key (0600) ──────┘
//! ```
//!
//! The label says what the secret is of (`secretsmanager/<ARN>/<version>`), so
//! that one record's secret cannot be put in the place of another's. Who holds
//! both files holds the secrets. Nothing here is logged, and nothing decides who
//! may read.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

pub use neargate_ids::Sealed;

const KEY_FILE: &str = "vault.key";
const KEY_BYTES: usize = 32;

/// Why the instance's key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the key {path} that seals this instance's secrets: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("the key {0} is not {KEY_BYTES} bytes long: restore it from a backup")]
    Length(PathBuf),
    #[error("the machine gives no randomness")]
    NoRandomness,
}

/// Sealed bytes that this key does not open, or that are not what the label says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is sealed as {label} cannot be opened with this instance's key")]
pub struct Unreadable {
    pub label: String,
}

/// Seals and unseals. Cloning it costs a reference count.
#[derive(Clone)]
pub struct Vault {
    key: Arc<LessSafeKey>,
    random: SystemRandom,
}

impl Vault {
    /// Reads the key under the data directory, or makes it there, readable by its owner only.
    pub fn open(data_dir: &Path) -> Result<Self, OpenError> {
        let path = data_dir.join(KEY_FILE);
        let fail = |source| OpenError::File { path: path.clone(), source };
        let key = match fs::read(&path) {
            Ok(bytes) => bytes.try_into().map_err(|_| OpenError::Length(path.clone()))?,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let mut key = [0; KEY_BYTES];
                SystemRandom::new().fill(&mut key).map_err(|_| OpenError::NoRandomness)?;
                write_whole(data_dir, &path, &key).map_err(fail)?;
                key
            }
            Err(error) => return Err(fail(error)),
        };
        Ok(Vault::with_key(key))
    }

    /// A vault of a known key: for tests, which keep nothing.
    pub fn with_key(key: [u8; KEY_BYTES]) -> Self {
        Vault { key: Arc::new(aead_key(&key)), random: SystemRandom::new() }
    }

    /// Fills `bytes` from the machine's entropy.
    ///
    /// # Panics
    /// When the machine has none to give, which it had when the program started.
    pub fn random(&self, bytes: &mut [u8]) {
        self.random.fill(bytes).expect("the machine gave randomness when the program started");
    }

    /// A number below `bound`, each as likely as the others; 0 for a bound of 0.
    pub fn below(&self, bound: u32) -> u32 {
        let excess = (u64::from(u32::MAX) + 1) % u64::from(bound.max(1));
        loop {
            let mut bytes = [0; 4];
            self.random(&mut bytes);
            let drawn = u32::from_le_bytes(bytes);
            if u64::from(drawn) + excess <= u64::from(u32::MAX) {
                return drawn % bound.max(1);
            }
        }
    }

    /// Seals `secret` under a label that says what it is of.
    pub fn seal(&self, label: &str, secret: &[u8]) -> Sealed {
        Sealed(STANDARD.encode(self.encrypt(&self.key, label.as_bytes(), secret)))
    }

    /// What was sealed under this label.
    pub fn unseal(&self, label: &str, sealed: &Sealed) -> Result<Vec<u8>, Unreadable> {
        let bytes = STANDARD.decode(&sealed.0).ok();
        bytes
            .and_then(|bytes| decrypt(&self.key, label.as_bytes(), &bytes))
            .ok_or_else(|| Unreadable { label: label.to_owned() })
    }

    /// The same with a key of the caller's own (KMS's): `nonce ‖ ciphertext ‖ tag`.
    pub fn encrypt_with(&self, key: &[u8; KEY_BYTES], bound_to: &[u8], plain: &[u8]) -> Vec<u8> {
        self.encrypt(&aead_key(key), bound_to, plain)
    }

    /// What [`encrypt_with`](Self::encrypt_with) encrypted; `None` unless key and binding fit.
    pub fn decrypt_with(
        &self,
        key: &[u8; KEY_BYTES],
        bound_to: &[u8],
        bytes: &[u8],
    ) -> Option<Vec<u8>> {
        decrypt(&aead_key(key), bound_to, bytes)
    }

    fn encrypt(&self, key: &LessSafeKey, bound_to: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        self.random(&mut nonce);
        let mut body = plain.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(bound_to),
            &mut body,
        )
        .expect("what is sealed is far shorter than AES-GCM's limit of 64 GiB");
        [nonce.as_slice(), &body].concat()
    }
}

fn aead_key(key: &[u8; KEY_BYTES]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes keys of 32 bytes"))
}

fn decrypt(key: &LessSafeKey, bound_to: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = bytes.split_first_chunk::<NONCE_LEN>()?;
    let mut body = body.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    Some(key.open_in_place(nonce, Aad::from(bound_to), &mut body).ok()?.to_vec())
}

/// Writes a new key so that it is there whole or not at all.
fn write_whole(dir: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let unfinished = path.with_extension("new");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_under_its_label_and_with_its_key() {
        let vault = Vault::with_key([1; 32]);
        let sealed = vault.seal("db", b"hunter2");
        assert_eq!(vault.unseal("db", &sealed).unwrap(), b"hunter2");
        assert!(vault.unseal("other", &sealed).is_err());
        assert!(Vault::with_key([2; 32]).unseal("db", &sealed).is_err());
        assert!(vault.unseal("db", &Sealed("AAAA".into())).is_err());
        assert_ne!(vault.seal("db", b"hunter2"), sealed, "a nonce is never used twice");
    }

    #[test]
    fn the_key_outlives_the_program_and_is_its_owners_only() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let sealed = Vault::open(dir.path()).unwrap().seal("db", b"x");
        assert_eq!(Vault::open(dir.path()).unwrap().unseal("db", &sealed).unwrap(), b"x");
        let mode = fs::metadata(dir.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(dir.path().join(KEY_FILE), b"short").unwrap();
        assert!(matches!(Vault::open(dir.path()), Err(OpenError::Length(_))));
    }

    #[test]
    fn drawn_numbers_stay_below_their_bound_and_reach_it() {
        let vault = Vault::with_key([1; 32]);
        let drawn: std::collections::BTreeSet<u32> = (0..500).map(|_| vault.below(3)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(vault.below(0), 0);
    }
}
