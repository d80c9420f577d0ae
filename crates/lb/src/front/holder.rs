//! Who holds a port: a look into /proc, for the message only.

use std::fs;
use std::net::SocketAddr;

/// The state `LISTEN` in /proc/net/tcp.
const LISTEN: &str = "0A";

/// `name (pid 123)` of a process that listens on the port of `address`.
pub fn of(address: SocketAddr) -> Option<String> {
    let inodes = listening_inodes(address.port());
    let links: Vec<String> = inodes.iter().map(|inode| format!("socket:[{inode}]")).collect();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse::<u32>().ok()) else {
            continue;
        };
        let Ok(descriptors) = fs::read_dir(entry.path().join("fd")) else { continue };
        let holds = descriptors.flatten().any(|fd| {
            let target = fs::read_link(fd.path());
            target.is_ok_and(|t| links.iter().any(|l| t.as_os_str() == l.as_str()))
        });
        if holds {
            let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            return Some(format!("{} (pid {pid})", name.trim()));
        }
    }
    None
}

fn listening_inodes(port: u16) -> Vec<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let text: String = tables.iter().filter_map(|t| fs::read_to_string(t).ok()).collect();
    let wanted = format!(":{port:04X}");
    text.lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
            (local.ends_with(&wanted) && *state == LISTEN).then(|| (*inode).to_owned())
        })
        .collect()
}
