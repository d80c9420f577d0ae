//! Targets come and go: what RegisterTargets, DeregisterTargets and ECS do to
//! the store. What is in flight to a draining target only the balancer knows:
//! it deletes the record.

use std::sync::Arc;

use neargate_ids::Timestamp;
use neargate_store::{Snapshot, Tx};

use super::{Target, TargetGroup, TargetState, is_in_use};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Target group '{0}' not found")]
pub struct NoTargetGroup(pub String);

/// Registers `ip:port`. One that is registered already stays as it is; one that
/// drains begins anew.
pub fn register_target(
    tx: &mut Tx,
    target_group_arn: &str,
    ip: &str,
    port: u16,
    zone: Option<String>,
    now: Timestamp,
) -> Result<(), NoTargetGroup> {
    if !tx.contains::<TargetGroup>(target_group_arn) {
        return Err(NoTargetGroup(target_group_arn.to_owned()));
    }
    let key = Target::key_of(target_group_arn, ip, port);
    if tx.get::<Target>(&key).is_some_and(|target| target.state != TargetState::Draining) {
        return Ok(());
    }
    let mut target = Target::registered(target_group_arn, ip, port, zone, now);
    if !is_in_use(tx, target_group_arn) {
        target.set_unused();
    }
    tx.put(target);
    Ok(())
}

/// Begins to drain `ip:port` for as long as the group says, or takes it away at
/// once when nothing can be in flight to it. False when it was not registered. `wall` is the
/// machine's time: a drain is of the data plane.
pub fn deregister_target(
    tx: &mut Tx,
    target_group_arn: &str,
    ip: &str,
    port: u16,
    wall: Timestamp,
) -> bool {
    let key = Target::key_of(target_group_arn, ip, port);
    let Some(target) = tx.get::<Target>(&key) else { return false };
    let delay = tx.get::<TargetGroup>(target_group_arn).map(|g| g.deregistration_delay_secs());
    match (target.state, delay) {
        (TargetState::Draining, Some(_)) => {}
        (TargetState::Unused, _) | (_, None) => drop(tx.delete::<Target>(&key)),
        (_, Some(delay)) => {
            tx.update::<Target>(&key, |target| target.set_draining(wall.plus_secs(delay)));
        }
    }
    true
}

/// The targets of a group, those that drain among them.
pub fn targets_of<'a>(
    snapshot: &'a Snapshot,
    target_group_arn: &str,
) -> impl Iterator<Item = Arc<Target>> + use<'a> {
    snapshot.scan::<Target>(&format!("{target_group_arn}/"))
}

#[cfg(test)]
mod tests;
