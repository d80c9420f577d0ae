//! DeleteVpc: takes a VPC away with what it was made with, once nothing else is in it.

use neargate_api::model::ec2::{
    InternetGateway, NatGateway, NatState, NetworkAcl, NetworkInterface, RouteTable, SecurityGroup,
    SecurityGroupRule, Subnet, Vpc, VpcEndpoint, key, rules_of,
};
use neargate_api::types::ec2::{DeleteVpcOutput, DeleteVpcRequest};
use neargate_api::{AwsError, Ctx, Record, Snapshot, Tx};

use crate::error::{self, dry_run};
use crate::resource::{all, find};
use crate::tag;

pub async fn call(ctx: Ctx, input: DeleteVpcRequest) -> Result<DeleteVpcOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let vpc = find::<Vpc>(tx, &region, &input.vpc_id)?;
        if has_dependencies(tx, &region, &vpc.vpc_id) {
            return Err(error::has_dependencies("vpc", &vpc.vpc_id));
        }
        remove(tx, &vpc);
        Ok(DeleteVpcOutput {})
    })
    .await
}

/// Whether anything is in the VPC that did not come with it.
fn has_dependencies(s: &Snapshot, region: &str, vpc_id: &str) -> bool {
    all::<Subnet>(s, region).any(|r| r.vpc_id == vpc_id)
        || all::<InternetGateway>(s, region).any(|r| r.vpc_id.as_deref() == Some(vpc_id))
        || all::<NatGateway>(s, region)
            .any(|r| r.vpc_id == vpc_id && !matches!(r.state, NatState::Deleted | NatState::Failed))
        || all::<VpcEndpoint>(s, region).any(|r| r.vpc_id == vpc_id)
        || all::<NetworkInterface>(s, region).any(|r| r.vpc_id == vpc_id)
        || all::<SecurityGroup>(s, region).any(|r| r.vpc_id == vpc_id && r.name != "default")
        || all::<RouteTable>(s, region).any(|r| r.vpc_id == vpc_id && !r.is_main())
        || all::<NetworkAcl>(s, region).any(|r| r.vpc_id == vpc_id && !r.is_default)
}

fn remove(tx: &mut Tx, vpc: &Vpc) {
    let region = vpc.region.as_str();
    let mine = |id: &str| id == vpc.vpc_id;
    let groups: Vec<_> = all::<SecurityGroup>(tx, region).filter(|r| mine(&r.vpc_id)).collect();
    for group in groups {
        let rules: Vec<_> = rules_of(tx, region, &group.group_id).collect();
        for rule in rules {
            tx.delete::<SecurityGroupRule>(&rule.key());
            tag::forget(tx, region, &rule.rule_id);
        }
        tx.delete::<SecurityGroup>(&group.key());
        tag::forget(tx, region, &group.group_id);
    }
    let tables: Vec<_> = all::<RouteTable>(tx, region).filter(|r| mine(&r.vpc_id)).collect();
    for table in tables {
        tx.delete::<RouteTable>(&table.key());
        tag::forget(tx, region, &table.route_table_id);
    }
    let acls: Vec<_> = all::<NetworkAcl>(tx, region).filter(|r| mine(&r.vpc_id)).collect();
    for acl in acls {
        tx.delete::<NetworkAcl>(&acl.key());
        tag::forget(tx, region, &acl.network_acl_id);
    }
    tx.delete::<Vpc>(&key(region, &vpc.vpc_id));
    tag::forget(tx, region, &vpc.vpc_id);
}
