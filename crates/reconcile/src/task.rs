//! One task's life, as a story told in a straight line.
//!
//! ```text
//! life ─▶ provision (interface) ─▶ prepare (image, secrets, logs) ─▶ run (containers, health)
//!                                                                      │ stop requested, or an end
//!                                                                      ▼
//!                                                        wind_down (targets, containers, interface)
//! ```

pub mod changes;
pub mod health;
pub mod life;

mod facts;
mod logs;
mod prepare;
mod provision;
mod run;
mod spec;
mod wind_down;
