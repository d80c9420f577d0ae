//! A plan as people read it, the way Terraform shows it, and as `-json` lines for programs.

mod diff;
mod human;
pub mod lines;
mod sequence;
mod state;

use neargate_hcl::Value;

use crate::address::{Key, Mode, ResourceInstance};
use crate::plan::{Action, OutputChange, Plan, PlanMode, Reason, ResourceChange};
use crate::run::Event;
use diff::Differ;
use human::Show;
pub use state::{object, state};

/// The whole of a plan.
pub fn plan(plan: &Plan) -> String {
    let mut text = String::new();
    let shown: Vec<&ResourceChange> =
        plan.changes.iter().filter(|change| is_shown(change)).collect();
    if plan.mode == PlanMode::RefreshOnly {
        return refresh_only(plan);
    }
    let outputs = outputs(plan);
    if shown.is_empty() && outputs.is_empty() {
        return "No changes. Your infrastructure matches the configuration.\n\nNeargate has compared your real infrastructure against your configuration\nand found no differences, so no changes are needed.\n".to_owned();
    }
    if !shown.is_empty() {
        text.push_str(&symbols(&shown));
        text.push_str("\nNeargate will perform the following actions:\n");
        for change in &shown {
            text.push('\n');
            text.push_str(&resource(change));
        }
        text.push('\n');
        text.push_str(&summary(plan));
        text.push('\n');
    }
    if !outputs.is_empty() {
        text.push_str("\nChanges to Outputs:\n");
        text.push_str(&outputs);
        if shown.is_empty() {
            text.push_str("\nYou can apply this plan to save these new output values to the state, without\nchanging any real infrastructure.\n");
        }
    }
    text
}

fn is_shown(change: &ResourceChange) -> bool {
    change.action != Action::NoOp || change.previous.is_some() || change.importing.is_some()
}

/// `Plan: 1 to add, 0 to change, 0 to destroy.`
pub fn summary(plan: &Plan) -> String {
    let summary = plan.summary();
    let import = match summary.import {
        0 => String::new(),
        n => format!("{n} to import, "),
    };
    format!(
        "Plan: {import}{} to add, {} to change, {} to destroy.",
        summary.add, summary.change, summary.destroy
    )
}

fn symbols(shown: &[&ResourceChange]) -> String {
    let all = [
        (Action::Create, "  + create"),
        (Action::Update, "  ~ update in-place"),
        (Action::Delete, "  - destroy"),
        (Action::DeleteThenCreate, "-/+ destroy and then create replacement"),
        (Action::CreateThenDelete, "+/- create replacement and then destroy"),
        (Action::Read, " <= read (data resources)"),
    ];
    let mut text = String::from("Resource actions are indicated with the following symbols:\n");
    let mut any = false;
    for (action, line) in all {
        if shown.iter().any(|change| change.action == action) {
            text.push_str(line);
            text.push('\n');
            any = true;
        }
    }
    if any { text } else { String::new() }
}

/// One resource, with the line that says what becomes of it.
pub fn resource(change: &ResourceChange) -> String {
    let symbol = match change.action {
        Action::NoOp => "   ",
        Action::Create => "  +",
        Action::Read => " <=",
        Action::Update => "  ~",
        Action::DeleteThenCreate => "-/+",
        Action::CreateThenDelete => "+/-",
        Action::Delete => "  -",
        Action::Forget => " .",
    };
    let resource = &change.address.resource;
    let kind = if resource.mode == Mode::Data { "data" } else { "resource" };
    let differ = Differ { replace: &change.replace };
    let (before, mut after) = (change.before.as_ref(), change.after.as_ref());
    if change.action == Action::Forget {
        after = before;
    }
    let diff = differ.block(&change.schema.block, before, after, &mut Vec::new());
    let body = diff.human(0, Show::default());
    let mut text = headline(change);
    text.push_str(&format!("{symbol} {kind} {:?} {:?} {body}\n", resource.of_type, resource.name));
    text
}

fn headline(change: &ResourceChange) -> String {
    let mut what = change.address.to_string();
    if let Some(key) = &change.deposed {
        what.push_str(&format!(" (deposed object {key})"));
    }
    let says = match (change.action, &change.reason) {
        (Action::Create, _) => "will be created",
        (Action::Read, _) => "will be read during apply",
        (Action::Update, _) => "will be updated in-place",
        (Action::Delete, _) => "will be destroyed",
        (Action::Forget, _) => "will no longer be managed by Neargate, but will not be destroyed",
        (Action::NoOp, _) if change.importing.is_some() => "will be imported",
        (Action::NoOp, _) => {
            let from = change.previous.as_ref().map(ToString::to_string).unwrap_or_default();
            return format!("  # {from} has moved to {what}\n");
        }
        (_, Some(Reason::Tainted)) => "is tainted, so must be replaced",
        (_, Some(Reason::Requested)) => "will be replaced, as requested",
        (_, Some(Reason::Triggered)) => "will be replaced due to changes in replace_triggered_by",
        (_, _) => "must be replaced",
    };
    let before = if change.action == Action::Forget { " " } else { "  " };
    let mut text = format!("{before}# {what} {says}\n");
    if let Some(why) = why(change) {
        text.push_str(&format!("{before}# ({why})\n"));
    }
    if let (Some(from), true) = (&change.previous, change.action != Action::NoOp) {
        text.push_str(&format!("  # (moved from {from})\n"));
    }
    if let (Some(id), true) = (&change.importing, change.action != Action::NoOp) {
        text.push_str(&format!("  # (imported from {id:?})\n"));
    }
    text
}

fn why(change: &ResourceChange) -> Option<String> {
    let address = &change.address;
    if change.action == Action::Forget {
        return Some("destroy = false is set in the configuration".to_owned());
    }
    match change.reason.as_ref()? {
        Reason::ConfigUnknown => Some("config refers to values not yet known".to_owned()),
        Reason::DependencyPending => {
            Some("depends on a resource or a module with changes pending".to_owned())
        }
        Reason::Deposed => {
            Some("left over from a partially-failed replacement of this instance".to_owned())
        }
        Reason::NoResourceConfig => {
            Some(format!("because {} is not in configuration", address.config()))
        }
        Reason::NoModule => Some(format!("because {} is not in configuration", address.module)),
        Reason::WrongRepetition => Some(
            match address.key {
                Key::None => "because resource uses count or for_each",
                Key::Index(_) => "because resource does not use count",
                Key::Name(_) => "because resource does not use for_each",
            }
            .to_owned(),
        ),
        Reason::CountIndex => {
            Some(format!("because index {} is out of range for count", address.key))
        }
        Reason::EachKey => Some(format!("because key {} is not in for_each map", address.key)),
        Reason::Tainted | Reason::Requested | Reason::Triggered | Reason::CannotUpdate => None,
    }
}

fn outputs(plan: &Plan) -> String {
    let changed: Vec<(&String, &OutputChange)> =
        plan.outputs.iter().filter(|(_, change)| change.action != Action::NoOp).collect();
    let width = plan.outputs.keys().map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    for (name, change) in changed {
        let differ = Differ { replace: &[] };
        let diff = differ.value(change.before.as_ref(), change.after.as_ref(), &mut Vec::new());
        let symbol = human::symbol(diff.change);
        text.push_str(&format!("{symbol}{name:<width$} = {}\n", diff.human(0, Show::default())));
    }
    text
}

fn refresh_only(plan: &Plan) -> String {
    let outputs = outputs(plan);
    if plan.drift.is_empty() && outputs.is_empty() {
        return "No changes. Your infrastructure still matches the configuration.\n\nNeargate has checked that the real remote objects still match the result of\nyour most recent changes, and found no differences.\n".to_owned();
    }
    let mut text = String::from(
        "Note: Objects have changed outside of Neargate\n\nNeargate detected the following changes made outside of it since the last\n\"neargate apply\":\n",
    );
    for drift in &plan.drift {
        let (says, symbol) = match drift.after {
            Some(_) => ("has changed", "  ~"),
            None => ("has been deleted", "  -"),
        };
        let resource = &drift.address.resource;
        let differ = Differ { replace: &[] };
        let (before, after) = (Some(&drift.before), drift.after.as_ref());
        let diff = differ.block(&drift.schema.block, before, after, &mut Vec::new());
        let body = diff.human(0, Show::default());
        let (of_type, name) = (&resource.of_type, &resource.name);
        text.push_str(&format!(
            "\n  # {} {says}\n{symbol} resource {of_type:?} {name:?} {body}\n",
            drift.address
        ));
    }
    if !outputs.is_empty() {
        text.push_str("\nChanges to Outputs:\n");
        text.push_str(&outputs);
    }
    text.push_str("\nThis is a refresh-only plan, so Neargate will not take any actions to undo\nthese. If you were expecting these changes then you can apply this plan to\nrecord the updated values in the state without changing any remote objects.\n");
    text
}

/// A line of what is going on: `aws_vpc.main: Creation complete after 1s [id=vpc-1]`.
pub fn progress(event: &Event) -> String {
    let id = |id: &Option<String>| id.as_ref().map(|id| format!(" [id={id}]")).unwrap_or_default();
    let which = |at: &ResourceInstance, deposed: &Option<String>| match deposed {
        Some(key) => format!("{at} (deposed object {key})"),
        None => at.to_string(),
    };
    match event {
        Event::Refreshing { at, id: known } if at.resource.mode == Mode::Data => {
            format!("{at}: Reading...{}\n", id(known))
        }
        Event::Refreshing { at, id: known } => format!("{at}: Refreshing state...{}\n", id(known)),
        // Only what was read says that it has ended.
        Event::Refreshed { at, id: known } if at.resource.mode == Mode::Data => {
            format!("{at}: Read complete{}\n", id(known))
        }
        Event::Refreshed { .. } => String::new(),
        Event::Started { at, deposed, action, id: known } => {
            format!("{}: {}...{}\n", which(at, deposed), lines::doing(*action), id(known))
        }
        Event::StillGoing { at, deposed, action, id: known, elapsed } => {
            let doing = lines::doing(*action).to_lowercase();
            let known = known.as_ref().map(|id| format!("id={id}, ")).unwrap_or_default();
            let seconds = elapsed.as_secs();
            format!("{}: Still {doing}... [{known}{seconds}s elapsed]\n", which(at, deposed))
        }
        Event::Completed { at, deposed, action, id: known, elapsed } => {
            let known = if *action == Action::Delete { String::new() } else { id(known) };
            let (noun, seconds) = (lines::noun(*action), elapsed.as_secs());
            format!("{}: {noun} complete after {seconds}s{known}\n", which(at, deposed))
        }
        Event::Failed { .. } => String::new(),
    }
}

/// Outputs as they stand after an apply: `name = value`, what is sensitive hidden.
pub fn output_values<'a>(values: impl Iterator<Item = (&'a String, &'a Value)>) -> String {
    let mut text = String::new();
    for (name, value) in values {
        let shown = if value.is_sensitive() { "<sensitive>".to_owned() } else { written(value, 0) };
        text.push_str(&format!("{name} = {shown}\n"));
    }
    text
}

/// A value as HCL writes it.
fn written(value: &Value, depth: usize) -> String {
    let inner = "  ".repeat(depth + 1);
    let end = "  ".repeat(depth);
    if value.is_sensitive() {
        return "(sensitive value)".to_owned();
    }
    match (value.entries(), value.elements(), value.as_str()) {
        (Some(entries), _, _) if entries.is_empty() => "{}".to_owned(),
        (Some(entries), _, _) => {
            let lines: Vec<String> = entries
                .iter()
                .map(|(name, v)| {
                    format!("{inner}{} = {}\n", human::quote(name), written(v, depth + 1))
                })
                .collect();
            format!("{{\n{}{end}}}", lines.concat())
        }
        (_, Some([]), _) => "[]".to_owned(),
        (_, Some(elements), _) => {
            let lines: Vec<String> =
                elements.iter().map(|v| format!("{inner}{},\n", written(v, depth + 1))).collect();
            format!("[\n{}{end}]", lines.concat())
        }
        (_, _, Some(text)) if text.contains('\n') => format!("<<EOT\n{text}\nEOT"),
        (_, _, Some(text)) => human::quote(text),
        _ => neargate_hcl::json::encode(value).unwrap_or_else(|| "(known after apply)".to_owned()),
    }
}
