//! CreateNetworkAcl: an ACL that lets nothing pass until it has entries.

use neargate_api::model::ec2::{NetworkAcl, Vpc};
use neargate_api::types::ec2::{CreateNetworkAclRequest, CreateNetworkAclResult};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::resource::{Resource, all, find};
use crate::tag;

pub async fn call(
    ctx: Ctx,
    input: CreateNetworkAclRequest,
) -> Result<CreateNetworkAclResult, AwsError> {
    dry_run(input.dry_run)?;
    let tags = tag::for_creation(input.tag_specifications, NetworkAcl::TYPE)?;
    let client_token = input.client_token;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let vpc = find::<Vpc>(tx, &at.region, &input.vpc_id)?;
        let before = all::<NetworkAcl>(tx, &at.region)
            .find(|acl| acl.client_token.is_some() && acl.client_token == client_token);
        if let Some(before) = before {
            let network_acl = Some(super::shape(&at, tx, &before));
            return Ok(CreateNetworkAclResult { client_token, network_acl });
        }
        let acl = NetworkAcl {
            region: at.region.clone(),
            network_acl_id: format!("acl-{}", at.rng().hex(17)),
            vpc_id: vpc.vpc_id.clone(),
            is_default: false,
            entries: NetworkAcl::closed(),
            associations: Vec::new(),
            client_token: client_token.clone(),
        };
        tx.put(acl.clone());
        tag::store(tx, &at.region, &acl.network_acl_id, NetworkAcl::TYPE, tags);
        let network_acl = Some(super::shape(&at, tx, &acl));
        Ok(CreateNetworkAclResult { client_token, network_acl })
    })
    .await
}
