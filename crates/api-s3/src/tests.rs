//! The service over HTTP messages, with a cloud in memory.
