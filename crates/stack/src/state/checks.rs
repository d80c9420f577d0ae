//! How conditions and checks came out, as the state keeps it.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use crate::eval::{CheckResult, Status};
use crate::objects;

/// All results by what declares them; none if nothing was checked.
pub fn of(results: &[CheckResult]) -> Option<Box<RawValue>> {
    let mut by_config: BTreeMap<(&'static str, String), Vec<&CheckResult>> = BTreeMap::new();
    for result in results {
        let what = result.object.what.split('[').next().unwrap_or_default();
        let module = result.object.module.path().to_string();
        let config = if module.is_empty() { what.to_owned() } else { format!("{module}.{what}") };
        by_config.entry((result.object.kind, config)).or_default().push(result);
    }
    if by_config.is_empty() {
        return None;
    }
    let mut text = Vec::new();
    for ((kind, config), mut results) in by_config {
        results.sort_by(|a, b| a.object.cmp(&b.object));
        let status = results.iter().map(|r| r.status).max().unwrap_or(Status::Unknown);
        let objects: Vec<String> = results.iter().map(|result| object(result)).collect();
        text.push(format!(
            "{{\"object_kind\":{},\"config_addr\":{},\"status\":{},\"objects\":[{}]}}",
            json!(if kind == "output_value" { "output" } else { kind }),
            json!(config),
            json!(status.name()),
            objects.join(",")
        ));
    }
    Some(objects::raw(format!("[{}]", text.join(","))))
}

fn object(result: &CheckResult) -> String {
    let module = result.object.module.to_string();
    let what = &result.object.what;
    let address = if module.is_empty() { what.clone() } else { format!("{module}.{what}") };
    let messages = if result.messages.is_empty() {
        String::new()
    } else {
        format!(",\"failure_messages\":{}", Json::from(result.messages.clone()))
    };
    format!(
        "{{\"object_addr\":{},\"status\":{}{messages}}}",
        json!(address),
        json!(result.status.name())
    )
}
