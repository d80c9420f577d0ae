//! Deployments that have no tasks any more: they are kept as they ended, for whoever asks how
//! it went, and those that were given up learn how going back ended.

use std::collections::BTreeSet;

use neargate_api::model::ecs::{Deployment, PastDeployment, RolloutState, Service};
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
    let ended = service.deployments.iter().find(|d| {
        let was = before.iter().find(|before| before.id == d.id);
        d.rollout != RolloutState::InProgress && was.is_some_and(|was| was.rollout != d.rollout)
    });
    let ended = ended.map(|d| (d.id.clone(), d.rollout == RolloutState::Completed));
    let known: BTreeSet<String> =
        service.deployments.iter().chain(&gone).map(|d| d.id.clone()).collect();
    gone.extend(before.into_iter().filter(|before| !known.contains(&before.id)));
    if gone.is_empty() && ended.is_none() {
        return;
    }
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
    if let Some((id, completed)) = &ended {
        service.deployments.iter_mut().for_each(|d| note_rollback(d, id, *completed));
        for past in &kept {
            tx.update::<PastDeployment>(&past.key(), |past| {
                note_rollback(&mut past.deployment, id, *completed);
            });
        }
    }
    kept.sort_by_key(|past| past.deployment.created_at);
    for past in kept.iter().rev().skip(KEPT) {
        tx.delete::<PastDeployment>(&past.key());
    }
}

/// The deployment `to` has completed, or failed.
fn note_rollback(deployment: &mut Deployment, to: &str, completed: bool) {
    if let Some(rollback) = deployment.monitors.rollback.as_mut().filter(|r| r.to == to) {
        rollback.has_succeeded.get_or_insert(completed);
    }
}
