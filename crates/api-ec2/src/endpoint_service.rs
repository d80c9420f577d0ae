//! The services that VPC endpoints can be made for.

pub mod describe;
