//! Layers through the API, as AWS's own tools push and pull without docker.

pub mod check_availability;
pub mod download_url;
pub mod upload;
