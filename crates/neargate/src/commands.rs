//! The commands, a file each; `paint` is how they look on a terminal.

pub mod clock;
pub mod cost;
pub mod down;
pub mod env;
pub mod events;
pub mod exec;
pub mod image;
pub mod lint;
pub mod notifications;
mod paint;
pub mod spot;
pub mod stack;
pub mod status;
pub mod top;
pub mod up;
