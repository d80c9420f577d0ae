//! What of clusters is accepted and does not act.

use neargate_api::model::ecs::Cluster;
use neargate_api::{Inert, Snapshot};

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let mut found = Vec::new();
    for cluster in snapshot.all::<Cluster>().filter(|c| c.active) {
        found.extend(storage_keys(&cluster));
    }
    found
}

/// The keys of storage that is not encrypted here.
fn storage_keys(cluster: &Cluster) -> Vec<Inert> {
    let storage = cluster.configuration.as_ref();
    let storage = storage.and_then(|given| given.managed_storage_configuration.as_ref());
    let Some(storage) = storage else { return Vec::new() };
    let keys = [
        (
            &storage.kms_key_id,
            "configuration.managedStorageConfiguration.kmsKeyId",
            "AWS would encrypt the EBS volumes that it attaches to the cluster's tasks with this key.",
        ),
        (
            &storage.fargate_ephemeral_storage_kms_key_id,
            "configuration.managedStorageConfiguration.fargateEphemeralStorageKmsKeyId",
            "AWS would encrypt the ephemeral storage of the cluster's tasks with this key.",
        ),
    ];
    let given = keys.into_iter().filter(|(key, ..)| key.as_ref().is_some_and(|k| !k.is_empty()));
    given.map(|(_, field, would)| Inert::new(&cluster.arn, field, would)).collect()
}
