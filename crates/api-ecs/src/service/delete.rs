//! DeleteService: no more tasks; the scheduler stops those that run, then it is INACTIVE.

use neargate_api::model::ecs::{Service, ServiceStatus};
use neargate_api::types::ecs::{DeleteServiceRequest, DeleteServiceResponse, error};
use neargate_api::{AwsError, Ctx};

use super::{find, not_found, shown};
use crate::cluster;

pub async fn call(
    ctx: Ctx,
    input: DeleteServiceRequest,
) -> Result<DeleteServiceResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let cluster = cluster::find(&ctx, &snapshot, input.cluster.as_deref())?;
    let found = find(&ctx, &snapshot, &cluster.name, &input.service).ok_or_else(not_found)?;
    let key = Service::key_of(&ctx.region, &cluster.name, &found.name);
    let (force, now) = (input.force.unwrap_or(false), ctx.now);
    let deleted = ctx
        .write(move |tx| {
            let service = tx.get::<Service>(&key).ok_or_else(not_found)?;
            if service.status != ServiceStatus::Active {
                return Err(error::service_not_active_exception("Service was not ACTIVE."));
            }
            if service.desired_count > 0 && !force {
                return Err(error::invalid_parameter_exception(
                    "The service cannot be stopped while it is scaled above 0.",
                ));
            }
            tx.update::<Service>(&key, |service| {
                service.status = ServiceStatus::Draining;
                service.deleted_at = Some(now);
            })
            .ok_or_else(not_found)
        })
        .await?;
    Ok(DeleteServiceResponse { service: Some(shown(&ctx.snapshot(), &deleted, false)) })
}
