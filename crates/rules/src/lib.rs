//! What EventBridge's rules say, as pure functions: whether a pattern matches
//! an event, what a target is given of it, and when a schedule comes next.
//!
//! ```text
//! event ─▶ Pattern::matches ─▶ Input::of (constant, path, template) ─▶ text for the target
//! instant ─▶ Schedule::next_after ─▶ instant
//! ```
//!
//! The matching is our own: the one crate that has the pattern language of
//! EventBridge takes other patterns than AWS does, and fifty thousand lines.

pub mod event;
pub mod input;
pub mod json_path;
pub mod pattern;
pub mod schedule;

pub use event::Event;
pub use input::{Input, Of};
pub use pattern::{InvalidPattern, Pattern};
pub use schedule::Schedule;
