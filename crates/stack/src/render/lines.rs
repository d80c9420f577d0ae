//! A run as lines of JSON, in the form of Terraform's `-json`.
//!
//! Source: "Machine-Readable UI" in Terraform's documentation.

use std::collections::BTreeMap;
use std::time::Duration;

use neargate_hcl::{Diagnostic, Value};
use neargate_ids::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::address::{Key, Mode, ResourceInstance};
use crate::apply::Outcome;
use crate::plan::{Action, Plan, PlanMode, Reason, Summary};
use crate::run::Event;
use crate::validate;

/// Makes the lines of one run. `at` of each is the machine's time.
pub struct Lines {
    pub version: String,
}

fn line(at: Timestamp, level: &str, message: &str, kind: &str, more: Json) -> String {
    let mut all = Map::new();
    all.insert("@level".into(), level.into());
    all.insert("@message".into(), message.into());
    all.insert("@module".into(), "neargate.ui".into());
    all.insert("@timestamp".into(), at.iso8601().into());
    if let Json::Object(more) = more {
        all.extend(more);
    }
    all.insert("type".into(), kind.into());
    format!("{}\n", Json::Object(all))
}

impl Lines {
    pub fn first(&self, at: Timestamp) -> String {
        let more = json!({"neargate": self.version, "terraform": crate::state::TERRAFORM_VERSION, "ui": "1.2"});
        line(at, "info", &format!("Neargate {}", self.version), "version", more)
    }

    /// What Terraform has no line for: an object, by its type.
    pub fn more(&self, at: Timestamp, kind: &str, message: &str, of: Json) -> String {
        let more = Json::Object(Map::from_iter([(kind.to_owned(), of)]));
        line(at, "info", message, kind, more)
    }

    pub fn diagnostic(&self, at: Timestamp, told: &Diagnostic) -> String {
        let (level, word) = if told.is_error() { ("error", "Error") } else { ("warn", "Warning") };
        let message = format!("{word}: {}", told.summary);
        line(at, level, &message, "diagnostic", json!({"diagnostic": validate::diagnostic(told)}))
    }

    pub fn plan(&self, at: Timestamp, plan: &Plan) -> String {
        let mut text = String::new();
        for drift in &plan.drift {
            let action = if drift.after.is_some() { "update" } else { "delete" };
            let change = json!({"resource": resource(&drift.address), "action": action});
            let message = format!("{}: Drift detected ({action})", drift.address);
            text.push_str(&line(at, "info", &message, "resource_drift", json!({"change": change})));
        }
        for change in &plan.changes {
            let name = action(change.action);
            if change.action == Action::NoOp && change.previous.is_none() {
                continue;
            }
            let mut told = json!({"resource": resource(&change.address), "action": name});
            if let Some(previous) = &change.previous {
                told["previous_resource"] = resource(previous);
                if change.action == Action::NoOp {
                    told["action"] = "move".into();
                }
            }
            if let Some(id) = &change.importing {
                told["importing"] = json!({"id": id});
            }
            if let Some(reason) = &change.reason {
                told["reason"] = reason_name(reason).into();
            }
            let word = if change.action == Action::NoOp { "move" } else { name };
            let message = format!("{}: Plan to {word}", change.address);
            text.push_str(&line(at, "info", &message, "planned_change", json!({"change": told})));
        }
        text.push_str(&summary(at, &super::summary(plan), plan.summary(), "plan"));
        let outputs: Map<String, Json> = plan
            .outputs
            .iter()
            .map(|(name, change)| {
                let told = json!({"sensitive": change.sensitive, "action": action(change.action)});
                (name.clone(), told)
            })
            .collect();
        if !outputs.is_empty() {
            let message = format!("Outputs: {}", outputs.len());
            text.push_str(&line(at, "info", &message, "outputs", json!({"outputs": outputs})));
        }
        text
    }

    pub fn event(&self, at: Timestamp, event: &Event) -> String {
        let (kind, hook) = match event {
            Event::Refreshing { at, id } => ("refresh_start", hook(at, None, id)),
            Event::Refreshed { at, id } => ("refresh_complete", hook(at, None, id)),
            Event::Started { at, action, id, .. } => ("apply_start", hook(at, Some(*action), id)),
            Event::StillGoing { at, action, id, elapsed, .. } => {
                ("apply_progress", lasting(hook(at, Some(*action), id), *elapsed))
            }
            Event::Completed { at, action, id, elapsed, .. } => {
                ("apply_complete", lasting(hook(at, Some(*action), id), *elapsed))
            }
            Event::Failed { at, action, elapsed } => {
                ("apply_errored", lasting(hook(at, Some(*action), &None), *elapsed))
            }
        };
        line(at, "info", &told(event), kind, json!({"hook": hook}))
    }

    pub fn outcome(&self, at: Timestamp, mode: PlanMode, outcome: &Outcome) -> String {
        let operation = if mode == PlanMode::Destroy { "destroy" } else { "apply" };
        let (done, message) = (outcome.summary, completed(mode, outcome.summary));
        let mut text = summary(at, &message, done, operation);
        text.push_str(&outputs(at, &outcome.outputs));
        text
    }
}

/// The last line of an apply or a destroy that went well.
pub fn completed(mode: PlanMode, done: Summary) -> String {
    match mode {
        PlanMode::Destroy => format!("Destroy complete! Resources: {} destroyed.", done.destroy),
        _ => format!(
            "Apply complete! Resources: {} added, {} changed, {} destroyed.",
            done.add, done.change, done.destroy
        ),
    }
}

fn outputs(at: Timestamp, values: &BTreeMap<String, Value>) -> String {
    let told: Map<String, Json> = values
        .iter()
        .map(|(name, value)| {
            let (plain, marks) = value.clone().unmark_deep();
            let sensitive = marks.contains(neargate_hcl::Marks::SENSITIVE);
            let mut told = json!({
                "sensitive": sensitive,
                "type": neargate_hcl::json::type_to_json(&plain.ty()),
            });
            if !sensitive {
                told["value"] = neargate_hcl::json::to_json(&plain).unwrap_or(Json::Null);
            }
            (name.clone(), told)
        })
        .collect();
    let message = format!("Outputs: {}", told.len());
    line(at, "info", &message, "outputs", json!({"outputs": told}))
}

fn summary(at: Timestamp, message: &str, summary: Summary, operation: &str) -> String {
    let changes = json!({
        "add": summary.add,
        "change": summary.change,
        "import": summary.import,
        "remove": summary.destroy,
        "operation": operation,
    });
    line(at, "info", message, "change_summary", json!({"changes": changes}))
}

fn lasting(mut hook: Json, elapsed: Duration) -> Json {
    hook["elapsed_seconds"] = elapsed.as_secs().into();
    hook
}

/// An event in a line for people.
pub fn told(event: &Event) -> String {
    match event {
        Event::Refreshing { at, id } => format!("{at}: Refreshing state...{}", in_brackets(id)),
        Event::Refreshed { at, id } => format!("{at}: Refresh complete{}", in_brackets(id)),
        Event::Started { at, action, id, .. } => {
            format!("{at}: {}...{}", doing(*action), in_brackets(id))
        }
        Event::StillGoing { at, action, elapsed, .. } => {
            let doing = doing(*action).to_lowercase();
            format!("{at}: Still {doing}... [{}s elapsed]", elapsed.as_secs())
        }
        Event::Completed { at, action, id, elapsed, .. } => {
            let (noun, id) = (noun(*action), in_brackets(id));
            format!("{at}: {noun} complete after {}s{id}", elapsed.as_secs())
        }
        Event::Failed { at, action, elapsed } => {
            format!("{at}: {} errored after {}s", noun(*action), elapsed.as_secs())
        }
    }
}

fn hook(address: &ResourceInstance, of: Option<Action>, id: &Option<String>) -> Json {
    let mut told = json!({"resource": resource(address)});
    if let Some(of) = of {
        told["action"] = action(of).into();
    }
    if let Some(id) = id {
        told["id_key"] = "id".into();
        told["id_value"] = id.as_str().into();
    }
    told
}

fn resource(address: &ResourceInstance) -> Json {
    let prefix = if address.resource.mode == Mode::Data { "data." } else { "" };
    let Key::None = address.key else {
        let key = match &address.key {
            Key::Index(index) => json!(index),
            Key::Name(name) => json!(name),
            Key::None => Json::Null,
        };
        return resource_with(address, prefix, key);
    };
    resource_with(address, prefix, Json::Null)
}

fn resource_with(address: &ResourceInstance, prefix: &str, key: Json) -> Json {
    let of = &address.resource;
    json!({
        "addr": address.to_string(),
        "module": address.module.to_string(),
        "resource": format!("{prefix}{}.{}{}", of.of_type, of.name, address.key),
        "implied_provider": of.implied_provider(),
        "resource_type": of.of_type,
        "resource_name": of.name,
        "resource_key": key,
    })
}

fn in_brackets(id: &Option<String>) -> String {
    id.as_ref().map(|id| format!(" [id={id}]")).unwrap_or_default()
}

/// As `-json` names an action.
pub fn action(action: Action) -> &'static str {
    match action {
        Action::NoOp => "noop",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::DeleteThenCreate | Action::CreateThenDelete => "replace",
        Action::Delete => "delete",
        Action::Forget => "forget",
    }
}

/// While it goes on.
pub fn doing(action: Action) -> &'static str {
    match action {
        Action::Read => "Reading",
        Action::Update => "Modifying",
        Action::Delete => "Destroying",
        _ => "Creating",
    }
}

/// Once it has ended.
pub fn noun(action: Action) -> &'static str {
    match action {
        Action::Read => "Read",
        Action::Update => "Modifications",
        Action::Delete => "Destruction",
        _ => "Creation",
    }
}

fn reason_name(reason: &Reason) -> &'static str {
    match reason {
        Reason::Tainted => "tainted",
        Reason::Requested => "requested",
        Reason::Triggered => "replace_by_triggers",
        Reason::CannotUpdate => "cannot_update",
        Reason::NoResourceConfig => "delete_because_no_resource_config",
        Reason::NoModule => "delete_because_no_module",
        Reason::WrongRepetition => "delete_because_wrong_repetition",
        Reason::CountIndex => "delete_because_count_index",
        Reason::EachKey => "delete_because_each_key",
        Reason::ConfigUnknown => "read_because_config_unknown",
        Reason::DependencyPending => "read_because_dependency_pending",
        Reason::Deposed => "deposed",
    }
}
