//! The proof of being this machine's operator: a token in a file under the data
//! directory that its owner alone can read. The access key is no such proof, as
//! everybody knows its default. Made anew by each start.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

const FILE: &str = "operator.token";

/// The token of the running Neargate.
pub struct OperatorToken(String);

impl OperatorToken {
    /// Makes a new one and writes it down.
    pub fn make(data: &Path) -> Result<Self> {
        let mut bytes = [0; 32];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_| anyhow::anyhow!("the machine gives no randomness"))?;
        let token: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let path = data.join(FILE);
        let written = write_anew(&path, &token);
        written.with_context(|| format!("writing {}", path.display()))?;
        Ok(OperatorToken(token))
    }

    /// Reads what the running Neargate has written.
    pub fn read(data: &Path) -> Result<Self> {
        let path = data.join(FILE);
        let token = fs::read_to_string(&path).with_context(|| {
            format!(
                "reading {}: run this as who runs Neargate, and give its --data",
                path.display()
            )
        })?;
        match token.trim() {
            "" => bail!("{} is empty: start Neargate again", path.display()),
            token => Ok(OperatorToken(token.to_owned())),
        }
    }

    /// What a request carries as its `Authorization`.
    pub fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// Whether a request carries this token. Hashes are compared, so that the time
    /// which that takes tells nothing of the token.
    pub fn is_in(&self, headers: &HeaderMap) -> bool {
        let hash = |bytes: &[u8]| digest(&SHA256, bytes);
        let expected = hash(self.header().as_bytes());
        headers
            .get(AUTHORIZATION)
            .is_some_and(|given| hash(given.as_bytes()).as_ref() == expected.as_ref())
    }
}

fn write_anew(path: &Path, token: &str) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(token.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn only_the_newest_token_is_taken_and_its_owner_alone_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let earlier = OperatorToken::make(dir.path()).unwrap();
        let token = OperatorToken::make(dir.path()).unwrap();
        let mode = fs::metadata(dir.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let mut headers = HeaderMap::new();
        assert!(!token.is_in(&headers));
        headers.insert(AUTHORIZATION, earlier.header().parse().unwrap());
        assert!(!token.is_in(&headers));
        let read = OperatorToken::read(dir.path()).unwrap();
        headers.insert(AUTHORIZATION, read.header().parse().unwrap());
        assert!(token.is_in(&headers));
    }
}
