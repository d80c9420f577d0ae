//! Resources out of a state (format 4), or of what `terraform show -json` prints of a plan or a
//! state.

use serde_json::{Map, Value};

use crate::resource::Resource;

#[derive(Debug, thiserror::Error)]
pub enum NotReadable {
    #[error("this is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    #[error(
        "this is neither a Terraform state of format 4 nor what `terraform show -json` prints: it \
         has none of `resources`, `planned_values` and `values`"
    )]
    Neither,
    #[error("this is a Terraform state of format {0}: `terraform refresh` brings it to format 4")]
    Old(u64),
}

/// The managed resources; and the region, where the document tells it by an ARN.
pub fn read(text: &str) -> Result<Vec<Resource>, NotReadable> {
    let document: Value = serde_json::from_str(text)?;
    let shown = document.get("planned_values").or_else(|| document.get("values"));
    if let Some(shown) = shown {
        let mut found = Vec::new();
        module(&shown["root_module"], &mut found);
        return Ok(found);
    }
    match (document["version"].as_u64(), document.get("resources").and_then(Value::as_array)) {
        (Some(4), Some(resources)) => Ok(resources.iter().flat_map(instances).collect()),
        (Some(version), _) if document.get("serial").is_some() => Err(NotReadable::Old(version)),
        _ => Err(NotReadable::Neither),
    }
}

/// Of `terraform show`: a module and those in it.
fn module(of: &Value, found: &mut Vec<Resource>) {
    for resource in of["resources"].as_array().into_iter().flatten() {
        if resource["mode"] == "managed" {
            found.push(Resource {
                address: text(&resource["address"]),
                kind: text(&resource["type"]),
                values: object(&resource["values"]),
            });
        }
    }
    for child in of["child_modules"].as_array().into_iter().flatten() {
        module(child, found);
    }
}

/// Of a state: the instances of a resource.
fn instances(resource: &Value) -> Vec<Resource> {
    if resource["mode"] != "managed" {
        return Vec::new();
    }
    let (kind, name) = (text(&resource["type"]), text(&resource["name"]));
    let module = resource["module"].as_str().map(|module| format!("{module}.")).unwrap_or_default();
    let all = resource["instances"].as_array().into_iter().flatten();
    all.map(|instance| Resource {
        address: format!("{module}{kind}.{name}{}", index(&instance["index_key"])),
        kind: kind.clone(),
        values: object(&instance["attributes"]),
    })
    .collect()
}

fn index(key: &Value) -> String {
    match key {
        Value::Null => String::new(),
        key => format!("[{key}]"),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
