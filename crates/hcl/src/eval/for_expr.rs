//! `[for …]` and `{for …}`, with conditions and grouping; and the loop that templates share.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, ForExpr};

use super::{Evaluated, Evaluator, Local, pairs};
use crate::convert::convert;
use crate::value::Marks;
use crate::{Diagnostic, Type, Value};

impl Evaluator<'_> {
    pub(super) fn for_expr(&self, expr: &Expression, each: &ForExpr) -> Evaluated {
        let key = each.intro.key_var.as_ref().map(|name| name.as_str());
        let value = each.intro.value_var.as_str();
        let mut result = Collected { marks: Marks::NONE, unknown: false, ..Collected::default() };
        let marks = self.each(&each.intro.collection_expr, key, value, &mut |here| {
            here.spend(expr, 1)?;
            here.one(each, &mut result)
        })?;
        let Some(marks) = marks else { return Ok(Value::unknown(Type::Dynamic)) };
        let marks = marks.union(result.marks);
        if result.unknown {
            return Ok(Value::unknown(Type::Dynamic).with_marks(marks));
        }
        let value = match (&each.key_expr, each.grouping) {
            (None, _) => Value::tuple(result.elements),
            (Some(_), false) => Value::object(result.attributes),
            (Some(_), true) => {
                Value::object(result.groups.into_iter().map(|(k, v)| (k, Value::tuple(v))))
            }
        };
        Ok(value.with_marks(marks))
    }

    /// Runs `body` for each element, with its names declared. None if the collection is not known;
    /// its marks otherwise.
    pub(super) fn each(
        &self,
        collection: &Expression,
        key: Option<&str>,
        value: &str,
        body: &mut dyn FnMut(&Evaluator<'_>) -> Result<(), Diagnostic>,
    ) -> Result<Option<Marks>, Diagnostic> {
        let (over, marks) = self.value(collection)?.unmark();
        if over.is_null() {
            return Err(self.error(
                collection,
                "Iteration over null value",
                "A null value cannot be used as the collection in a 'for' expression.",
            ));
        }
        let ty = over.ty();
        if ty.is_primitive() {
            return Err(self.error(
                collection,
                "Iteration over non-iterable value",
                format!(
                    "A value of type {} cannot be used as the collection in a 'for' expression.",
                    ty.friendly()
                ),
            ));
        }
        let Some(pairs) = pairs(&over) else { return Ok(None) };
        for (its_key, its_value) in pairs {
            let outer = Local { name: value, value: its_value, outer: self.locals };
            match key {
                None => body(&Evaluator { locals: Some(&outer), ..*self })?,
                Some(name) => {
                    let with_key = Local { name, value: its_key, outer: Some(&outer) };
                    body(&Evaluator { locals: Some(&with_key), ..*self })?;
                }
            }
        }
        Ok(Some(marks))
    }

    fn one(&self, each: &ForExpr, result: &mut Collected) -> Result<(), Diagnostic> {
        if let Some(cond) = &each.cond {
            match self.wanted(&cond.expr, result)? {
                Some(true) => {}
                Some(false) => return Ok(()),
                None => {
                    result.unknown = true;
                    return Ok(());
                }
            }
        }
        let Some(key_expr) = &each.key_expr else {
            result.elements.push(self.value(&each.value_expr)?);
            return Ok(());
        };
        let key = self.key(key_expr)?;
        result.marks = result.marks.union(key.marks());
        let value = self.value(&each.value_expr)?;
        let Some(name) = key.as_str() else {
            result.unknown = true;
            return Ok(());
        };
        if each.grouping {
            result.groups.entry(name.to_owned()).or_default().push(value);
            return Ok(());
        }
        if result.attributes.insert(name.to_owned(), value).is_some() {
            return Err(self.error(
                key_expr,
                "Duplicate object key",
                format!("Two different items produced the key {name:?} in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key."),
            ));
        }
        Ok(())
    }

    /// What the `if` says of an element; None if that is not known.
    fn wanted(
        &self,
        expr: &Expression,
        result: &mut Collected,
    ) -> Result<Option<bool>, Diagnostic> {
        let value = self.value(expr)?;
        if value.is_null() {
            return Err(self.error(
                expr,
                "Condition is null",
                "The value of the 'if' clause must not be null.",
            ));
        }
        let value = convert(&value, &Type::Bool).map_err(|e| {
            self.error(
                expr,
                "Invalid 'for' condition",
                format!("The 'if' clause value is invalid: {e}."),
            )
        })?;
        result.marks = result.marks.union(value.marks());
        Ok(value.as_bool())
    }

    fn key(&self, expr: &Expression) -> Evaluated {
        let key = self.value(expr)?;
        if key.is_null() {
            return Err(self.error(
                expr,
                "Invalid object key",
                "Key expression in 'for' expression must not produce a null value.",
            ));
        }
        convert(&key, &Type::String).map_err(|e| {
            self.error(
                expr,
                "Invalid object key",
                format!("The key expression produced an invalid result: {e}."),
            )
        })
    }
}

#[derive(Default)]
struct Collected {
    elements: Vec<Value>,
    attributes: BTreeMap<String, Value>,
    groups: BTreeMap<String, Vec<Value>>,
    marks: Marks,
    unknown: bool,
}
