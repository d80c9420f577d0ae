//! Associations: a web ACL guards an Application Load Balancer. Those of load
//! balancers that are gone are as if they were not.

use neargate_api::model::elbv2::LoadBalancer;
use neargate_api::model::wafv2::{Association, WebAcl, web_acl_of};
use neargate_api::types::wafv2::{
    AssociateWebACLRequest, AssociateWebACLResponse, DisassociateWebACLRequest,
    DisassociateWebACLResponse, GetWebACLForResourceRequest, GetWebACLForResourceResponse,
    ListResourcesForWebACLRequest, ListResourcesForWebACLResponse,
};
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::error;

/// The load balancers that a web ACL guards.
pub fn resources(snapshot: &Snapshot, web_acl_arn: &str) -> Vec<String> {
    let all = snapshot.all::<Association>().filter(|one| one.web_acl_arn == web_acl_arn);
    all.map(|one| one.resource_arn.clone()).filter(|arn| is_there(snapshot, arn)).collect()
}

fn is_there(snapshot: &Snapshot, resource_arn: &str) -> bool {
    snapshot.all::<LoadBalancer>().any(|balancer| balancer.arn == resource_arn)
}

/// Application Load Balancers are the only resources here that a web ACL can guard.
fn check_kind(resource_arn: &str) -> Result<(), AwsError> {
    match resource_arn.contains(":loadbalancer/app/") {
        true => Ok(()),
        false => Err(error::invalid(
            "The ARN isn't valid. A valid ARN begins with arn: and includes other information \
             separated by colons or slashes.",
            "RESOURCE_ARN",
            resource_arn,
        )),
    }
}

pub async fn associate(
    ctx: Ctx,
    input: AssociateWebACLRequest,
) -> Result<AssociateWebACLResponse, AwsError> {
    let AssociateWebACLRequest { resource_arn, web_acl_arn } = input;
    check_kind(&resource_arn)?;
    ctx.authorize("elasticloadbalancing:SetWebACL", &resource_arn)?;
    ctx.write(move |tx| {
        let acl = tx.get::<WebAcl>(&web_acl_arn).ok_or_else(error::nonexistent)?;
        if acl.scope != "REGIONAL" {
            return Err(error::invalid(
                "A web ACL of CloudFront's scope cannot guard a load balancer.",
                "WEB_ACL",
                &web_acl_arn,
            ));
        }
        if !is_there(tx.view(), &resource_arn) {
            return Err(error::nonexistent());
        }
        tx.put(Association { resource_arn, web_acl_arn });
        Ok(AssociateWebACLResponse {})
    })
    .await
}

pub async fn disassociate(
    ctx: Ctx,
    input: DisassociateWebACLRequest,
) -> Result<DisassociateWebACLResponse, AwsError> {
    check_kind(&input.resource_arn)?;
    ctx.write(move |tx| {
        tx.delete::<Association>(&input.resource_arn);
        Ok(DisassociateWebACLResponse {})
    })
    .await
}

pub async fn get(
    ctx: Ctx,
    input: GetWebACLForResourceRequest,
) -> Result<GetWebACLForResourceResponse, AwsError> {
    let (snapshot, arn) = (ctx.snapshot(), input.resource_arn);
    check_kind(&arn)?;
    if !is_there(&snapshot, &arn) {
        return Err(error::nonexistent());
    }
    let acl = web_acl_of(&snapshot, &arn);
    Ok(GetWebACLForResourceResponse { web_acl: acl.map(|acl| acl.acl.0.clone()) })
}

pub async fn list(
    ctx: Ctx,
    input: ListResourcesForWebACLRequest,
) -> Result<ListResourcesForWebACLResponse, AwsError> {
    let (snapshot, arn) = (ctx.snapshot(), input.web_acl_arn);
    if !snapshot.contains::<WebAcl>(&arn) {
        return Err(error::nonexistent());
    }
    let balancers = input.resource_type.is_none_or(|kind| kind == "APPLICATION_LOAD_BALANCER");
    let found = if balancers { resources(&snapshot, &arn) } else { Vec::new() };
    Ok(ListResourcesForWebACLResponse { resource_arns: Some(found) })
}
