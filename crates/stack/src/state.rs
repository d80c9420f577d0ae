//! The state: what an apply has made, in Terraform's own format (version 4), so that a stack can
//! be taken over from Terraform and given back.
//!
//! Attributes stay the text that they were read as until somebody changes them: a state in which
//! nothing changed is written back byte for byte. `state::file` reads and writes it, `state::lock`
//! keeps two from changing it at once, `state::json` is the form that Go gives JSON.

pub mod checks;
pub mod file;
pub mod intents;
mod json;
pub mod lock;
pub mod moving;
pub mod outputs;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::address::{Key, Mode, ModuleInstance, Resource, ResourceInstance};

/// The version of Terraform whose format and behaviour this is: told in what we write.
pub const TERRAFORM_VERSION: &str = "1.11.4";

/// Whole, as in the file. The order of the members is that of Terraform's files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    pub version: u64,
    pub terraform_version: String,
    pub serial: u64,
    pub lineage: String,
    #[serde(default)]
    pub outputs: BTreeMap<String, Output>,
    #[serde(default)]
    pub resources: Vec<ResourceState>,
    #[serde(default)]
    pub check_results: Option<Box<RawValue>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output {
    pub value: Box<RawValue>,
    #[serde(rename = "type")]
    pub of_type: Box<RawValue>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
}

/// A resource with all of its instances.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResourceState {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub module: String,
    pub mode: String,
    #[serde(rename = "type")]
    pub of_type: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub each: String,
    /// Such as `provider["registry.terraform.io/hashicorp/aws"]`, with the alias behind a dot.
    pub provider: String,
    pub instances: Vec<InstanceState>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct InstanceState {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index_key: Option<serde_json::Value>,
    /// `tainted` where its creation failed half-way: it is replaced by the next apply.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// The key of an object that was replaced, and is still to be destroyed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub deposed: String,
    #[serde(default)]
    pub schema_version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Box<RawValue>>,
    /// As Terraform before 0.12 wrote them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes_flat: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitive_attributes: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_schema_version: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Box<RawValue>>,
    /// What the provider keeps for itself, in base64.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub private: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub create_before_destroy: bool,
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl InstanceState {
    pub fn key(&self) -> Key {
        match &self.index_key {
            Some(serde_json::Value::String(name)) => Key::Name(name.clone()),
            Some(serde_json::Value::Number(index)) => index.as_u64().map_or(Key::None, Key::Index),
            _ => Key::None,
        }
    }

    pub fn set_key(&mut self, key: &Key) {
        self.index_key = match key {
            Key::None => None,
            Key::Index(index) => Some((*index).into()),
            Key::Name(name) => Some(name.clone().into()),
        };
    }

    pub fn is_tainted(&self) -> bool {
        self.status == "tainted"
    }
}

impl ResourceState {
    pub fn resource(&self) -> Resource {
        let mode = if self.mode == "data" { Mode::Data } else { Mode::Managed };
        Resource { mode, of_type: self.of_type.clone(), name: self.name.clone() }
    }

    pub fn module_instance(&self) -> ModuleInstance {
        self.module.parse().unwrap_or_default()
    }
}

impl State {
    /// Of a stack that has nothing yet.
    pub fn empty(lineage: String) -> State {
        State {
            version: 4,
            terraform_version: TERRAFORM_VERSION.to_owned(),
            serial: 0,
            lineage,
            outputs: BTreeMap::new(),
            resources: Vec::new(),
            check_results: None,
        }
    }

    /// Every instance, deposed objects too, with its resource.
    pub fn instances(
        &self,
    ) -> impl Iterator<Item = (ResourceInstance, &ResourceState, &InstanceState)> {
        self.resources.iter().flat_map(|resource| {
            let module = resource.module_instance();
            resource.instances.iter().map(move |instance| {
                let address = ResourceInstance {
                    module: module.clone(),
                    resource: resource.resource(),
                    key: instance.key(),
                };
                (address, resource, instance)
            })
        })
    }

    /// The current object of an instance.
    pub fn get(&self, at: &ResourceInstance) -> Option<&InstanceState> {
        self.object(at, "")
    }

    /// The object of an instance that was deposed under `key`; the current one if that is empty.
    pub fn object(&self, at: &ResourceInstance, key: &str) -> Option<&InstanceState> {
        let resource = self.resources.get(self.position(at)?)?;
        resource.instances.iter().find(|i| i.deposed == key && i.key() == at.key)
    }

    /// The provider that made the resource.
    pub fn provider_of(&self, at: &ResourceInstance) -> Option<&str> {
        Some(&self.resources.get(self.position(at)?)?.provider)
    }

    /// Puts an object in the place of the one with the same key and deposed key.
    pub fn put(&mut self, at: &ResourceInstance, provider: &str, mut object: InstanceState) {
        object.set_key(&at.key);
        let mut new = false;
        let position = self.position(at).unwrap_or_else(|| {
            new = true;
            self.resources.push(ResourceState {
                module: at.module.to_string(),
                mode: if at.resource.mode == Mode::Data { "data" } else { "managed" }.to_owned(),
                of_type: at.resource.of_type.clone(),
                name: at.resource.name.clone(),
                each: String::new(),
                provider: provider.to_owned(),
                instances: Vec::new(),
            });
            self.resources.len() - 1
        });
        let resource = &mut self.resources[position];
        resource.provider = provider.to_owned();
        let same =
            |i: &InstanceState| i.deposed == object.deposed && i.index_key == object.index_key;
        match resource.instances.iter().position(same) {
            Some(at) => resource.instances[at] = object,
            None => {
                resource.instances.push(object);
                new = true;
            }
        }
        if new {
            self.sort();
        }
    }

    /// Takes an object out, and its resource with the last one.
    pub fn remove(&mut self, at: &ResourceInstance, deposed: &str) -> Option<InstanceState> {
        let position = self.position(at)?;
        let resource = &mut self.resources[position];
        let found =
            resource.instances.iter().position(|i| i.deposed == deposed && i.key() == at.key)?;
        let removed = resource.instances.remove(found);
        if resource.instances.is_empty() {
            self.resources.remove(position);
        }
        Some(removed)
    }

    /// Calls the current object deposed, so that another can take its place.
    pub fn depose(&mut self, at: &ResourceInstance, key: &str) {
        if let Some(provider) = self.provider_of(at).map(str::to_owned)
            && let Some(mut object) = self.remove(at, "")
        {
            object.deposed = key.to_owned();
            self.put(at, &provider, object);
        }
    }

    fn position(&self, at: &ResourceInstance) -> Option<usize> {
        let module = at.module.to_string();
        let mode = if at.resource.mode == Mode::Data { "data" } else { "managed" };
        self.resources.iter().position(|resource| {
            resource.name == at.resource.name
                && resource.of_type == at.resource.of_type
                && resource.mode == mode
                && resource.module == module
        })
    }

    /// The order that Terraform writes resources and instances in.
    fn sort(&mut self) {
        self.resources.sort_by(|a, b| {
            (&a.module, &a.mode, &a.of_type, &a.name)
                .cmp(&(&b.module, &b.mode, &b.of_type, &b.name))
        });
        for resource in &mut self.resources {
            resource.instances.sort_by_key(|instance| (instance.key(), instance.deposed.clone()));
        }
    }
}
