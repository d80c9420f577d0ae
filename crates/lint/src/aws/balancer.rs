//! Load balancers: which listeners and rules lead to a group of targets.

use neargate_hcl::Value;

use crate::seen::{Object, Resource, Seen};

/// The listeners, and the rules of listeners, that forward to a group.
pub fn leading_to<'a>(seen: &'a Seen<'a>, group: &str) -> Vec<&'a Resource<'a>> {
    let listeners = ["aws_lb_listener", "aws_alb_listener"].map(|kind| (kind, "default_action"));
    let rules = ["aws_lb_listener_rule", "aws_alb_listener_rule"].map(|kind| (kind, "action"));
    let mut found = Vec::new();
    for (kind, block) in listeners.into_iter().chain(rules) {
        found.extend(seen.of(kind).filter(|one| {
            one.blocks(block).unwrap_or_default().iter().any(|action| forwards(action, group))
        }));
    }
    found
}

fn forwards(action: &Value, group: &str) -> bool {
    let named = action.text("target_group_arn") == Some(group);
    let weighted = action.blocks("forward").unwrap_or_default().iter().any(|forward| {
        let groups = forward.blocks("target_group").unwrap_or_default();
        groups.iter().any(|one| one.text("arn") == Some(group))
    });
    named || weighted
}

/// The load balancers in front of a group, as far as they are made here.
pub fn in_front<'a>(seen: &'a Seen<'a>, group: &str) -> Vec<&'a Resource<'a>> {
    let mut found: Vec<&Resource<'_>> = Vec::new();
    for leading in leading_to(seen, group) {
        let listener = match leading.text("listener_arn") {
            Some(arn) if leading.kind().ends_with("_rule") => listener(seen, arn),
            _ => Some(leading),
        };
        let arn = listener.and_then(|listener| listener.text("load_balancer_arn"));
        let kinds = ["aws_lb", "aws_alb"];
        let balancer =
            arn.and_then(|arn| kinds.iter().find_map(|kind| seen.find(kind, "arn", arn)));
        let balancer =
            balancer.filter(|one| found.iter().all(|other| other.address != one.address));
        found.extend(balancer);
    }
    found
}

fn listener<'a>(seen: &'a Seen<'a>, arn: &str) -> Option<&'a Resource<'a>> {
    let kinds = ["aws_lb_listener", "aws_alb_listener"];
    kinds.iter().find_map(|kind| seen.find(kind, "arn", arn))
}
