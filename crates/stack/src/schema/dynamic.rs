//! `dynamic` blocks: one block for each element of a collection.
//!
//! Source: "dynamic Blocks" in Terraform's documentation.

use neargate_hcl::scope::{Outside, Scope};
use neargate_hcl::{Diagnostic, Kind, Marks, Value};

use super::NestedBlock;
use super::decode::{decode, kind_of, value_of};
use crate::config::content::{Content, is_name, missing_argument};
use crate::config::syntax::{Block, Body};

pub enum Expanded {
    Known(Vec<Value>),
    /// How many there will be is known only after the apply: what one is like, as far as it is known.
    Unknown(Value),
}

const CONTENT: Content = Content {
    arguments: &["iterator", "labels"],
    required: &["for_each"],
    blocks: &[("content", &[])],
};

/// The objects that a dynamic block stands for.
pub fn expand(
    block: &Block,
    nested: &NestedBlock,
    scope: &dyn Scope,
    problems: &mut Vec<Diagnostic>,
) -> Expanded {
    CONTENT.check(&block.body, problems);
    let Some(content) = block.body.blocks_of("content").next() else {
        problems.push(block.error(
            "Missing dynamic content block",
            "Each dynamic block must have a nested \"content\" block, whose body is that of the blocks that it stands for.",
        ));
        return Expanded::Known(Vec::new());
    };
    let unknown = || Expanded::Unknown(Value::unknown(nested.block.ty()));
    let Some(for_each) = block.body.expr("for_each") else {
        if block.body.attributes.is_empty() {
            problems.push(missing_argument(&block.body, "for_each"));
        }
        return unknown();
    };
    let iterator = match block.body.expr("iterator") {
        Some(expr) if is_name(&expr.text()) => expr.text(),
        Some(expr) => {
            problems.push(expr.error(
                "Invalid iterator name",
                "The iterator is a name, which stands for the element in the content.",
            ));
            return unknown();
        }
        None => block.label(0).to_owned(),
    };
    let Some(collection) = value_of(for_each, scope, problems) else { return unknown() };
    let (collection, marks) = collection.unmark();
    let wrong = |what: &str| for_each.error("Invalid dynamic for_each value", what);
    if !collection.is_known() {
        // The content is still looked at, so that what is wrong with it is told.
        let element = Value::unknown(neargate_hcl::Type::Dynamic);
        let inner =
            Iterating { outer: scope, name: &iterator, key: element.clone(), value: element };
        let like = decode(&content.body, &nested.block, &inner, problems);
        return Expanded::Unknown(given_unknown(like, &content.body));
    }
    if collection.is_null() {
        problems.push(wrong("Cannot use a null value in for_each."));
        return unknown();
    }
    let Some(pairs) = pairs(&collection) else {
        let detail = format!(
            "Cannot use a {} value in for_each. An iterable collection is required.",
            collection.ty().friendly()
        );
        problems.push(wrong(&detail));
        return unknown();
    };
    let mut objects = Vec::new();
    for (key, value) in pairs {
        let value = value.with_marks(marks);
        let inner = Iterating { outer: scope, name: &iterator, key, value };
        let object = decode(&content.body, &nested.block, &inner, problems);
        objects.push(mark_inside(object, marks));
    }
    Expanded::Known(objects)
}

/// Whatever a content gives is another in each block; what it leaves out is left out of all.
fn given_unknown(like: Value, content: &Body) -> Value {
    let given = |name: &str| {
        content.attribute(name).is_some() || content.blocks.iter().any(|b| kind_of(b) == name)
    };
    let entries = like.entries().into_iter().flatten().map(|(name, value)| {
        let value = if given(name) { Value::unknown(value.ty()) } else { value.clone() };
        (name.clone(), value)
    });
    Value::object(entries)
}

/// That a block is there at all tells of what it was made from.
fn mark_inside(object: Value, marks: Marks) -> Value {
    if marks.is_empty() { object } else { object.with_marks(marks) }
}

/// The keys and values that a `for_each` goes through.
fn pairs(value: &Value) -> Option<Vec<(Value, Value)>> {
    match value.kind() {
        Kind::List(_, elements) | Kind::Tuple(elements) => Some(
            elements
                .iter()
                .enumerate()
                .map(|(index, element)| (Value::number(index as i64), element.clone()))
                .collect(),
        ),
        Kind::Set(_, elements) => {
            Some(elements.iter().map(|element| (element.clone(), element.clone())).collect())
        }
        Kind::Map(_, entries) | Kind::Object(entries) => Some(
            entries
                .iter()
                .map(|(name, value)| (Value::string(name.as_str()), value.clone()))
                .collect(),
        ),
        _ => None,
    }
}

/// The names around it, and the iterator's.
struct Iterating<'a> {
    outer: &'a dyn Scope,
    name: &'a str,
    key: Value,
    value: Value,
}

impl Scope for Iterating<'_> {
    fn resolve(&self, root: &str, steps: &[&str]) -> Result<(Value, usize), Diagnostic> {
        if root != self.name {
            return self.outer.resolve(root, steps);
        }
        match steps.first() {
            Some(&"key") => Ok((self.key.clone(), 1)),
            Some(&"value") => Ok((self.value.clone(), 1)),
            _ => Ok((Value::object([("key", self.key.clone()), ("value", self.value.clone())]), 0)),
        }
    }

    fn outside(&self) -> &dyn Outside {
        self.outer.outside()
    }
}
