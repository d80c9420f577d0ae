//! `aws_ecs_task_definition`. A revision never changes: all but its tags makes another
//! one. Its containers are a JSON text, to which ECS adds.

mod containers;
mod volumes;

use async_trait::async_trait;
use neargate_api_types::ecs;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::tags;

pub struct EcsTaskDefinition;

#[async_trait]
impl Resource for EcsTaskDefinition {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "container_definitions",
                "cpu",
                "enable_fault_injection",
                "ephemeral_storage",
                "execution_role_arn",
                "family",
                "inference_accelerator",
                "ipc_mode",
                "memory",
                "network_mode",
                "pid_mode",
                "placement_constraints",
                "proxy_configuration",
                "requires_compatibilities",
                "runtime_platform",
                "task_role_arn",
                "volume",
            ],
            defaults: &[
                ("skip_destroy", Fallback::Bool(false)),
                ("track_latest", Fallback::Bool(false)),
            ],
            alike: &[("container_definitions", containers::alike)],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let input = ecs::RegisterTaskDefinitionRequest {
            container_definitions: containers::read(&planned.required("container_definitions"))?,
            cpu: planned.string("cpu"),
            enable_fault_injection: planned.bool("enable_fault_injection"),
            ephemeral_storage: planned.block("ephemeral_storage").map(|block| {
                let size_in_gi_b = block.number("size_in_gib").unwrap_or_default();
                ecs::EphemeralStorage { size_in_gi_b }
            }),
            execution_role_arn: planned.string("execution_role_arn"),
            family: planned.required("family"),
            inference_accelerators: accelerators(planned),
            ipc_mode: planned.string("ipc_mode"),
            memory: planned.string("memory"),
            network_mode: planned.string("network_mode"),
            pid_mode: planned.string("pid_mode"),
            placement_constraints: constraints(planned),
            proxy_configuration: planned.block("proxy_configuration").map(proxy),
            requires_compatibilities: planned.some_texts("requires_compatibilities"),
            runtime_platform: planned.block("runtime_platform").map(|block| ecs::RuntimePlatform {
                cpu_architecture: block.string("cpu_architecture"),
                operating_system_family: block.string("operating_system_family"),
            }),
            tags: tags::ecs::given(planned),
            task_role_arn: planned.string("task_role_arn"),
            volumes: volumes::of(planned),
            ..Default::default()
        };
        let registered = cloud.call::<ecs::RegisterTaskDefinition>(&input).await?.task_definition;
        Ok(registered.unwrap_or_default().family.unwrap_or_default())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let of_arn = known.string("arn").filter(|_| !known.is("track_latest"));
        let which = of_arn.unwrap_or_else(|| known.id());
        let Some(described) = described(cloud, which).await? else { return Ok(None) };
        let definition = described.task_definition.unwrap_or_default();
        let arn = definition.task_definition_arn.clone().unwrap_or_default();
        let family_arn = arn.rsplit_once(':').map(|(family, _)| family.to_owned());
        known.extend(json!({
            "arn": arn,
            "arn_without_revision": family_arn,
            "container_definitions": containers::written(definition.container_definitions.clone()),
            "cpu": definition.cpu.clone().unwrap_or_default(),
            "enable_fault_injection": definition.enable_fault_injection.unwrap_or(false),
            "execution_role_arn": definition.execution_role_arn.clone().unwrap_or_default(),
            "family": definition.family,
            "id": definition.family,
            "ipc_mode": definition.ipc_mode.clone().unwrap_or_default(),
            "memory": definition.memory.clone().unwrap_or_default(),
            "network_mode": definition.network_mode.clone().unwrap_or_default(),
            "pid_mode": definition.pid_mode.clone().unwrap_or_default(),
            "requires_compatibilities": definition.requires_compatibilities.clone().unwrap_or_default(),
            "revision": definition.revision,
            "skip_destroy": known.is("skip_destroy"),
            "task_role_arn": definition.task_role_arn.clone().unwrap_or_default(),
            "track_latest": known.is("track_latest"),
        }));
        known.extend(blocks(definition));
        tags::set(&mut known, cloud, tags::ecs::found(described.tags));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        tags::ecs::update(cloud, &prior.required("arn"), prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        if prior.is("skip_destroy") || described(cloud, prior.required("arn")).await?.is_none() {
            return Ok(());
        }
        let input = ecs::DeregisterTaskDefinitionRequest { task_definition: prior.required("arn") };
        cloud.call::<ecs::DeregisterTaskDefinition>(&input).await?;
        Ok(())
    }

    /// An ARN.
    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        let family = id.rsplit_once('/').and_then(|(_, name)| name.rsplit_once(':'));
        let Some((family, _)) = family.filter(|_| id.starts_with("arn:")) else {
            return Err(Failure::told(format!(
                "{id} is not the ARN of a task definition: arn:aws:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION"
            )));
        };
        Ok(Attributes::from(json!({ "id": family, "arn": id })))
    }
}

/// The definition, unless it is deregistered.
async fn described(
    cloud: &Cloud,
    task_definition: String,
) -> Result<Option<ecs::DescribeTaskDefinitionResponse>, Failure> {
    let include = Some(vec!["TAGS".to_owned()]);
    let input = ecs::DescribeTaskDefinitionRequest { include, task_definition };
    let described = cloud.call::<ecs::DescribeTaskDefinition>(&input).await;
    // Nothing else can be wrong with a name that was once good.
    let described = found(described, &["ClientException"])?;
    let active = |described: &ecs::DescribeTaskDefinitionResponse| {
        let definition = described.task_definition.as_ref();
        definition.is_some_and(|definition| definition.status.as_deref() == Some("ACTIVE"))
    };
    Ok(described.filter(active))
}

fn accelerators(planned: &Attributes) -> Option<Vec<ecs::InferenceAccelerator>> {
    let blocks = planned.blocks("inference_accelerator");
    let accelerator = |block: &Attributes| ecs::InferenceAccelerator {
        device_name: block.required("device_name"),
        device_type: block.required("device_type"),
    };
    (!blocks.is_empty()).then(|| blocks.iter().map(accelerator).collect())
}

fn constraints(planned: &Attributes) -> Option<Vec<ecs::TaskDefinitionPlacementConstraint>> {
    let blocks = planned.blocks("placement_constraints");
    let constraint = |block: &Attributes| ecs::TaskDefinitionPlacementConstraint {
        expression: block.string("expression"),
        r#type: block.string("type"),
    };
    (!blocks.is_empty()).then(|| blocks.iter().map(constraint).collect())
}

fn proxy(block: Attributes) -> ecs::ProxyConfiguration {
    let property = |(name, value)| ecs::KeyValuePair { name: Some(name), value: Some(value) };
    ecs::ProxyConfiguration {
        container_name: block.required("container_name"),
        properties: Some(block.map("properties").into_iter().map(property).collect()),
        r#type: Some(block.string("type").unwrap_or_else(|| "APPMESH".to_owned())),
    }
}

fn blocks(definition: ecs::TaskDefinition) -> Json {
    let storage = definition.ephemeral_storage.into_iter();
    let storage = storage.map(|storage| json!({ "size_in_gib": storage.size_in_gi_b }));
    let accelerators = definition.inference_accelerators.unwrap_or_default().into_iter();
    let accelerators = accelerators.map(
        |device| json!({ "device_name": device.device_name, "device_type": device.device_type }),
    );
    let constraints = definition.placement_constraints.unwrap_or_default().into_iter();
    let constraints = constraints.map(|constraint| {
        json!({ "expression": constraint.expression.unwrap_or_default(), "type": constraint.r#type })
    });
    let proxy = definition.proxy_configuration.into_iter().map(|proxy| {
        let properties = proxy.properties.unwrap_or_default().into_iter();
        let properties = properties
            .map(|pair| (pair.name.unwrap_or_default(), Json::from(pair.value)))
            .collect::<serde_json::Map<String, Json>>();
        json!({
            "container_name": proxy.container_name,
            "properties": properties,
            "type": proxy.r#type,
        })
    });
    let platform = definition.runtime_platform.into_iter().map(|platform| {
        json!({
            "cpu_architecture": platform.cpu_architecture.unwrap_or_default(),
            "operating_system_family": platform.operating_system_family.unwrap_or_default(),
        })
    });
    json!({
        "ephemeral_storage": storage.collect::<Vec<Json>>(),
        "inference_accelerator": accelerators.collect::<Vec<Json>>(),
        "placement_constraints": constraints.collect::<Vec<Json>>(),
        "proxy_configuration": proxy.collect::<Vec<Json>>(),
        "runtime_platform": platform.collect::<Vec<Json>>(),
        "volume": volumes::blocks(definition.volumes),
    })
}
