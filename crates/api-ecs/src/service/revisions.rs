//! Service revisions: what a deployment runs, under an ARN of its own.

use neargate_api::model::ecs::{Deployment, Service, TaskDefinition};
use neargate_api::types::ecs::{
    ContainerDefinition, ContainerImage, DescribeServiceRevisionsRequest,
    DescribeServiceRevisionsResponse, ServiceRevision,
};
use neargate_api::{Arn, AwsError, Ctx};

use super::{deployments, find};
use crate::failure;

/// `service-revision/CLUSTER/SERVICE/ID`.
pub fn arn(ctx: &Ctx, service: &Service, deployment: &Deployment) -> String {
    arn_of(ctx, service, &deployment.id)
}

/// The same by the deployment's id.
pub fn arn_of(ctx: &Ctx, service: &Service, deployment: &str) -> String {
    let id = deployment.trim_start_matches("ecs-svc/");
    ctx.arn("ecs", format!("service-revision/{}/{}/{id}", service.cluster, service.name))
}

pub async fn describe(
    ctx: Ctx,
    input: DescribeServiceRevisionsRequest,
) -> Result<DescribeServiceRevisionsResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for wanted in input.service_revision_arns {
        let resource = wanted.parse::<Arn>().map(|a| a.resource).unwrap_or_default();
        let parts: Vec<&str> = resource.split('/').collect();
        let service = match parts[..] {
            ["service-revision", cluster, name, _] => find(&ctx, &snapshot, cluster, name),
            _ => None,
        };
        let shown = service.as_ref().and_then(|service| {
            let all = deployments::all(&snapshot, service);
            let deployment = all.iter().find(|d| arn(&ctx, service, d) == wanted)?;
            let key = TaskDefinition::key_in(&ctx.region, &deployment.task_definition_arn);
            let definition = key.and_then(|key| snapshot.get::<TaskDefinition>(&key));
            let images = definition.map(|definition| images(deployment, &definition));
            Some(ServiceRevision {
                container_images: images,
                ..whole(&wanted, service, deployment)
            })
        });
        match shown {
            Some(shown) => found.push(shown),
            None => failures.push(failure::missing(wanted)),
        }
    }
    Ok(DescribeServiceRevisionsResponse {
        service_revisions: Some(found),
        failures: Some(failures),
    })
}

/// The containers' images, with their digests once tasks have been started.
fn images(deployment: &Deployment, definition: &TaskDefinition) -> Vec<ContainerImage> {
    let containers = definition.containers().iter();
    let image = |container: &ContainerDefinition| ContainerImage {
        container_name: container.name.clone(),
        image: container.image.clone(),
        image_digest: container.name.as_ref().and_then(|n| deployment.images.get(n).cloned()),
    };
    containers.map(image).collect()
}

fn whole(arn: &str, service: &Service, deployment: &Deployment) -> ServiceRevision {
    ServiceRevision {
        service_revision_arn: Some(arn.to_owned()),
        service_arn: Some(service.arn.clone()),
        cluster_arn: service.wire.cluster_arn.clone(),
        task_definition: Some(deployment.task_definition_arn.clone()),
        launch_type: deployment.launch_type.clone(),
        capacity_provider_strategy: Some(
            deployment.capacity_provider_strategy.iter().map(|s| s.0.clone()).collect(),
        ),
        platform_version: Some(deployment.platform_version.clone()),
        platform_family: Some("Linux".into()),
        load_balancers: service.wire.load_balancers.clone(),
        network_configuration: deployment.network.as_ref().map(|n| n.0.clone()),
        created_at: Some(deployment.created_at),
        ..Default::default()
    }
}
