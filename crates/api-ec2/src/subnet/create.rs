//! CreateSubnet: a block of the VPC's addresses, in one availability zone.

use neargate_api::model::ec2::{AclAssociation, Cidr, NetworkAcl, Subnet, Vpc, zones};
use neargate_api::types::ec2::{CreateSubnetRequest, CreateSubnetResult};
use neargate_api::{AwsError, Ctx, Record, Snapshot, Tx};

use crate::error::{self, dry_run};
use crate::resource::{Resource, all, find};
use crate::tag;

pub async fn call(ctx: Ctx, input: CreateSubnetRequest) -> Result<CreateSubnetResult, AwsError> {
    dry_run(input.dry_run)?;
    refuse_unsupported(&input)?;
    let cidr = block(input.cidr_block.as_deref().ok_or_else(|| error::missing("CidrBlock"))?)?;
    let zone = zone(&ctx.region, input.availability_zone, input.availability_zone_id)?;
    let tags = tag::for_creation(input.tag_specifications, Subnet::TYPE)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let vpc = find::<Vpc>(tx, &at.region, &input.vpc_id)?;
        check_place(tx, &vpc, cidr)?;
        let subnet = make(tx, &at, &vpc, cidr, zone, false);
        tag::store(tx, &at.region, &subnet.subnet_id, Subnet::TYPE, tags);
        Ok(CreateSubnetResult { subnet: Some(super::shape(&at, tx, &subnet)) })
    })
    .await
}

fn refuse_unsupported(input: &CreateSubnetRequest) -> Result<(), AwsError> {
    if input.ipv6_cidr_block.is_some()
        || input.ipv6_native == Some(true)
        || input.ipv6_ipam_pool_id.is_some()
    {
        return Err(error::unsupported("Ipv6CidrBlock", "subnets have IPv4 addresses only."));
    }
    if input.ipv4_ipam_pool_id.is_some() {
        return Err(error::unsupported("Ipv4IpamPoolId", "give the subnet's CidrBlock instead."));
    }
    if input.outpost_arn.is_some() {
        return Err(error::unsupported("OutpostArn", "there are no Outposts."));
    }
    Ok(())
}

/// A block that a subnet can have: between /16 and /28.
fn block(text: &str) -> Result<Cidr, AwsError> {
    let cidr: Cidr = text
        .parse()
        .map_err(|_| error::invalid_value(text, "cidrBlock", "This is not a valid CIDR block."))?;
    match (16..=28).contains(&cidr.prefix()) {
        true => Ok(cidr),
        false => Err(error::of("InvalidSubnet.Range", format!("The CIDR '{cidr}' is invalid."))),
    }
}

/// The zone asked for by name or id, or else the region's first.
fn zone(region: &str, name: Option<String>, id: Option<String>) -> Result<String, AwsError> {
    let zones = zones(region);
    let names = zones.iter().map(|zone| zone.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = match (&name, &id) {
        (Some(name), _) => zones.iter().find(|zone| zone.name == *name),
        (None, Some(id)) => zones.iter().find(|zone| zone.id == *id),
        (None, None) => zones.first(),
    };
    found.map(|zone| zone.name.clone()).ok_or_else(|| {
        let (parameter, value) = match name {
            Some(name) => ("availabilityZone", name),
            None => ("availabilityZoneId", id.unwrap_or_default()),
        };
        let why = format!(
            "Subnets can currently only be created in the following availability zones: {names}."
        );
        error::invalid_value(&value, parameter, &why)
    })
}

/// The block lies in the VPC, and no other subnet has an address of it.
fn check_place(snapshot: &Snapshot, vpc: &Vpc, cidr: Cidr) -> Result<(), AwsError> {
    if !vpc.covers(cidr) {
        return Err(error::of("InvalidSubnet.Range", format!("The CIDR '{cidr}' is invalid.")));
    }
    let mut others = all::<Subnet>(snapshot, &vpc.region).filter(|s| s.vpc_id == vpc.vpc_id);
    match others.any(|other| other.cidr.overlaps(cidr)) {
        true => Err(error::of(
            "InvalidSubnet.Conflict",
            format!("The CIDR '{cidr}' conflicts with another subnet"),
        )),
        false => Ok(()),
    }
}

/// Makes a subnet, which begins under the VPC's default network ACL.
pub fn make(
    tx: &mut Tx,
    ctx: &Ctx,
    vpc: &Vpc,
    cidr: Cidr,
    zone: String,
    is_default: bool,
) -> Subnet {
    let subnet = Subnet {
        region: ctx.region.clone(),
        subnet_id: format!("subnet-{}", ctx.rng().hex(17)),
        vpc_id: vpc.vpc_id.clone(),
        cidr,
        zone,
        default_for_az: is_default,
        map_public_ip_on_launch: is_default,
        hostname_type: "ip-name".into(),
        resource_name_dns_a: false,
        enable_dns64: false,
    };
    tx.put(subnet.clone());
    let association = AclAssociation {
        association_id: format!("aclassoc-{}", ctx.rng().hex(17)),
        subnet_id: subnet.subnet_id.clone(),
    };
    let mut acls = all::<NetworkAcl>(tx, &ctx.region);
    let acl = acls.find(|acl| acl.vpc_id == vpc.vpc_id && acl.is_default);
    drop(acls);
    if let Some(acl) = acl {
        tx.update::<NetworkAcl>(&acl.key(), |acl| acl.associations.push(association));
    }
    subnet
}
