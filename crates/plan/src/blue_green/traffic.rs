//! How much of the traffic the replacement has at an instant, and how actions split it.

use neargate_api_types::elbv2::{Action, ForwardActionConfig, TargetGroupTuple};
use neargate_ids::Timestamp;
use neargate_model::codedeploy::Traffic;
use neargate_wire::Stored;

const MINUTE_MILLIS: i64 = 60_000;

/// The percentage that the replacement gets, and when that changes next.
pub fn replacement_weight(
    traffic: Traffic,
    since: Timestamp,
    now: Timestamp,
) -> (u32, Option<Timestamp>) {
    let passed =
        |minutes: u32| now.millis_since(since).max(0) / (i64::from(minutes.max(1)) * MINUTE_MILLIS);
    let after = |minutes: u32, intervals: i64| {
        Some(since.plus_millis(i64::from(minutes.max(1)) * MINUTE_MILLIS * intervals))
    };
    match traffic {
        Traffic::AllAtOnce => (100, None),
        Traffic::Canary { percent, interval_minutes } => match passed(interval_minutes) {
            0 => (percent.min(100), after(interval_minutes, 1)),
            _ => (100, None),
        },
        Traffic::Linear { percent, interval_minutes } => {
            let steps = passed(interval_minutes) + 1;
            let weight = (i64::from(percent.max(1)) * steps).min(100) as u32;
            let next = (weight < 100).then(|| after(interval_minutes, steps)).flatten();
            (weight, next)
        }
    }
}

/// Actions in which everything that went to `from` or `to` is split between the two:
/// `percent` to `to`. Both stay in use, so that the targets of each are checked and it can be
/// gone back to at once. `None` when nothing did.
pub fn split(
    actions: &[Stored<Action>],
    from: &str,
    to: &str,
    percent: u32,
) -> Option<Vec<Stored<Action>>> {
    let mut found = false;
    let split = actions.iter().map(|action| {
        let forwards = action.forward_config.as_ref().is_some_and(|forward| {
            let groups = forward.target_groups.iter().flatten();
            groups
                .filter_map(|group| group.target_group_arn.as_deref())
                .any(|g| g == from || g == to)
        });
        if !forwards {
            return action.clone();
        }
        found = true;
        Stored(forward(action, from, to, percent))
    });
    let split = split.collect();
    found.then_some(split)
}

fn forward(action: &Action, from: &str, to: &str, percent: u32) -> Action {
    let group = |arn: &str, weight: u32| TargetGroupTuple {
        target_group_arn: Some(arn.into()),
        weight: Some(weight as i32),
    };
    let percent = percent.min(100);
    Action {
        target_group_arn: None,
        forward_config: Some(ForwardActionConfig {
            target_groups: Some(vec![group(to, percent), group(from, 100 - percent)]),
            ..action.forward_config.clone().unwrap_or_default()
        }),
        ..action.clone()
    }
}
