//! Expressions evaluated: one method for each form of hcl-edit's tree, a file for each group of them.
//!
//! An error is a `Diagnostic` with its place. What is unknown makes what depends on it unknown, and
//! marks go along. `Budget` bounds what one evaluation may do: a few lines can describe more
//! values than any machine holds.

use std::cell::Cell;
use std::sync::Arc;

use hcl_edit::expr::{Array, Expression, Object, ObjectKey};
use hcl_edit::template::Template;

use crate::convert::convert;
use crate::diagnostic::{Diagnostic, Range, Source};
use crate::references::literal_number;
use crate::scope::Scope;
use crate::value::{Kind, Marks};
use crate::{Type, Value};

mod access;
mod call;
mod conditional;
mod describe;
mod for_expr;
mod operators;
mod template;

pub(crate) use operators::equal;

/// How many values one evaluation may make, counting each step of it.
const MAX_STEPS: u64 = 20_000_000;

/// How long a string may become, in bytes.
pub(crate) const MAX_STRING: usize = 64 << 20;

pub type Evaluated = Result<Value, Diagnostic>;

/// The value of an expression of `source`, whose names `scope` knows.
pub fn evaluate(expr: &Expression, source: &Arc<Source>, scope: &dyn Scope) -> Evaluated {
    let budget = Budget::default();
    Evaluator { source, scope, locals: None, budget: &budget }.value(expr)
}

/// As `evaluate`, of a template alone, as in a file.
pub fn evaluate_template(
    template: &Template,
    source: &Arc<Source>,
    scope: &dyn Scope,
) -> Evaluated {
    let budget = Budget::default();
    Evaluator { source, scope, locals: None, budget: &budget }.whole_template(template)
}

/// What is left of an evaluation's steps, shared with the templates that it brings in.
pub(crate) struct Budget {
    steps: Cell<u64>,
    /// Whether a template is being rendered for an expression: it brings in no other.
    in_template: Cell<bool>,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { steps: Cell::new(MAX_STEPS), in_template: Cell::new(false) }
    }
}

impl Budget {
    /// False if that was too much.
    pub(crate) fn spend(&self, steps: usize) -> bool {
        let left = self.steps.get().checked_sub(steps as u64);
        self.steps.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// A name that a `for` declares, before those around it.
struct Local<'a> {
    name: &'a str,
    value: Value,
    outer: Option<&'a Local<'a>>,
}

#[derive(Clone, Copy)]
pub(crate) struct Evaluator<'a> {
    source: &'a Arc<Source>,
    scope: &'a dyn Scope,
    locals: Option<&'a Local<'a>>,
    budget: &'a Budget,
}

impl<'a> Evaluator<'a> {
    /// Of a template within an evaluation; None within another.
    pub(crate) fn inner(
        source: &'a Arc<Source>,
        scope: &'a dyn Scope,
        budget: &'a Budget,
    ) -> Option<Evaluator<'a>> {
        if budget.in_template.replace(true) {
            return None;
        }
        Some(Evaluator { source, scope, locals: None, budget })
    }

    pub(crate) fn leave(&self) {
        self.budget.in_template.set(false);
    }

    fn range(&self, at: &impl hcl_edit::Span) -> Range {
        Range::new(self.source, at.span().unwrap_or_default())
    }

    /// An error at `expr`, with what the names in it stand for.
    fn error(
        &self,
        expr: &Expression,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::error(summary, detail).at(self.range(expr)).with_values(self.describe(expr))
    }

    fn spend(&self, expr: &Expression, steps: usize) -> Result<(), Diagnostic> {
        if self.budget.spend(steps) {
            return Ok(());
        }
        Err(Diagnostic::error(
            "Expression too large",
            format!("This expression asks for more than {MAX_STEPS} values. Make the collections that it multiplies smaller."),
        )
        .at(self.range(expr)))
    }

    pub(crate) fn value(&self, expr: &Expression) -> Evaluated {
        self.spend(expr, 1)?;
        match expr {
            Expression::Null(_) => Ok(Value::null(Type::Dynamic)),
            Expression::Bool(value) => Ok(Value::bool(*value.value())),
            Expression::Number(number) => {
                literal_number(number).map(Value::number).ok_or_else(|| {
                    self.error(
                        expr,
                        "Invalid number literal",
                        "Failed to recognize the value of this number literal.",
                    )
                })
            }
            Expression::String(text) => Ok(Value::string(text.as_str())),
            Expression::Array(elements) => self.array(elements),
            Expression::Object(object) => self.object(object),
            Expression::StringTemplate(template) => self.quoted(template),
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template, false),
            Expression::Parenthesis(inner) => self.value(inner.inner()),
            Expression::Variable(name) => self.reference(expr, name.as_str(), &[]).map(|(v, _)| v),
            Expression::Conditional(conditional) => self.conditional(conditional),
            Expression::FuncCall(call) => self.call(expr, call),
            Expression::Traversal(traversal) => self.traversal(traversal),
            Expression::UnaryOp(op) => self.unary(op),
            Expression::BinaryOp(op) => self.binary(expr, op),
            Expression::ForExpr(each) => self.for_expr(expr, each),
        }
    }

    /// A name, and how many of the steps after it its value has taken.
    fn reference(
        &self,
        expr: &Expression,
        root: &str,
        steps: &[&str],
    ) -> Result<(Value, usize), Diagnostic> {
        let mut local = self.locals;
        while let Some(here) = local {
            if here.name == root {
                return Ok((here.value.clone(), 0));
            }
            local = here.outer;
        }
        self.scope.resolve(root, steps).map_err(|error| error.at_if_unplaced(|| self.range(expr)))
    }

    fn array(&self, elements: &Array) -> Evaluated {
        let values: Result<Vec<Value>, Diagnostic> =
            elements.iter().map(|e| self.value(e)).collect();
        Ok(Value::tuple(values?))
    }

    fn object(&self, object: &Object) -> Evaluated {
        let mut attributes = std::collections::BTreeMap::new();
        let mut marks = Marks::NONE;
        let mut unknown_key = false;
        for (key, value) in object.iter() {
            let name = match key {
                ObjectKey::Ident(name) => Value::string(name.as_str()),
                ObjectKey::Expression(Expression::Null(_)) => Value::string("null"),
                ObjectKey::Expression(expr) => self.object_key(expr)?,
            };
            let value = self.value(value.expr())?;
            marks = marks.union(name.marks());
            match name.as_str() {
                Some(name) => drop(attributes.insert(name.to_owned(), value)),
                None => unknown_key = true,
            }
        }
        if unknown_key {
            return Ok(Value::unknown(Type::Dynamic).with_marks(marks));
        }
        Ok(Value::object(attributes).with_marks(marks))
    }

    fn object_key(&self, expr: &Expression) -> Evaluated {
        if let Expression::Traversal(_) = expr {
            return Err(self.error(
                expr,
                "Ambiguous attribute key",
                "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as a literal name containing periods, wrap it in quotes to create a string literal.",
            ));
        }
        let key = self.value(expr)?;
        if key.is_null() {
            return Err(self.error(expr, "Null value as key", "Can't use a null value as a key."));
        }
        convert(&key, &Type::String).map_err(|e| {
            self.error(expr, "Incorrect key type", format!("Can't use this value as a key: {e}."))
        })
    }
}

/// What a `for`, a splat or an expansion goes through, as pairs of key and value.
pub(crate) fn pairs(value: &Value) -> Option<Vec<(Value, Value)>> {
    match value.kind() {
        Kind::List(_, elements) | Kind::Tuple(elements) => {
            let numbered = elements.iter().enumerate();
            Some(numbered.map(|(i, value)| (Value::number(i), value.clone())).collect())
        }
        Kind::Set(_, elements) => {
            Some(elements.iter().map(|value| (value.clone(), value.clone())).collect())
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let named = entries.iter();
            Some(named.map(|(name, value)| (Value::string(name.as_str()), value.clone())).collect())
        }
        _ => None,
    }
}
