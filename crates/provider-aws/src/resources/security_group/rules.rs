//! The rules inside a security group: blocks as the configuration has them, single
//! rules as they are compared, permissions as EC2 takes them.

use std::collections::BTreeSet;

use neargate_api_types::ec2;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Failure, found};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    pub fn name(self) -> &'static str {
        match self {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        }
    }

    pub fn permissions(self, group: &ec2::SecurityGroup) -> Vec<ec2::IpPermission> {
        let permissions = match self {
            Direction::Ingress => &group.ip_permissions,
            Direction::Egress => &group.ip_permissions_egress,
        };
        permissions.clone().unwrap_or_default()
    }
}

/// Where a rule lets traffic from, or to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Peer {
    Cidr(String),
    Ipv6(String),
    PrefixList(String),
    Group(String),
    /// The group itself.
    Own,
}

/// One rule, for one peer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rule {
    protocol: String,
    ports: (i32, i32),
    description: String,
    peer: Peer,
}

/// The rules that a block stands for.
fn of_block(block: &Attributes) -> BTreeSet<Rule> {
    let protocol = protocol(&block.required("protocol"));
    let ports = (block.number("from_port").unwrap_or(0), block.number("to_port").unwrap_or(0));
    let rule = |peer| Rule {
        protocol: protocol.clone(),
        ports,
        description: block.required("description"),
        peer,
    };
    let cidrs = block.texts("cidr_blocks").into_iter().map(Peer::Cidr);
    let ipv6 = block.texts("ipv6_cidr_blocks").into_iter().map(Peer::Ipv6);
    let lists = block.texts("prefix_list_ids").into_iter().map(Peer::PrefixList);
    let groups = block.texts("security_groups").into_iter().map(Peer::Group);
    let own = block.is("self").then_some(Peer::Own);
    cidrs.chain(ipv6).chain(lists).chain(groups).chain(own).map(rule).collect()
}

/// `all` and the numbers as EC2 says them.
fn protocol(given: &str) -> String {
    match given.to_ascii_lowercase().as_str() {
        "all" => "-1".to_owned(),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        "58" => "icmpv6".to_owned(),
        other => other.to_owned(),
    }
}

fn of_permissions(cloud: &Cloud, permissions: Vec<ec2::IpPermission>, own: &str) -> BTreeSet<Rule> {
    let mut rules = BTreeSet::new();
    for permission in permissions {
        let protocol = permission.ip_protocol.unwrap_or_default();
        let ports = (permission.from_port.unwrap_or(0), permission.to_port.unwrap_or(0));
        let mut add = |peer: Peer, description: Option<String>| {
            let description = description.unwrap_or_default();
            rules.insert(Rule { protocol: protocol.clone(), ports, description, peer });
        };
        for range in permission.ip_ranges.unwrap_or_default() {
            add(Peer::Cidr(range.cidr_ip.unwrap_or_default()), range.description);
        }
        for range in permission.ipv6_ranges.unwrap_or_default() {
            add(Peer::Ipv6(range.cidr_ipv6.unwrap_or_default()), range.description);
        }
        for list in permission.prefix_list_ids.unwrap_or_default() {
            add(Peer::PrefixList(list.prefix_list_id.unwrap_or_default()), list.description);
        }
        for pair in permission.user_id_group_pairs.unwrap_or_default() {
            let id = pair.group_id.unwrap_or_default();
            let other = pair.user_id.filter(|user| *user != cloud.account);
            let peer = match other {
                _ if id == own => Peer::Own,
                Some(user) => Peer::Group(format!("{user}/{id}")),
                None => Peer::Group(id),
            };
            add(peer, pair.description);
        }
    }
    rules
}

/// The blocks of a group's permissions: those that are told of, as long as all of their rules are
/// there, and the others with as many peers as share their protocol, ports and description.
pub fn blocks_of(
    cloud: &Cloud,
    permissions: Vec<ec2::IpPermission>,
    own: &str,
    told: &[Attributes],
) -> Vec<Attributes> {
    let mut left = of_permissions(cloud, permissions, own);
    let mut blocks = Vec::new();
    for block in told {
        let rules = of_block(block);
        if !rules.is_empty() && rules.is_subset(&left) {
            left.retain(|rule| !rules.contains(rule));
            blocks.push(block.clone());
        }
    }
    while let Some(first) = left.first().cloned() {
        let alike = |rule: &Rule| {
            (&rule.protocol, rule.ports, &rule.description)
                == (&first.protocol, first.ports, &first.description)
        };
        let rules: Vec<Rule> = left.iter().filter(|rule| alike(rule)).cloned().collect();
        left.retain(|rule| !rules.contains(rule));
        blocks.push(block(&first, &rules));
    }
    blocks
}

fn block(first: &Rule, rules: &[Rule]) -> Attributes {
    let texts = |of: fn(&Peer) -> Option<&String>| {
        rules.iter().filter_map(|rule| of(&rule.peer).cloned()).collect::<Vec<_>>()
    };
    let cidrs = texts(|peer| if let Peer::Cidr(text) = peer { Some(text) } else { None });
    let ipv6 = texts(|peer| if let Peer::Ipv6(text) = peer { Some(text) } else { None });
    let lists = texts(|peer| if let Peer::PrefixList(text) = peer { Some(text) } else { None });
    let groups = texts(|peer| if let Peer::Group(text) = peer { Some(text) } else { None });
    Attributes::from(json!({
        "cidr_blocks": cidrs,
        "description": first.description,
        "from_port": first.ports.0,
        "ipv6_cidr_blocks": ipv6,
        "prefix_list_ids": lists,
        "protocol": first.protocol,
        "security_groups": groups,
        "self": rules.iter().any(|rule| rule.peer == Peer::Own),
        "to_port": first.ports.1,
    }))
}

fn permission(rule: &Rule, own: &str) -> ec2::IpPermission {
    let all = rule.protocol == "-1";
    let description = Some(rule.description.clone()).filter(|text| !text.is_empty());
    let mut permission = ec2::IpPermission {
        from_port: (!all).then_some(rule.ports.0),
        ip_protocol: Some(rule.protocol.clone()),
        to_port: (!all).then_some(rule.ports.1),
        ..Default::default()
    };
    match &rule.peer {
        Peer::Cidr(cidr) => {
            let cidr_ip = Some(cidr.clone());
            permission.ip_ranges = Some(vec![ec2::IpRange { cidr_ip, description }]);
        }
        Peer::Ipv6(cidr) => {
            let cidr_ipv6 = Some(cidr.clone());
            permission.ipv6_ranges = Some(vec![ec2::Ipv6Range { cidr_ipv6, description }]);
        }
        Peer::PrefixList(id) => {
            let prefix_list_id = Some(id.clone());
            permission.prefix_list_ids =
                Some(vec![ec2::PrefixListId { prefix_list_id, description }]);
        }
        Peer::Group(_) | Peer::Own => {
            let id = if let Peer::Group(id) = &rule.peer { id } else { own };
            let (user_id, group_id) = match id.split_once('/') {
                Some((user, group)) => (Some(user.to_owned()), group.to_owned()),
                None => (None, id.to_owned()),
            };
            let group_id = Some(group_id);
            let pair =
                ec2::UserIdGroupPair { description, group_id, user_id, ..Default::default() };
            permission.user_id_group_pairs = Some(vec![pair]);
        }
    }
    permission
}

/// Revokes what is not to be there any more, then lets in what is new.
pub async fn change(
    cloud: &Cloud,
    id: &str,
    direction: Direction,
    before: &[Attributes],
    after: &[Attributes],
) -> Result<(), Failure> {
    let all = |blocks: &[Attributes]| blocks.iter().flat_map(of_block).collect::<BTreeSet<_>>();
    let (before, after) = (all(before), all(after));
    let some = |rules: &mut dyn Iterator<Item = &Rule>| {
        Some(rules.map(|rule| permission(rule, id)).collect::<Vec<_>>()).filter(|p| !p.is_empty())
    };
    let revoked = some(&mut before.difference(&after));
    let granted = some(&mut after.difference(&before));
    let (missing, there) = (["InvalidPermission.NotFound"], ["InvalidPermission.Duplicate"]);
    let group_id = Some(id.to_owned());
    match direction {
        Direction::Ingress => {
            if let Some(ip_permissions) = revoked.map(Some) {
                let group_id = group_id.clone();
                let input = ec2::RevokeSecurityGroupIngressRequest {
                    group_id,
                    ip_permissions,
                    ..Default::default()
                };
                found(cloud.call::<ec2::RevokeSecurityGroupIngress>(&input).await, &missing)?;
            }
            if let Some(ip_permissions) = granted.map(Some) {
                let input = ec2::AuthorizeSecurityGroupIngressRequest {
                    group_id,
                    ip_permissions,
                    ..Default::default()
                };
                found(cloud.call::<ec2::AuthorizeSecurityGroupIngress>(&input).await, &there)?;
            }
        }
        Direction::Egress => {
            let group_id = id.to_owned();
            if let Some(ip_permissions) = revoked.map(Some) {
                let group_id = group_id.clone();
                let input = ec2::RevokeSecurityGroupEgressRequest {
                    group_id,
                    ip_permissions,
                    ..Default::default()
                };
                found(cloud.call::<ec2::RevokeSecurityGroupEgress>(&input).await, &missing)?;
            }
            if let Some(ip_permissions) = granted.map(Some) {
                let input = ec2::AuthorizeSecurityGroupEgressRequest {
                    group_id,
                    ip_permissions,
                    ..Default::default()
                };
                found(cloud.call::<ec2::AuthorizeSecurityGroupEgress>(&input).await, &there)?;
            }
        }
    }
    Ok(())
}
