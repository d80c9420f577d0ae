//! DeleteRule. The default rule stays as long as its listener.

use neargate_api::model::elbv2::Rule;
use neargate_api::types::elbv2::{DeleteRuleInput, DeleteRuleOutput, error};
use neargate_api::{AwsError, Ctx};

use crate::rule;

pub async fn call(ctx: Ctx, input: DeleteRuleInput) -> Result<DeleteRuleOutput, AwsError> {
    let arn = input.rule_arn;
    ctx.write(move |tx| {
        if rule::default_of(tx, &arn).is_some() {
            return Err(error::operation_not_permitted_exception(format!(
                "Default rule '{arn}' cannot be deleted"
            )));
        }
        tx.delete::<Rule>(&arn).map(drop).ok_or_else(rule::not_found)
    })
    .await?;
    Ok(DeleteRuleOutput {})
}
