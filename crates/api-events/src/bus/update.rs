//! UpdateEventBus: what is not given stays.

use neargate_api::types::events::{UpdateEventBusRequest, UpdateEventBusResponse};
use neargate_api::{AwsError, Ctx, Stored};

use super::{check_dead_letters, find, given, name_in};

pub async fn call(
    ctx: Ctx,
    input: UpdateEventBusRequest,
) -> Result<UpdateEventBusResponse, AwsError> {
    check_dead_letters(input.dead_letter_config.as_ref())?;
    let of_tx = ctx.clone();
    let bus = ctx
        .write(move |tx| {
            let mut bus = find(&of_tx, tx.view(), name_in(&input.name))?;
            if let Some(description) = input.description {
                bus.description = given(Some(description));
            }
            if let Some(key) = input.kms_key_identifier {
                bus.kms_key_id = given(Some(key));
            }
            bus.log_config = input.log_config.map(Stored).or(bus.log_config);
            bus.modified_at = of_tx.now;
            tx.put(bus.clone());
            Ok(bus)
        })
        .await?;
    Ok(UpdateEventBusResponse {
        arn: Some(bus.arn),
        dead_letter_config: None,
        description: bus.description,
        kms_key_identifier: bus.kms_key_id,
        log_config: bus.log_config.map(|config| config.0),
        name: Some(bus.name),
    })
}
