//! Ways out of a subnet: by its route table to an internet gateway or a NAT, or by endpoints; and
//! what security groups let through.

use neargate_hcl::Value;

use crate::seen::{Object, Resource, Seen};

/// Where a subnet's default route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Only with a public address.
    InternetGateway,
    /// A NAT, or whatever else the route names.
    Other,
    None,
}

/// None if that cannot be told: the subnet or its table is made elsewhere.
pub fn way(seen: &Seen<'_>, subnet: &Resource<'_>) -> Option<Way> {
    let table = match table(seen, subnet)? {
        Some(table) => table,
        None => return Some(Way::None),
    };
    let id = table.text("id")?;
    let mut found = Way::None;
    // Left out, they are those of other resources.
    let inline =
        table.blocks("route").unwrap_or_default().iter().map(|route| (route, "cidr_block"));
    for (route, destination) in inline {
        found = better(found, leads(route, destination)?);
    }
    for route in seen.of("aws_route") {
        match route.text("route_table_id") {
            Some(of) if of == id => found = better(found, leads(route, "destination_cidr_block")?),
            Some(_) => {}
            None => return None,
        }
    }
    Some(found)
}

fn better(one: Way, other: Way) -> Way {
    match (one, other) {
        (Way::None, way) | (way, Way::None) => way,
        (one, _) => one,
    }
}

/// Where a route leads, if it is the default one.
fn leads(route: &impl Object, destination: &str) -> Option<Way> {
    if route.is_unknown(destination) {
        return None;
    }
    let lists = !route.is_unset("destination_prefix_list_id");
    let everywhere = route.text(destination) == Some("0.0.0.0/0");
    if !everywhere && !lists {
        return Some(Way::None);
    }
    match route.text("gateway_id") {
        Some(gateway) if gateway.starts_with("igw-") => Some(Way::InternetGateway),
        _ => Some(Way::Other),
    }
}

/// The table of a subnet: `Some(None)` is the main one of a VPC made here, which leads nowhere.
fn table<'a>(seen: &'a Seen<'a>, subnet: &Resource<'_>) -> Option<Option<&'a Resource<'a>>> {
    let id = subnet.text("id")?;
    for association in seen.of("aws_route_table_association") {
        match association.text("subnet_id") {
            Some(of) if of == id => {
                let table = association.text("route_table_id")?;
                return Some(Some(seen.find("aws_route_table", "id", table)?));
            }
            None if association.is_unknown("subnet_id") => return None,
            _ => {}
        }
    }
    let kinds = ["aws_main_route_table_association", "aws_default_route_table"];
    let main_is_other = kinds.iter().any(|kind| seen.of(kind).next().is_some());
    seen.find("aws_vpc", "id", subnet.text("vpc_id")?)?;
    if main_is_other { None } else { Some(None) }
}

/// Which services' endpoints a subnet's tasks find, as `ecr.api`; none if that cannot be told.
pub fn endpoints<'a>(seen: &'a Seen<'a>, subnet: &Resource<'_>) -> Option<Vec<&'a str>> {
    let vpc = subnet.text("vpc_id")?;
    seen.find("aws_vpc", "id", vpc)?;
    let table = table(seen, subnet)?.and_then(|table| table.text("id"));
    let mut found = Vec::new();
    for endpoint in seen.of("aws_vpc_endpoint") {
        if endpoint.text("vpc_id")? != vpc {
            continue;
        }
        // com.amazonaws.us-west-2.ecr.api
        let service = endpoint.text("service_name")?.splitn(4, '.').nth(3)?;
        let reached = match endpoint.text("vpc_endpoint_type").unwrap_or("Gateway") {
            "Gateway" => is_routed(seen, endpoint, table)?,
            _ => service == "s3" || endpoint.flag("private_dns_enabled") == Some(true),
        };
        found.extend(reached.then_some(service));
    }
    Some(found)
}

fn is_routed(seen: &Seen<'_>, endpoint: &Resource<'_>, table: Option<&str>) -> Option<bool> {
    let id = endpoint.text("id")?;
    let of = |association: &&Resource<'_>| association.text("vpc_endpoint_id") == Some(id);
    let mut others = seen.of("aws_vpc_endpoint_route_table_association").filter(of);
    if others.any(|other| other.text("route_table_id") == table) {
        return Some(true);
    }
    if endpoint.is_unset("route_table_ids") {
        return Some(false);
    }
    match (endpoint.texts("route_table_ids"), table) {
        (Some(tables), Some(table)) => Some(tables.contains(&table)),
        // Attached by other resources.
        (None, _) => None,
        (_, None) => Some(false),
    }
}

/// One rule of a security group.
struct Rule<'a> {
    protocol: &'a str,
    from: f64,
    to: f64,
    /// None: addresses or lists, which may be anybody's.
    group: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    In,
    Out,
}

/// Whether a group lets TCP to a port through, from or to any of these groups. None if that cannot
/// be told: the group, or what a rule of it says, is made elsewhere.
pub fn lets(
    seen: &Seen<'_>,
    group: &str,
    direction: Direction,
    port: f64,
    others: &[&str],
) -> Option<bool> {
    let resource = seen.find("aws_security_group", "id", group)?;
    let all = rules(seen, resource, group, direction)?;
    Some(all.iter().any(|rule| {
        let any = matches!(rule.protocol, "-1" | "all");
        let port_fits = any || (rule.from <= port && port <= rule.to);
        let other_fits = rule.group.is_none_or(|group| others.contains(&group));
        (any || matches!(rule.protocol, "tcp" | "6")) && port_fits && other_fits
    }))
}

fn rules<'a>(
    seen: &'a Seen<'a>,
    resource: &'a Resource<'a>,
    group: &'a str,
    direction: Direction,
) -> Option<Vec<Rule<'a>>> {
    let (inline, single, kind) = match direction {
        Direction::In => ("ingress", "aws_vpc_security_group_ingress_rule", "ingress"),
        Direction::Out => ("egress", "aws_vpc_security_group_egress_rule", "egress"),
    };
    let mut found = Vec::new();
    // Left out, they are whatever other resources make of them.
    if !resource.is_unset(inline) && resource.get(inline).is_some_and(Value::is_known) {
        for block in resource.blocks(inline)? {
            found.extend(of_block(block, "protocol", group)?);
        }
    }
    for rule in seen.of(single) {
        match rule.text("security_group_id") {
            Some(of) if of == group => found.push(of_single(rule)?),
            Some(_) => {}
            None => return None,
        }
    }
    for rule in seen.of("aws_security_group_rule") {
        match (rule.text("security_group_id"), rule.text("type")) {
            (Some(of), Some(way)) if of == group && way == kind => {
                found.extend(of_block(rule, "protocol", group)?);
            }
            (Some(_), Some(_)) => {}
            _ => return None,
        }
    }
    Some(found)
}

fn of_single<'a>(rule: &'a Resource<'a>) -> Option<Rule<'a>> {
    let other = "referenced_security_group_id";
    if rule.is_unknown(other) {
        return None;
    }
    let protocol = rule.text("ip_protocol")?;
    let port = |name: &str, otherwise: f64| match rule.is_unset(name) {
        true => Some(otherwise),
        false => rule.number(name),
    };
    Some(Rule {
        protocol,
        from: port("from_port", 0.0)?,
        to: port("to_port", 65535.0)?,
        group: rule.text(other),
    })
}

/// A rule as `ingress` blocks and `aws_security_group_rule` have it: one for each group in it.
fn of_block<'a>(rule: &'a impl Object, protocol: &str, own: &'a str) -> Option<Vec<Rule<'a>>> {
    let protocol = rule.text(protocol)?;
    let (from, to) = (rule.number("from_port")?, rule.number("to_port")?);
    let mut groups = Vec::new();
    for name in ["security_groups", "source_security_group_id"] {
        if rule.is_unset(name) {
            continue;
        }
        match (name, rule.text(name), rule.texts(name)) {
            ("security_groups", _, Some(texts)) => groups.extend(texts),
            (_, Some(text), _) => groups.push(text),
            _ => return None,
        }
    }
    if rule.flag("self") == Some(true) {
        groups.push(own);
    }
    let lists = ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids"];
    let addresses = lists.iter().any(|name| !rule.is_unset(name));
    let mut found: Vec<Rule<'a>> =
        groups.into_iter().map(|group| Rule { protocol, from, to, group: Some(group) }).collect();
    if addresses {
        found.push(Rule { protocol, from, to, group: None });
    }
    Some(found)
}
