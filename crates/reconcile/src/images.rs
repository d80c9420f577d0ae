//! Images on this machine: unpacked as soon as they are here, gone when nobody needs them.

mod ahead;
mod tidy;

use std::sync::Arc;

use neargate_blobs::Blobs;
use neargate_images::Names;
use tokio::sync::watch;

use crate::hands::Hands;

/// Runs until `stop`; `names` are those of images from elsewhere.
pub async fn run(hands: Arc<Hands>, blobs: Blobs, names: Names, stop: watch::Receiver<bool>) {
    tokio::join!(ahead::run(hands.clone(), stop.clone()), tidy::run(hands, blobs, names, stop));
}
