//! RemoveTargets: ids that the rule has not are no error.

use neargate_api::model::events::Rule;
use neargate_api::types::events::{RemoveTargetsRequest, RemoveTargetsResponse};
use neargate_api::{AwsError, Ctx, Record};

use crate::{bus, rule};

pub async fn call(
    ctx: Ctx,
    input: RemoveTargetsRequest,
) -> Result<RemoveTargetsResponse, AwsError> {
    let of_tx = ctx.clone();
    ctx.write(move |tx| {
        let bus = bus::name_in(&input.event_bus_name);
        let found = rule::find(&of_tx, tx.view(), bus, &input.rule)?;
        tx.update::<Rule>(&found.key(), |rule| {
            rule.targets.retain(|target| !input.ids.contains(&target.id));
        });
        Ok(())
    })
    .await?;
    Ok(RemoveTargetsResponse { failed_entries: Some(Vec::new()), failed_entry_count: Some(0) })
}
