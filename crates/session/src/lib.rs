//! The data channel of Session Manager: what `session-manager-plugin` and the
//! agent in a container say to each other over a WebSocket, for ECS Exec. Pure:
//! bytes in, bytes out, times given; sockets and terminals are elsewhere.
//!
//! ```text
//! client                                   agent (ours)
//!   opens with the session's token  ──▶
//!                    handshake request ◀──  what kind of session it is, and its KMS key
//!   handshake response, data key    ──▶
//!                           challenge ◀──  only where there is a key
//!   challenge response              ──▶
//!                   handshake complete ◀──
//!   keys, sizes of the terminal     ──▶    what was printed ◀──
//!                       channel closed ◀──  the process has ended
//! ```
//! Each stream message has a number and is acknowledged; one that is not is sent
//! again, as the plugin drops what comes before it is ready. So a client whose connection
//! breaks goes on over another one: nothing is lost, and nothing comes twice.
//! Source: the public repositories `aws/session-manager-plugin` (`src/message`,
//! `src/datachannel`) and `aws/amazon-ssm-agent`.

mod agent;
mod cipher;
mod client;
mod message;
mod payload;

pub use agent::{Agent, Heard};
pub use cipher::DATA_KEY;
pub use client::{Client, DataKey, Told};
pub use message::{Malformed, Message};
pub use payload::Opening;
