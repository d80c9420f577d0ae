//! The registry over real HTTP: request by request, and as skopeo uses it.

mod manifests;
mod skopeo;
mod support;
mod uploads;
