//! Scalable targets: what their operations share.

pub mod deregister;
pub mod describe;
pub mod register;

use std::sync::Arc;

use neargate_api::model::application_autoscaling::ScalableTarget;
use neargate_api::model::ecs::{Service, ServiceStatus};
use neargate_api::types::application_autoscaling::error;
use neargate_api::{AwsError, Ctx, Snapshot};

/// Whom the calls come from that scale services of ECS.
pub const SCALER: &str = "ecs.application-autoscaling.amazonaws.com";

/// The one dimension of ECS.
pub const DESIRED_COUNT: &str = "ecs:service:DesiredCount";

/// A target as calls name it.
#[derive(Clone, Debug)]
pub struct Reference {
    pub namespace: String,
    pub dimension: String,
    pub resource_id: String,
}

impl Reference {
    pub fn new(namespace: &str, dimension: &str, resource_id: &str) -> Self {
        Reference {
            namespace: namespace.into(),
            dimension: dimension.into(),
            resource_id: resource_id.into(),
        }
    }

    pub fn key(&self, region: &str) -> String {
        ScalableTarget::key_of(region, &self.dimension, &self.resource_id)
    }

    /// `service namespace: ecs, resource ID: …, scalable dimension: …`, as AWS's errors have it.
    pub fn described(&self) -> String {
        format!(
            "service namespace: {}, resource ID: {}, scalable dimension: {}",
            self.namespace, self.resource_id, self.dimension
        )
    }

    /// The registered target; policies and scheduled actions need one.
    pub fn registered(
        &self,
        snapshot: &Snapshot,
        region: &str,
    ) -> Result<Arc<ScalableTarget>, AwsError> {
        snapshot.get::<ScalableTarget>(&self.key(region)).ok_or_else(|| {
            error::object_not_found_exception(format!(
                "No scalable target registered for {}",
                self.described()
            ))
        })
    }

    /// The key of the ECS service that is meant.
    pub fn service_key(&self, region: &str) -> Result<String, AwsError> {
        if self.namespace != "ecs" || self.dimension != DESIRED_COUNT {
            return Err(error::validation_exception(format!(
                "Unsupported service namespace, resource type or scalable dimension: {}. Neargate scales services \
                 of ECS: ecs, service/CLUSTER/SERVICE, {DESIRED_COUNT}.",
                self.described()
            )));
        }
        let parts: Vec<&str> = self.resource_id.split('/').collect();
        match parts[..] {
            ["service", cluster, name] if !cluster.is_empty() && !name.is_empty() => {
                Ok(Service::key_of(region, cluster, name))
            }
            _ => Err(error::validation_exception(format!(
                "Unsupported service namespace, resource type or scalable dimension: the resource ID of an ECS \
                 service is service/CLUSTER/SERVICE, not {}",
                self.resource_id
            ))),
        }
    }

    /// Refuses unless the ECS service is there.
    pub fn check_service(&self, snapshot: &Snapshot, key: &str) -> Result<(), AwsError> {
        let found = snapshot.get::<Service>(key);
        match found.is_some_and(|service| service.status == ServiceStatus::Active) {
            true => Ok(()),
            false => Err(error::validation_exception(format!(
                "ECS service doesn't exist: {}",
                self.resource_id
            ))),
        }
    }
}

/// The ARN that policies grant on: the target's, where it is registered.
pub fn arn(ctx: &Ctx, dimension: &str, resource_id: &str) -> String {
    let key = ScalableTarget::key_of(&ctx.region, dimension, resource_id);
    let registered = ctx.snapshot().get::<ScalableTarget>(&key);
    registered
        .and_then(|target| target.shown.scalable_target_arn.clone())
        .unwrap_or_else(|| ctx.arn("application-autoscaling", "scalable-target/*"))
}
