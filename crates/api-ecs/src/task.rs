//! Tasks: what their operations share.

pub mod describe;
pub mod list;
pub mod run;
mod shown;
pub mod stop;

pub use shown::shown;
