//! The loops that make what is wanted so. Each watches the store, plans on a
//! snapshot, tells the hands, and writes what they saw back as facts; none takes
//! input, all are idempotent, and a restart is only another turn.
//!
//! ```text
//!            store ──▶ networks ──▶ net            (VPCs, interfaces, groups, names)
//!              ▲  ├──▶ deployments ─▶ (services)   (plan::blue_green)
//!              │  └──▶ services ──▶ (tasks)        (plan::service)
//!   facts ─────┤  └──▶ tasks ─────▶ runtime, net   (one story per task: task::life)
//!              ├─────────┴── retention             (what AWS forgets after a while)
//!              └──────────── images                (lifecycle policies; blobs that nobody needs)
//! ```

mod deployments;
mod hands;
pub mod images;
mod networks;
mod progress;
mod retention;
pub mod services;
pub mod task;
mod tasks;

pub use hands::{Hands, ImageSource, ObjectSource, PulledImage, RegistryCredentials, Running};
pub use networks::{Attached, NameSource, Networks, RouterListener};
pub use progress::{LoopStatus, Progress};

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

/// Starts all loops; they end when `stop` turns true. Tasks of containers go on.
pub async fn run(hands: Arc<Hands>, networks: Networks, stop: watch::Receiver<bool>) {
    let mut loops = JoinSet::new();
    loops.spawn(networks.run(stop.clone()));
    loops.spawn(services::run(hands.clone(), stop.clone()));
    loops.spawn(deployments::run(hands.clone(), stop.clone()));
    loops.spawn(tasks::run(hands.clone(), stop.clone()));
    loops.spawn(retention::run(hands, stop));
    while loops.join_next().await.is_some() {}
}

/// Resolves once `stop` is true, or nobody is left to say so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
