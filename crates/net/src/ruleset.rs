//! A VPC's security groups as nftables: pure text out of plain data.
//!
//! ```text
//!  forward ──► established? accept ──► who sends? (map sender: ip → chain)
//!     out_<combination> ──jump──► out_<group> ──a rule matches──► arrive
//!  arrive ──► leaves by the uplink? only if in @internet
//!         └─► who receives? (map receiver: ip → chain)
//!     in_<combination> ──jump──► in_<group> ──a rule matches──► accept
//! ```
//! Whatever falls off an end is dropped by the hook's policy. A combination is
//! the set of groups that an interface has; interfaces with the same groups
//! share it, so an attachment adds a few elements and no chain.
//!
//! A change is the difference between two tables, in one transaction. The hook
//! itself is never taken away: a drop policy without its rules, be it for the
//! milliseconds of a commit, would lose packets of live connections.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::id::short_hash;
use crate::router::UPLINK;
use crate::rules::{Direction, Peer, Ports, Protocol, Rule};

/// The table in the router's namespace.
pub(crate) const TABLE: &str = "ip neargate";

const HOOK_INPUT: &str = "type filter hook input priority filter; policy drop;";
const HOOK_FORWARD: &str = "type filter hook forward priority filter; policy drop;";

/// All that decides which packets pass in one VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// The router's own addresses: open to every interface.
    pub endpoints: BTreeSet<Ipv4Addr>,
    pub members: BTreeMap<Ipv4Addr, Member>,
    /// Rules by security group. An interface may name a group without rules.
    pub groups: BTreeMap<String, Vec<Rule>>,
}

/// An interface, as the filter sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    pub groups: BTreeSet<String>,
    pub internet: bool,
}

/// The script that builds the whole table on an empty namespace.
pub fn ruleset(model: &Model) -> String {
    Table::of(model).changes_from(&Table::default())
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    sets: BTreeMap<String, BTreeSet<Ipv4Addr>>,
    /// Address → chain to go to.
    maps: BTreeMap<String, BTreeMap<Ipv4Addr, String>>,
    chains: BTreeMap<String, Chain>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Chain {
    hook: Option<&'static str>,
    rules: Vec<String>,
}

/// What a namespace already holds, when only the names are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Existing {
    pub chains: BTreeSet<String>,
    pub hooks: BTreeSet<String>,
    pub sets: BTreeSet<String>,
    pub maps: BTreeSet<String>,
}

impl Table {
    pub fn of(model: &Model) -> Self {
        let mut table = Self::default();
        table.add_hooks(&model.endpoints);
        let mut sender = BTreeMap::new();
        let mut receiver = BTreeMap::new();
        let mut internet = BTreeSet::new();
        for (ip, member) in &model.members {
            let combination = combination(&member.groups);
            sender.insert(*ip, format!("out_{combination}"));
            receiver.insert(*ip, format!("in_{combination}"));
            if member.internet {
                internet.insert(*ip);
            }
            table.add_combination(&combination, &member.groups);
            for group in &member.groups {
                table.add_group(group, model);
            }
        }
        table.maps.insert("sender".into(), sender);
        table.maps.insert("receiver".into(), receiver);
        table.sets.insert("internet".into(), internet);
        table
    }

    fn add_hooks(&mut self, endpoints: &BTreeSet<Ipv4Addr>) {
        let endpoints = endpoints.iter().map(Ipv4Addr::to_string).collect::<Vec<_>>().join(", ");
        let mut input = vec![
            "ct state vmap { established : accept, related : accept, invalid : drop }".to_owned(),
            "iifname \"lo\" accept".to_owned(),
            format!("iifname \"{UPLINK}\" drop"),
        ];
        if !endpoints.is_empty() {
            input.push(format!("ip daddr {{ {endpoints} }} accept"));
        }
        let forward = vec![
            "ct state vmap { established : accept, related : accept, invalid : drop }".to_owned(),
            format!("iifname \"{UPLINK}\" drop"),
            // Link-local never leaves a VPC; past it may lie the machine's own
            // cloud metadata.
            "ip daddr 169.254.0.0/16 drop".to_owned(),
            "ip saddr vmap @sender".to_owned(),
        ];
        let arrive = vec![
            format!("oifname \"{UPLINK}\" ip saddr @internet accept"),
            format!("oifname \"{UPLINK}\" drop"),
            "ip daddr vmap @receiver".to_owned(),
            "drop".to_owned(),
        ];
        self.chains.insert("input".into(), Chain { hook: Some(HOOK_INPUT), rules: input });
        self.chains.insert("forward".into(), Chain { hook: Some(HOOK_FORWARD), rules: forward });
        self.chains.insert("arrive".into(), Chain { hook: None, rules: arrive });
    }

    fn add_combination(&mut self, combination: &str, groups: &BTreeSet<String>) {
        for way in ["in", "out"] {
            let rules = groups.iter().map(|group| format!("jump {way}_{group}")).collect();
            self.chains.insert(format!("{way}_{combination}"), Chain { hook: None, rules });
        }
    }

    fn add_group(&mut self, group: &str, model: &Model) {
        if self.chains.contains_key(&format!("in_{group}")) {
            return;
        }
        let mut ingress = Vec::new();
        let mut egress = Vec::new();
        for rule in model.groups.get(group).map(Vec::as_slice).unwrap_or_default() {
            if let Peer::Group(peer) = &rule.peer {
                self.sets.entry(members_of(peer)).or_insert_with(|| model.members_of(peer));
            }
            match rule.direction {
                Direction::Ingress => ingress.extend(statement(rule, "saddr", "accept")),
                Direction::Egress => egress.extend(statement(rule, "daddr", "goto arrive")),
            }
        }
        self.chains.insert(format!("in_{group}"), Chain { hook: None, rules: ingress });
        self.chains.insert(format!("out_{group}"), Chain { hook: None, rules: egress });
    }

    /// The script that makes `self` out of `old`; empty if nothing differs.
    pub fn changes_from(&self, old: &Self) -> String {
        let mut script = String::new();
        self.declare(old, &mut script);
        self.fill_chains(old, &mut script);
        self.fill_maps(old, &mut script);
        self.fill_sets(old, &mut script);
        let gone = Existing {
            chains: absent(&old.chains, &self.chains),
            sets: absent(&old.sets, &self.sets),
            maps: absent(&old.maps, &self.maps),
            hooks: BTreeSet::new(),
        };
        gone.remove(&mut script);
        if !script.is_empty() && old.chains.is_empty() {
            script.insert_str(0, &format!("add table {TABLE}\n"));
        }
        script
    }

    /// The script that makes `self` where something unknown is: all of it goes
    /// and comes in one transaction, except for the hooks.
    pub(crate) fn replacement_of(&self, existing: &Existing) -> String {
        let mut script = String::new();
        for hook in &existing.hooks {
            writeln!(script, "flush chain {TABLE} {hook}").expect("strings take all");
        }
        existing.remove(&mut script);
        script.push_str(&self.changes_from(&Self::default()));
        script
    }

    fn declare(&self, old: &Self, script: &mut String) {
        for name in absent(&self.sets, &old.sets) {
            line(script, format!("add set {TABLE} {name} {{ type ipv4_addr; }}"));
        }
        for (name, chain) in &self.chains {
            if old.chains.contains_key(name) {
                continue;
            }
            match chain.hook {
                Some(hook) => line(script, format!("add chain {TABLE} {name} {{ {hook} }}")),
                None => line(script, format!("add chain {TABLE} {name}")),
            }
        }
        for name in absent(&self.maps, &old.maps) {
            line(script, format!("add map {TABLE} {name} {{ type ipv4_addr : verdict; }}"));
        }
    }

    fn fill_chains(&self, old: &Self, script: &mut String) {
        for (name, chain) in &self.chains {
            let before = old.chains.get(name);
            if before.is_some_and(|before| before.rules == chain.rules) {
                continue;
            }
            if before.is_some() {
                line(script, format!("flush chain {TABLE} {name}"));
            }
            for rule in &chain.rules {
                line(script, format!("add rule {TABLE} {name} {rule}"));
            }
        }
    }

    fn fill_maps(&self, old: &Self, script: &mut String) {
        let none = BTreeMap::new();
        for (name, map) in &self.maps {
            let before = old.maps.get(name).unwrap_or(&none);
            let out = before.iter().filter(|(ip, chain)| map.get(ip) != Some(chain));
            elements(script, "delete", name, out.map(|(ip, chain)| format!("{ip} : goto {chain}")));
            let new = map.iter().filter(|(ip, chain)| before.get(ip) != Some(chain));
            elements(script, "add", name, new.map(|(ip, chain)| format!("{ip} : goto {chain}")));
        }
    }

    fn fill_sets(&self, old: &Self, script: &mut String) {
        let none = BTreeSet::new();
        for (name, set) in &self.sets {
            let before = old.sets.get(name).unwrap_or(&none);
            elements(script, "delete", name, before.difference(set).map(Ipv4Addr::to_string));
            elements(script, "add", name, set.difference(before).map(Ipv4Addr::to_string));
        }
    }
}

impl Existing {
    /// Empties everything first: what is referred to can't be deleted.
    fn remove(&self, script: &mut String) {
        for chain in &self.chains {
            line(script, format!("flush chain {TABLE} {chain}"));
        }
        for map in &self.maps {
            line(script, format!("flush map {TABLE} {map}"));
            line(script, format!("delete map {TABLE} {map}"));
        }
        for chain in &self.chains {
            line(script, format!("delete chain {TABLE} {chain}"));
        }
        for set in &self.sets {
            line(script, format!("delete set {TABLE} {set}"));
        }
    }
}

impl Model {
    fn members_of(&self, group: &str) -> BTreeSet<Ipv4Addr> {
        let has = |member: &Member| member.groups.contains(group);
        self.members.iter().filter(|(_, member)| has(member)).map(|(ip, _)| *ip).collect()
    }
}

/// One rule as nft says it; `None` for a rule that can match nothing.
fn statement(rule: &Rule, side: &str, verdict: &str) -> Option<String> {
    let peer = match &rule.peer {
        Peer::Group(group) => format!("ip {side} @{} ", members_of(group)),
        Peer::Cidrs(cidrs) if cidrs.is_empty() => return None,
        Peer::Cidrs(cidrs) => match Ipv4Net::aggregate(cidrs).as_slice() {
            [all] if all.prefix_len() == 0 => String::new(),
            [one] => format!("ip {side} {one} "),
            many => {
                let many = many.iter().map(Ipv4Net::to_string).collect::<Vec<_>>().join(", ");
                format!("ip {side} {{ {many} }} ")
            }
        },
    };
    Some(format!("{peer}{}{verdict}", protocol(rule.protocol)))
}

fn protocol(protocol: Protocol) -> String {
    match protocol {
        Protocol::All => String::new(),
        Protocol::Tcp(range) => ports("tcp", range),
        Protocol::Udp(range) => ports("udp", range),
        Protocol::Icmp { kind: None, .. } => "ip protocol icmp ".to_owned(),
        Protocol::Icmp { kind: Some(kind), code: None } => format!("icmp type {kind} "),
        Protocol::Icmp { kind: Some(kind), code: Some(code) } => {
            format!("icmp type {kind} icmp code {code} ")
        }
        Protocol::Number(number) => format!("ip protocol {number} "),
    }
}

fn ports(name: &str, range: Ports) -> String {
    match range {
        Ports::ALL => format!("ip protocol {name} "),
        Ports { from, to } if from == to => format!("{name} dport {from} "),
        Ports { from, to } => format!("{name} dport {}-{} ", from.min(to), from.max(to)),
    }
}

fn members_of(group: &str) -> String {
    format!("members_{group}")
}

/// The name of a combination of groups. No id has a dot in it, so none clashes.
fn combination(groups: &BTreeSet<String>) -> String {
    let parts = groups.iter().map(String::as_str).collect::<Vec<_>>();
    format!("set.{}", short_hash(&parts, 12))
}

fn absent<A, B>(from: &BTreeMap<String, A>, other: &BTreeMap<String, B>) -> BTreeSet<String> {
    from.keys().filter(|name| !other.contains_key(*name)).cloned().collect()
}

fn elements(script: &mut String, verb: &str, name: &str, list: impl Iterator<Item = String>) {
    let list = list.collect::<Vec<_>>();
    if !list.is_empty() {
        line(script, format!("{verb} element {TABLE} {name} {{ {} }}", list.join(", ")));
    }
}

fn line(script: &mut String, text: String) {
    script.push_str(&text);
    script.push('\n');
}

#[cfg(test)]
#[path = "ruleset/tests.rs"]
mod tests;
