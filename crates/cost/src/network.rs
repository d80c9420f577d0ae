//! Load balancers, gateways, endpoints and addresses.

use crate::estimate::Estimating;
use crate::prices::{HOURS, price};
use crate::resource::Resource;

pub fn load_balancer(of: &mut Estimating<'_>, balancer: &Resource) {
    let mut what = "a load balancer".to_owned();
    let mut hourly = of.prices.alb_hour;
    let zones = balancer.list("subnets").len().max(balancer.list("subnet_mapping").len());
    if !balancer.flag("internal") {
        let unknown = balancer.is_unknown("subnets") && balancer.is_unknown("subnet_mapping");
        if zones == 0 && unknown {
            of.assume("load balancers in two zones, where a plan does not know their subnets");
        }
        let zones = if zones == 0 { 2 } else { zones };
        hourly += of.prices.public_ipv4_hour * zones as f64;
        what = format!("{what} and its {zones} public addresses");
    }
    of.line(balancer, what, hourly * HOURS);
    let lcu = price(of.prices.alb_lcu_hour);
    of.assume(format!("no traffic at the load balancer: an LCU (25 connections a second, or 1 GB an hour) is {lcu} an hour"));
}

pub fn nat_gateway(of: &mut Estimating<'_>, gateway: &Resource) {
    of.line(gateway, "a NAT gateway", of.prices.nat_hour * HOURS);
    of.assume(format!("no traffic through NAT gateways: {} a GB", price(of.prices.nat_gb)));
}

pub fn address(of: &mut Estimating<'_>, address: &Resource) {
    of.line(address, "a public address", of.prices.public_ipv4_hour * HOURS);
}

/// An interface endpoint has an interface in each of its subnets; a gateway endpoint is free.
pub fn endpoint(of: &mut Estimating<'_>, endpoint: &Resource) {
    if endpoint.text("vpc_endpoint_type") != Some("Interface") {
        *of.estimate.free.entry("aws_vpc_endpoint (gateway)".into()).or_default() += 1;
        return;
    }
    if endpoint.is_unknown("subnet_ids") {
        of.assume("endpoints in one zone, as a plan does not know the subnets that it makes");
    }
    let subnets = endpoint.list("subnet_ids").len().max(1);
    // com.amazonaws.us-west-2.ecr.api
    let service = endpoint.text("service_name").and_then(|name| name.splitn(4, '.').nth(3));
    let of_service = service.map(|service| format!(" of {service}")).unwrap_or_default();
    let zones = if subnets == 1 { "one zone".into() } else { format!("{subnets} zones") };
    let monthly = of.prices.interface_endpoint_hour * HOURS * subnets as f64;
    of.line(endpoint, format!("an endpoint{of_service} in {zones}"), monthly);
    let gb = price(of.prices.interface_endpoint_gb);
    of.assume(format!("no traffic through interface endpoints: {gb} a GB"));
}

pub fn zone(of: &mut Estimating<'_>, zone: &Resource) {
    of.line(zone, "a hosted zone", of.prices.hosted_zone);
}

pub fn web_acl(of: &mut Estimating<'_>, acl: &Resource) {
    let rules = acl.list("rule").len();
    let monthly = of.prices.web_acl + of.prices.web_acl_rule * rules as f64;
    of.line(acl, format!("a web ACL of {rules} rules"), monthly);
    of.assume("no requests at web ACLs: $0.60 a million");
}
