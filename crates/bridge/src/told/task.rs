//! "ECS Task State Change": a task as DescribeTasks shows it, with its times as text.
//! Source: "Amazon ECS task state change events" in the developer guide.

use neargate_api::model::ecs::Task;
use neargate_api::{Stored, Timestamp};
use neargate_rules::event::Telling;
use serde_json::{Value, json};

use super::Change;

pub fn told(change: Change<'_, Task>) -> Vec<Telling> {
    let Some(task) = change.after else { return Vec::new() };
    if change.before.is_some_and(|before| before.version == task.version) {
        return Vec::new();
    }
    let shown = neargate_api_ecs::shown_task(change.snapshot, task);
    let mut detail = serde_json::to_value(Stored(shown)).unwrap_or_default();
    tell_times(&mut detail);
    if let Some(members) = detail.as_object_mut() {
        members.remove("tags");
        members.insert("updatedAt".into(), change.now.iso8601().into());
    }
    let overrides = &mut detail["overrides"]["containerOverrides"];
    if overrides.is_null() {
        // AWS names every container, overridden or not.
        *overrides = task.containers.iter().map(|c| json!({ "name": c.name })).collect();
    }
    for attachment in detail["attachments"].as_array_mut().into_iter().flatten() {
        attachment["type"] = "eni".into();
    }
    vec![Telling::new("aws.ecs", "ECS Task State Change", task.arn.clone(), &detail)]
}

/// Epoch seconds become text, in every member that is an instant.
fn tell_times(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_f64().filter(|_| name.ends_with("At")) {
                    Some(secs) => {
                        let at = Timestamp((secs * 1000.0).round() as i64);
                        *member = at.iso8601().into();
                    }
                    None => tell_times(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tell_times),
        _ => {}
    }
}
