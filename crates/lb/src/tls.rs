//! TLS on both sides: security policies, certificates by SNI, and the
//! connections to HTTPS targets.
//!
//! rustls with ring speaks 1.2 and 1.3 with forward-secret AEAD suites only:
//! a policy that also allows 1.0, 1.1 or CBC is served from 1.2 up (the API
//! reports that as inert). Targets' certificates are not verified, as AWS's
//! are not: "you can use self-signed certificates or certificates that have
//! expired".

mod accept;
mod target;

pub use accept::{Acceptor, TlsError};
pub use target::to_target;
