//! What ECR forgets in time: images by their repositories' lifecycle policies,
//! and layers that no image has. The caller then collects the blobs of nobody.

use std::collections::HashSet;

use neargate_api::model::ecr::{Image, Layer, Repository};
use neargate_api::types::ecr::ImageIdentifier;
use neargate_api::{Cloud, Record, Snapshot, StoreError, Timestamp, Tx};
use neargate_blobs::Digest;
use neargate_plan::lifecycle::LifecyclePolicy;

use crate::image::remove::remove;

/// A layer whose image is still to come has so long.
const STRAY_LAYER_SECS: i64 = 24 * 3600;

/// How often a policy is evaluated: "within 24 hours" on AWS, sooner here.
const EVALUATED_EVERY_SECS: i64 = 600;

/// Nothing could be expired.
#[derive(Debug, thiserror::Error)]
#[error("the expired images could not be taken away: {0}")]
pub struct ExpireError(#[from] StoreError);

/// An image that went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    pub repository_arn: String,
    pub digest: String,
    pub rule_priority: i32,
}

/// Applies the lifecycle policies that are due, and forgets stray layers, in one
/// transaction. Call it as often as you like.
pub async fn expire(cloud: &Cloud) -> Result<Vec<Expired>, ExpireError> {
    let now = cloud.clock.now();
    if !anything_due(&cloud.store.snapshot(), now) {
        return Ok(Vec::new());
    }
    let expired = cloud
        .store
        .write(move |tx| {
            let mut expired = Vec::new();
            let due: Vec<_> = tx.all::<Repository>().filter(|r| is_due(r, now)).collect();
            for repository in due {
                expired.extend(apply(tx, &repository, now));
            }
            forget_stray_layers(tx, now);
            Ok::<_, StoreError>(expired)
        })
        .await?;
    for Expired { repository_arn, digest, rule_priority } in &expired {
        tracing::info!(
            repository_arn,
            digest,
            rule_priority,
            "an image expired by lifecycle policy"
        );
    }
    Ok(expired)
}

/// The blobs that repositories need: what garbage collection must leave.
pub fn live_blobs(snapshot: &Snapshot) -> HashSet<Digest> {
    let images = snapshot.all::<Image>();
    let mut live: HashSet<Digest> = images
        .flat_map(|image| image.blobs().filter_map(|blob| blob.parse().ok()).collect::<Vec<_>>())
        .collect();
    live.extend(snapshot.all::<Layer>().filter_map(|layer| layer.digest.parse::<Digest>().ok()));
    live
}

fn is_due(repository: &Repository, now: Timestamp) -> bool {
    let last = repository.lifecycle_evaluated_at;
    repository.lifecycle_policy.is_some()
        && last.is_none_or(|last| now.millis_since(last) >= EVALUATED_EVERY_SECS * 1000)
}

fn anything_due(snapshot: &Snapshot, now: Timestamp) -> bool {
    snapshot.all::<Repository>().any(|repository| is_due(&repository, now))
        || snapshot.all::<Layer>().any(|layer| is_old(&layer, now))
}

fn is_old(layer: &Layer, now: Timestamp) -> bool {
    now.millis_since(layer.added_at) >= STRAY_LAYER_SECS * 1000
}

fn apply(tx: &mut Tx, repository: &Repository, now: Timestamp) -> Vec<Expired> {
    let policy = repository.lifecycle_policy.as_deref().map(LifecyclePolicy::parse);
    let Some(Ok(policy)) = policy else { return Vec::new() };
    let (region, name) = (&repository.region, &repository.name);
    let images = Image::all_of(tx.view(), region, name);
    let images: Vec<&Image> = images.iter().map(|image| &**image).collect();
    let mut gone = Vec::new();
    for expired in policy.evaluate(&images, now) {
        let id = ImageIdentifier { image_digest: Some(expired.digest.clone()), image_tag: None };
        if remove(tx, region, name, id).is_ok() {
            gone.push(Expired {
                repository_arn: repository.arn.clone(),
                digest: expired.digest,
                rule_priority: expired.priority,
            });
        }
    }
    tx.update::<Repository>(&repository.key(), |r| r.lifecycle_evaluated_at = Some(now));
    gone
}

fn forget_stray_layers(tx: &mut Tx, now: Timestamp) {
    let needed: HashSet<String> = tx
        .all::<Image>()
        .flat_map(|image| {
            let of = |blob: &str| Layer::key_of(&image.region, &image.repository, blob);
            image.blobs().map(of).collect::<Vec<_>>()
        })
        .collect();
    let old = tx.all::<Layer>().filter(|layer| is_old(layer, now)).map(|layer| layer.key());
    let stray: Vec<String> = old.filter(|key| !needed.contains(key)).collect();
    for key in stray {
        tx.delete::<Layer>(&key);
    }
}
