//! Internet gateways: the way out for interfaces with a public address.

pub mod attach;
pub mod create;
pub mod delete;
pub mod describe;
pub mod detach;

use neargate_api::model::ec2::InternetGateway;
use neargate_api::types::ec2;
use neargate_api::{Ctx, Snapshot};

use crate::tag;

/// An internet gateway as the wire has it.
pub fn shape(ctx: &Ctx, snapshot: &Snapshot, gateway: &InternetGateway) -> ec2::InternetGateway {
    let attachment = gateway.vpc_id.iter().map(|vpc_id| ec2::InternetGatewayAttachment {
        state: Some("available".into()),
        vpc_id: Some(vpc_id.clone()),
    });
    ec2::InternetGateway {
        internet_gateway_id: Some(gateway.gateway_id.clone()),
        attachments: Some(attachment.collect()),
        owner_id: Some(ctx.account().into()),
        tags: tag::shown(snapshot, &gateway.region, &gateway.gateway_id),
    }
}
