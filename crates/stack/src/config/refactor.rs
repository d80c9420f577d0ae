//! `moved` and `removed` blocks: what the state already has, under which address.

use std::str::FromStr;

use neargate_hcl::{Diagnostic, Range};

use super::content::{Content, unsupported_block};
use super::declare::flag;
use super::syntax::{Block, Expr};
use crate::address::{Key, Target};

/// What was at one address is at another now.
#[derive(Clone, Debug)]
pub struct Moved {
    pub from: Target,
    pub to: Target,
    pub range: Range,
}

/// What is no longer of this stack.
#[derive(Clone, Debug)]
pub struct Removed {
    pub from: Target,
    /// Whether it is destroyed, or only forgotten.
    pub destroy: bool,
    pub range: Range,
}

const MOVED: Content = Content { arguments: &[], required: &["from", "to"], blocks: &[] };

pub fn moved(block: &Block, problems: &mut Vec<Diagnostic>) -> Option<Moved> {
    MOVED.check(&block.body, problems);
    let from = target(block.body.expr("from")?, problems)?;
    let to = target(block.body.expr("to")?, problems)?;
    if from.resource.is_some() != to.resource.is_some() {
        problems.push(block.error(
            "Invalid \"moved\" addresses",
            "The \"from\" and \"to\" addresses must either both refer to resources or both refer to modules.",
        ));
        return None;
    }
    Some(Moved { from, to, range: block.header.clone() })
}

const REMOVED: Content = Content {
    arguments: &[],
    required: &["from"],
    blocks: &[("lifecycle", &[]), ("provisioner", &["type"]), ("connection", &[])],
};
const REMOVED_LIFECYCLE: Content = Content { arguments: &["destroy"], required: &[], blocks: &[] };

pub fn removed(block: &Block, problems: &mut Vec<Diagnostic>) -> Option<Removed> {
    REMOVED.check(&block.body, problems);
    let mut destroy = true;
    for inner in &block.body.blocks {
        if inner.kind == "lifecycle" {
            REMOVED_LIFECYCLE.check(&inner.body, problems);
            destroy = flag(&inner.body, "destroy", true, problems);
        } else {
            problems.push(unsupported_block(inner, std::iter::empty()));
        }
    }
    let expr = block.body.expr("from")?;
    let from = target(expr, problems)?;
    let keyed = from.key != Key::None || from.module.0.iter().any(|(_, key)| *key != Key::None);
    if keyed {
        problems.push(expr.error(
            "Resource instance keys not allowed",
            "Resource address must be a resource (e.g. \"test_instance.foo\"), not a resource instance (e.g. \"test_instance.foo[1]\").",
        ));
        return None;
    }
    Some(Removed { from, destroy, range: block.header.clone() })
}

fn target(expr: &Expr, problems: &mut Vec<Diagnostic>) -> Option<Target> {
    match Target::from_str(&expr.text()) {
        Ok(target) => Some(target),
        Err(error) => {
            let detail = if error.why.starts_with("a resource is named") {
                "Resource specification must include a resource type and name.".to_owned()
            } else {
                error.to_string()
            };
            problems.push(expr.error("Invalid address", detail));
            None
        }
    }
}
