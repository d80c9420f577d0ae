//! DeleteSubnet: takes a subnet away, once no interface is in it.

use neargate_api::model::ec2::{NetworkAcl, NetworkInterface, RouteTable, Subnet};
use neargate_api::types::ec2::{DeleteSubnetOutput, DeleteSubnetRequest};
use neargate_api::{AwsError, Ctx, Record};

use crate::error::{self, dry_run};
use crate::resource::{all, find};
use crate::tag;

pub async fn call(ctx: Ctx, input: DeleteSubnetRequest) -> Result<DeleteSubnetOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let id = input.subnet_id.as_str();
        let subnet = find::<Subnet>(tx, &region, id)?;
        if all::<NetworkInterface>(tx, &region).any(|interface| interface.subnet_id == id) {
            return Err(error::has_dependencies("subnet", id));
        }
        let tables: Vec<_> = all::<RouteTable>(tx, &region)
            .filter(|t| t.associations.iter().any(|a| a.subnet_id.as_deref() == Some(id)))
            .collect();
        for table in tables {
            tx.update::<RouteTable>(&table.key(), |table| {
                table.associations.retain(|a| a.subnet_id.as_deref() != Some(id));
            });
        }
        let acls: Vec<_> = all::<NetworkAcl>(tx, &region)
            .filter(|acl| acl.associations.iter().any(|a| a.subnet_id == id))
            .collect();
        for acl in acls {
            tx.update::<NetworkAcl>(&acl.key(), |acl| {
                acl.associations.retain(|a| a.subnet_id != id);
            });
        }
        tx.delete::<Subnet>(&subnet.key());
        tag::forget(tx, &region, id);
        Ok(DeleteSubnetOutput {})
    })
    .await
}
