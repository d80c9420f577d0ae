//! `import` blocks: what exists already, and the instances that it becomes.
//!
//! ```text
//! import {
//!   for_each = local.buckets
//!   to       = module.stores[each.value.place].aws_s3_bucket.this[each.key]
//!   id       = each.value.name
//! }
//! ```

use hcl_edit::expr::{Expression, TraversalOperator};
use neargate_hcl::references::references;
use neargate_hcl::{Diagnostic, Range};

use super::content::Content;
use super::syntax::{Block, Expr};
use super::terraform::{ProviderKey, provider_ref};
use super::{Config, Module};
use crate::address::{ConfigResource, ModulePath, Resource};

/// What exists already and becomes part of the stack.
#[derive(Clone, Debug)]
pub struct Import {
    pub to: Destination,
    pub id: Expr,
    pub for_each: Option<Expr>,
    pub provider: Option<ProviderKey>,
    pub range: Range,
}

/// The instances that `to` names: one, or with `for_each` one for each of its values.
#[derive(Clone, Debug)]
pub struct Destination {
    pub resource: ConfigResource,
    /// Of each module on the way.
    pub module_keys: Vec<Option<Expr>>,
    pub key: Option<Expr>,
    pub expr: Expr,
}

const IMPORT: Content =
    Content { arguments: &["for_each", "provider"], required: &["id", "to"], blocks: &[] };

pub fn import(block: &Block, problems: &mut Vec<Diagnostic>) -> Option<Import> {
    IMPORT.check(&block.body, problems);
    let for_each = block.body.expr("for_each").cloned();
    let to = match destination(block.body.expr("to")?, for_each.is_some()) {
        Ok(to) => to,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    Some(Import {
        to,
        id: block.body.expr("id")?.clone(),
        for_each,
        provider: block.body.expr("provider").and_then(|expr| provider_ref(expr, problems)),
        range: block.header.clone(),
    })
}

enum Step {
    Name(String),
    Key(Expr),
}

fn destination(expr: &Expr, repeated: bool) -> Result<Destination, Diagnostic> {
    let mut steps = steps(expr)?.into_iter().peekable();
    let (mut path, mut module_keys) = (ModulePath::default(), Vec::new());
    let wrong = |detail: &str| expr.error("Invalid import address", detail);
    let no_instance = "A resource instance address is required here. The module path must be followed by a resource instance specification.";
    let mut keys = Vec::new();
    loop {
        let Some(Step::Name(first)) = steps.next() else { return Err(wrong(no_instance)) };
        let Some(Step::Name(second)) = steps.next() else { return Err(wrong(no_instance)) };
        let key = match steps.next_if(|step| matches!(step, Step::Key(_))) {
            Some(Step::Key(key)) => Some(key),
            _ => None,
        };
        keys.extend(key.clone());
        if first == "module" {
            path = path.child(&second);
            module_keys.push(key);
            continue;
        }
        if first == "data" {
            return Err(wrong("Only managed resources can be imported."));
        }
        if steps.next().is_some() {
            return Err(wrong("Unexpected extra operators after address."));
        }
        for key in &keys {
            named(key, repeated)?;
        }
        let resource =
            ConfigResource { module: path, resource: Resource::managed(&first, &second) };
        return Ok(Destination { resource, module_keys, key, expr: expr.clone() });
    }
}

fn steps(expr: &Expr) -> Result<Vec<Step>, Diagnostic> {
    let invalid = || {
        expr.error(
            "Invalid import address",
            "A resource instance address is required here, such as aws_s3_bucket.logs or module.web.aws_lb.this[each.key].",
        )
    };
    let Expression::Traversal(traversal) = &*expr.syntax else { return Err(invalid()) };
    let Expression::Variable(root) = &traversal.expr else { return Err(invalid()) };
    let mut steps = vec![Step::Name(root.as_str().to_owned())];
    for operator in &traversal.operators {
        steps.push(match operator.value() {
            TraversalOperator::GetAttr(name) => Step::Name(name.as_str().to_owned()),
            TraversalOperator::Index(key) => Step::Key(expr.part(key)),
            _ => return Err(invalid()),
        });
    }
    Ok(steps)
}

/// Whether a key names nothing but `each`, and that only where there is a `for_each`.
fn named(key: &Expr, repeated: bool) -> Result<(), Diagnostic> {
    for reference in references(&key.syntax) {
        if repeated && reference.root == "each" {
            continue;
        }
        let detail = if repeated {
            format!(
                "There is no variable named {:?}. Only \"each.key\" and \"each.value\" can be used in import address index expressions.",
                reference.root
            )
        } else {
            "Only constant keys can be used in the import address of a block without for_each."
                .to_owned()
        };
        let at = Range::new(&key.source, reference.span);
        let told = Diagnostic::error("Invalid import 'to' expression", detail).at(at);
        return Err(super::syntax::in_context(told, &key.context));
    }
    Ok(())
}

/// What is wrong with the blocks of a whole configuration.
pub fn check(config: &Config) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (path, module) in &config.modules {
        if path.is_root() {
            check_root(config, module, &mut problems);
        } else if let Some(import) = module.imports.first() {
            let detail = format!(
                "An import block was detected in \"{path}\". Import blocks are only allowed in the root module."
            );
            let told = Diagnostic::error("Invalid import configuration", detail);
            problems.push(told.at(import.range.clone()));
        }
    }
    problems
}

fn check_root(config: &Config, root: &Module, problems: &mut Vec<Diagnostic>) {
    for (at, import) in root.imports.iter().enumerate() {
        let (to, written) = (&import.to, import.to.expr.text());
        if config.resource(&to.resource).is_none() {
            let detail = format!(
                "The configuration for the given import target {} does not exist. All target instances must have an associated configuration to be imported.",
                to.resource
            );
            problems.push(to.expr.error("Configuration for import target does not exist", detail));
        }
        let again = |other: &&Import| other.for_each.is_none() && other.to.expr.text() == written;
        if import.for_each.is_none()
            && let Some(before) = root.imports[..at].iter().find(again)
        {
            let place = format!("{}:{}", before.range.source.name, before.range.line());
            problems.push(to.expr.error(
                &format!("Duplicate import configuration for {written:?}"),
                format!("An import block for the resource {written:?} was already declared at {place}. A resource can have only one import block."),
            ));
        }
    }
}
