//! Plans and states in Terraform's documented form for machines: what `show -json` prints.
//!
//! Source: "JSON Output Format" in Terraform's documentation.

mod checks;
mod configuration;
mod plan;
mod state;
mod values;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::address::{Key, Mode, ModuleInstance, ResourceInstance};
use crate::run::ProviderAddress;

pub use plan::plan;
pub use state::{object, state};

/// What tells a resource apart, as every list of them has it.
fn identity(at: &ResourceInstance, provider: Option<&ProviderAddress>) -> Map<String, Json> {
    let mut told = Map::new();
    told.insert("address".into(), at.to_string().into());
    told.insert("mode".into(), mode(at.resource.mode).into());
    told.insert("type".into(), at.resource.of_type.clone().into());
    told.insert("name".into(), at.resource.name.clone().into());
    match &at.key {
        Key::None => {}
        Key::Index(index) => drop(told.insert("index".into(), (*index).into())),
        Key::Name(name) => drop(told.insert("index".into(), name.clone().into())),
    }
    if let Some(provider) = provider {
        told.insert("provider_name".into(), provider.source.clone().into());
    }
    told
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Managed => "managed",
        Mode::Data => "data",
    }
}

/// Resources, each in its module, as a tree of modules.
fn tree(resources: Vec<(ModuleInstance, Json)>) -> Json {
    let mut modules: BTreeMap<ModuleInstance, Vec<Json>> = BTreeMap::new();
    modules.entry(ModuleInstance::default()).or_default();
    for (module, resource) in resources {
        for depth in 0..module.0.len() {
            modules.entry(ModuleInstance(module.0[..depth].to_vec())).or_default();
        }
        modules.entry(module).or_default().push(resource);
    }
    branch(&ModuleInstance::default(), &modules)
}

fn branch(at: &ModuleInstance, modules: &BTreeMap<ModuleInstance, Vec<Json>>) -> Json {
    let mut told = Map::new();
    if !at.is_root() {
        told.insert("address".into(), at.to_string().into());
    }
    if let Some(resources) = modules.get(at).filter(|resources| !resources.is_empty()) {
        told.insert("resources".into(), resources.clone().into());
    }
    let children = modules.keys().filter(|m| m.parent().is_some_and(|(parent, _)| parent == *at));
    let children: Vec<Json> = children.map(|child| branch(child, modules)).collect();
    if !children.is_empty() {
        told.insert("child_modules".into(), json!(children));
    }
    Json::Object(told)
}
