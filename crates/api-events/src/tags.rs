//! Tags of rules and event buses.

use neargate_api::model::events::{EventBus, Rule};
use neargate_api::types::events::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, Tag, TagResourceRequest,
    TagResourceResponse, UntagResourceRequest, UntagResourceResponse, error,
};
use neargate_api::{AwsError, Ctx, Snapshot, TAG_LIMIT, Tags, Tx, check_tags};

use crate::{bus, invalid, limit_exceeded, rule};

/// Tags as given, checked.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    checked(given.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
}

fn checked(tags: Tags) -> Result<Tags, AwsError> {
    match check_tags(&tags) {
        Some(_) if tags.len() > TAG_LIMIT => Err(limit_exceeded()),
        Some(why) => Err(invalid(why)),
        None => Ok(tags),
    }
}

/// What has tags: the name of a bus, or a bus and the name of a rule of it.
enum Tagged {
    Bus(String),
    Rule { bus: String, name: String },
}

impl Tagged {
    fn of(ctx: &Ctx, arn: &str) -> Result<Self, AwsError> {
        let resource = arn.strip_prefix(&ctx.arn("events", "")).unwrap_or_default();
        let parts: Vec<&str> = resource.split('/').collect();
        match parts[..] {
            ["event-bus", name] => Ok(Tagged::Bus(name.to_owned())),
            ["rule", name] => Ok(Tagged::Rule { bus: "default".into(), name: name.to_owned() }),
            ["rule", bus, name] => Ok(Tagged::Rule { bus: bus.to_owned(), name: name.to_owned() }),
            _ => Err(invalid(format!(
                "Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
            ))),
        }
    }

    fn tags(&self, ctx: &Ctx, snapshot: &Snapshot) -> Result<Tags, AwsError> {
        match self {
            Tagged::Bus(name) => bus::find(ctx, snapshot, name).map(|bus| bus.tags),
            Tagged::Rule { bus, name } => {
                rule::find(ctx, snapshot, bus, name).map(|rule| rule.tags.clone())
            }
        }
    }

    fn change(
        &self,
        ctx: &Ctx,
        tx: &mut Tx,
        change: impl FnOnce(&mut Tags),
    ) -> Result<(), AwsError> {
        match self {
            Tagged::Bus(name) => {
                let mut bus: EventBus = bus::find(ctx, tx.view(), name)?;
                change(&mut bus.tags);
                checked(bus.tags.clone())?;
                tx.put(bus);
            }
            Tagged::Rule { bus, name } => {
                let key = Rule::key_of(&ctx.region, bus, name);
                let changed = tx.update::<Rule>(&key, |rule| change(&mut rule.tags));
                let changed = changed.ok_or_else(|| missing_rule(name, bus))?;
                checked(changed.tags.clone())?;
            }
        }
        Ok(())
    }
}

fn missing_rule(name: &str, bus: &str) -> AwsError {
    error::resource_not_found_exception(format!("Rule {name} does not exist on EventBus {bus}."))
}

async fn change(
    ctx: Ctx,
    arn: String,
    change: impl FnOnce(&mut Tags) + Send + 'static,
) -> Result<(), AwsError> {
    let tagged = Tagged::of(&ctx, &arn)?;
    let of_tx = ctx.clone();
    ctx.write(move |tx| tagged.change(&of_tx, tx, change)).await
}

pub async fn tag(ctx: Ctx, input: TagResourceRequest) -> Result<TagResourceResponse, AwsError> {
    let added = read(Some(input.tags))?;
    change(ctx, input.resource_arn, move |tags| tags.extend(added)).await?;
    Ok(TagResourceResponse {})
}

pub async fn untag(
    ctx: Ctx,
    input: UntagResourceRequest,
) -> Result<UntagResourceResponse, AwsError> {
    let keys = input.tag_keys;
    change(ctx, input.resource_arn, move |tags| tags.retain(|key, _| !keys.contains(key))).await?;
    Ok(UntagResourceResponse {})
}

pub async fn list(
    ctx: Ctx,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, AwsError> {
    let tags = Tagged::of(&ctx, &input.resource_arn)?.tags(&ctx, &ctx.snapshot())?;
    let shown = tags.into_iter().map(|(key, value)| Tag { key, value });
    Ok(ListTagsForResourceResponse { tags: Some(shown.collect()) })
}
