//! Images that nobody needs any more: lifecycle policies are applied, and blobs
//! and unpacked layers that belong to no image are collected.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use neargate_api::Snapshot;
use neargate_api::model::ecr::Image;
use neargate_api::model::ecs::{Service, Task, TaskStatus};
use neargate_api_ecr::{expire, live_blobs};
use neargate_blobs::{Blobs, Digest};
use neargate_images::{ImageError, Names, Platform, reachable};
use tokio::sync::watch;

use crate::hands::Hands;

const TURN_SECS: i64 = 600;

/// What is on its way to being referred to has so long: a push, a pull.
const GRACE: Duration = Duration::from_secs(24 * 3600);

/// Runs until `stop`; `names` are those of images from elsewhere.
pub async fn run(hands: Arc<Hands>, blobs: Blobs, names: Names, mut stop: watch::Receiver<bool>) {
    loop {
        let waits_for = match turn(&hands, &blobs, &names).await {
            Ok(()) => Vec::new(),
            Err(why) => {
                tracing::warn!(why, "images could not be tidied up");
                vec![why]
            }
        };
        hands.progress.note("images", hands.cloud.clock.now(), waits_for);
        tokio::select! {
            () = hands.cloud.sleep_secs(TURN_SECS) => {}
            () = crate::stopped(&mut stop) => return,
        }
    }
}

async fn turn(hands: &Hands, blobs: &Blobs, names: &Names) -> Result<(), String> {
    expire(&hands.cloud).await.map_err(|error| error.to_string())?;
    let snapshot = hands.cloud.store.snapshot();
    let named = names.list().into_iter().map(|(_, named)| named.digest);
    let held: HashSet<Digest> = named.chain(pinned(&snapshot)).chain(running(&snapshot)).collect();
    #[allow(
        clippy::disallowed_methods,
        reason = "compared with file times, which are the kernel's"
    )]
    let now = SystemTime::now();

    let mut live = live_blobs(&snapshot);
    for digest in &held {
        live.extend(needed(blobs, digest).await.map_err(|error| error.to_string())?);
    }
    let collected = blobs.collect_garbage(live, GRACE, now).await;
    let collected = collected.map_err(|error| error.to_string())?;
    let freed = collected.blob_bytes + collected.upload_bytes;
    if freed > 0 {
        tracing::info!(
            blobs = collected.blobs.len(),
            bytes = freed,
            "collected what no image needs"
        );
    }

    let pushed = snapshot.all::<Image>().filter_map(|image| image.digest.parse().ok());
    let mut live = HashSet::new();
    for digest in pushed.chain(held).collect::<HashSet<_>>() {
        live.extend(layers(blobs, &digest).await);
    }
    let removed = hands.unpacker.retain(live, GRACE, now).await;
    let removed = removed.map_err(|error| error.to_string())?;
    if !removed.is_empty() {
        tracing::info!(layers = removed.len(), "removed unpacked layers that no image has");
    }
    Ok(())
}

/// What the tasks of deployments run, whatever its tag stands for by now.
fn pinned(snapshot: &Snapshot) -> HashSet<Digest> {
    let services = snapshot.all::<Service>().collect::<Vec<_>>();
    let deployments = services.iter().flat_map(|s| s.deployments.iter().chain(&s.last_completed));
    let digests = deployments.flat_map(|deployment| deployment.images.values());
    digests.filter_map(|digest| digest.parse().ok()).collect()
}

/// The blobs of an image from elsewhere; of one that is not whole, what can be told.
async fn needed(blobs: &Blobs, digest: &Digest) -> Result<HashSet<Digest>, ImageError> {
    match reachable(blobs, digest).await {
        Err(ImageError::Missing(_) | ImageError::Malformed { .. }) => Ok(HashSet::from([*digest])),
        other => other,
    }
}

/// What runs, or is about to, also when its image was deleted meanwhile.
fn running(snapshot: &Snapshot) -> HashSet<Digest> {
    let tasks = snapshot.all::<Task>().filter(|task| task.status != TaskStatus::Stopped);
    let tasks = tasks.collect::<Vec<_>>();
    let containers = tasks.iter().flat_map(|task| &task.containers);
    containers.filter_map(|container| container.image_digest.as_ref()?.parse().ok()).collect()
}

/// The layers that a task of this image has mounted: none of one that cannot run here.
async fn layers(blobs: &Blobs, digest: &Digest) -> Vec<Digest> {
    match neargate_images::image(blobs, digest, &Platform::host()).await {
        Ok(image) => image.config.diff_ids().to_vec(),
        Err(error) => {
            tracing::debug!(%digest, %error, "nothing of an image can be unpacked");
            Vec::new()
        }
    }
}
