//! Between `IpPermission`s and rules: read, check, put in canonical form, gather.

use std::collections::BTreeMap;

use neargate_api::model::ec2::{RulePeer, SecurityGroup, SecurityGroupRule, prefix_lists};
use neargate_api::types::ec2::{IpPermission, IpRange, Ipv6Range, PrefixListId, UserIdGroupPair};
use neargate_api::{AwsError, Ctx, Snapshot};

use super::is_plain;
use crate::resource::find;
use crate::{error, ipv6, prefix_list};

/// A rule that was asked for, before it has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub protocol: String,
    pub from_port: i32,
    pub to_port: i32,
    pub peer: RulePeer,
    pub description: Option<String>,
}

/// The old form of a single rule, spread over the request itself.
#[derive(Default)]
pub struct Flat {
    pub cidr_ip: Option<String>,
    pub from_port: Option<i32>,
    pub to_port: Option<i32>,
    pub ip_protocol: Option<String>,
    pub source_group_name: Option<String>,
}

/// All rules of a request, in either form.
pub fn read(
    ctx: &Ctx,
    snapshot: &Snapshot,
    group: &SecurityGroup,
    permissions: Option<Vec<IpPermission>>,
    flat: Flat,
) -> Result<Vec<Wanted>, AwsError> {
    let mut all = permissions.unwrap_or_default();
    if flat.ip_protocol.is_some() || flat.cidr_ip.is_some() || flat.source_group_name.is_some() {
        all.push(IpPermission {
            ip_protocol: flat.ip_protocol,
            from_port: flat.from_port,
            to_port: flat.to_port,
            ip_ranges: flat
                .cidr_ip
                .map(|cidr| vec![IpRange { cidr_ip: Some(cidr), description: None }]),
            user_id_group_pairs: flat.source_group_name.map(|name| {
                vec![UserIdGroupPair { group_name: Some(name), ..UserIdGroupPair::default() }]
            }),
            ..IpPermission::default()
        });
    }
    let mut wanted = Vec::new();
    for permission in all {
        let (protocol, from_port, to_port) =
            traffic(permission.ip_protocol.as_deref(), permission.from_port, permission.to_port)?;
        for (peer, description) in peers(ctx, snapshot, group, permission)? {
            let description = description.filter(|text| !text.is_empty());
            check_description(description.as_deref())?;
            let protocol = protocol.clone();
            wanted.push(Wanted { protocol, from_port, to_port, peer, description });
        }
    }
    if wanted.is_empty() {
        return Err(error::missing("ipPermissions"));
    }
    Ok(wanted)
}

pub fn check_description(description: Option<&str>) -> Result<(), AwsError> {
    match description.is_none_or(is_plain) {
        true => Ok(()),
        false => Err(error::invalid(
            "Invalid rule description. Valid descriptions are strings less than 256 characters \
             from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
        )),
    }
}

/// A protocol and its ports in canonical form: names for those that have one,
/// and -1 where ports mean nothing. Source: IpProtocol of `IpPermission`.
pub fn traffic(
    protocol: Option<&str>,
    from: Option<i32>,
    to: Option<i32>,
) -> Result<(String, i32, i32), AwsError> {
    let given = protocol.ok_or_else(|| error::missing("ipProtocol"))?.to_ascii_lowercase();
    let name = match given.as_str() {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        "all" => "-1",
        other => other,
    };
    match name {
        "tcp" | "udp" => {
            let (Some(from), Some(to)) = (from, to) else {
                let message = format!(
                    "Invalid value 'Must specify both from and to ports with {}.' for portRange.",
                    name.to_uppercase()
                );
                return Err(error::invalid(message));
            };
            // Terraform and the CLI write "all ports" as -1 too.
            if (from, to) == (-1, -1) {
                return Ok((name.into(), 0, 65535));
            }
            let is_port = |port| (0..=65535).contains(&port);
            if !is_port(from) || !is_port(to) || from > to {
                let message = format!("Invalid {} port range ({from}:{to})", name.to_uppercase());
                return Err(error::invalid(message));
            }
            Ok((name.into(), from, to))
        }
        "icmp" | "icmpv6" => {
            let (kind, code) = (from.unwrap_or(-1), to.unwrap_or(-1));
            if !(-1..=255).contains(&kind)
                || !(-1..=255).contains(&code)
                || (kind == -1 && code != -1)
            {
                let message = format!("ICMP code ({code}) of type ({kind}) is invalid");
                return Err(error::invalid(message));
            }
            Ok((name.into(), kind, code))
        }
        "-1" => Ok((name.into(), -1, -1)),
        number if number.parse::<u8>().is_ok() => Ok((number.into(), -1, -1)),
        other => Err(error::invalid(format!(
            "Invalid value '{other}' for IP protocol. Unknown protocol."
        ))),
    }
}

/// All peers of one permission, checked.
fn peers(
    ctx: &Ctx,
    snapshot: &Snapshot,
    group: &SecurityGroup,
    permission: IpPermission,
) -> Result<Vec<(RulePeer, Option<String>)>, AwsError> {
    let mut peers = Vec::new();
    for range in permission.ip_ranges.unwrap_or_default() {
        let peer = ipv4(&range.cidr_ip.unwrap_or_default())?;
        peers.push((peer, range.description));
    }
    for range in permission.ipv6_ranges.unwrap_or_default() {
        let peer = ipv6(&range.cidr_ipv6.unwrap_or_default())?;
        peers.push((peer, range.description));
    }
    for list in permission.prefix_list_ids.unwrap_or_default() {
        let peer = list_of(&ctx.region, list.prefix_list_id.unwrap_or_default())?;
        peers.push((peer, list.description));
    }
    for pair in permission.user_id_group_pairs.unwrap_or_default() {
        if let Some(other) =
            pair.user_id.as_deref().filter(|id| !id.is_empty() && *id != ctx.account())
        {
            let message = format!("The account '{other}' has no security groups here");
            return Err(error::of("InvalidGroup.NotFound", message));
        }
        let (id, name) = (pair.group_id.as_deref(), pair.group_name.as_deref());
        let other = crate::security_group::chosen(snapshot, &ctx.region, id, name)?;
        same_network(group, &other)?;
        peers.push((RulePeer::Group(other.group_id.clone()), pair.description));
    }
    Ok(peers)
}

pub fn ipv4(text: &str) -> Result<RulePeer, AwsError> {
    let bad = |_| error::of("InvalidParameterValue", format!("CIDR block {text} is malformed"));
    text.parse().map(RulePeer::Ipv4).map_err(bad)
}

pub fn ipv6(text: &str) -> Result<RulePeer, AwsError> {
    let bad = || error::of("InvalidParameterValue", format!("CIDR block {text} is malformed"));
    ipv6::canonical(text).map(RulePeer::Ipv6).ok_or_else(bad)
}

pub fn list_of(region: &str, id: String) -> Result<RulePeer, AwsError> {
    match prefix_lists(region).iter().any(|list| list.id == id) {
        true => Ok(RulePeer::PrefixList(id)),
        false => Err(prefix_list::not_found(&id)),
    }
}

/// The group of this id, which must be in the same VPC as `group`.
pub fn group_of(
    snapshot: &Snapshot,
    group: &SecurityGroup,
    id: &str,
) -> Result<RulePeer, AwsError> {
    let other = find::<SecurityGroup>(snapshot, &group.region, id)?;
    same_network(group, &other)?;
    Ok(RulePeer::Group(other.group_id.clone()))
}

fn same_network(group: &SecurityGroup, other: &SecurityGroup) -> Result<(), AwsError> {
    match group.vpc_id == other.vpc_id {
        true => Ok(()),
        false => Err(error::invalid(
            "You have specified two resources that belong to different networks.",
        )),
    }
}

/// Rules as permissions: one for each protocol and range of ports.
pub fn gathered<'a>(
    rules: impl Iterator<Item = &'a SecurityGroupRule>,
    account: &str,
) -> Vec<IpPermission> {
    let mut by_traffic: BTreeMap<(String, i32, i32), IpPermission> = BTreeMap::new();
    for rule in rules {
        let traffic = (rule.protocol.clone(), rule.from_port, rule.to_port);
        let permission = by_traffic.entry(traffic).or_insert_with(|| empty(rule));
        let description = rule.description.clone();
        match &rule.peer {
            RulePeer::Ipv4(cidr) => permission
                .ip_ranges
                .get_or_insert_default()
                .push(IpRange { cidr_ip: Some(cidr.to_string()), description }),
            RulePeer::Ipv6(cidr) => permission
                .ipv6_ranges
                .get_or_insert_default()
                .push(Ipv6Range { cidr_ipv6: Some(cidr.clone()), description }),
            RulePeer::PrefixList(id) => permission
                .prefix_list_ids
                .get_or_insert_default()
                .push(PrefixListId { prefix_list_id: Some(id.clone()), description }),
            RulePeer::Group(id) => {
                permission.user_id_group_pairs.get_or_insert_default().push(UserIdGroupPair {
                    group_id: Some(id.clone()),
                    user_id: Some(account.into()),
                    description,
                    ..UserIdGroupPair::default()
                });
            }
        }
    }
    by_traffic.into_values().collect()
}

/// A permission of a rule's traffic, without peers. Ports stand only where they
/// mean something.
fn empty(rule: &SecurityGroupRule) -> IpPermission {
    let with_ports = matches!(rule.protocol.as_str(), "tcp" | "udp" | "icmp" | "icmpv6");
    IpPermission {
        ip_protocol: Some(rule.protocol.clone()),
        from_port: with_ports.then_some(rule.from_port),
        to_port: with_ports.then_some(rule.to_port),
        ip_ranges: Some(Vec::new()),
        ipv6_ranges: Some(Vec::new()),
        prefix_list_ids: Some(Vec::new()),
        user_id_group_pairs: Some(Vec::new()),
    }
}
