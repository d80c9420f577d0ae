//! DeleteWebACL: not while it guards something.

use neargate_api::model::wafv2::{Association, WebAcl};
use neargate_api::types::wafv2::{DeleteWebACLRequest, DeleteWebACLResponse};
use neargate_api::{AwsError, Ctx};

use crate::{association, error, scope};

pub async fn call(ctx: Ctx, input: DeleteWebACLRequest) -> Result<DeleteWebACLResponse, AwsError> {
    scope::check(&ctx, &input.scope)?;
    let arn = super::resource(&ctx, &input.scope, &input.name, &input.id);
    ctx.write(move |tx| {
        let found = tx.get::<WebAcl>(&arn).ok_or_else(error::nonexistent)?;
        super::check_lock(&found, &input.lock_token)?;
        if !association::resources(tx.view(), &arn).is_empty() {
            return Err(error::associated());
        }
        // Those of load balancers that are gone go with it.
        let all = tx.all::<Association>().filter(|one| one.web_acl_arn == arn);
        let dead: Vec<String> = all.map(|one| one.resource_arn.clone()).collect();
        for resource in dead {
            tx.delete::<Association>(&resource);
        }
        tx.delete::<WebAcl>(&arn);
        Ok(DeleteWebACLResponse {})
    })
    .await
}
