//! What comes back into the store: pure changes of targets, made in the
//! transactions of the loop.

use neargate_api::model::elbv2::{Target, TargetState, is_in_use};
use neargate_api::{Record, Snapshot, Tx};
use neargate_lb::health::{HealthState, Observation};
use neargate_lb::observe::Drained;

/// The keys of targets whose group came into use, or went out of it.
pub fn unsettled(snapshot: &Snapshot) -> Vec<String> {
    let off = |target: &Target| match target.state {
        TargetState::Draining => false,
        TargetState::Unused => is_in_use(snapshot, &target.target_group_arn),
        _ => !is_in_use(snapshot, &target.target_group_arn),
    };
    snapshot.all::<Target>().filter(|target| off(target)).map(|target| target.key()).collect()
}

/// Puts right what [`unsettled`] found.
pub fn settle(tx: &mut Tx, keys: &[String]) {
    for key in keys {
        let Some(target) = tx.get::<Target>(key) else { continue };
        let used = is_in_use(tx, &target.target_group_arn);
        tx.update::<Target>(key, |target| match target.state {
            TargetState::Draining => {}
            TargetState::Unused if used => {
                *target = Target::registered(
                    &target.target_group_arn,
                    &target.ip,
                    target.port,
                    target.zone.take(),
                    target.registered_at,
                );
            }
            _ if !used => target.set_unused(),
            _ => {}
        });
    }
}

/// Notes what a health check saw. A target that drains, or that is unused, is
/// not checked: what was seen before it became so comes too late.
pub fn note_health(tx: &mut Tx, seen: &Observation) {
    let state = match seen.state {
        HealthState::Initial => TargetState::Initial,
        HealthState::Healthy => TargetState::Healthy,
        HealthState::Unhealthy => TargetState::Unhealthy,
        HealthState::Unused | HealthState::Draining | HealthState::Unavailable => return,
    };
    let key = key_of(&seen.target_group, seen.target);
    tx.update::<Target>(&key, |target| {
        if !matches!(target.state, TargetState::Draining | TargetState::Unused) {
            target.state = state;
            target.reason = seen.reason.map(|reason| reason.code().into());
            target.description = seen.reason.map(|reason| reason.description());
        }
    });
}

/// Takes a target away that is drained; one that was registered again stays.
pub fn note_drained(tx: &mut Tx, drained: &Drained) {
    let key = key_of(&drained.target_group, drained.target);
    if tx.get::<Target>(&key).is_some_and(|target| target.state == TargetState::Draining) {
        tx.delete::<Target>(&key);
    }
}

fn key_of(group: &str, target: std::net::SocketAddr) -> String {
    Target::key_of(group, &target.ip().to_string(), target.port())
}
