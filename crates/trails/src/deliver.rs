//! One trail's delivery: what is new, piece by piece, and the fact of it.

use std::collections::BTreeMap;

use neargate_api::model::cloudtrail::{Delivery, Place, Trail};
use neargate_api::{Record, StoreError, Timestamp};
use neargate_api_cloudtrail::{PRINCIPAL, wanted};
use neargate_api_s3::OnBehalf;
use neargate_eventlog::{Ahead, Entry, Position};

use crate::Trails;
use crate::files::{File, files};

/// Pieces of the log that are delivered in one turn.
const PIECES: usize = 16;

impl Trails {
    /// Delivers what is new. The error is for people.
    pub async fn deliver(&self, trail: &Trail, delivery: &Delivery) -> Result<(), String> {
        let end = self.log.end().await;
        let until = delivery.until.map_or(end, position);
        let mut from = position(delivery.from);
        for _ in 0..PIECES {
            let Ahead { entries, next } = self.ahead(from, until).await?;
            // Past the end that the log has now: after a loss of power it may be shorter.
            let next = if entries.is_empty() { until } else { next };
            let events: Vec<Entry> = entries.into_iter().filter(|e| wanted(trail, e)).collect();
            if !events.is_empty() {
                self.piece(trail, &events).await?;
            }
            if next != from {
                self.note(trail, move |delivery| delivery.from = place(next)).await?;
            }
            from = next;
            if from >= until {
                break;
            }
        }
        Ok(())
    }

    async fn ahead(&self, from: Position, until: Position) -> Result<Ahead, String> {
        let log = self.log.clone();
        let read = tokio::task::spawn_blocking(move || log.ahead(from, until)).await;
        read.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }

    /// Delivers events to the bucket and, where the trail has one, to the log group.
    async fn piece(&self, trail: &Trail, events: &[Entry]) -> Result<(), String> {
        let now = self.cloud.clock.now();
        let put = self.put_files(trail, events, now).await;
        let error = put.as_ref().err().cloned();
        self.note(trail, move |delivery| {
            delivery.attempted_at = Some(now);
            delivery.delivered_at = if error.is_none() { Some(now) } else { delivery.delivered_at };
            delivery.error = error;
        })
        .await?;
        put.map_err(|code| format!("bucket {}: {code}", trail.bucket))?;
        if trail.log_group_arn.is_none() {
            return Ok(());
        }
        let put = self.put_lines(trail, events).await;
        let error = put.as_ref().err().cloned();
        self.note(trail, move |delivery| {
            match error.is_none() {
                true => delivery.logs_delivered_at = Some(now),
                false => tracing::warn!(error, "a trail's events cannot go to its log group"),
            }
            delivery.logs_error = error;
        })
        .await
    }

    /// The error is S3's code, which GetTrailStatus shows.
    async fn put_files(
        &self,
        trail: &Trail,
        events: &[Entry],
        now: Timestamp,
    ) -> Result<(), String> {
        let account = &self.cloud.account;
        let by = OnBehalf { service: PRINCIPAL, source_arn: &trail.arn, account, now };
        for File { key, bytes } in files(trail, account, events, now, &self.cloud.rng) {
            let encryption = if trail.kms_key_id.is_some() { "aws:kms" } else { "AES256" };
            let mut headers = BTreeMap::from([
                ("content-type".to_owned(), "application/json".to_owned()),
                ("content-encoding".to_owned(), "gzip".to_owned()),
                ("x-amz-server-side-encryption".to_owned(), encryption.to_owned()),
            ]);
            if let Some(key_id) = &trail.kms_key_id {
                let name = "x-amz-server-side-encryption-aws-kms-key-id".to_owned();
                headers.insert(name, key_id.clone());
            }
            let put = self.s3.deliver(by, &trail.bucket, &key, headers, bytes).await;
            put.map_err(|refusal| refusal.code)?;
        }
        Ok(())
    }

    async fn note(
        &self,
        trail: &Trail,
        change: impl FnOnce(&mut Delivery) + Send + 'static,
    ) -> Result<(), String> {
        let key = trail.key();
        let noted = self.cloud.store.write(move |tx| {
            tx.update::<Delivery>(&key, change);
            Ok::<(), StoreError>(())
        });
        noted.await.map_err(|error| error.to_string())
    }
}

fn position(place: Place) -> Position {
    Position { segment: place.segment, offset: place.offset }
}

fn place(position: Position) -> Place {
    Place { segment: position.segment, offset: position.offset }
}
