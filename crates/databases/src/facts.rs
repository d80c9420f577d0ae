//! What became of an instance, written back: one transaction each.

use neargate_api::model::ec2::release_interface;
use neargate_api::model::rds::{
    DbEvent, DbInstance, DbSnapshot, MaintenanceWindow, ParameterGroup, SnapshotStatus, SourceType,
    Status, key, modification, note,
};
use neargate_api::{Cloud, Record, StoreError, Timestamp, Tx};
use neargate_postgres::{Running, Started};

/// Changes an instance, if it is still the one that was meant, and is still in the same state.
async fn change(
    cloud: &Cloud,
    instance: &DbInstance,
    change: impl FnOnce(&mut Tx, &mut DbInstance) + Send + 'static,
) -> Result<(), StoreError> {
    let (key, id, status) = (instance.key(), instance.resource_id.clone(), instance.status);
    cloud
        .store
        .write(move |tx| {
            let Some(now) = tx.get::<DbInstance>(&key) else { return Ok(()) };
            if now.resource_id != id || now.status != status {
                return Ok(());
            }
            let mut now = DbInstance::clone(&now);
            change(tx, &mut now);
            tx.put(now);
            Ok::<_, StoreError>(())
        })
        .await
}

/// The server runs as wanted.
pub async fn serves(
    cloud: &Cloud,
    instance: &DbInstance,
    running: Running,
) -> Result<(), StoreError> {
    let at = cloud.clock.now();
    let account = cloud.account.clone();
    let told = instance.verifier.clone();
    change(cloud, instance, move |tx, now| {
        if let Some((category, message)) = said(now.status, running.started) {
            tell(tx, now, at, category, message);
        }
        if now.verifier_is_new && now.verifier == told {
            now.verifier_is_new = false;
            tell(tx, now, at, "configuration change", "Reset master credentials");
        }
        if now.status != Status::BackingUp {
            now.status = Status::Available;
        }
        now.made = true;
        now.running_version = Some(running.version.to_string());
        let group = ParameterGroup::find(tx, &now.region, &account, &now.parameter_group);
        let in_sync = group.is_none_or(|group| group.at_start() == now.parameters);
        now.parameter_apply_status = if in_sync { "in-sync" } else { "pending-reboot" }.into();
    })
    .await
}

/// What an event says of a server that runs.
fn said(status: Status, started: Started) -> Option<(&'static str, &'static str)> {
    match (status, started) {
        (Status::Creating, _) => Some(("creation", "DB instance created")),
        (Status::Starting, _) => Some(("notification", "DB instance started")),
        (Status::Rebooting, _) => Some(("availability", "DB instance restarted")),
        (Status::Modifying, _) => {
            Some(("configuration change", "Finished applying modification to DB instance"))
        }
        (_, Started::Again | Started::Moved) => Some(("availability", "DB instance restarted")),
        (_, Started::Adopted | Started::Made) => None,
    }
}

pub async fn stopped(cloud: &Cloud, instance: &DbInstance) -> Result<(), StoreError> {
    let at = cloud.clock.now();
    change(cloud, instance, move |tx, now| {
        now.status = Status::Stopped;
        tell(tx, now, at, "notification", "DB instance stopped");
    })
    .await
}

/// The server does not start with its parameters.
pub async fn incompatible(
    cloud: &Cloud,
    instance: &DbInstance,
    why: String,
) -> Result<(), StoreError> {
    let at = cloud.clock.now();
    change(cloud, instance, move |tx, now| {
        now.status = Status::IncompatibleParameters;
        let message = format!("Database instance is in incompatible-parameters state: {why}");
        tell(tx, now, at, "failure", &message);
    })
    .await
}

/// All snapshots that were begun have been taken.
pub async fn backed_up(cloud: &Cloud, instance: &DbInstance) -> Result<(), StoreError> {
    let at = cloud.clock.now();
    change(cloud, instance, move |tx, now| {
        finish_snapshots(tx, now);
        now.status = Status::Available;
        tell(tx, now, at, "backup", "Finished DB Instance backup");
    })
    .await
}

fn finish_snapshots(tx: &mut Tx, instance: &DbInstance) {
    let begun: Vec<String> = begun(tx, instance).iter().map(Record::key).collect();
    for key in begun {
        tx.update::<DbSnapshot>(&key, |snapshot| snapshot.status = SnapshotStatus::Available);
    }
}

/// The snapshots of an instance that have been begun.
pub fn begun(snapshot: &neargate_api::Snapshot, instance: &DbInstance) -> Vec<DbSnapshot> {
    snapshot
        .all::<DbSnapshot>()
        .filter(|one| one.resource_id == instance.resource_id)
        .filter(|one| one.status == SnapshotStatus::Creating)
        .map(|one| DbSnapshot::clone(&one))
        .collect()
}

/// The server and its data are gone: so are its interface and its record.
pub async fn removed(cloud: &Cloud, instance: &DbInstance) -> Result<(), StoreError> {
    let at = cloud.clock.now();
    let instance = instance.clone();
    cloud
        .store
        .write(move |tx| {
            let now = tx.get::<DbInstance>(&instance.key());
            if now.is_none_or(|now| now.resource_id != instance.resource_id) {
                return Ok(());
            }
            finish_snapshots(tx, &instance);
            release_interface(tx, &instance.region, &instance.interface_id);
            tell(tx, &instance, at, "deletion", "DB instance deleted");
            tx.delete::<DbInstance>(&key(&instance.region, &instance.identifier));
            Ok::<_, StoreError>(())
        })
        .await
}

/// What is needed before the server can be made.
pub async fn prepared(
    cloud: &Cloud,
    instance: &DbInstance,
    verifier: String,
    secret_arn: String,
) -> Result<(), StoreError> {
    change(cloud, instance, move |_, now| {
        now.verifier = Some(verifier);
        if let Some(secret) = &mut now.secret {
            secret.arn = Some(secret_arn);
        }
    })
    .await
}

/// The key that encrypts an instance which named none.
pub async fn encrypted_by(
    cloud: &Cloud,
    instance: &DbInstance,
    key_arn: String,
) -> Result<(), StoreError> {
    change(cloud, instance, move |_, now| now.settings.kms_key_id = Some(key_arn)).await
}

/// In the maintenance window, what waited for it begins. Whether it did.
pub async fn maintain(cloud: &Cloud, instance: &DbInstance) -> Result<bool, StoreError> {
    let now = cloud.clock.now();
    let window = instance.settings.preferred_maintenance_window.as_deref().unwrap_or_default();
    let open = MaintenanceWindow::parse(window).is_ok_and(|window| window.contains(now));
    if !open || instance.pending.is_none() || instance.status != Status::Available {
        return Ok(false);
    }
    change(cloud, instance, |_, now| {
        if let Some(pending) = now.pending.take() {
            modification::apply_deferred(now, &pending);
            now.status = Status::Modifying;
        }
    })
    .await?;
    Ok(true)
}

pub async fn forget_snapshot(cloud: &Cloud, key: String) {
    let written = cloud.store.write(move |tx| {
        tx.delete::<DbSnapshot>(&key);
        Ok::<_, StoreError>(())
    });
    if let Err(error) = written.await {
        tracing::warn!(%error, "a deleted snapshot could not be forgotten");
    }
}

fn tell(tx: &mut Tx, instance: &DbInstance, at: Timestamp, category: &str, message: &str) {
    let event = DbEvent {
        region: instance.region.clone(),
        number: 0,
        at,
        source_type: SourceType::DbInstance,
        source_identifier: instance.identifier.clone(),
        source_arn: instance.arn.clone(),
        category: category.into(),
        message: message.into(),
    };
    note(tx, event);
}
