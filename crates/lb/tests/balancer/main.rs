//! The balancer over real sockets of the loopback, with nothing simulated but
//! the targets' manners. One binary, so that it links once.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod failures;
mod health_checks;
mod lifecycle;
mod proxy;
mod rig;
mod secure;
mod sharing;
mod sticky;
mod streaming;
