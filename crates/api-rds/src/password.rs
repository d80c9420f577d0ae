//! The master password becomes the verifier that PostgreSQL would store
//! (RFC 5803, RFC 7677), so that the password itself is kept nowhere.

use std::num::NonZeroU32;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use neargate_api::AwsError;
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac, pbkdf2};

use crate::error;

/// PostgreSQL's own number.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(4096).expect("4096 is not zero");
const SALT_BYTES: usize = 16;

/// `SCRAM-SHA-256$4096:<salt>$<stored key>:<server key>`, with a fresh salt.
pub fn verifier(password: &str) -> Result<String, AwsError> {
    let mut salt = [0; SALT_BYTES];
    SystemRandom::new().fill(&mut salt).map_err(|_| {
        AwsError::new(500, "InternalFailure", "The machine gives no randomness for a password.")
    })?;
    Ok(salted(password, &salt))
}

/// Whether a password may be: printable ASCII, 8 to 128, none of `/"@` and space.
pub fn check(password: &str) -> Result<(), AwsError> {
    if !(8..=128).contains(&password.len()) {
        return Err(error::invalid_value(
            "The parameter MasterUserPassword is not a valid password because it is not between 8 and 128 characters long.",
        ));
    }
    let plain = |c: char| c.is_ascii_graphic() && !"/\"@".contains(c);
    if !password.chars().all(plain) {
        return Err(error::invalid_value(
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.",
        ));
    }
    Ok(())
}

fn salted(password: &str, salt: &[u8]) -> String {
    let mut salted = [0; digest::SHA256_OUTPUT_LEN];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, salt, password.as_bytes(), &mut salted);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &salted);
    let stored = digest::digest(&digest::SHA256, hmac::sign(&key, b"Client Key").as_ref());
    let server = hmac::sign(&key, b"Server Key");
    format!(
        "SCRAM-SHA-256${ITERATIONS}:{}${}:{}",
        STANDARD.encode(salt),
        STANDARD.encode(stored),
        STANDARD.encode(server)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677, whose keys PostgreSQL makes of it too.
    #[test]
    fn the_verifier_of_the_rfc() {
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        assert_eq!(
            salted("pencil", &salt),
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        );
    }

    #[test]
    fn what_is_no_password() {
        for bad in ["short", "with space", "with/slash", "with@sign", "with\"quote", "überlang"] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert_eq!(check("Secret-Pa55%word"), Ok(()));
    }
}
