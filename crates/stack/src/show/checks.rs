//! How conditions and checks came out, for machines.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::address::{Key, ModulePath, ResourceInstance};
use crate::eval::{CheckResult, Status};

/// Results by what declares them.
pub fn checks(results: &[CheckResult]) -> Json {
    let mut by_config: BTreeMap<(&str, ModulePath, &str), Vec<&CheckResult>> = BTreeMap::new();
    for result in results {
        let what = result.object.what.split('[').next().unwrap_or_default();
        let at = (result.object.kind, result.object.module.path(), what);
        by_config.entry(at).or_default().push(result);
    }
    let declared = by_config.into_iter().map(|((kind, module, what), mut results)| {
        results.sort_by(|a, b| a.object.cmp(&b.object));
        let status = results.iter().map(|r| r.status).max().unwrap_or(Status::Unknown);
        json!({
            "address": address(kind, &module, what),
            "status": status.name(),
            "instances": results.iter().map(|result| instance(result)).collect::<Json>(),
        })
    });
    declared.collect()
}

fn address(kind: &str, module: &ModulePath, what: &str) -> Json {
    let mut told = Map::from_iter([("kind".to_owned(), Json::from(kind))]);
    let display = if module.is_root() { what.to_owned() } else { format!("{module}.{what}") };
    told.insert("to_display".into(), display.into());
    if !module.is_root() {
        told.insert("module".into(), module.to_string().into());
    }
    match what.parse::<ResourceInstance>() {
        Ok(at) if kind == "resource" => {
            told.insert("mode".into(), super::mode(at.resource.mode).into());
            told.insert("type".into(), at.resource.of_type.into());
            told.insert("name".into(), at.resource.name.into());
        }
        _ => {
            let name = what.split_once('.').map_or(what, |(_, name)| name);
            told.insert("name".into(), name.into());
        }
    }
    Json::Object(told)
}

fn instance(result: &CheckResult) -> Json {
    let (module, what) = (&result.object.module, &result.object.what);
    let mut address = Map::new();
    let display = if module.is_root() { what.clone() } else { format!("{module}.{what}") };
    address.insert("to_display".into(), display.into());
    if !module.is_root() {
        address.insert("module".into(), module.to_string().into());
    }
    match what.parse::<ResourceInstance>().map(|at| at.key) {
        Ok(Key::Index(index)) => drop(address.insert("instance_key".into(), index.into())),
        Ok(Key::Name(name)) => drop(address.insert("instance_key".into(), name.into())),
        _ => {}
    }
    let mut told = json!({ "address": address, "status": result.status.name() });
    if !result.messages.is_empty() {
        let problems = result.messages.iter().map(|message| json!({ "message": message }));
        told["problems"] = problems.collect();
    }
    told
}
