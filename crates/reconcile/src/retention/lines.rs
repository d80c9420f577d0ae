//! Log lines past their group's retention are hidden and freed. What expires
//! when is said by `model::logs`. The lines do not remember it over a restart,
//! so that it is asked for in every turn, and first of all at the start.

use neargate_api::Cloud;
use neargate_api::model::logs::{LogGroup, expired_before_ms};
use neargate_loglines::{LogError, LogLines};

/// Expires the lines of all groups that have a retention.
pub async fn expire(cloud: &Cloud, lines: &LogLines) -> Result<(), LogError> {
    let now = cloud.clock.now();
    for group in cloud.store.snapshot().all::<LogGroup>() {
        if let Some(before_ms) = expired_before_ms(&group, now.millis()) {
            lines.expire(&group.lines_key(), before_ms).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use neargate_loglines::{NewEvent, Read};
    use neargate_testkit as testkit;

    use super::*;

    const DAY_MS: i64 = 24 * 60 * 60 * 1000;

    fn group(name: &str, retention_in_days: Option<i32>) -> LogGroup {
        LogGroup {
            region: "us-west-2".into(),
            name: name.into(),
            arn: format!("arn:aws:logs:us-west-2:000000000000:log-group:{name}"),
            created_ms: 0,
            class: "STANDARD".into(),
            retention_in_days,
            kms_key_id: None,
            deletion_protection: false,
            tags: Default::default(),
        }
    }

    /// What is left of a line of now and one of a day and a bit later.
    async fn left(group: LogGroup) -> Vec<String> {
        let ctx = testkit::ctx();
        let directory = tempfile::tempdir().unwrap();
        let lines = LogLines::open(directory.path()).unwrap();
        let key = group.lines_key();
        ctx.write(move |tx| {
            tx.put(group);
            Ok(())
        })
        .await
        .unwrap();
        for message in ["first", "second"] {
            let now_ms = ctx.cloud.clock.now().millis();
            let message = message.to_owned();
            let event = NewEvent { timestamp_ms: now_ms, ingestion_ms: now_ms, message };
            lines.append(&key, "one", vec![event]).await.unwrap();
            ctx.cloud.clock.advance_millis(DAY_MS / 2 + 1);
        }
        expire(&ctx.cloud, &lines).await.unwrap();
        let page = lines.read(&key, "one", Read::default()).await.unwrap();
        page.events.into_iter().map(|event| event.message).collect()
    }

    #[tokio::test]
    async fn only_what_is_past_its_retention_goes() {
        assert_eq!(left(group("/ecs/app", Some(1))).await, ["second"]);
        assert_eq!(left(group("/ecs/app", Some(3))).await, ["first", "second"]);
        assert_eq!(left(group("/ecs/app", None)).await, ["first", "second"]);
    }
}
