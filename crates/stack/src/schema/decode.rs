//! A body becomes a value by its schema: attributes evaluated and converted, nested blocks counted,
//! `dynamic` ones expanded, and everything that is wrong told in Terraform's words.

use std::collections::BTreeMap;

use neargate_hcl::evaluate;
use neargate_hcl::scope::Scope;
use neargate_hcl::{Diagnostic, Type, Value, convert};

use super::dynamic::{Expanded, expand};
use super::{AttributeSchema, BlockSchema, NestedBlock, Nesting};
use crate::config::content::{missing_argument, unsupported_argument, unsupported_block};
use crate::config::syntax::{Attribute, Block, Body, Expr, in_context};

/// The value of a body. What is wrong is told in `problems`, and unknown in the value.
pub fn decode(
    body: &Body,
    schema: &BlockSchema,
    scope: &dyn Scope,
    problems: &mut Vec<Diagnostic>,
) -> Value {
    check_names(body, schema, problems);
    let mut found: BTreeMap<String, Value> = BTreeMap::new();
    for (name, attribute) in &schema.attributes {
        let value = match as_blocks(name, schema, body) {
            Some(nested) => attribute_of_blocks(name, &nested, body, scope, problems),
            None => attribute_value(name, attribute, body, scope, problems),
        };
        found.insert(name.clone(), value);
    }
    for (name, nested) in &schema.blocks {
        found.insert(name.clone(), blocks_value(name, nested, body, scope, problems));
    }
    Value::object(found)
}

/// The blocks that stand for an attribute of a body: one that is a list or set of objects may be
/// written as blocks (`ingress { … }`), which need not give all of the object's attributes.
///
/// Source: "Attributes as Blocks" in Terraform's documentation.
fn as_blocks(name: &str, schema: &BlockSchema, body: &Body) -> Option<NestedBlock> {
    let attribute = schema.attributes.get(name).filter(|attribute| settable(attribute))?;
    let written = body.blocks.iter().any(|block| kind_of(block) == name);
    if !written || body.attribute(name).is_some() {
        return None;
    }
    NestedBlock::of_objects(&attribute.ty)
}

/// No blocks leave the attribute unset; of unknown many, one stands for all.
fn attribute_of_blocks(
    name: &str,
    nested: &NestedBlock,
    body: &Body,
    scope: &dyn Scope,
    problems: &mut Vec<Diagnostic>,
) -> Value {
    let (mut objects, like) = objects_of(name, nested, body, scope, problems);
    objects.extend(like);
    if objects.is_empty() { Value::null(nested.ty()) } else { nested.of(objects) }
}

/// What a block is, or what a dynamic one stands for.
pub(super) fn kind_of(block: &Block) -> &str {
    if block.kind == "dynamic" { block.label(0) } else { &block.kind }
}

fn check_names(body: &Body, schema: &BlockSchema, problems: &mut Vec<Diagnostic>) {
    for attribute in &body.attributes {
        if schema.attributes.get(&attribute.name).is_some_and(settable) {
            continue;
        }
        let error = match schema.attributes.get(&attribute.name) {
            Some(_) => {
                let detail = format!(
                    "Can't configure a value for {:?}: its value will be decided automatically based on the result of applying this configuration.",
                    attribute.name
                );
                Diagnostic::error("Value for unconfigurable attribute", detail)
            }
            None => unsupported_argument(
                &attribute.name,
                settable_names(schema),
                schema.blocks.keys().map(String::as_str),
            ),
        };
        problems.push(in_context(error.at(attribute.name_range.clone()), &body.context));
    }
    for block in &body.blocks {
        let kind = kind_of(block);
        if !schema.blocks.contains_key(kind) && as_blocks(kind, schema, body).is_none() {
            let known = schema.blocks.keys().map(String::as_str);
            let mut told = block.clone();
            told.kind = kind.to_owned();
            let mut error = unsupported_block(&told, known);
            if schema.attributes.get(kind).is_some_and(settable) {
                error.detail.push_str(&format!(
                    " Did you mean to define argument {kind:?}? If so, use the equals sign to assign it a value."
                ));
            }
            problems.push(error);
        }
    }
}

fn settable(attribute: &AttributeSchema) -> bool {
    attribute.required || attribute.optional
}

fn settable_names(schema: &BlockSchema) -> impl Iterator<Item = &str> {
    schema.attributes.iter().filter(|(_, a)| settable(a)).map(|(name, _)| name.as_str())
}

fn attribute_value(
    name: &str,
    attribute: &AttributeSchema,
    body: &Body,
    scope: &dyn Scope,
    problems: &mut Vec<Diagnostic>,
) -> Value {
    match body.attribute(name) {
        Some(given) if settable(attribute) => {
            let value = convert_attribute(given, &attribute.ty, scope, problems);
            if attribute.required && value.is_null() {
                problems.push(given.expr.error(
                    "Missing required argument",
                    format!("The argument {name:?} is required, but no definition was found."),
                ));
            }
            if attribute.sensitive { value.sensitive() } else { value }
        }
        _ => {
            if attribute.required {
                problems.push(missing_argument(body, name));
            }
            Value::null(attribute.ty.clone())
        }
    }
}

fn convert_attribute(
    given: &Attribute,
    ty: &Type,
    scope: &dyn Scope,
    problems: &mut Vec<Diagnostic>,
) -> Value {
    let Some(value) = value_of(&given.expr, scope, problems) else {
        return Value::unknown(ty.without_optional());
    };
    convert(&value, ty).unwrap_or_else(|error| {
        let detail =
            format!("Inappropriate value for attribute {:?}: {}.", given.name, told(&error));
        problems.push(given.expr.error("Incorrect attribute value type", detail));
        Value::unknown(ty.without_optional())
    })
}

/// A conversion's error as a sentence goes on: `element "a": string required`.
pub fn told(error: &neargate_hcl::ConversionError) -> String {
    use neargate_hcl::convert::Step;
    let path: String = error
        .path
        .iter()
        .map(|step| match step {
            Step::Attribute(name) => format!("attribute {name:?}: "),
            Step::Index(index) => format!("element {index}: "),
            Step::Key(key) => format!("element {key:?}: "),
        })
        .collect();
    format!("{path}{}", error.message)
}

/// An expression's value; none, and told, if it has none.
pub fn value_of(expr: &Expr, scope: &dyn Scope, problems: &mut Vec<Diagnostic>) -> Option<Value> {
    match evaluate(&expr.syntax, &expr.source, scope) {
        Ok(value) => Some(value),
        Err(error) => {
            problems.push(in_context(error, &expr.context));
            None
        }
    }
}

/// The objects of all blocks of a kind; of dynamic ones that are not known yet, what one is like.
fn objects_of(
    name: &str,
    nested: &NestedBlock,
    body: &Body,
    scope: &dyn Scope,
    problems: &mut Vec<Diagnostic>,
) -> (Vec<Value>, Option<Value>) {
    let mut objects = Vec::new();
    let mut unknown = None;
    for block in body.blocks.iter().filter(|block| kind_of(block) == name) {
        if block.kind != "dynamic" {
            objects.push(decode(&block.body, &nested.block, scope, problems));
            continue;
        }
        match expand(block, nested, scope, problems) {
            Expanded::Known(more) => objects.extend(more),
            Expanded::Unknown(like) => unknown = Some(like),
        }
    }
    (objects, unknown)
}

fn blocks_value(
    name: &str,
    nested: &NestedBlock,
    body: &Body,
    scope: &dyn Scope,
    problems: &mut Vec<Diagnostic>,
) -> Value {
    let (mut objects, unknown) = objects_of(name, nested, body, scope, problems);
    if unknown.is_some() {
        return Value::unknown(nested.ty());
    }
    let count = objects.len();
    let single = nested.nesting == Nesting::Single;
    if count < nested.min {
        let detail = format!("At least {} {name:?} blocks are required.", nested.min);
        let error = Diagnostic::error(format!("Insufficient {name} blocks"), detail);
        problems.push(in_context(error.at(body.start.clone()), &body.context));
    }
    let most = if single { 1 } else { nested.max };
    if most > 0 && count > most {
        let extra = body.blocks.iter().filter(|b| b.kind == name).nth(most);
        let at = extra.map_or(body.start.clone(), |block| block.header.clone());
        let detail = format!("No more than {most} {name:?} blocks are allowed");
        let error = Diagnostic::error(format!("Too many {name} blocks"), detail);
        problems.push(in_context(error.at(at), &body.context));
        objects.truncate(most);
    }
    nested.of(objects)
}
