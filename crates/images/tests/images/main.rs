//! Images from the outside: pulled, imported, unpacked.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fake_registry;
mod image;
mod import;
mod pull;
mod unpack;
