//! Unpacks what is pushed at once, so that its first task need not wait for that.

use std::collections::HashSet;
use std::sync::Arc;

use neargate_api::Snapshot;
use neargate_api::model::ecr::Image;
use neargate_blobs::Digest;
use tokio::sync::watch;

use crate::hands::Hands;

/// Runs until `stop`. What is here at the start is left to the first task that needs it.
pub(super) async fn run(hands: Arc<Hands>, mut stop: watch::Receiver<bool>) {
    let mut changes = hands.cloud.store.changes_in::<Image>();
    let mut known = pushed(&hands.cloud.store.snapshot());
    loop {
        tokio::select! {
            _ = changes.changed() => {}
            () = crate::stopped(&mut stop) => return,
        }
        let now = pushed(&hands.cloud.store.snapshot());
        for digest in now.difference(&known) {
            // A task that wants it at this moment waits for the same work.
            if let Err(error) = hands.unpacker.prepare(digest).await {
                tracing::debug!(%digest, %error, "an image is not unpacked ahead of its tasks");
            }
        }
        known = now;
    }
}

fn pushed(snapshot: &Snapshot) -> HashSet<Digest> {
    snapshot.all::<Image>().filter_map(|image| image.digest.parse().ok()).collect()
}
