//! DeleteEventBus: one that is not there is no error.

use neargate_api::model::events::{DEFAULT_BUS, EventBus, Rule};
use neargate_api::types::events::{DeleteEventBusOutput, DeleteEventBusRequest};
use neargate_api::{AwsError, Ctx};

use crate::invalid;

pub async fn call(
    ctx: Ctx,
    input: DeleteEventBusRequest,
) -> Result<DeleteEventBusOutput, AwsError> {
    if input.name == DEFAULT_BUS {
        return Err(invalid("Cannot delete event bus default."));
    }
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        if tx.scan::<Rule>(&Rule::prefix(&region, &input.name)).next().is_some() {
            return Err(invalid("Event bus can't be deleted since it has rules."));
        }
        tx.delete::<EventBus>(&EventBus::key_of(&region, &input.name));
        Ok(())
    })
    .await?;
    Ok(DeleteEventBusOutput {})
}
