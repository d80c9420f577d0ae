use expect_test::{Expect, expect};

use super::*;

fn ip(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

fn cidrs(list: &[&str]) -> Peer {
    Peer::Cidrs(list.iter().map(|cidr| cidr.parse().unwrap()).collect())
}

fn member(groups: &[&str], internet: bool) -> Member {
    Member { groups: groups.iter().map(|group| (*group).to_owned()).collect(), internet }
}

/// Load balancer → application → database, as in every such stack.
fn three_tiers() -> Model {
    let alb = vec![
        Rule::ingress(Protocol::Tcp(Ports::one(80)), Peer::anywhere()),
        Rule::egress(Protocol::Tcp(Ports::one(5000)), Peer::Group("sg-app".into())),
    ];
    let app = vec![
        Rule::ingress(Protocol::Tcp(Ports::one(5000)), Peer::Group("sg-alb".into())),
        Rule::egress_to_anywhere(),
    ];
    let db = vec![Rule::ingress(Protocol::Tcp(Ports::one(5432)), Peer::Group("sg-app".into()))];
    Model {
        endpoints: [ip("169.254.170.2"), ip("10.0.0.2")].into(),
        members: [
            (ip("10.0.0.10"), member(&["sg-alb"], false)),
            (ip("10.0.1.10"), member(&["sg-app"], true)),
            (ip("10.0.1.11"), member(&["sg-app"], true)),
            (ip("10.0.2.10"), member(&["sg-db"], false)),
        ]
        .into(),
        groups: [("sg-alb".into(), alb), ("sg-app".into(), app), ("sg-db".into(), db)].into(),
    }
}

fn check_change(from: &Model, to: &Model, expected: Expect) {
    expected.assert_eq(&Table::of(to).changes_from(&Table::of(from)));
}

fn check_rule(rule: Rule, expected: Expect) {
    let verdict = if rule.direction == Direction::Ingress { "accept" } else { "goto arrive" };
    let side = if rule.direction == Direction::Ingress { "saddr" } else { "daddr" };
    expected.assert_eq(&statement(&rule, side, verdict).unwrap_or_default());
}

#[test]
fn a_stack_of_three_tiers() {
    expect![[r#"
        add table ip neargate
        add set ip neargate internet { type ipv4_addr; }
        add set ip neargate members_sg-alb { type ipv4_addr; }
        add set ip neargate members_sg-app { type ipv4_addr; }
        add chain ip neargate arrive
        add chain ip neargate forward { type filter hook forward priority filter; policy drop; }
        add chain ip neargate in_set.241b19d4ef74
        add chain ip neargate in_set.665c17c566db
        add chain ip neargate in_set.e6342094f5aa
        add chain ip neargate in_sg-alb
        add chain ip neargate in_sg-app
        add chain ip neargate in_sg-db
        add chain ip neargate input { type filter hook input priority filter; policy drop; }
        add chain ip neargate out_set.241b19d4ef74
        add chain ip neargate out_set.665c17c566db
        add chain ip neargate out_set.e6342094f5aa
        add chain ip neargate out_sg-alb
        add chain ip neargate out_sg-app
        add chain ip neargate out_sg-db
        add map ip neargate receiver { type ipv4_addr : verdict; }
        add map ip neargate sender { type ipv4_addr : verdict; }
        add rule ip neargate arrive oifname "uplink" ip saddr @internet accept
        add rule ip neargate arrive oifname "uplink" drop
        add rule ip neargate arrive ip daddr vmap @receiver
        add rule ip neargate arrive drop
        add rule ip neargate forward ct state vmap { established : accept, related : accept, invalid : drop }
        add rule ip neargate forward iifname "uplink" drop
        add rule ip neargate forward ip daddr 169.254.0.0/16 drop
        add rule ip neargate forward ip saddr vmap @sender
        add rule ip neargate in_set.241b19d4ef74 jump in_sg-db
        add rule ip neargate in_set.665c17c566db jump in_sg-alb
        add rule ip neargate in_set.e6342094f5aa jump in_sg-app
        add rule ip neargate in_sg-alb tcp dport 80 accept
        add rule ip neargate in_sg-app ip saddr @members_sg-alb tcp dport 5000 accept
        add rule ip neargate in_sg-db ip saddr @members_sg-app tcp dport 5432 accept
        add rule ip neargate input ct state vmap { established : accept, related : accept, invalid : drop }
        add rule ip neargate input iifname "lo" accept
        add rule ip neargate input iifname "uplink" drop
        add rule ip neargate input ip daddr { 10.0.0.2, 169.254.170.2 } accept
        add rule ip neargate out_set.241b19d4ef74 jump out_sg-db
        add rule ip neargate out_set.665c17c566db jump out_sg-alb
        add rule ip neargate out_set.e6342094f5aa jump out_sg-app
        add rule ip neargate out_sg-alb ip daddr @members_sg-app tcp dport 5000 goto arrive
        add rule ip neargate out_sg-app goto arrive
        add element ip neargate receiver { 10.0.0.10 : goto in_set.665c17c566db, 10.0.1.10 : goto in_set.e6342094f5aa, 10.0.1.11 : goto in_set.e6342094f5aa, 10.0.2.10 : goto in_set.241b19d4ef74 }
        add element ip neargate sender { 10.0.0.10 : goto out_set.665c17c566db, 10.0.1.10 : goto out_set.e6342094f5aa, 10.0.1.11 : goto out_set.e6342094f5aa, 10.0.2.10 : goto out_set.241b19d4ef74 }
        add element ip neargate internet { 10.0.1.10, 10.0.1.11 }
        add element ip neargate members_sg-alb { 10.0.0.10 }
        add element ip neargate members_sg-app { 10.0.1.10, 10.0.1.11 }
    "#]].assert_eq(&ruleset(&three_tiers()));
}

#[test]
fn nothing_changed_is_nothing_to_say() {
    check_change(&three_tiers(), &three_tiers(), expect![[""]]);
}

#[test]
fn one_more_task_is_a_few_elements() {
    let mut after = three_tiers();
    after.members.insert(ip("10.0.1.12"), member(&["sg-app"], true));
    check_change(
        &three_tiers(),
        &after,
        expect![[r#"
        add element ip neargate receiver { 10.0.1.12 : goto in_set.e6342094f5aa }
        add element ip neargate sender { 10.0.1.12 : goto out_set.e6342094f5aa }
        add element ip neargate internet { 10.0.1.12 }
        add element ip neargate members_sg-app { 10.0.1.12 }
    "#]],
    );
}

#[test]
fn a_changed_rule_rewrites_one_chain() {
    let mut after = three_tiers();
    after.groups.get_mut("sg-db").unwrap()[0].protocol = Protocol::Tcp(Ports::one(5433));
    check_change(
        &three_tiers(),
        &after,
        expect![[r#"
        flush chain ip neargate in_sg-db
        add rule ip neargate in_sg-db ip saddr @members_sg-app tcp dport 5433 accept
    "#]],
    );
}

#[test]
fn the_last_member_takes_its_chains_along() {
    let mut after = three_tiers();
    after.members.remove(&ip("10.0.0.10"));
    check_change(
        &three_tiers(),
        &after,
        expect![[r#"
        delete element ip neargate receiver { 10.0.0.10 : goto in_set.665c17c566db }
        delete element ip neargate sender { 10.0.0.10 : goto out_set.665c17c566db }
        delete element ip neargate members_sg-alb { 10.0.0.10 }
        flush chain ip neargate in_set.665c17c566db
        flush chain ip neargate in_sg-alb
        flush chain ip neargate out_set.665c17c566db
        flush chain ip neargate out_sg-alb
        delete chain ip neargate in_set.665c17c566db
        delete chain ip neargate in_sg-alb
        delete chain ip neargate out_set.665c17c566db
        delete chain ip neargate out_sg-alb
    "#]],
    );
}

#[test]
fn another_set_of_groups_moves_an_interface() {
    let mut after = three_tiers();
    after.members.insert(ip("10.0.1.11"), member(&["sg-app", "sg-db"], false));
    check_change(
        &three_tiers(),
        &after,
        expect![[r#"
        add chain ip neargate in_set.e092a8d81a1f
        add chain ip neargate out_set.e092a8d81a1f
        add rule ip neargate in_set.e092a8d81a1f jump in_sg-app
        add rule ip neargate in_set.e092a8d81a1f jump in_sg-db
        add rule ip neargate out_set.e092a8d81a1f jump out_sg-app
        add rule ip neargate out_set.e092a8d81a1f jump out_sg-db
        delete element ip neargate receiver { 10.0.1.11 : goto in_set.e6342094f5aa }
        add element ip neargate receiver { 10.0.1.11 : goto in_set.e092a8d81a1f }
        delete element ip neargate sender { 10.0.1.11 : goto out_set.e6342094f5aa }
        add element ip neargate sender { 10.0.1.11 : goto out_set.e092a8d81a1f }
        delete element ip neargate internet { 10.0.1.11 }
    "#]],
    );
}

#[test]
fn an_unknown_table_is_replaced_under_its_hooks() {
    let existing = Existing {
        chains: ["arrive".to_owned(), "in_sg-old".to_owned()].into(),
        hooks: ["forward".to_owned(), "input".to_owned()].into(),
        sets: ["internet".to_owned()].into(),
        maps: ["sender".to_owned()].into(),
    };
    let script = Table::of(&Model::default()).replacement_of(&existing);
    expect![[r#"
        flush chain ip neargate forward
        flush chain ip neargate input
        flush chain ip neargate arrive
        flush chain ip neargate in_sg-old
        flush map ip neargate sender
        delete map ip neargate sender
        delete chain ip neargate arrive
        delete chain ip neargate in_sg-old
        delete set ip neargate internet
        add table ip neargate
        add set ip neargate internet { type ipv4_addr; }
        add chain ip neargate arrive
        add chain ip neargate forward { type filter hook forward priority filter; policy drop; }
        add chain ip neargate input { type filter hook input priority filter; policy drop; }
        add map ip neargate receiver { type ipv4_addr : verdict; }
        add map ip neargate sender { type ipv4_addr : verdict; }
        add rule ip neargate arrive oifname "uplink" ip saddr @internet accept
        add rule ip neargate arrive oifname "uplink" drop
        add rule ip neargate arrive ip daddr vmap @receiver
        add rule ip neargate arrive drop
        add rule ip neargate forward ct state vmap { established : accept, related : accept, invalid : drop }
        add rule ip neargate forward iifname "uplink" drop
        add rule ip neargate forward ip daddr 169.254.0.0/16 drop
        add rule ip neargate forward ip saddr vmap @sender
        add rule ip neargate input ct state vmap { established : accept, related : accept, invalid : drop }
        add rule ip neargate input iifname "lo" accept
        add rule ip neargate input iifname "uplink" drop
    "#]].assert_eq(&script);
}

#[test]
fn every_protocol_and_peer() {
    check_rule(Rule::egress_to_anywhere(), expect!["goto arrive"]);
    check_rule(
        Rule::ingress(Protocol::Tcp(Ports::ALL), cidrs(&["10.0.0.0/8"])),
        expect!["ip saddr 10.0.0.0/8 ip protocol tcp accept"],
    );
    check_rule(
        Rule::ingress(Protocol::Udp(Ports { from: 53, to: 60 }), cidrs(&["10.1.2.3/32"])),
        expect!["ip saddr 10.1.2.3/32 udp dport 53-60 accept"],
    );
    check_rule(
        Rule::ingress(Protocol::Icmp { kind: Some(8), code: None }, Peer::anywhere()),
        expect!["icmp type 8 accept"],
    );
    check_rule(
        Rule::ingress(Protocol::Icmp { kind: Some(3), code: Some(4) }, Peer::anywhere()),
        expect!["icmp type 3 icmp code 4 accept"],
    );
    check_rule(
        Rule::ingress(Protocol::Icmp { kind: None, code: None }, Peer::anywhere()),
        expect!["ip protocol icmp accept"],
    );
    check_rule(
        Rule::egress(Protocol::Number(50), Peer::Group("sg-a".into())),
        expect!["ip daddr @members_sg-a ip protocol 50 goto arrive"],
    );
}

#[test]
fn overlapping_entries_of_a_prefix_list_become_one() {
    check_rule(
        Rule::ingress(
            Protocol::All,
            cidrs(&["10.0.0.0/9", "10.128.0.0/9", "10.1.0.0/16", "192.0.2.0/24"]),
        ),
        expect!["ip saddr { 10.0.0.0/8, 192.0.2.0/24 } accept"],
    );
}

#[test]
fn a_rule_without_peers_matches_nothing() {
    check_rule(Rule::ingress(Protocol::All, cidrs(&[])), expect![[""]]);
}
