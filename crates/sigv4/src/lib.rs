//! AWS signature version 4, for both sides: a client makes it ([`sign()`]), the
//! edge reads and checks it ([`presented`], [`verify()`]). Pure: secrets and times
//! come from the caller. Source: "Create a signed AWS API request" in the IAM user
//! guide.

mod canonical;
mod keys;
mod scope;
mod sign;
mod verify;

pub use canonical::{escape, sha256_hex};
pub use keys::{SigningKeys, signing_key};
pub use scope::CredentialScope;
pub use sign::{Signer, sign};
pub use verify::{Presented, SignatureError, SignedRequest, presented, verify};
