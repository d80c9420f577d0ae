//! The attributes of a target group.

use neargate_api::model::elbv2::{TARGET_GROUP_ATTRIBUTES, TargetGroup};
use neargate_api::types::elbv2::{
    DescribeTargetGroupAttributesInput, DescribeTargetGroupAttributesOutput,
    ModifyTargetGroupAttributesInput, ModifyTargetGroupAttributesOutput, TargetGroupAttribute,
    error,
};
use neargate_api::{AwsError, Ctx};

use crate::{attributes, target_group};

pub async fn describe(
    ctx: Ctx,
    input: DescribeTargetGroupAttributesInput,
) -> Result<DescribeTargetGroupAttributesOutput, AwsError> {
    let group = target_group::find(&ctx.snapshot(), &input.target_group_arn)?;
    Ok(DescribeTargetGroupAttributesOutput { attributes: Some(shown(&group)) })
}

pub async fn modify(
    ctx: Ctx,
    input: ModifyTargetGroupAttributesInput,
) -> Result<ModifyTargetGroupAttributesOutput, AwsError> {
    let given = input.attributes.into_iter().map(|a| (a.key, a.value)).collect();
    let given = attributes::check("Target group", TARGET_GROUP_ATTRIBUTES, given)?;
    let arn = input.target_group_arn;
    let changed = ctx
        .write(move |tx| {
            let mut changed = TargetGroup::clone(&*target_group::find(tx, &arn)?);
            changed.attributes.extend(given);
            check(&changed)?;
            tx.put(changed.clone());
            Ok(changed)
        })
        .await?;
    Ok(ModifyTargetGroupAttributesOutput { attributes: Some(shown(&changed)) })
}

/// Refuses combinations that AWS does not take.
fn check(group: &TargetGroup) -> Result<(), AwsError> {
    let cookie = group.attribute("stickiness.app_cookie.cookie_name");
    if group.attribute("stickiness.enabled") == "true"
        && group.attribute("stickiness.type") == "app_cookie"
        && cookie.is_empty()
    {
        return Err(error::invalid_configuration_request_exception(
            "You must set an application cookie name to enable stickiness of type 'app_cookie'",
        ));
    }
    if cookie.starts_with("AWSALB") {
        return Err(error::invalid_configuration_request_exception(
            "Application cookie names that begin with AWSALB are reserved for the load balancer",
        ));
    }
    let algorithm = group.attribute("load_balancing.algorithm.type");
    if group.number("slow_start.duration_seconds") > 0 && algorithm != "round_robin" {
        return Err(error::invalid_configuration_request_exception(format!(
            "Slow start cannot be enabled with the load balancing algorithm '{algorithm}'"
        )));
    }
    if group.attribute("load_balancing.algorithm.anomaly_mitigation") == "on"
        && algorithm != "weighted_random"
    {
        return Err(error::invalid_configuration_request_exception(
            "Anomaly mitigation can be enabled with the load balancing algorithm 'weighted_random' only",
        ));
    }
    Ok(())
}

/// The application cookie is shown where it is used, as on AWS.
fn shown(group: &TargetGroup) -> Vec<TargetGroupAttribute> {
    attributes::shown(TARGET_GROUP_ATTRIBUTES, &group.attributes)
}
