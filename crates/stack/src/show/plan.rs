//! A plan for machines.

use neargate_hcl::json::type_to_json;
use neargate_hcl::{Value, convert::Step};
use serde_json::{Map, Value as Json, json};

use super::configuration::configuration;
use super::{checks, identity, tree, values};
use crate::address::Mode;
use crate::plan::{Action, Drift, OutputChange, Plan, Reason, ResourceChange};
use crate::run::Stack;
use crate::state::TERRAFORM_VERSION;

/// The whole of a plan, which was made at `timestamp` (RFC 3339).
pub fn plan(stack: &Stack, plan: &Plan, timestamp: &str) -> Json {
    let mut told = json!({
        "format_version": "1.2",
        "terraform_version": TERRAFORM_VERSION,
        "planned_values": planned_values(plan),
        "resource_changes": plan.changes.iter().map(resource_change).collect::<Json>(),
        "prior_state": super::state::state(&plan.state, &stack.providers),
        "configuration": configuration(stack),
        "timestamp": timestamp,
        "applyable": !plan.is_empty(),
        "complete": plan.targets.is_empty(),
        "errored": false,
    });
    let mut add = |name: &str, value: Json| {
        let empty = value.as_object().is_some_and(Map::is_empty)
            || value.as_array().is_some_and(Vec::is_empty);
        if !empty {
            told[name] = value;
        }
    };
    let variable = |value: &Value| json!({ "value": values::known(value).unwrap_or(Json::Null) });
    add("variables", each(stack.inputs.iter(), variable));
    add("output_changes", each(plan.outputs.iter(), output_change));
    add("resource_drift", plan.drift.iter().map(drifted).collect());
    add("checks", checks::checks(&plan.checks));
    told
}

fn each<'a, T: 'a>(
    entries: impl Iterator<Item = (&'a String, &'a T)>,
    tell: impl Fn(&T) -> Json,
) -> Json {
    Json::Object(entries.map(|(name, entry)| (name.clone(), tell(entry))).collect())
}

/// What there will be, as far as it is known.
fn planned_values(plan: &Plan) -> Json {
    let stays = |change: &&ResourceChange| {
        change.after.is_some() && change.deposed.is_none() && change.action != Action::Forget
    };
    let resources = plan.changes.iter().filter(stays).map(|change| {
        let mut told = identity(&change.address, Some(&change.provider));
        let after = change.after.as_ref();
        told.insert("schema_version".into(), change.schema.version.into());
        told.insert("values".into(), after.and_then(values::known).unwrap_or(Json::Null));
        told.insert("sensitive_values".into(), flags(after));
        (change.address.module.clone(), Json::Object(told))
    });
    let mut told = json!({ "root_module": tree(resources.collect()) });
    let outputs = plan.outputs.iter().filter_map(|(name, change)| {
        let after = change.after.as_ref()?;
        let mut output = json!({ "sensitive": change.sensitive });
        if after.is_wholly_known() {
            output["value"] = values::known(after).unwrap_or(Json::Null);
            output["type"] = type_to_json(&after.ty());
        }
        Some((name.clone(), output))
    });
    let outputs: Map<String, Json> = outputs.collect();
    if !outputs.is_empty() {
        told["outputs"] = Json::Object(outputs);
    }
    told
}

fn resource_change(change: &ResourceChange) -> Json {
    let mut told = identity(&change.address, Some(&change.provider));
    if !change.address.module.is_root() {
        told.insert("module_address".into(), change.address.module.to_string().into());
    }
    if let Some(previous) = &change.previous {
        told.insert("previous_address".into(), previous.to_string().into());
    }
    if let Some(key) = &change.deposed {
        told.insert("deposed".into(), key.clone().into());
    }
    let after = match change.action {
        Action::Forget => None,
        _ => change.after.as_ref(),
    };
    let mut inner = difference(change.action, change.before.as_ref(), after);
    if !change.replace.is_empty() {
        inner["replace_paths"] = change.replace.iter().map(|path| steps(path)).collect();
    }
    if let Some(id) = &change.importing {
        inner["importing"] = json!({ "id": id });
    }
    told.insert("change".into(), inner);
    if let Some(reason) =
        change.reason.and_then(|reason| name(reason, change.address.resource.mode))
    {
        told.insert("action_reason".into(), reason.into());
    }
    Json::Object(told)
}

fn drifted(drift: &Drift) -> Json {
    let mut told = identity(&drift.address, Some(&drift.provider));
    if !drift.address.module.is_root() {
        told.insert("module_address".into(), drift.address.module.to_string().into());
    }
    let action = if drift.after.is_some() { Action::Update } else { Action::Delete };
    let change = difference(action, Some(&drift.before), drift.after.as_ref());
    told.insert("change".into(), change);
    Json::Object(told)
}

fn difference(action: Action, before: Option<&Value>, after: Option<&Value>) -> Json {
    let known = |value: Option<&Value>| value.and_then(values::known).unwrap_or(Json::Null);
    let unknown = after.filter(|value| !value.is_wholly_known()).map(values::unknown);
    json!({
        "actions": actions(action),
        "before": known(before),
        "after": known(after),
        "after_unknown": unknown.unwrap_or_else(|| json!({})),
        "before_sensitive": flags(before),
        "after_sensitive": flags(after),
    })
}

fn flags(value: Option<&Value>) -> Json {
    value.map_or(Json::Bool(false), values::sensitive)
}

fn output_change(change: &OutputChange) -> Json {
    let mut told = json!({
        "actions": actions(change.action),
        "before": change.before.as_ref().and_then(values::known).unwrap_or(Json::Null),
        "after_unknown": false,
        "before_sensitive": change.sensitive,
        "after_sensitive": change.sensitive,
    });
    match &change.after {
        None => told["after"] = Json::Null,
        Some(after) => {
            if let Some(known) = values::known(after) {
                told["after"] = known;
            }
            if !after.is_wholly_known() {
                told["after_unknown"] = values::unknown(after);
            }
        }
    }
    told
}

fn actions(action: Action) -> &'static [&'static str] {
    match action {
        Action::NoOp => &["no-op"],
        Action::Create => &["create"],
        Action::Read => &["read"],
        Action::Update => &["update"],
        Action::DeleteThenCreate => &["delete", "create"],
        Action::CreateThenDelete => &["create", "delete"],
        Action::Delete => &["delete"],
        Action::Forget => &["forget"],
    }
}

fn name(reason: Reason, mode: Mode) -> Option<&'static str> {
    Some(match reason {
        Reason::Tainted => "replace_because_tainted",
        Reason::Requested => "replace_by_request",
        Reason::Triggered => "replace_by_triggers",
        Reason::CannotUpdate => "replace_because_cannot_update",
        Reason::NoResourceConfig => "delete_because_no_resource_config",
        Reason::NoModule => "delete_because_no_module",
        Reason::WrongRepetition => "delete_because_wrong_repetition",
        Reason::CountIndex => "delete_because_count_index",
        Reason::EachKey => "delete_because_each_key",
        Reason::ConfigUnknown if mode == Mode::Data => "read_because_config_unknown",
        Reason::DependencyPending if mode == Mode::Data => "read_because_dependency_pending",
        Reason::ConfigUnknown | Reason::DependencyPending | Reason::Deposed => return None,
    })
}

fn steps(path: &[Step]) -> Json {
    let step = |step: &Step| match step {
        Step::Attribute(name) | Step::Key(name) => Json::from(name.as_str()),
        Step::Index(index) => Json::from(*index),
    };
    path.iter().map(step).collect()
}
