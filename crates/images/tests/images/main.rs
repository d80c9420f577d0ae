//! Images from the outside: pulled, imported, unpacked.

mod fake_registry;
mod image;
mod import;
mod pull;
mod unpack;
