//! Rules with a schedule: when one is due, its event is told to its targets and
//! the next time is counted from there, in one transaction. What Neargate slept
//! through comes once.

use neargate_api::model::events::Rule;
use neargate_api::{Cloud, Record, StoreError, Timestamp, Tx};
use neargate_api_events::hand_over;
use neargate_rules::Schedule;
use neargate_rules::event::Telling;
use serde_json::json;

/// How far back the times of a cron that were slept through are looked for.
const LOOK_BACK_MILLIS: i64 = 86_400_000;

/// Begins all that are due.
pub async fn begin_due(cloud: &Cloud, now: Timestamp) -> Result<(), StoreError> {
    let snapshot = cloud.store.snapshot();
    for rule in snapshot.all::<Rule>().filter(|rule| due(rule, now).is_some()) {
        let (key, id, account) = (rule.key(), cloud.rng.uuid(), cloud.account.clone());
        let begun = cloud.store.write(move |tx| {
            begin(tx, &key, id, &account, now);
            Ok::<(), StoreError>(())
        });
        begun.await?;
    }
    Ok(())
}

/// The last time that has come since the rule's schedule was counted from.
fn due(rule: &Rule, now: Timestamp) -> Option<Timestamp> {
    let schedule = rule.schedule.as_deref().filter(|_| rule.is_enabled())?;
    let from = rule.scheduled_from;
    match Schedule::parse(schedule)? {
        Schedule::Rate { every_millis } => {
            let times = now.millis_since(from) / every_millis;
            (times > 0).then(|| from.plus_millis(times * every_millis))
        }
        schedule => {
            let mut last = None;
            let mut after = from.max(now.plus_millis(-LOOK_BACK_MILLIS));
            while let Some(next) = schedule.next_after(after).filter(|next| *next <= now) {
                last = Some(next);
                after = next;
            }
            last
        }
    }
}

fn begin(tx: &mut Tx, key: &str, id: String, account: &str, now: Timestamp) {
    let Some(rule) = tx.get::<Rule>(key) else { return };
    let Some(at) = due(&rule, now) else { return };
    let telling = Telling::new("aws.events", "Scheduled Event", rule.arn.clone(), &json!({}));
    let event = telling.at(id, account, &rule.region, at);
    hand_over(tx, &rule, &event.id, &event.text(), now);
    tx.update::<Rule>(key, |rule| rule.scheduled_from = at);
}
