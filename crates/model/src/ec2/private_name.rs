//! The names that interfaces have inside of their VPC by their addresses:
//! `ip-10-0-1-5.us-west-2.compute.internal`.
//! Source: "DNS attributes for your VPC" in the VPC guide.

use std::net::Ipv4Addr;

use neargate_store::Snapshot;

use super::NetworkInterface;

/// The address that such a name stands for, if an interface of the VPC has it; empty if none
/// does, and `None` for a name of another kind.
pub fn addresses(snapshot: &Snapshot, vpc_id: &str, name: &str) -> Option<Vec<Ipv4Addr>> {
    let address = parse(name.trim_end_matches('.'))?;
    let mut interfaces = snapshot.all::<NetworkInterface>();
    let is_there = interfaces.any(|i| i.vpc_id == vpc_id && i.private_ip == address);
    Some(is_there.then_some(address).into_iter().collect())
}

fn parse(name: &str) -> Option<Ipv4Addr> {
    let (host, domain) = name.strip_prefix("ip-")?.split_once('.')?;
    if domain != "ec2.internal" && !domain.ends_with(".compute.internal") {
        return None;
    }
    host.replace('-', ".").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn names() {
        let address = Some("10.0.1.5".parse().unwrap());
        assert_eq!(parse("ip-10-0-1-5.us-west-2.compute.internal"), address);
        assert_eq!(parse("ip-10-0-1-5.ec2.internal"), address);
        assert_eq!(parse("ip-10-0-1-5.example.com"), None);
        assert_eq!(parse("ip-10-0-1.ec2.internal"), None);
        assert_eq!(parse("db.us-west-2.rds.internal"), None);
    }
}
