//! What can go wrong in the network, with the thing and the value named, and
//! where a person can act, what to do.

use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

use ipnet::Ipv4Net;

/// Several callers may share one failure (a batch that nft refused), hence
/// `Clone`.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NetError {
    #[error(
        "networking needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN): run Neargate with sudo; refused: {doing}"
    )]
    NotPermitted { doing: String },

    #[error(
        "the program nft was not found in PATH, /usr/sbin or /sbin: install nftables (Debian, Ubuntu: apt install nftables)"
    )]
    NftMissing,

    #[error("nft refused a change in {place}: {stderr}")]
    Nft { place: String, stderr: String },

    #[error("{what} {value:?} is not a name that can be used: {allowed}")]
    BadId { what: &'static str, value: String, allowed: &'static str },

    #[error("VPC {0} is not known to the network")]
    UnknownVpc(String),

    #[error("network interface {0} is not attached")]
    UnknownEni(String),

    #[error("VPC {vpc} still has interface {eni}")]
    VpcInUse { vpc: String, eni: String },

    #[error("VPC {vpc} needs at least one IPv4 CIDR of /16 to /28, and {value} is not one")]
    BadCidr { vpc: String, value: String },

    #[error("address {ip} of {eni} lies outside the CIDRs of {vpc}")]
    AddressOutsideVpc { eni: String, vpc: String, ip: Ipv4Addr },

    #[error("address {ip} in {vpc} already belongs to {owner}")]
    AddressInUse { ip: Ipv4Addr, vpc: String, owner: String },

    #[error("interface {eni} belongs to {vpc} and can't move")]
    EniMoved { eni: String, vpc: String },

    #[error("no free pair of addresses is left in {pool} for a VPC's way out")]
    UplinkPoolExhausted { pool: Ipv4Net },

    #[error("{doing}: {source}")]
    Io { doing: String, source: Arc<io::Error> },

    #[error("{doing}: {source}")]
    Netlink { doing: String, source: rtnetlink::Error },

    #[error("{path} is not a network namespace")]
    NotANamespace { path: PathBuf },

    #[error("the network's worker thread has ended")]
    Stopped,
}

impl NetError {
    pub(crate) fn io(doing: impl Into<String>, source: io::Error) -> Self {
        let doing = doing.into();
        match source.raw_os_error() {
            Some(errno) if errno == nix::errno::Errno::EPERM as i32 => Self::NotPermitted { doing },
            _ => Self::Io { doing, source: Arc::new(source) },
        }
    }

    pub(crate) fn errno(doing: impl Into<String>, errno: nix::errno::Errno) -> Self {
        Self::io(doing, io::Error::from_raw_os_error(errno as i32))
    }
}
