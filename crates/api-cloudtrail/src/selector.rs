//! Event selectors: which events a trail delivers. `wanted` is the decision.

use neargate_api::model::cloudtrail::{Selectors, Trail};
use neargate_api::types::cloudtrail::{
    AdvancedEventSelector, AdvancedFieldSelector, EventSelector, GetEventSelectorsRequest,
    GetEventSelectorsResponse, PutEventSelectorsRequest, PutEventSelectorsResponse, error,
};
use neargate_api::{AwsError, Ctx, Stored};
use neargate_eventlog::Entry;
use serde_json::Value;

use crate::trail;
use crate::write::is_global;

/// What management events are told apart by.
/// Source: "AdvancedFieldSelector" in the API reference.
const FIELDS: [&str; 8] = [
    "eventCategory",
    "readOnly",
    "eventSource",
    "eventName",
    "eventType",
    "userIdentity.arn",
    "sessionCredentialFromConsole",
    "errorCode",
];

/// Whether a trail takes an event.
pub fn wanted(trail: &Trail, event: &Entry) -> bool {
    let global_here = is_global(&event.source) && !trail.include_global_service_events;
    let in_scope = trail.multi_region || (event.region == trail.region && !global_here);
    in_scope
        && match &trail.selectors {
            Selectors::Default => true,
            Selectors::Basic(all) => all.iter().any(|selector| selects(selector, event)),
            Selectors::Advanced(all) => {
                let mut record = None;
                let whole = |selector: &Stored<AdvancedEventSelector>| {
                    selector.field_selectors.iter().all(|field| holds(field, event, &mut record))
                };
                all.iter().any(whole)
            }
        }
}

fn selects(selector: &EventSelector, event: &Entry) -> bool {
    let kind = match selector.read_write_type.as_deref() {
        Some("ReadOnly") => event.read_only,
        Some("WriteOnly") => !event.read_only,
        _ => true,
    };
    let excluded = selector.exclude_management_event_sources.as_ref();
    selector.include_management_events.unwrap_or(true)
        && kind
        && !excluded.is_some_and(|sources| sources.contains(&event.source))
}

fn holds(field: &AdvancedFieldSelector, event: &Entry, record: &mut Option<Value>) -> bool {
    let value = match field.field.as_str() {
        "eventCategory" => "Management".to_owned(),
        "readOnly" => event.read_only.to_string(),
        "eventSource" => event.source.clone(),
        "eventName" => event.name.clone(),
        "eventType" => "AwsApiCall".to_owned(),
        "sessionCredentialFromConsole" => "false".to_owned(),
        name => {
            let record = record.get_or_insert_with(|| {
                serde_json::from_str(event.record.get()).unwrap_or_default()
            });
            let found = record.pointer(&format!("/{}", name.replace('.', "/")));
            found.and_then(Value::as_str).unwrap_or_default().to_owned()
        }
    };
    let any = |list: &Option<Vec<String>>, test: fn(&str, &str) -> bool| {
        list.as_ref().map(|list| list.iter().any(|one| test(&value, one)))
    };
    let equal: fn(&str, &str) -> bool = |value, one| value == one;
    let begins: fn(&str, &str) -> bool = |value, one| value.starts_with(one);
    let ends: fn(&str, &str) -> bool = |value, one| value.ends_with(one);
    any(&field.equals, equal).unwrap_or(true)
        && any(&field.starts_with, begins).unwrap_or(true)
        && any(&field.ends_with, ends).unwrap_or(true)
        && !any(&field.not_equals, equal).unwrap_or(false)
        && !any(&field.not_starts_with, begins).unwrap_or(false)
        && !any(&field.not_ends_with, ends).unwrap_or(false)
}

/// What a trail has to which none were put.
fn default_selector() -> EventSelector {
    EventSelector {
        data_resources: Some(Vec::new()),
        exclude_management_event_sources: Some(Vec::new()),
        include_management_events: Some(true),
        read_write_type: Some("All".to_owned()),
    }
}

pub async fn get(
    ctx: Ctx,
    input: GetEventSelectorsRequest,
) -> Result<GetEventSelectorsResponse, AwsError> {
    let trail = trail::find(&ctx, &input.trail_name)?;
    let (event_selectors, advanced_event_selectors) = shown(&trail.selectors);
    Ok(GetEventSelectorsResponse {
        advanced_event_selectors,
        event_selectors,
        trail_arn: Some(trail.arn.clone()),
    })
}

type Shown = (Option<Vec<EventSelector>>, Option<Vec<AdvancedEventSelector>>);

fn shown(selectors: &Selectors) -> Shown {
    match selectors {
        Selectors::Default => (Some(vec![default_selector()]), None),
        Selectors::Basic(all) => (Some(all.iter().map(|one| one.0.clone()).collect()), None),
        Selectors::Advanced(all) => (None, Some(all.iter().map(|one| one.0.clone()).collect())),
    }
}

pub async fn put(
    ctx: Ctx,
    input: PutEventSelectorsRequest,
) -> Result<PutEventSelectorsResponse, AwsError> {
    let key = trail::key_at_home(&ctx, &input.trail_name)?;
    let missing = trail::unknown(&ctx, &input.trail_name);
    let selectors = match (input.event_selectors, input.advanced_event_selectors) {
        (Some(basic), None) => Selectors::Basic(check_basic(basic)?),
        (None, Some(advanced)) => Selectors::Advanced(check_advanced(advanced)?),
        _ => return Err(invalid("Specify either EventSelectors or AdvancedEventSelectors.")),
    };
    let (event_selectors, advanced_event_selectors) = shown(&selectors);
    let arn = ctx
        .write(move |tx| {
            let changed = tx.update::<Trail>(&key, |trail| trail.selectors = selectors);
            Ok(changed.ok_or(missing)?.arn.clone())
        })
        .await?;
    Ok(PutEventSelectorsResponse {
        advanced_event_selectors,
        event_selectors,
        trail_arn: Some(arn),
    })
}

fn invalid(what: &str) -> AwsError {
    error::invalid_event_selectors_exception(what)
}

fn check_basic(given: Vec<EventSelector>) -> Result<Vec<Stored<EventSelector>>, AwsError> {
    if given.is_empty() || given.len() > 5 {
        return Err(invalid("A trail can have 1 to 5 event selectors."));
    }
    let mut kept = Vec::new();
    for mut selector in given {
        for source in selector.exclude_management_event_sources.iter().flatten() {
            if !["kms.amazonaws.com", "rdsdata.amazonaws.com"].contains(&source.as_str()) {
                return Err(invalid(
                    "ExcludeManagementEventSources may hold kms.amazonaws.com and \
                     rdsdata.amazonaws.com only.",
                ));
            }
        }
        selector.read_write_type.get_or_insert_with(|| "All".to_owned());
        selector.include_management_events.get_or_insert(true);
        selector.data_resources.get_or_insert_with(Vec::new);
        selector.exclude_management_event_sources.get_or_insert_with(Vec::new);
        kept.push(Stored(selector));
    }
    Ok(kept)
}

fn check_advanced(
    given: Vec<AdvancedEventSelector>,
) -> Result<Vec<Stored<AdvancedEventSelector>>, AwsError> {
    for selector in &given {
        let fields = &selector.field_selectors;
        let category = fields.iter().find(|field| field.field == "eventCategory");
        let category = category.and_then(|field| field.equals.as_ref()?.first());
        let Some(category) = category else {
            return Err(invalid("An advanced event selector must have an eventCategory."));
        };
        let known = |field: &AdvancedFieldSelector| FIELDS.contains(&field.field.as_str());
        if category == "Management" && !fields.iter().all(known) {
            return Err(invalid("A field is not supported for the category Management."));
        }
    }
    Ok(given.into_iter().map(Stored).collect())
}
