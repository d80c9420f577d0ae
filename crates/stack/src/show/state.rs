//! A state for machines.

use neargate_hcl::Value;
use serde_json::{Map, Value as Json, json};

use super::{identity, tree, values};
use crate::address::ResourceInstance;
use crate::objects;
use crate::provider::Providers;
use crate::run::ProviderAddress;
use crate::schema::Schema;
use crate::state::{InstanceState, ResourceState, State, TERRAFORM_VERSION};

/// The whole of a state. What no provider here knows is told as it is.
pub fn state(state: &State, providers: &Providers) -> Json {
    let mut told = json!({ "format_version": "1.0" });
    if state.resources.is_empty() && state.outputs.is_empty() {
        return told;
    }
    told["terraform_version"] = TERRAFORM_VERSION.into();
    let resources = state.instances().map(|(at, resource, instance)| {
        (at.module.clone(), one(&at, resource, instance, providers))
    });
    let mut inner = json!({ "root_module": tree(resources.collect()) });
    let outputs: Map<String, Json> = state
        .outputs
        .iter()
        .map(|(name, output)| {
            let read = |text: &str| serde_json::from_str(text).unwrap_or(Json::Null);
            let told = json!({
                "sensitive": output.sensitive,
                "value": read(output.value.get()),
                "type": read(output.of_type.get()),
            });
            (name.clone(), told)
        })
        .collect();
    if !outputs.is_empty() {
        inner["outputs"] = Json::Object(outputs);
    }
    told["values"] = inner;
    told
}

fn one(
    at: &ResourceInstance,
    resource: &ResourceState,
    instance: &InstanceState,
    providers: &Providers,
) -> Json {
    let provider = ProviderAddress::parse(&resource.provider);
    let mut told = identity(at, provider.as_ref());
    told.insert("schema_version".into(), instance.schema_version.into());
    let (values, sensitive) = match object(at, resource, instance, providers) {
        Some((value, _)) => (values::known(&value), values::sensitive(&value)),
        None => {
            let text = instance.attributes.as_ref().map_or("{}", |raw| raw.get());
            (serde_json::from_str(text).ok(), json!({}))
        }
    };
    told.insert("values".into(), values.unwrap_or(Json::Null));
    told.insert("sensitive_values".into(), sensitive);
    if !instance.dependencies.is_empty() {
        told.insert("depends_on".into(), json!(instance.dependencies));
    }
    if instance.is_tainted() {
        told.insert("tainted".into(), true.into());
    }
    if !instance.deposed.is_empty() {
        told.insert("deposed_key".into(), instance.deposed.clone().into());
    }
    Json::Object(told)
}

/// The value of an object in a state, with the schema that it is read by; none where no provider
/// here knows its type.
pub fn object(
    at: &ResourceInstance,
    resource: &ResourceState,
    instance: &InstanceState,
    providers: &Providers,
) -> Option<(Value, std::sync::Arc<Schema>)> {
    let source = ProviderAddress::parse(&resource.provider)?.source;
    let schema = providers.get(&source)?.schema(at.resource.mode, &at.resource.of_type)?;
    let value = objects::from_state(instance, &schema).ok()?;
    Some((value, schema))
}
