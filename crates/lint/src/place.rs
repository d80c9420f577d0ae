//! Where a value is written: from an attribute of a resource back along plain names (`var.x`, the
//! call's argument, `local.y`) to where somebody would change it.

use neargate_hcl::{Part, Range, reference};
use neargate_stack::address::ModulePath;
use neargate_stack::config::syntax::{Body, Expr};
use neargate_stack::config::{Config, ResourceDecl};

/// The place of what a path of blocks and an attribute names, and the block that this is in.
pub fn of(
    config: &Config,
    module: &ModulePath,
    decl: &ResourceDecl,
    path: &[&str],
) -> (Range, Option<String>) {
    let (mut body, mut range) = (&decl.body, decl.range.clone());
    for name in path {
        if let Some(attribute) = body.attribute(name) {
            let written = written(config, module, &attribute.expr);
            let same = written.range() == attribute.expr.range();
            let range = if same { attribute.range() } else { written.range() };
            return (
                first_line(range),
                written.context.as_ref().map(|context| context.to_string()),
            );
        }
        let Some((inner, at)) = block(body, name) else { break };
        (body, range) = (inner, at);
    }
    (range, decl.body.context.as_ref().map(|context| context.to_string()))
}

/// A value of many lines is told by the first.
fn first_line(range: Range) -> Range {
    let length = range.text().find('\n').unwrap_or(range.bytes.len());
    let start = range.bytes.start;
    Range { bytes: start..start + length, ..range }
}

/// The first block of a kind, also one that is made by `dynamic`.
fn block<'a>(body: &'a Body, kind: &'a str) -> Option<(&'a Body, Range)> {
    let plain = body.blocks_of(kind).next().map(|block| (&block.body, block.header.clone()));
    plain.or_else(|| {
        let dynamic = body.blocks_of("dynamic").find(|block| block.label(0) == kind)?;
        let content = dynamic.body.blocks_of("content").next()?;
        Some((&content.body, dynamic.header.clone()))
    })
}

/// More names than anybody writes one after the other.
const HOPS: usize = 32;

fn written(config: &Config, module: &ModulePath, expr: &Expr) -> Expr {
    let (mut module, mut expr) = (module.clone(), expr.clone());
    for _ in 0..HOPS {
        let Some((from, next)) = behind(config, &module, &expr) else { break };
        (module, expr) = (from, next);
    }
    expr
}

/// What a plain name stands for, in the module where that is written.
fn behind(config: &Config, module: &ModulePath, expr: &Expr) -> Option<(ModulePath, Expr)> {
    let name = reference(&expr.syntax)?;
    let [Part::Attribute(of)] = name.steps.as_slice() else { return None };
    match name.root.as_str() {
        "var" => {
            let (parent, _) = module.parent()?;
            let given = config.call_of(module)?.inputs.expr(of)?;
            Some((parent, given.clone()))
        }
        "local" => {
            let value = config.modules.get(module)?.locals.get(of)?;
            Some((module.clone(), value.clone()))
        }
        _ => None,
    }
}
