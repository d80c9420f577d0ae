//! Deployments that have no tasks any more: they are kept as they ended, for whoever asks how
//! it went, and those that were given up learn how going back ended.

use std::collections::BTreeSet;

use neargate_api::model::ecs::{
    Deployment, DeploymentStatus, PastDeployment, RolloutState, Service,
};
use neargate_api::{Record, Tx};

/// How many of a service are kept.
const KEPT: usize = 20;

/// Keeps what was among its deployments `before` and is not any more; `gone` are those of
/// which the plan has said how they ended.
pub fn keep(
    tx: &mut Tx,
    before: Vec<Deployment>,
    mut gone: Vec<Deployment>,
    service: &mut Service,
) {
    let known: BTreeSet<String> =
        service.deployments.iter().chain(&gone).map(|d| d.id.clone()).collect();
    gone.extend(before.into_iter().filter(|before| !known.contains(&before.id)));
    for deployment in gone {
        tx.put(PastDeployment {
            region: service.region.clone(),
            cluster: service.cluster.clone(),
            service: service.name.clone(),
            deployment,
        });
    }
    let prefix = PastDeployment::prefix(&service.region, &service.cluster, &service.name);
    let mut kept: Vec<_> = tx.scan::<PastDeployment>(&prefix).collect();
    let ended = |to: &str| match service.deployments.iter().find(|d| d.id == to) {
        Some(present) => has_come_back(present),
        None => Some(kept.iter().any(|past| {
            past.deployment.id == to && past.deployment.rollout == RolloutState::Completed
        })),
    };
    let present: Vec<_> = service.deployments.iter().map(|d| pending(d).and_then(ended)).collect();
    for past in &kept {
        if let Some(has_succeeded) = pending(&past.deployment).and_then(ended) {
            tx.update::<PastDeployment>(&past.key(), |past| {
                note_rollback(&mut past.deployment, has_succeeded);
            });
        }
    }
    for (deployment, ended) in service.deployments.iter_mut().zip(present) {
        ended.into_iter().for_each(|has_succeeded| note_rollback(deployment, has_succeeded));
    }
    kept.sort_by_key(|past| past.deployment.created_at);
    for past in kept.iter().rev().skip(KEPT) {
        tx.delete::<PastDeployment>(&past.key());
    }
}

/// The deployment that comes back for this one, of which nobody knows how it ended.
fn pending(deployment: &Deployment) -> Option<&str> {
    let rollback = deployment.monitors.rollback.as_ref()?;
    rollback.has_succeeded.is_none().then_some(rollback.to.as_str())
}

/// Whether a deployment has come back: one that is given up on the way, for a newer one too, has
/// not.
fn has_come_back(deployment: &Deployment) -> Option<bool> {
    match deployment.rollout {
        RolloutState::Completed => Some(true),
        RolloutState::Failed => Some(false),
        RolloutState::InProgress if deployment.status == DeploymentStatus::Primary => None,
        RolloutState::InProgress => Some(false),
    }
}

fn note_rollback(deployment: &mut Deployment, has_succeeded: bool) {
    if let Some(rollback) = &mut deployment.monitors.rollback {
        rollback.has_succeeded = Some(has_succeeded);
    }
}
