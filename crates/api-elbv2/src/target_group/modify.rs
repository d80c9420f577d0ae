//! ModifyTargetGroup: other health checks.

use neargate_api::model::elbv2::TargetGroup;
use neargate_api::types::elbv2::{ModifyTargetGroupInput, ModifyTargetGroupOutput};
use neargate_api::{AwsError, Ctx};

use super::health_check::{self, Asked};
use crate::target_group;

pub async fn call(
    ctx: Ctx,
    input: ModifyTargetGroupInput,
) -> Result<ModifyTargetGroupOutput, AwsError> {
    let asked = Asked {
        enabled: input.health_check_enabled,
        protocol: input.health_check_protocol,
        port: input.health_check_port,
        path: input.health_check_path,
        interval_secs: input.health_check_interval_seconds,
        timeout_secs: input.health_check_timeout_seconds,
        healthy_threshold: input.healthy_threshold_count,
        unhealthy_threshold: input.unhealthy_threshold_count,
        matcher: input.matcher,
    };
    let arn = input.target_group_arn;
    let changed = ctx
        .write(move |tx| {
            let mut changed = TargetGroup::clone(&*target_group::find(tx, &arn)?);
            changed.health_check =
                health_check::changed(changed.health_check, &changed.protocol_version, asked)?;
            tx.put(changed.clone());
            Ok(changed)
        })
        .await?;
    let shown = target_group::shown(&ctx.snapshot(), &changed);
    Ok(ModifyTargetGroupOutput { target_groups: Some(vec![shown]) })
}
