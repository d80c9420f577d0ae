//! What the names in an expression stand for, in a few words beside an error's snippet.

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};

use super::Evaluator;
use crate::references::{Part, Reference, references};
use crate::value::Kind;
use crate::{Type, Value};

impl Evaluator<'_> {
    /// `var.port is "http"`, of each reference once.
    pub(super) fn describe(&self, expr: &Expression) -> Vec<String> {
        let mut lines = Vec::new();
        for reference in references(expr) {
            let names = reference.names();
            let found = self.reference(expr, &reference.root, &names);
            let Ok((value, taken)) = found else { continue };
            let line = described(&reference, value, taken);
            if let Some(line) = line
                && !lines.contains(&line)
            {
                lines.push(line);
            }
        }
        lines.sort();
        lines
    }

    /// Whether what a `try` names is not wholly known, so that nobody can tell whether it succeeds.
    pub(super) fn depends_on_unknown(&self, expr: &Expression) -> bool {
        references(expr).iter().any(|reference| {
            let names = reference.names();
            let Ok((value, taken)) = self.reference(expr, &reference.root, &names) else {
                return false;
            };
            follow(reference, value, taken).is_some_and(|value| !value.is_wholly_known())
        })
    }
}

/// The value after the steps of a reference that are written out; unknown once on the way.
fn follow(reference: &Reference, value: Value, taken: usize) -> Option<Value> {
    let mut value = value;
    for part in &reference.steps[taken..] {
        let Part::Attribute(name) = part else { break };
        if !value.is_known() {
            return Some(value);
        }
        value = value.get(name)?.clone();
    }
    Some(value)
}

fn described(reference: &Reference, value: Value, taken: usize) -> Option<String> {
    let value = follow(reference, value, taken)?;
    let mut name = reference.root.clone();
    for part in &reference.steps {
        match part {
            Part::Attribute(step) => {
                name.push('.');
                name.push_str(step);
            }
            _ => break,
        }
    }
    let what = in_words(&value)?;
    Some(format!("{name} {what}"))
}

fn in_words(value: &Value) -> Option<String> {
    if value.is_sensitive() {
        return Some("has a sensitive value".into());
    }
    let count = |n: usize, noun: &str| match n {
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    };
    let ty = || value.ty().friendly();
    Some(match value.kind() {
        Kind::Unknown(Type::Dynamic) => "will be known only after apply".into(),
        Kind::Unknown(ty) => format!("is a {}, known only after apply", ty.friendly()),
        Kind::Null(_) => "is null".into(),
        Kind::Bool(value) => format!("is {value}"),
        Kind::Number(value) => format!("is {value}"),
        Kind::String(text) if text.chars().count() > 80 => {
            format!("is a string of {} characters", text.chars().count())
        }
        Kind::String(text) => format!("is {text:?}"),
        Kind::List(_, e) | Kind::Set(_, e) if e.is_empty() => format!("is empty {}", ty()),
        Kind::List(_, e) | Kind::Set(_, e) => {
            format!("is {} with {}", ty(), count(e.len(), "element"))
        }
        Kind::Map(_, e) if e.is_empty() => format!("is empty {}", ty()),
        Kind::Map(_, e) => format!("is {} with {}", ty(), count(e.len(), "element")),
        Kind::Object(e) if e.is_empty() => "is object with no attributes".into(),
        Kind::Object(e) => format!("is object with {}", count(e.len(), "attribute")),
        Kind::Tuple(e) if e.is_empty() => "is empty tuple".into(),
        Kind::Tuple(e) => format!("is tuple with {}", count(e.len(), "element")),
    })
}

/// The names of the attributes that follow right after a traversal's root.
pub(super) fn leading_names(traversal: &Traversal) -> Vec<&str> {
    traversal
        .operators
        .iter()
        .map_while(|operator| match operator.value() {
            TraversalOperator::GetAttr(name) => Some(name.as_str()),
            _ => None,
        })
        .collect()
}
