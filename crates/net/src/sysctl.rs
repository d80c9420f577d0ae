//! Kernel settings under /proc/sys/net, which show the namespace of the thread
//! that opens them.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::error::NetError;

/// For every namespace: no IPv6. Absent where the kernel has none.
const NO_IPV6: [(&str, &str); 2] =
    [("ipv6/conf/all/disable_ipv6", "1"), ("ipv6/conf/default/disable_ipv6", "1")];

/// A container that is not root may bind port 80 and may ping, as under Docker.
const TASK: [(&str, &str); 2] =
    [("ipv4/ip_unprivileged_port_start", "0"), ("ipv4/ping_group_range", "0 2147483647")];

/// Strict reverse path: an interface can't speak with another's address. Set
/// before any link exists, so that each new one inherits it.
const ROUTER: [(&str, &str); 7] = [
    ("ipv4/ip_forward", "1"),
    ("ipv4/conf/all/rp_filter", "1"),
    ("ipv4/conf/default/rp_filter", "1"),
    ("ipv4/conf/all/send_redirects", "0"),
    ("ipv4/conf/default/send_redirects", "0"),
    ("ipv4/conf/all/accept_redirects", "0"),
    ("ipv4/conf/default/accept_redirects", "0"),
];

pub(crate) fn set_up_task() -> Result<(), NetError> {
    set_all(&NO_IPV6)?;
    set_all(&TASK)
}

pub(crate) fn set_up_router() -> Result<(), NetError> {
    set_all(&NO_IPV6)?;
    set_all(&ROUTER)
}

/// Lets the host forward. Says so, because it outlives us.
pub(crate) fn enable_host_forwarding() -> Result<(), NetError> {
    let path = Path::new("/proc/sys/net/ipv4/ip_forward");
    let now = fs::read_to_string(path)
        .map_err(|e| NetError::io(format!("reading {}", path.display()), e))?;
    if now.trim() == "1" {
        return Ok(());
    }
    set("ipv4/ip_forward", "1")?;
    tracing::info!("net.ipv4.ip_forward was 0 and is now 1: tasks reach the internet through it");
    Ok(())
}

fn set_all(settings: &[(&str, &str)]) -> Result<(), NetError> {
    settings.iter().try_for_each(|(name, value)| set(name, value))
}

fn set(name: &str, value: &str) -> Result<(), NetError> {
    let path = Path::new("/proc/sys/net").join(name);
    match fs::write(&path, value) {
        Err(e) if e.kind() == ErrorKind::NotFound && name.starts_with("ipv6/") => Ok(()),
        result => {
            result.map_err(|e| NetError::io(format!("setting {} to {value}", path.display()), e))
        }
    }
}
