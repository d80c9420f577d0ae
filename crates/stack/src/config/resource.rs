//! `resource` and `data` blocks, with what Terraform itself reads of them: the rest of the body is the
//! provider's.

use neargate_hcl::convert::Step;
use neargate_hcl::{Diagnostic, Range};

use super::Condition;
use super::content::{Content, unsupported_block};
use super::declare::{conditions, flag, static_list};
use super::module_call::check_both;
use super::syntax::{Block, Body, Expr};
use super::terraform::{ProviderKey, provider_ref};
use crate::address::Mode;

#[derive(Clone, Debug)]
pub struct ResourceDecl {
    pub count: Option<Expr>,
    pub for_each: Option<Expr>,
    /// As written: where none is, the type says which.
    pub provider: Option<ProviderKey>,
    pub depends_on: Vec<Expr>,
    pub lifecycle: Lifecycle,
    /// The arguments and blocks of the resource itself, `dynamic` ones among them.
    pub body: Body,
    pub range: Range,
}

#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    pub create_before_destroy: bool,
    pub prevent_destroy: bool,
    pub ignore_changes: Ignored,
    pub replace_triggered_by: Vec<Expr>,
    pub preconditions: Vec<Condition>,
    pub postconditions: Vec<Condition>,
}

/// What is left as it is, though the configuration says otherwise.
#[derive(Clone, Debug, PartialEq)]
pub enum Ignored {
    These(Vec<Vec<Step>>),
    All,
}

impl Default for Ignored {
    fn default() -> Self {
        Ignored::These(Vec::new())
    }
}

const META: [&str; 4] = ["count", "for_each", "provider", "depends_on"];
const META_BLOCKS: [&str; 5] = ["lifecycle", "provisioner", "connection", "locals", "_"];

pub fn resource(block: &Block, mode: Mode, problems: &mut Vec<Diagnostic>) -> ResourceDecl {
    let body = &block.body;
    check_both(body, "resources to be created", problems);
    let mut lifecycle = Lifecycle::default();
    for inner in &body.blocks {
        match (inner.kind.as_str(), mode) {
            ("lifecycle", _) => read_lifecycle(&inner.body, mode, &mut lifecycle, problems),
            ("provisioner" | "connection", Mode::Managed) => problems.push(inner.error(
                "Provisioners are not supported",
                "Neargate runs no provisioners: Terraform itself calls them a last resort. Build what they would set up into the image, or run it as a task.",
            )),
            ("provisioner" | "connection" | "locals" | "_", _) => {
                problems.push(unsupported_block(inner, std::iter::empty()));
            }
            _ => {}
        }
    }
    let mut own = body.clone();
    own.attributes.retain(|attribute| !META.contains(&attribute.name.as_str()));
    own.blocks.retain(|inner| !META_BLOCKS.contains(&inner.kind.as_str()));
    ResourceDecl {
        count: body.expr("count").cloned(),
        for_each: body.expr("for_each").cloned(),
        provider: body.expr("provider").and_then(|expr| provider_ref(expr, problems)),
        depends_on: static_list(body, "depends_on", problems),
        lifecycle,
        body: own,
        range: block.header.clone(),
    }
}

const MANAGED: Content = Content {
    arguments: &[
        "create_before_destroy",
        "prevent_destroy",
        "ignore_changes",
        "replace_triggered_by",
    ],
    required: &[],
    blocks: &[("precondition", &[]), ("postcondition", &[])],
};

const DATA: Content = Content {
    arguments: &[],
    required: &[],
    blocks: &[("precondition", &[]), ("postcondition", &[])],
};

fn read_lifecycle(
    body: &Body,
    mode: Mode,
    lifecycle: &mut Lifecycle,
    problems: &mut Vec<Diagnostic>,
) {
    if mode == Mode::Data {
        DATA.check(body, problems)
    } else {
        MANAGED.check(body, problems)
    }
    lifecycle.create_before_destroy = flag(body, "create_before_destroy", false, problems);
    lifecycle.prevent_destroy = flag(body, "prevent_destroy", false, problems);
    lifecycle.preconditions.extend(conditions(body, "precondition", problems));
    lifecycle.postconditions.extend(conditions(body, "postcondition", problems));
    lifecycle.replace_triggered_by = static_list(body, "replace_triggered_by", problems);
    let Some(expr) = body.expr("ignore_changes") else { return };
    if expr.text() == "all" {
        lifecycle.ignore_changes = Ignored::All;
        return;
    }
    let mut paths = Vec::new();
    for item in static_list(body, "ignore_changes", problems) {
        match path(&item.text()) {
            Some(path) => paths.push(path),
            None => problems.push(item.error(
                "Invalid expression",
                "A single static variable reference is required: only attribute access and indexing with constant keys. No calculations, function calls, template expressions, etc are allowed here.",
            )),
        }
    }
    lifecycle.ignore_changes = Ignored::These(paths);
}

/// A path into a resource: `tags["Name"]`, `setting[0].value`.
pub fn path(text: &str) -> Option<Vec<Step>> {
    let text = text.trim_matches('"').trim();
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = &rest[..end];
        match name.parse() {
            Ok(index) if !steps.is_empty() => steps.push(Step::Index(index)),
            _ if super::content::is_name(name) => steps.push(Step::Attribute(name.to_owned())),
            _ => return None,
        }
        rest = &rest[end..];
        while let Some(inner) = rest.strip_prefix('[') {
            let (key, after) = crate::address::bracket(inner).ok()?;
            match key {
                crate::address::Key::Index(index) => steps.push(Step::Index(index as usize)),
                crate::address::Key::Name(name) => steps.push(Step::Key(name)),
                crate::address::Key::None => return None,
            }
            rest = after;
        }
        if rest.is_empty() {
            return Some(steps);
        }
        rest = rest.strip_prefix('.')?;
    }
}
