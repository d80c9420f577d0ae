//! DescribeServices.

use neargate_api::types::ecs::{DescribeServicesRequest, DescribeServicesResponse, error};
use neargate_api::{AwsError, Ctx};

use super::{arn, find, shown};
use crate::{cluster, failure};

pub async fn call(
    ctx: Ctx,
    input: DescribeServicesRequest,
) -> Result<DescribeServicesResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let cluster = cluster::find(&ctx, &snapshot, input.cluster.as_deref())?;
    if input.services.is_empty() {
        return Err(error::invalid_parameter_exception("Services cannot be empty."));
    }
    if input.services.len() > 10 {
        return Err(error::invalid_parameter_exception(
            "Services cannot be more than 10: ask in several calls.",
        ));
    }
    let with_tags = input.include.iter().flatten().any(|i| i == "TAGS");
    let (mut services, mut failures) = (Vec::new(), Vec::new());
    for reference in &input.services {
        match find(&ctx, &snapshot, &cluster.name, reference) {
            Some(service) => services.push(shown(&snapshot, &service, with_tags)),
            None => failures.push(failure::missing(arn(&ctx, Some(&cluster.name), reference))),
        }
    }
    Ok(DescribeServicesResponse { services: Some(services), failures: Some(failures) })
}
