//! What a state has, as people read it: every object with all of its attributes.

use neargate_hcl::Value;

use super::diff::Differ;
use super::human::Show;
use crate::address::{Mode, ResourceInstance};
use crate::provider::Providers;
use crate::schema::Schema;
use crate::show;
use crate::state::{InstanceState, ResourceState, State, outputs};

/// The whole of a state.
pub fn state(state: &State, providers: &Providers) -> String {
    if state.resources.is_empty() && state.outputs.is_empty() {
        return "The state file is empty. No resources are represented.\n".to_owned();
    }
    let mut text = String::new();
    let mut module = None;
    for (at, resource, instance) in state.instances() {
        if module.as_ref().is_some_and(|module| *module != at.module) {
            text.push('\n');
        }
        module = Some(at.module.clone());
        text.push_str(&object(&at, resource, instance, providers));
        text.push('\n');
    }
    let known = state.outputs.iter().filter_map(|(name, o)| Some((name, outputs::value(o)?)));
    let known: Vec<(&String, Value)> = known.collect();
    if !known.is_empty() {
        text.push_str(if text.is_empty() { "Outputs:\n\n" } else { "\nOutputs:\n\n" });
        for (name, value) in known {
            let diff = Differ { replace: &[] }.value(Some(&value), Some(&value), &mut Vec::new());
            text.push_str(&format!("{name} = {}\n", outdented(&diff.human(0, Show::all()))));
        }
    }
    text
}

/// One object of a state.
pub fn object(
    at: &ResourceInstance,
    resource: &ResourceState,
    instance: &InstanceState,
    providers: &Providers,
) -> String {
    let note = match (instance.is_tainted(), instance.deposed.as_str()) {
        (true, _) => " (tainted)".to_owned(),
        (_, "") => String::new(),
        (_, key) => format!(" (deposed object {key})"),
    };
    let body = match show::object(at, resource, instance, providers) {
        Some((value, schema)) => body(&value, &schema),
        None => format!("{{\n    # Neargate has no schema of {}.\n}}", at.resource.of_type),
    };
    let kind = if at.resource.mode == Mode::Data { "data" } else { "resource" };
    let (of_type, name) = (&at.resource.of_type, &at.resource.name);
    format!("# {at}:{note}\n{kind} {of_type:?} {name:?} {body}\n")
}

fn body(value: &Value, schema: &Schema) -> String {
    let differ = Differ { replace: &[] };
    let diff = differ.block(&schema.block, Some(value), Some(value), &mut Vec::new());
    outdented(&diff.human(0, Show::all()))
}

/// Without the column that a plan has its symbols in.
fn outdented(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    lines
        .iter()
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}
