//! What is written down of sessions: that they were opened, which keeps a token from
//! opening two, and that they have ended.

use neargate_api::model::ssm::Session;
use neargate_api::{Cloud, Timestamp};
use neargate_api_ecs::exec::{By, Grant};
use neargate_store::StoreError;

/// As long as Session Manager shows sessions that have ended.
const KEPT_SECS: i64 = 30 * 24 * 3600;

/// Writes a session down; false when it was opened before. Forgets what is old.
pub async fn begin(cloud: &Cloud, region: &str, grant: &Grant) -> Result<bool, StoreError> {
    let now = cloud.clock.now();
    let (owner, resumable) = match &grant.by {
        By::Caller(arn) => (arn.clone(), true),
        By::Operator => (format!("arn:aws:iam::{}:root", cloud.account), false),
    };
    let session = Session {
        region: region.to_owned(),
        id: grant.session_id.clone(),
        target: grant.target.clone(),
        owner,
        resumable,
        started_at: now,
        terminated_by: None,
        ended_at: None,
    };
    let write = cloud.store.write(move |tx| {
        let is_old = |at: Timestamp| at.plus_secs(KEPT_SECS) < now;
        let old = tx.all::<Session>().filter(|session| session.ended_at.is_some_and(is_old));
        let old: Vec<_> = old.map(|s| Session::key_of(&s.region, &s.id)).collect();
        for key in old {
            tx.delete::<Session>(&key);
        }
        Ok(tx.insert(session).is_ok())
    });
    write.await
}

/// Writes down that a session has ended.
pub async fn end(cloud: &Cloud, key: &str) {
    let (key, now) = (key.to_owned(), cloud.clock.now());
    let write = cloud.store.write(move |tx| {
        tx.update::<Session>(&key, |session| session.ended_at = Some(now));
        Ok::<(), StoreError>(())
    });
    if let Err(error) = write.await {
        tracing::error!(%error, "the end of a session could not be written down");
    }
}

/// Writes down that the sessions of an earlier run have ended, with it, before `started_at`.
pub async fn end_those_before(cloud: &Cloud, started_at: Timestamp) {
    let snapshot = cloud.store.snapshot();
    let left = snapshot.all::<Session>().filter(|s| s.ended_at.is_none());
    for session in left.filter(|session| session.started_at < started_at) {
        end(cloud, &Session::key_of(&session.region, &session.id)).await;
    }
}

/// Whether somebody has asked for the session's end.
pub fn is_terminated(cloud: &Cloud, key: &str) -> bool {
    let session = cloud.store.snapshot().get::<Session>(key);
    session.is_some_and(|session| session.terminated_by.is_some())
}
