//! `aws_vpc_ipv4_cidr_block_association`: a further range of a VPC.

use async_trait::async_trait;
use neargate_api_types::ec2;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};
use crate::resources::filters;
use crate::waits;

pub struct VpcIpv4CidrBlockAssociation;

const MISSING: [&str; 2] = ["InvalidVpcCidrBlockAssociationID.NotFound", "InvalidVpcID.NotFound"];

#[async_trait]
impl Resource for VpcIpv4CidrBlockAssociation {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["cidr_block", "ipv4_ipam_pool_id", "ipv4_netmask_length", "vpc_id"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let input = ec2::AssociateVpcCidrBlockRequest {
            cidr_block: planned.string("cidr_block"),
            ipv4_ipam_pool_id: planned.string("ipv4_ipam_pool_id"),
            ipv4_netmask_length: planned.number("ipv4_netmask_length"),
            vpc_id: planned.required("vpc_id"),
            ..Default::default()
        };
        let made = cloud.call::<ec2::AssociateVpcCidrBlock>(&input).await?.cidr_block_association;
        Ok(made.unwrap_or_default().association_id.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        let id = planned.id();
        let what = format!("Range {id}");
        waits::state(cloud, &what, &["associating", waits::GONE], &["associated"], || async {
            Ok(association(cloud, &id).await?.map(|(_, association)| state(association)))
        })
        .await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let Some((vpc, association)) = association(cloud, &known.id()).await? else {
            return Ok(None);
        };
        known.extend(json!({ "cidr_block": association.cidr_block, "vpc_id": vpc }));
        Ok(Some(known))
    }

    async fn update(&self, _: &Cloud, _: &Attributes, _: &Attributes) -> Result<(), Failure> {
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let id = prior.id();
        let input = ec2::DisassociateVpcCidrBlockRequest { association_id: id.clone() };
        let what = format!("Range {id}");
        // A subnet that has just been deleted may still be in it.
        waits::delete(cloud, &what, &MISSING, &["InvalidCidrBlock.InUse"], || {
            cloud.call::<ec2::DisassociateVpcCidrBlock>(&input)
        })
        .await?;
        waits::state(cloud, &what, &["associated", "disassociating"], &[waits::GONE], || async {
            Ok(association(cloud, &id).await?.map(|(_, association)| state(association)))
        })
        .await
    }
}

fn state(association: ec2::VpcCidrBlockAssociation) -> String {
    association.cidr_block_state.and_then(|state| state.state).unwrap_or_default()
}

/// The VPC, and its association with this id; none where it is no longer associated.
async fn association(
    cloud: &Cloud,
    id: &str,
) -> Result<Option<(String, ec2::VpcCidrBlockAssociation)>, Failure> {
    let filters = filters([("cidr-block-association.association-id", id)]);
    let input = ec2::DescribeVpcsRequest { filters, ..Default::default() };
    let described = found(cloud.call::<ec2::DescribeVpcs>(&input).await, &MISSING)?;
    let vpc = described.and_then(|output| output.vpcs?.into_iter().next()).unwrap_or_default();
    let mut associations = vpc.cidr_block_association_set.unwrap_or_default().into_iter();
    let association = associations.find(|found| found.association_id.as_deref() == Some(id));
    let association = association.filter(|found| state(found.clone()) != "disassociated");
    Ok(association.map(|association| (vpc.vpc_id.unwrap_or_default(), association)))
}
