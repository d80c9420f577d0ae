//! A word with the firewall that is there already. Docker, and many others,
//! set the policy of iptables' FORWARD chain to DROP, and an accept in a table
//! of ours does not outvote that. So we put two rules into that chain, marked
//! as ours, and take them out again when the instance is destroyed.
//!
//! iptables exists twice: over nftables (the chain is then `ip filter FORWARD`
//! and is ours to edit with nft) and the legacy one, with a program of its own.
//! A chain that does not exist is not made.

use std::fs;
use std::process::Command;

use crate::error::NetError;
use crate::id::InstanceTag;
use crate::nft::Nft;

const FILTER: &str = "ip filter";

pub(crate) fn admit(nft: &Nft, tag: &InstanceTag) -> Result<(), NetError> {
    let mark = tag.host_table();
    if let Some(chain) = nft.chain(FILTER, "FORWARD")?
        && !chain.contains(&mark)
    {
        let ours = format!("\"{}*\"", tag.link_prefix());
        let script = format!(
            "insert rule {FILTER} FORWARD iifname {ours} counter accept comment \"{mark}\"
insert rule {FILTER} FORWARD oifname {ours} ct state established,related counter accept comment \"{mark}\"
"
        );
        nft.apply("the host's FORWARD chain", &script)?;
        tracing::info!("let the tasks' traffic through the host's FORWARD chain (iptables)");
    }
    if has_legacy_filter() {
        for rule in legacy_rules(tag) {
            if !legacy("-C", &rule) && !legacy("-I", &rule) {
                tracing::warn!(
                    "iptables-legacy refused a rule in FORWARD: tasks may not reach the internet"
                );
            }
        }
    }
    Ok(())
}

pub(crate) fn withdraw(nft: &Nft, tag: &InstanceTag) -> Result<(), NetError> {
    if let Some(chain) = nft.chain(FILTER, "FORWARD")? {
        let script = handles(&chain, &tag.host_table())
            .map(|handle| format!("delete rule {FILTER} FORWARD handle {handle}\n"))
            .collect::<String>();
        nft.apply("the host's FORWARD chain", &script)?;
    }
    if has_legacy_filter() {
        for rule in legacy_rules(tag) {
            while legacy("-D", &rule) {}
        }
    }
    Ok(())
}

/// The handles of the rules that carry a mark, from nft's listing.
fn handles<'a>(chain: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    let ours = chain.lines().filter(move |line| line.contains(mark));
    ours.filter_map(|line| line.rsplit_once("# handle ").map(|(_, handle)| handle.trim()))
}

fn has_legacy_filter() -> bool {
    fs::read_to_string("/proc/thread-self/net/ip_tables_names")
        .is_ok_and(|names| names.lines().any(|name| name == "filter"))
}

fn legacy_rules(tag: &InstanceTag) -> [Vec<String>; 2] {
    let ours = format!("{}+", tag.link_prefix());
    let words = |text: String| text.split(' ').map(str::to_owned).collect();
    [
        words(format!("FORWARD -i {ours} -j ACCEPT")),
        words(format!("FORWARD -o {ours} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT")),
    ]
}

fn legacy(verb: &str, rule: &[String]) -> bool {
    let run = Command::new("iptables-legacy").args(["-w", verb]).args(rule).output();
    run.is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marked_rules_are_taken_out() {
        let chain = "table ip filter {\n chain FORWARD { # handle 1\n  \
            iifname \"ng12*\" accept comment \"neargate-12\" # handle 7\n  \
            counter jump DOCKER-USER # handle 3\n  \
            oifname \"ng12*\" accept comment \"neargate-12\" # handle 8\n }\n}";
        assert_eq!(handles(chain, "neargate-12").collect::<Vec<_>>(), ["7", "8"]);
    }
}
