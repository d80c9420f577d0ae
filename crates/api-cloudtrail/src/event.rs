//! Events: what was written down of the account's calls.

pub mod lookup;
