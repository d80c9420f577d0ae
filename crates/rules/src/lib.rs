//! What EventBridge's rules say, as pure functions: whether a pattern matches
//! an event, what a target is given of it, and when a schedule comes next.
//!
//! ```text
//! event ─▶ Pattern::matches ─▶ Input::of (constant, path, template) ─▶ text for the target
//! instant ─▶ Schedule::next_after ─▶ instant
//! ```
//!
//! The matching is our own: the one kept crate with such patterns (`quamina`) is an
//! automaton for thousands of them, in fifty thousand lines, and does not refuse in
//! AWS's words; a bus has few rules, and they are asked as they stand.

pub mod event;
pub mod input;
pub mod json_path;
pub mod pattern;
pub mod schedule;

pub use event::Event;
pub use input::{Input, Of};
pub use pattern::{InvalidPattern, Pattern};
pub use schedule::{Schedule, Zone};
