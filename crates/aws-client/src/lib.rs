//! A client of AWS's APIs, on the generated types: `client.call::<ecs::CreateCluster>(&input)`
//! writes the request by the operation's schema, signs it, sends it, tries again
//! where AWS's tools would, and reads the answer or the error.
//!
//! ```text
//! input ─▶ request ─▶ sign ─▶ transport ─▶ answer ─▶ output
//!             ▲   credentials   │  retry ◀──┘ error
//!             └─────────────────┘
//! ```
//!
//! AWS itself and a Neargate are the same to it: only the endpoint differs. What
//! the calls are for is not its business. S3 has no generated types; the few of
//! its operations that are needed are written by hand (`s3`).

mod answer;
mod client;
mod config_file;
mod credentials;
mod endpoint;
mod error;
mod line;
mod pages;
mod request;
mod retry;
pub mod s3;
mod surroundings;
mod transport;
mod until;

pub use client::{Client, Config, InvalidConfig};
pub use credentials::{Credentials, CredentialsError, Identity};
pub use endpoint::Endpoints;
pub use error::{CallError, ServiceError};
pub use pages::pages;
pub use retry::RetryPolicy;
pub use surroundings::Surroundings;
pub use until::{Seen, TooLong, Until};
