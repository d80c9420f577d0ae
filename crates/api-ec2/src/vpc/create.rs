//! CreateVpc: a VPC, and with it what every VPC has from the start: a main
//! route table, a default security group and a default network ACL.

use neargate_api::model::ec2::{
    Cidr, CidrAssociation, DhcpOptions, NetworkAcl, RouteTable, RulePeer, SecurityGroup,
    SecurityGroupRule, TableAssociation, Vpc,
};
use neargate_api::types::ec2::{CreateVpcRequest, CreateVpcResult};
use neargate_api::{AwsError, Ctx, Tx};

use crate::error::{self, dry_run};
use crate::resource::{Resource, all};
use crate::tag;

pub async fn call(ctx: Ctx, input: CreateVpcRequest) -> Result<CreateVpcResult, AwsError> {
    dry_run(input.dry_run)?;
    refuse_unsupported(&input)?;
    let cidr =
        super::block(input.cidr_block.as_deref().ok_or_else(|| error::missing("CidrBlock"))?)?;
    let tenancy = input.instance_tenancy.unwrap_or_else(|| "default".into());
    let tags = tag::for_creation(input.tag_specifications, Vpc::TYPE)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let vpc = make(tx, &at, cidr, tenancy, false);
        tag::store(tx, &at.region, &vpc.vpc_id, Vpc::TYPE, tags);
        let mut shape = super::shape(&at, tx, &vpc);
        shape.state = Some("pending".into());
        Ok(CreateVpcResult { vpc: Some(shape) })
    })
    .await
}

fn refuse_unsupported(input: &CreateVpcRequest) -> Result<(), AwsError> {
    let ipv6 = input.amazon_provided_ipv6_cidr_block == Some(true)
        || input.ipv6_cidr_block.is_some()
        || input.ipv6_ipam_pool_id.is_some()
        || input.ipv6_pool.is_some();
    if ipv6 {
        return Err(error::unsupported("Ipv6CidrBlock", "VPCs have IPv4 addresses only."));
    }
    if input.ipv4_ipam_pool_id.is_some() {
        return Err(error::unsupported("Ipv4IpamPoolId", "give the VPC's CidrBlock instead."));
    }
    if input.vpc_encryption_control.is_some() {
        return Err(error::unsupported("VpcEncryptionControl", "leave it out."));
    }
    Ok(())
}

/// Makes a VPC with all that belongs to it.
pub fn make(tx: &mut Tx, ctx: &Ctx, cidr: Cidr, tenancy: String, is_default: bool) -> Vpc {
    let rng = ctx.rng();
    let vpc = Vpc {
        region: ctx.region.clone(),
        vpc_id: format!("vpc-{}", rng.hex(17)),
        cidrs: vec![CidrAssociation {
            association_id: format!("vpc-cidr-assoc-{}", rng.hex(17)),
            cidr,
        }],
        instance_tenancy: tenancy,
        is_default,
        dhcp_options_id: default_options(tx, ctx),
        enable_dns_support: true,
        enable_dns_hostnames: is_default,
        enable_network_address_usage_metrics: false,
    };
    tx.put(RouteTable {
        region: ctx.region.clone(),
        route_table_id: format!("rtb-{}", rng.hex(17)),
        vpc_id: vpc.vpc_id.clone(),
        routes: Vec::new(),
        associations: vec![TableAssociation {
            association_id: format!("rtbassoc-{}", rng.hex(17)),
            subnet_id: None,
        }],
        client_token: None,
    });
    tx.put(NetworkAcl {
        region: ctx.region.clone(),
        network_acl_id: format!("acl-{}", rng.hex(17)),
        vpc_id: vpc.vpc_id.clone(),
        is_default: true,
        entries: NetworkAcl::open(),
        associations: Vec::new(),
        client_token: None,
    });
    default_group(tx, ctx, &vpc.vpc_id);
    tx.put(vpc.clone());
    vpc
}

/// The group `default`: its interfaces talk to each other, and out to all.
fn default_group(tx: &mut Tx, ctx: &Ctx, vpc_id: &str) {
    let group_id = format!("sg-{}", ctx.rng().hex(17));
    for (egress, peer) in
        [(false, RulePeer::Group(group_id.clone())), (true, RulePeer::Ipv4(Cidr::ANYWHERE))]
    {
        tx.put(SecurityGroupRule {
            region: ctx.region.clone(),
            group_id: group_id.clone(),
            rule_id: format!("sgr-{}", ctx.rng().hex(17)),
            egress,
            protocol: "-1".into(),
            from_port: -1,
            to_port: -1,
            peer,
            description: None,
        });
    }
    tx.put(SecurityGroup {
        region: ctx.region.clone(),
        group_id,
        name: "default".into(),
        description: "default VPC security group".into(),
        vpc_id: vpc_id.into(),
    });
}

/// The id of the region's default DHCP options, made when first needed.
fn default_options(tx: &mut Tx, ctx: &Ctx) -> String {
    let known = all::<DhcpOptions>(tx, &ctx.region).find(|o| o.is_default);
    if let Some(options) = known {
        return options.dhcp_options_id.clone();
    }
    let id = format!("dopt-{}", ctx.rng().hex(17));
    tx.put(DhcpOptions::default_of(&ctx.region, id.clone()));
    id
}
