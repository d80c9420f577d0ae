//! The smallest words: ARNs and ids, instants, and the two things that must
//! come from outside (time and chance). No IO and no async here; every crate
//! may depend on this one, and this one depends on none of ours.

mod arn;
mod chance;
mod clock;
mod sealed;
mod time;

pub use arn::{Arn, ArnError};
pub use chance::Rng;
pub use clock::{Clock, Move, Moved};
pub use sealed::Sealed;
pub use time::Timestamp;
