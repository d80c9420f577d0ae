//! `variable` blocks.

use neargate_hcl::{Diagnostic, Range, Type, Value, convert, type_constraint};

use super::content::Content;
use super::declare::{conditions, flag, text};
use super::syntax::{Block, Expr};
use super::{ANY, Condition, constant};

#[derive(Clone, Debug)]
pub struct Variable {
    pub name: String,
    /// As it is written, with what is optional in it.
    pub ty: Type,
    /// Whether a value that comes as a text is an expression, and not the text itself.
    pub parsed: bool,
    pub default: Option<Value>,
    pub description: Option<String>,
    pub sensitive: bool,
    pub nullable: bool,
    pub validations: Vec<Condition>,
    pub range: Range,
    /// Where the default is.
    pub default_expr: Option<Expr>,
}

const CONTENT: Content = Content {
    arguments: &[
        "type",
        "default",
        "description",
        "sensitive",
        "nullable",
        "ephemeral",
        "deprecated",
    ],
    required: &[],
    blocks: &[("validation", &[])],
};

/// Names that a module call has another use for.
const RESERVED: [&str; 8] =
    ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

pub fn variable(block: &Block, problems: &mut Vec<Diagnostic>) -> Variable {
    let name = block.label(0).to_owned();
    let body = &block.body;
    CONTENT.check(body, problems);
    if RESERVED.contains(&name.as_str()) {
        problems.push(block.error(
            "Invalid variable name",
            format!("The variable name {name:?} is reserved due to its special meaning inside module blocks."),
        ));
    }
    if flag(body, "ephemeral", false, problems) {
        let at = body.attribute("ephemeral").map(super::syntax::Attribute::range);
        problems.push(
            block
                .error(
                    "Ephemeral variables are not supported",
                    "Neargate keeps no ephemeral values yet. Use sensitive = true, which hides the value and keeps it in the state.",
                )
                .at(at.unwrap_or_else(|| block.header.clone())),
        );
    }
    let ty = match body.expr("type") {
        None => ANY,
        Some(expr) => {
            let read =
                type_constraint(&expr.syntax, &expr.source, &|part| constant(&expr.part(part)));
            read.unwrap_or_else(|error| {
                problems.push(super::syntax::in_context(error, &expr.context));
                ANY
            })
        }
    };
    let nullable = flag(body, "nullable", true, problems);
    let default = body.expr("default").and_then(|expr| default(expr, &ty, nullable, problems));
    Variable {
        parsed: body.attribute("type").is_some() && !ty.is_primitive(),
        ty,
        default,
        description: text(body, "description", problems),
        sensitive: flag(body, "sensitive", false, problems),
        nullable,
        validations: conditions(body, "validation", problems),
        range: block.header.clone(),
        default_expr: body.expr("default").cloned(),
        name,
    }
}

fn default(
    expr: &Expr,
    ty: &Type,
    nullable: bool,
    problems: &mut Vec<Diagnostic>,
) -> Option<Value> {
    let value = match constant(expr) {
        Ok(value) => value,
        Err(error) => {
            problems.push(error);
            return None;
        }
    };
    if value.is_null() && !nullable {
        problems.push(expr.error(
            "Invalid default value for variable",
            "A null default value is not valid when nullable=false.",
        ));
        return None;
    }
    match convert(&value, ty) {
        Ok(value) => Some(value),
        Err(error) => {
            problems.push(expr.error(
                "Invalid default value for variable",
                format!(
                    "This default value is not compatible with the variable's type constraint: {error}."
                ),
            ));
            None
        }
    }
}
