//! Routes: destinations and targets of a route table.

pub mod create;
pub mod delete;
pub mod replace;

use neargate_api::model::ec2::{
    Cidr, InternetGateway, NatGateway, NatState, NetworkInterface, RouteTable, RouteTarget, Vpc,
    key, prefix_lists,
};
use neargate_api::{AwsError, Snapshot};

use crate::error;
use crate::resource::find;

/// The destination that a request gives, in canonical form.
fn destination(
    region: &str,
    cidr: Option<String>,
    ipv6: Option<String>,
    prefix_list: Option<String>,
) -> Result<String, AwsError> {
    match (cidr, ipv6, prefix_list) {
        (Some(text), None, None) => {
            let cidr: Result<Cidr, _> = text.parse();
            cidr.map(|cidr| cidr.to_string()).map_err(|_| {
                error::invalid_value(
                    &text,
                    "destinationCidrBlock",
                    "This is not a valid CIDR block.",
                )
            })
        }
        (None, Some(text), None) => crate::ipv6::canonical(&text).ok_or_else(|| {
            error::invalid_value(
                &text,
                "destinationIpv6CidrBlock",
                "This is not a valid CIDR block.",
            )
        }),
        (None, None, Some(id)) => match prefix_lists(region).iter().any(|list| list.id == id) {
            true => Ok(id),
            false => Err(crate::prefix_list::not_found(&id)),
        },
        (None, None, None) => Err(error::missing("destinationCidrBlock")),
        _ => Err(error::combination(
            "The parameters destinationCidrBlock, destinationIpv6CidrBlock and \
             destinationPrefixListId cannot be used together",
        )),
    }
}

/// The one target that a request gives.
#[derive(Default)]
struct Targets {
    gateway_id: Option<String>,
    nat_gateway_id: Option<String>,
    network_interface_id: Option<String>,
    local: bool,
    /// Targets that AWS has and Neargate has not.
    others: Vec<(&'static str, Option<String>)>,
}

impl Targets {
    /// Checks that there is exactly one, and that it is in the table's VPC.
    fn one(self, snapshot: &Snapshot, table: &RouteTable) -> Result<RouteTarget, AwsError> {
        if let Some((parameter, Some(id))) = self.others.iter().find(|(_, id)| id.is_some()) {
            return Err(error::unsupported(parameter, &format!("nothing here is called {id}.")));
        }
        let region = &table.region;
        let given = [
            self.gateway_id.is_some(),
            self.nat_gateway_id.is_some(),
            self.network_interface_id.is_some(),
            self.local,
        ];
        match given.iter().filter(|given| **given).count() {
            0 => return Err(error::missing("gatewayId")),
            1 => {}
            _ => {
                return Err(error::combination(
                    "The parameters gatewayId, natGatewayId and networkInterfaceId cannot be used together",
                ));
            }
        }
        if let Some(id) = self.nat_gateway_id {
            let nat = snapshot.get::<NatGateway>(&key(region, &id));
            nat.filter(|nat| nat.vpc_id == table.vpc_id && nat.state != NatState::Deleted)
                .ok_or_else(|| {
                    let message = format!("The natGateway ID '{id}' does not exist");
                    error::of("InvalidNatGatewayID.NotFound", message)
                })?;
            return Ok(RouteTarget::NatGateway(id));
        }
        if let Some(id) = self.network_interface_id {
            let interface = find::<NetworkInterface>(snapshot, region, &id)?;
            different(&interface.vpc_id, table, "interface", &id)?;
            return Ok(RouteTarget::NetworkInterface(id));
        }
        match self.gateway_id.as_deref() {
            None | Some("local") => Ok(RouteTarget::Local),
            Some(id) if id.starts_with("igw-") => {
                let gateway = find::<InternetGateway>(snapshot, region, id)?;
                let vpc_id = gateway.vpc_id.clone().unwrap_or_default();
                different(&vpc_id, table, "network gateway", id)?;
                Ok(RouteTarget::InternetGateway(id.into()))
            }
            Some(id) => {
                let message = format!("The gateway ID '{id}' does not exist");
                Err(error::of("InvalidGatewayID.NotFound", message))
            }
        }
    }
}

fn different(vpc_id: &str, table: &RouteTable, kind: &str, id: &str) -> Result<(), AwsError> {
    match vpc_id == table.vpc_id {
        true => Ok(()),
        false => Err(error::invalid(format!(
            "route table {} and {kind} {id} belong to different networks",
            table.route_table_id
        ))),
    }
}

/// Whether the destination is one of the VPC's own blocks.
fn is_local(snapshot: &Snapshot, table: &RouteTable, destination: &str) -> bool {
    let vpc = snapshot.get::<Vpc>(&key(&table.region, &table.vpc_id));
    vpc.is_some_and(|vpc| vpc.cidrs.iter().any(|own| own.cidr.to_string() == destination))
}

fn not_found(table: &RouteTable, destination: &str) -> AwsError {
    error::of(
        "InvalidRoute.NotFound",
        format!(
            "no route with destination-cidr-block {destination} in route table {}",
            table.route_table_id
        ),
    )
}
