//! Unpacks what is pushed or loaded at once, so that its first task need not wait for that.

use std::collections::HashSet;
use std::sync::Arc;

use neargate_api::model::ecr::Image;
use neargate_blobs::Digest;
use neargate_images::Names;
use tokio::sync::watch;

use crate::hands::Hands;

/// Runs until `stop`. What is here at the start is left to the first task that needs it.
pub(super) async fn run(hands: Arc<Hands>, names: Names, mut stop: watch::Receiver<bool>) {
    let mut pushed = hands.cloud.store.changes_in::<Image>();
    let mut named = names.changes();
    let mut known = here(&hands, &names);
    loop {
        tokio::select! {
            _ = pushed.changed() => {}
            _ = named.changed() => {}
            () = crate::stopped(&mut stop) => return,
        }
        let now = here(&hands, &names);
        for digest in now.difference(&known) {
            // A task that wants it at this moment waits for the same work.
            if let Err(error) = hands.unpacker.prepare(digest).await {
                tracing::debug!(%digest, %error, "an image is not unpacked ahead of its tasks");
            }
        }
        known = now;
    }
}

fn here(hands: &Hands, names: &Names) -> HashSet<Digest> {
    let snapshot = hands.cloud.store.snapshot();
    let pushed = snapshot.all::<Image>().filter_map(|image| image.digest.parse().ok());
    pushed.chain(names.list().into_iter().map(|(_, named)| named.digest)).collect()
}
