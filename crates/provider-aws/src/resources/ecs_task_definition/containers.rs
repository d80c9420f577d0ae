//! `container_definitions`: ECS gives them back with what it added, so two texts are
//! alike when they describe the same containers.

use neargate_api_types::ecs;
use neargate_hcl::Value;
use neargate_wire::{Operation, Shape, read as wire_read, write};
use serde_json::{Map, Value as Json, json};

use crate::resource::Failure;

/// The containers of a text.
///
/// # Errors
/// It is no list of containers.
pub fn read(text: &str) -> Result<Vec<ecs::ContainerDefinition>, Failure> {
    let wrong = |why: String| Failure::told(format!("container_definitions: {why}"));
    let list: Json =
        serde_json::from_str(text).map_err(|error| wrong(format!("it is no JSON: {error}")))?;
    if !list.is_array() {
        return Err(wrong("it is no list: put [ and ] around the container".to_owned()));
    }
    let body = json!({ "containerDefinitions": list }).to_string();
    let request = wire_read::json(ecs::RegisterTaskDefinition::MODEL.input, body.as_bytes())
        .map_err(|error| wrong(error.to_string()))?;
    Ok(ecs::RegisterTaskDefinitionRequest::decode(request).container_definitions)
}

/// Containers as a text: what ECS says, without zeros that stand for nothing, and with what has no
/// order in order.
pub fn written(containers: Option<Vec<ecs::ContainerDefinition>>) -> String {
    let request = ecs::RegisterTaskDefinitionRequest {
        container_definitions: containers.unwrap_or_default(),
        ..Default::default()
    };
    let body = write::json(ecs::RegisterTaskDefinition::MODEL.input, &request);
    let mut request: Json = serde_json::from_slice(&body).unwrap_or_default();
    let mut list = request["containerDefinitions"].take();
    for container in list.as_array_mut().into_iter().flatten() {
        if let Some(members) = container.as_object_mut() {
            members.retain(|name, value| name != "cpu" || *value != json!(0));
        }
        for (list, key) in
            [("environment", "name"), ("environmentFiles", "value"), ("secrets", "name")]
        {
            sort(container.get_mut(list), key);
        }
    }
    sort(Some(&mut list), "name");
    list.to_string()
}

fn sort(list: Option<&mut Json>, key: &str) {
    if let Some(items) = list.and_then(Json::as_array_mut) {
        items.sort_by(|a, b| a[key].as_str().cmp(&b[key].as_str()));
    }
}

/// Whether the planned object's containers are those of the one before.
pub fn alike(before: &Value, planned: &Value) -> bool {
    let of = |object: &Value| {
        let text = object.get("container_definitions")?.as_str()?;
        let awsvpc = object.get("network_mode")?.as_str() == Some("awsvpc");
        normal(text, awsvpc)
    };
    of(before).is_some_and(|before| Some(before) == of(planned))
}

/// The containers by name, with ECS's defaults left out.
fn normal(text: &str, awsvpc: bool) -> Option<Json> {
    let containers = read(text).ok()?;
    let mut list: Json = serde_json::from_str(&written(Some(containers))).ok()?;
    let containers = list.as_array_mut()?;
    for members in containers.iter_mut().filter_map(Json::as_object_mut) {
        settle(members, awsvpc);
    }
    Some(list)
}

fn settle(container: &mut Map<String, Json>, awsvpc: bool) {
    container.entry("essential").or_insert(json!(true));
    if let Some(check) = container.get_mut("healthCheck").and_then(Json::as_object_mut) {
        for (name, default) in [("interval", 30), ("retries", 3), ("timeout", 5)] {
            check.entry(name).or_insert(json!(default));
        }
        check.retain(|name, value| name != "startPeriod" || *value != json!(0));
    }
    for ports in
        container.get_mut("portMappings").and_then(Json::as_array_mut).into_iter().flatten()
    {
        let Some(ports) = ports.as_object_mut() else { continue };
        let own = ports.get("containerPort").cloned().unwrap_or_default();
        ports.retain(|name, value| match name.as_str() {
            "protocol" => *value != json!("tcp"),
            "hostPort" => *value != json!(0) && !(awsvpc && *value == own),
            _ => true,
        });
    }
    for mounts in
        container.get_mut("mountPoints").and_then(Json::as_array_mut).into_iter().flatten()
    {
        if let Some(mount) = mounts.as_object_mut() {
            mount.retain(|name, value| name != "readOnly" || *value != json!(false));
        }
    }
    container.retain(|name, value| {
        let is_empty = value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(Map::is_empty);
        !(is_empty || name == "versionConsistency" && *value == json!("enabled"))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(containers: Json, mode: &str) -> Value {
        Value::object([
            ("container_definitions".to_owned(), Value::string(containers.to_string())),
            ("network_mode".to_owned(), Value::string(mode)),
        ])
    }

    /// What ECS adds, and another order, is no change.
    #[test]
    fn what_ecs_adds_is_no_change() {
        let given = json!([{
            "name": "web", "image": "nginx", "portMappings": [{ "containerPort": 80 }],
            "environment": [{ "name": "B", "value": "2" }, { "name": "A", "value": "1" }],
            "healthCheck": { "command": ["CMD", "true"] },
            "somethingElse": 1,
        }]);
        let found = json!([{
            "name": "web", "image": "nginx", "cpu": 0, "essential": true, "volumesFrom": [],
            "portMappings": [{ "containerPort": 80, "hostPort": 80, "protocol": "tcp" }],
            "environment": [{ "name": "A", "value": "1" }, { "name": "B", "value": "2" }],
            "healthCheck": { "command": ["CMD", "true"], "interval": 30, "retries": 3, "timeout": 5 },
        }]);
        let (given, found) = (object(given, "awsvpc"), object(found, "awsvpc"));
        assert!(alike(&found, &given));
        let other = object(json!([{ "name": "web", "image": "nginx:1" }]), "awsvpc");
        assert!(!alike(&found, &other));
    }

    #[test]
    fn a_host_port_is_none_only_in_a_vpc() {
        let with =
            json!([{ "name": "a", "portMappings": [{ "containerPort": 1, "hostPort": 1 }] }]);
        let without = json!([{ "name": "a", "portMappings": [{ "containerPort": 1 }] }]);
        assert!(alike(&object(with.clone(), "awsvpc"), &object(without.clone(), "awsvpc")));
        assert!(!alike(&object(with, "bridge"), &object(without, "bridge")));
    }

    #[test]
    fn what_is_no_list_of_containers_is_told() {
        let told = |text: &str| read(text).unwrap_err().to_string();
        assert!(told("{").starts_with("container_definitions: it is no JSON"));
        assert_eq!(
            told("{}"),
            "container_definitions: it is no list: put [ and ] around the container"
        );
    }
}
