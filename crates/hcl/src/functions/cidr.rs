//! cidrhost, cidrnetmask, cidrsubnet, cidrsubnets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use num_bigint::BigInt;

use super::{Call, Fault, Function, Outcome, Param, Wants};
use crate::{Type, Value};

const PREFIX: Param = Param::new("prefix", Wants::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "cidrhost",
        &[PREFIX, Param::new("hostnum", Wants::Number)],
        Wants::String,
        cidrhost,
    ),
    Function::new("cidrnetmask", &[PREFIX], Wants::String, cidrnetmask),
    Function::new(
        "cidrsubnet",
        &[PREFIX, Param::new("newbits", Wants::Number), Param::new("netnum", Wants::Number)],
        Wants::String,
        cidrsubnet,
    ),
    Function::new("cidrsubnets", &[PREFIX], Wants::List(&Wants::String), cidrsubnets)
        .rest(Param::new("newbits", Wants::Number)),
];

/// `bits` of an address of `width` bits, at the low end.
#[derive(Clone, Copy)]
struct Network {
    bits: u128,
    width: u32,
    prefix: u32,
}

impl Network {
    fn mask(width: u32, prefix: u32) -> u128 {
        let all = if width == 32 { u128::from(u32::MAX) } else { u128::MAX };
        match width - prefix {
            128 => 0,
            host_bits => all >> host_bits << host_bits,
        }
    }

    fn address(bits: u128, width: u32) -> IpAddr {
        match width {
            32 => Ipv4Addr::from(bits as u32).into(),
            _ => Ipv6Addr::from(bits).into(),
        }
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", Network::address(self.bits, self.width), self.prefix)
    }
}

fn network(call: &Call<'_>) -> Result<Network, Fault> {
    let text = call.text(0);
    let invalid = || call.fail(format!("invalid CIDR expression: invalid CIDR address: {text}"));
    let (address, prefix) = text.split_once('/').ok_or_else(invalid)?;
    let (bits, width) = match lenient(address).parse().map_err(|_| invalid())? {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let digits = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit());
    let prefix: u32 = prefix.parse().ok().filter(|p| digits && *p <= width).ok_or_else(invalid)?;
    Ok(Network { bits: bits & Network::mask(width, prefix), width, prefix })
}

/// Zeros before the digits of an IPv4 address are taken, for old configurations.
fn lenient(address: &str) -> String {
    if address.contains(':') {
        return address.to_owned();
    }
    let plain = |part: &str| match part.trim_start_matches('0') {
        "" if !part.is_empty() => "0".to_owned(),
        rest => rest.to_owned(),
    };
    address.split('.').map(plain).collect::<Vec<_>>().join(".")
}

fn cidrhost(call: &Call<'_>) -> Outcome {
    let network = network(call)?;
    let number =
        call.number(1).to_integer().ok_or_else(|| call.fail("value must be a whole number"))?;
    let host_bits = network.width - network.prefix;
    let room = BigInt::from(1) << host_bits;
    let host =
        if number.sign() == num_bigint::Sign::Minus { &room + &number } else { number.clone() };
    // Counted from the end, from zero.
    let shown = if number.sign() == num_bigint::Sign::Minus { &number + 1 } else { number.clone() };
    if host >= room || host < BigInt::ZERO {
        return Err(format!(
            "prefix of {} does not accommodate a host numbered {shown}",
            network.prefix
        )
        .into());
    }
    let host = u128::try_from(host).map_err(|_| "the host number does not fit")?;
    Ok(Network::address(network.bits | host, network.width).to_string().into())
}

fn cidrnetmask(call: &Call<'_>) -> Outcome {
    let network = network(call)?;
    if network.width == 128 {
        return Err(call.fail(format!("IPv6 addresses cannot have a netmask: {}", call.text(0))));
    }
    Ok(Network::address(Network::mask(32, network.prefix), 32).to_string().into())
}

fn cidrsubnet(call: &Call<'_>) -> Outcome {
    let network = network(call)?;
    let new_bits = call.whole(1, "")?;
    let number =
        call.number(2).to_integer().ok_or_else(|| call.fail("value must be a whole number"))?;
    let prefix = i64::from(network.prefix).saturating_add(new_bits);
    let Some(prefix) = u32::try_from(prefix).ok().filter(|p| *p <= network.width && new_bits >= 0)
    else {
        return Err(format!(
            "insufficient address space to extend prefix of {} by {new_bits}",
            network.prefix
        )
        .into());
    };
    if number < BigInt::ZERO || number >= BigInt::from(1) << new_bits as u64 {
        return Err(format!(
            "prefix extension of {new_bits} does not accommodate a subnet numbered {number}"
        )
        .into());
    }
    let number = u128::try_from(number).map_err(|_| "the subnet number does not fit")?;
    let shift = network.width - prefix;
    let bits = if shift >= 128 { network.bits } else { network.bits | number << shift };
    Ok(Network { bits, prefix, ..network }.to_string().into())
}

fn cidrsubnets(call: &Call<'_>) -> Outcome {
    let network = network(call).map_err(|fault| match fault {
        Fault::Failed(message) => call.bad(0, message),
        other => other,
    })?;
    let mut subnets = Vec::new();
    // Where the next one may begin; None once the address space is used up.
    let mut next = Some(network.bits);
    let last = network.bits
        | !Network::mask(network.width, network.prefix)
            & Network::mask(network.width, network.width);
    for index in 1..call.args.len() {
        let new_bits = call.whole(index, "")?;
        if new_bits < 1 {
            return Err(call.bad(index, "must extend prefix by at least one bit"));
        }
        let prefix = i64::from(network.prefix).saturating_add(new_bits);
        let Some(prefix) = u32::try_from(prefix).ok().filter(|p| *p <= network.width) else {
            let family = if network.width == 32 { 4 } else { 6 };
            return Err(call.bad(
                index,
                format!("would extend prefix to {prefix} bits, which is too long for an IPv{family} address"),
            ));
        };
        let size = 1u128 << (network.width - prefix);
        let start = next.and_then(|next| next.checked_add(size - 1)).map(|end| end & !(size - 1));
        let Some(start) = start.filter(|start| *start <= last) else {
            return Err(call.bad(index, format!("not enough remaining address space for a subnet with a prefix of {prefix} bits after {}", subnets.last().map_or(String::new(), |last: &Value| last.as_str().unwrap_or_default().to_owned()))));
        };
        subnets.push(Value::string(Network { bits: start, prefix, ..network }.to_string()));
        next = start.checked_add(size);
    }
    Ok(Value::list(Type::String, subnets))
}
