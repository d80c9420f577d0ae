//! DeleteRule: one that is not there is no error; its targets go first.

use neargate_api::model::events::Rule;
use neargate_api::types::events::{DeleteRuleOutput, DeleteRuleRequest};
use neargate_api::{AwsError, Ctx};

use crate::{bus, invalid};

pub async fn call(ctx: Ctx, input: DeleteRuleRequest) -> Result<DeleteRuleOutput, AwsError> {
    let of_tx = ctx.clone();
    ctx.write(move |tx| {
        let bus = bus::find(&of_tx, tx.view(), bus::name_in(&input.event_bus_name))?;
        let key = Rule::key_of(&of_tx.region, &bus.name, &input.name);
        if tx.delete::<Rule>(&key).is_some_and(|rule| !rule.targets.is_empty()) {
            return Err(invalid("Rule can't be deleted since it has targets."));
        }
        Ok(())
    })
    .await?;
    Ok(DeleteRuleOutput {})
}
