//! `condition ? one : other`: both sides have the type of the whole.

use hcl_edit::expr::{Conditional, Expression};

use super::{Evaluated, Evaluator};
use crate::convert::convert;
use crate::unify::unify;
use crate::value::Kind;
use crate::{Diagnostic, Type, Value};

impl Evaluator<'_> {
    pub(super) fn conditional(&self, conditional: &Conditional) -> Evaluated {
        let condition = self.condition(&conditional.cond_expr)?;
        // The side that is not taken may fail: then it says nothing of the type.
        let one = self.value(&conditional.true_expr);
        let other = self.value(&conditional.false_expr);
        let marks = condition.marks();
        let ty = self.common_type(conditional, &one, &other)?;
        let (taken, expr, side) = match condition.as_bool() {
            Some(true) => (one?, &conditional.true_expr, "true"),
            Some(false) => (other?, &conditional.false_expr, "false"),
            None => {
                // Whichever side fails may be the one that is not taken.
                let sides = [one, other].into_iter().flatten();
                let marks = sides.fold(marks, |marks, side| marks.union(side.marks()));
                return Ok(Value::unknown(ty).with_marks(marks));
            }
        };
        let converted = convert(&taken, &ty).map_err(|e| {
            self.error(
                expr,
                "Inconsistent conditional result types",
                format!("The {side} result value has the wrong type: {}.", e.message),
            )
        })?;
        Ok(converted.with_marks(marks))
    }

    /// A bool, which may be unknown.
    fn condition(&self, expr: &Expression) -> Evaluated {
        let condition = self.value(expr)?;
        if condition.is_null() {
            return Err(self.error(
                expr,
                "Null condition",
                "The condition value is null. Conditions must either be true or false.",
            ));
        }
        convert(&condition, &Type::Bool).map_err(|_| {
            self.error(
                expr,
                "Incorrect condition type",
                "The condition expression must be of type bool.",
            )
        })
    }

    fn common_type(
        &self,
        conditional: &Conditional,
        one: &Evaluated,
        other: &Evaluated,
    ) -> Result<Type, Diagnostic> {
        let (Ok(one), Ok(other)) = (one, other) else { return Ok(Type::Dynamic) };
        let is_untyped_null = |value: &Value| matches!(value.kind(), Kind::Null(Type::Dynamic));
        if is_untyped_null(one) {
            return Ok(other.ty());
        }
        if is_untyped_null(other) {
            return Ok(one.ty());
        }
        let (one, other) = (one.ty(), other.ty());
        unify(&[one.clone(), other.clone()]).ok_or_else(|| {
            let whole = Expression::from(conditional.clone());
            self.error(
                &whole,
                "Inconsistent conditional result types",
                format!(
                    "The true and false result expressions must have consistent types. {}",
                    differ(&one, &other)
                ),
            )
        })
    }
}

fn differ(one: &Type, other: &Type) -> String {
    match (one, other) {
        (Type::Object(a), Type::Object(b)) => {
            if let Some(name) = a.keys().find(|name| !b.contains_key(*name)) {
                return format!(
                    "The 'true' value includes object attribute {name:?}, which is absent in the 'false' value."
                );
            }
            if let Some(name) = b.keys().find(|name| !a.contains_key(*name)) {
                return format!(
                    "The 'false' value includes object attribute {name:?}, which is absent in the 'true' value."
                );
            }
            let apart =
                a.keys().find(|name| unify(&[a[*name].ty.clone(), b[*name].ty.clone()]).is_none());
            match apart {
                Some(name) => {
                    let why = differ(&a[name].ty, &b[name].ty);
                    format!("Type mismatch for object attribute {name:?}: {why}")
                }
                None => "The objects differ.".into(),
            }
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() != b.len() => format!(
            "The 'true' tuple has length {}, but the 'false' tuple has length {}.",
            a.len(),
            b.len()
        ),
        (Type::Tuple(a), Type::Tuple(b)) => {
            let pairs = a.iter().zip(b.iter()).enumerate();
            let mut apart =
                pairs.filter(|(_, (a, b))| unify(&[(*a).clone(), (*b).clone()]).is_none());
            match apart.next() {
                Some((i, (a, b))) => {
                    format!("Type mismatch for tuple element {i}: {}", differ(a, b))
                }
                None => "The tuples differ.".into(),
            }
        }
        _ => format!(
            "The 'true' value is {}, but the 'false' value is {}.",
            one.friendly(),
            other.friendly()
        ),
    }
}
