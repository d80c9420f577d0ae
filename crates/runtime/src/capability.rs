//! Linux capabilities of a container: Docker's default set, with additions
//! and removals by Docker's rule (removals first, additions win).

use std::collections::BTreeSet;

/// What Docker and Fargate give when a task definition says nothing.
pub const DEFAULT: [&str; 14] = [
    "CAP_AUDIT_WRITE",
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_MKNOD",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_RAW",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_CHROOT",
];

const ALL: [&str; 41] = [
    "CAP_AUDIT_CONTROL",
    "CAP_AUDIT_READ",
    "CAP_AUDIT_WRITE",
    "CAP_BLOCK_SUSPEND",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_KILL",
    "CAP_LEASE",
    "CAP_LINUX_IMMUTABLE",
    "CAP_MAC_ADMIN",
    "CAP_MAC_OVERRIDE",
    "CAP_MKNOD",
    "CAP_NET_ADMIN",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_RAW",
    "CAP_PERFMON",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYSLOG",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_CHROOT",
    "CAP_SYS_MODULE",
    "CAP_SYS_NICE",
    "CAP_SYS_PACCT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_WAKE_ALARM",
];

/// The set that results, sorted; an unknown name is refused with its text.
pub fn resolve(add: &[String], drop: &[String]) -> Result<Vec<&'static str>, String> {
    let mut set: BTreeSet<&'static str> = DEFAULT.into();
    for name in drop {
        for capability in named(name)? {
            set.remove(capability);
        }
    }
    for name in add {
        set.extend(named(name)?);
    }
    Ok(set.into_iter().collect())
}

fn named(name: &str) -> Result<&'static [&'static str], String> {
    let upper = name.to_ascii_uppercase();
    if upper == "ALL" {
        return Ok(&ALL);
    }
    let full = if upper.starts_with("CAP_") { upper } else { format!("CAP_{upper}") };
    let at = ALL.iter().position(|known| *known == full);
    let at = at.ok_or_else(|| format!("unknown capability {name:?}"))?;
    Ok(&ALL[at..=at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(add: &[&str], drop: &[&str]) -> Result<Vec<&'static str>, String> {
        let own = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        resolve(&own(add), &own(drop))
    }

    #[test]
    fn additions_win_over_removals() {
        assert_eq!(set(&[], &[]).unwrap(), DEFAULT);
        assert_eq!(set(&["NET_BIND_SERVICE"], &["ALL"]).unwrap(), ["CAP_NET_BIND_SERVICE"]);
        assert_eq!(set(&["cap_sys_ptrace"], &["all"]).unwrap(), ["CAP_SYS_PTRACE"]);
        assert_eq!(set(&["ALL"], &[]).unwrap().len(), 41);
        assert!(set(&["FLY"], &[]).unwrap_err().contains("FLY"));
    }
}
