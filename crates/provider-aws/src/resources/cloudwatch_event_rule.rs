//! `aws_cloudwatch_event_rule`: events by a pattern, or by a schedule.

use std::collections::BTreeMap;

use async_trait::async_trait;
use neargate_api_types::events;
use neargate_hcl::Value;
use serde_json::json;

use super::security_group::prefix_of;
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::policy;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::{tags, waits};

pub struct EventRule;

pub const MISSING: [&str; 1] = ["ResourceNotFoundException"];

/// The bus of whoever names none.
pub const DEFAULT_BUS: &str = "default";

#[async_trait]
impl Resource for EventRule {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["event_bus_name", "name", "name_prefix"],
            defaults: &[
                ("event_bus_name", Fallback::Text(DEFAULT_BUS)),
                ("force_destroy", Fallback::Bool(false)),
            ],
            json: &["event_pattern"],
            alike: &[("is_enabled", says_no_enabled), ("state", says_no_state)],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let name = cloud.name_of(planned);
        let mut input = rule(planned, &name);
        input.tags = Some(of_map(planned.map("tags_all"))).filter(|tags| !tags.is_empty());
        // A role that has just been made may not be everywhere yet.
        waits::accepted(cloud, &format!("Rule {name}"), 2, &["ValidationException"], || {
            cloud.call::<events::PutRule>(&input)
        })
        .await?;
        Ok(id_of(&bus_of(planned), &name))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let (bus, name) = parts(&known.id());
        let input = events::DescribeRuleRequest { event_bus_name: Some(bus.clone()), name };
        let rule = found(cloud.call::<events::DescribeRule>(&input).await, &MISSING)?;
        let Some(rule) = rule else { return Ok(None) };
        let arn = rule.arn.unwrap_or_default();
        let name = rule.name.unwrap_or_default();
        let pattern = rule
            .event_pattern
            .map_or(String::new(), |found| policy::kept(known.text("event_pattern"), &found));
        let input = events::ListTagsForResourceRequest { resource_arn: arn.clone() };
        let has = cloud.call::<events::ListTagsForResource>(&input).await?.tags;
        let prefix = prefix_of(&name, &known);
        let state = rule.state.unwrap_or_default();
        known.extend(json!({
            "arn": arn,
            "description": rule.description.unwrap_or_default(),
            "event_bus_name": bus,
            "event_pattern": pattern,
            "force_destroy": known.is("force_destroy"),
            "is_enabled": state == "ENABLED",
            "name": name,
            "name_prefix": prefix,
            "role_arn": rule.role_arn.unwrap_or_default(),
            "schedule_expression": rule.schedule_expression.unwrap_or_default(),
            "state": state,
        }));
        let pair = |tag: events::Tag| (tag.key, tag.value);
        let has = has.unwrap_or_default().into_iter().map(pair).collect();
        tags::set(&mut known, cloud, has);
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let (_, name) = parts(&planned.id());
        cloud.call::<events::PutRule>(&rule(planned, &name)).await?;
        let Some(changes) = tags::changes(prior, planned) else { return Ok(()) };
        let resource_arn = planned.required("arn");
        if !changes.removed.is_empty() {
            let (resource_arn, tag_keys) = (resource_arn.clone(), changes.removed);
            let input = events::UntagResourceRequest { resource_arn, tag_keys };
            cloud.call::<events::UntagResource>(&input).await?;
        }
        if !changes.set.is_empty() {
            let input = events::TagResourceRequest { resource_arn, tags: of_map(changes.set) };
            cloud.call::<events::TagResource>(&input).await?;
        }
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let (bus, name) = parts(&prior.id());
        let force = prior.bool("force_destroy").filter(|force| *force);
        let input = events::DeleteRuleRequest { event_bus_name: Some(bus), force, name };
        let what = format!("Rule {}", prior.id());
        // Its targets may not be gone everywhere yet.
        waits::delete(cloud, &what, &MISSING, &["ValidationException"], || {
            cloud.call::<events::DeleteRule>(&input)
        })
        .await
    }
}

/// Whoever says nothing of it leaves it as it is.
fn says_no_enabled(_before: &Value, planned: &Value) -> bool {
    planned.get("is_enabled").is_none_or(Value::is_null)
}

fn says_no_state(_before: &Value, planned: &Value) -> bool {
    planned.get("state").is_none_or(Value::is_null)
}

fn rule(planned: &Attributes, name: &str) -> events::PutRuleRequest {
    let disabled = planned.bool("is_enabled") == Some(false);
    let state = if disabled { Some("DISABLED".to_owned()) } else { planned.string("state") };
    events::PutRuleRequest {
        description: planned.string("description"),
        event_bus_name: Some(bus_of(planned)),
        event_pattern: planned.string("event_pattern"),
        name: name.to_owned(),
        role_arn: planned.string("role_arn"),
        schedule_expression: planned.string("schedule_expression"),
        state: Some(state.unwrap_or_else(|| "ENABLED".to_owned())),
        tags: None,
    }
}

/// The bus that is given, or the default.
pub fn bus_of(attributes: &Attributes) -> String {
    attributes.string("event_bus_name").unwrap_or_else(|| DEFAULT_BUS.to_owned())
}

pub fn id_of(bus: &str, name: &str) -> String {
    if bus == DEFAULT_BUS { name.to_owned() } else { format!("{bus}/{name}") }
}

/// The bus and the name in an id.
fn parts(id: &str) -> (String, String) {
    match id.rsplit_once('/') {
        Some((bus, name)) => (bus.to_owned(), name.to_owned()),
        None => (DEFAULT_BUS.to_owned(), id.to_owned()),
    }
}

fn of_map(tags: BTreeMap<String, String>) -> Vec<events::Tag> {
    tags.into_iter().map(|(key, value)| events::Tag { key, value }).collect()
}
