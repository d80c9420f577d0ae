//! The certificate authorities that instances name.

pub mod describe;
