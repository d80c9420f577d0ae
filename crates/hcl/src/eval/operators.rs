//! Arithmetic, comparison and logic.

use hcl_edit::Span as _;
use hcl_edit::expr::{BinaryOp, BinaryOperator, Expression, UnaryOp, UnaryOperator};

use super::{Evaluated, Evaluator};
use crate::convert::convert;
use crate::value::Kind;
use crate::{Diagnostic, Number, Range, Type, Value};

impl Evaluator<'_> {
    pub(super) fn unary(&self, op: &UnaryOp) -> Evaluated {
        let ty = match op.operator.value() {
            UnaryOperator::Neg => Type::Number,
            UnaryOperator::Not => Type::Bool,
        };
        let value = self.value(&op.expr)?;
        let value = self.operand(value, &ty, &op.expr, "unary")?;
        if value.is_null() {
            return Err(self.null_operand(&Expression::from(op.clone())));
        }
        let (value, marks) = value.unmark();
        let result = match value.kind() {
            Kind::Number(number) => Value::number(number.neg()),
            Kind::Bool(truth) => Value::bool(!truth),
            _ => Value::unknown(ty),
        };
        Ok(result.with_marks(marks))
    }

    pub(super) fn binary(&self, expr: &Expression, op: &BinaryOp) -> Evaluated {
        let (wanted, result) = types_of(*op.operator.value());
        let left = self.value(&op.lhs_expr);
        let right = self.value(&op.rhs_expr);
        let left = self.operand(left?, &wanted, &op.lhs_expr, "left")?;
        let right = self.operand(right?, &wanted, &op.rhs_expr, "right")?;
        if wanted != Type::Dynamic && (left.is_null() || right.is_null()) {
            return Err(self.null_operand(expr));
        }
        let (left, left_marks) = unmark(left, &wanted);
        let (right, right_marks) = unmark(right, &wanted);
        let marks = left_marks.union(right_marks);
        let value = match *op.operator.value() {
            BinaryOperator::Eq => equal(&left, &right).map(Value::bool),
            BinaryOperator::NotEq => equal(&left, &right).map(|same| Value::bool(!same)),
            operator if left.is_known() && right.is_known() => {
                Some(compute(operator, &left, &right).map_err(|why| self.failed(expr, op, why))?)
            }
            _ => None,
        };
        Ok(value.unwrap_or(Value::unknown(result)).with_marks(marks))
    }

    fn operand(&self, value: Value, ty: &Type, expr: &Expression, side: &str) -> Evaluated {
        convert(&value, ty).map_err(|why| {
            self.error(
                expr,
                "Invalid operand",
                format!("Unsuitable value for {side} operand: {}.", why.message),
            )
        })
    }

    fn null_operand(&self, expr: &Expression) -> Diagnostic {
        let detail = "Error during operation: argument must not be null.";
        self.error(expr, "Operation failed", detail)
    }

    fn failed(&self, expr: &Expression, op: &BinaryOp, why: &str) -> Diagnostic {
        let start = op.lhs_expr.span().unwrap_or_default().start;
        let end = op.rhs_expr.span().unwrap_or_default().end;
        let detail = format!("{why}: divide by something else, or ask with a conditional first.");
        self.error(expr, "Division by zero", detail).at(Range::new(self.source, start..end))
    }
}

fn unmark(value: Value, wanted: &Type) -> (Value, crate::Marks) {
    if *wanted == Type::Dynamic { value.unmark_deep() } else { value.unmark() }
}

/// Of the operands, and of the result.
fn types_of(operator: BinaryOperator) -> (Type, Type) {
    match operator {
        BinaryOperator::Eq | BinaryOperator::NotEq => (Type::Dynamic, Type::Bool),
        BinaryOperator::And | BinaryOperator::Or => (Type::Bool, Type::Bool),
        BinaryOperator::Less
        | BinaryOperator::LessEq
        | BinaryOperator::Greater
        | BinaryOperator::GreaterEq => (Type::Number, Type::Bool),
        BinaryOperator::Plus
        | BinaryOperator::Minus
        | BinaryOperator::Mul
        | BinaryOperator::Div
        | BinaryOperator::Mod => (Type::Number, Type::Number),
    }
}

fn compute(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, &'static str> {
    if let (Some(left), Some(right)) = (left.as_bool(), right.as_bool()) {
        return Ok(Value::bool(match operator {
            BinaryOperator::And => left && right,
            _ => left || right,
        }));
    }
    let zero = Number::zero();
    let (left, right) = (left.as_number().unwrap_or(&zero), right.as_number().unwrap_or(&zero));
    Ok(match operator {
        BinaryOperator::Less => Value::bool(left < right),
        BinaryOperator::LessEq => Value::bool(left <= right),
        BinaryOperator::Greater => Value::bool(left > right),
        BinaryOperator::GreaterEq => Value::bool(left >= right),
        BinaryOperator::Plus => Value::number(left.add(right)),
        BinaryOperator::Minus => Value::number(left.sub(right)),
        BinaryOperator::Mul => Value::number(left.mul(right)),
        BinaryOperator::Div => Value::number(left.div(right).ok_or("The right operand is zero")?),
        _ => Value::number(left.rem(right).ok_or("The right operand is zero")?),
    })
}

/// None where only what is unknown yet can tell.
pub(crate) fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left.kind(), right.kind()) {
        (Kind::Unknown(_), _) | (_, Kind::Unknown(_)) => None,
        (Kind::Null(_), Kind::Null(_)) => Some(true),
        (Kind::Null(_), _) | (_, Kind::Null(_)) => Some(false),
        (Kind::Bool(a), Kind::Bool(b)) => Some(a == b),
        (Kind::Number(a), Kind::Number(b)) => Some(a == b),
        (Kind::String(a), Kind::String(b)) => Some(a == b),
        (Kind::Set(..), Kind::Set(..)) | (Kind::List(..), Kind::List(..)) => {
            if left.ty() != right.ty() { Some(false) } else { equal_elements(left, right) }
        }
        (Kind::Tuple(_), Kind::Tuple(_)) => equal_elements(left, right),
        (Kind::Map(..), Kind::Map(..)) | (Kind::Object(_), Kind::Object(_)) => {
            let (a, b) = (left.entries()?, right.entries()?);
            let typed = matches!(left.kind(), Kind::Object(_)) || left.ty() == right.ty();
            if !typed || !a.keys().eq(b.keys()) {
                return Some(false);
            }
            all_equal(a.values().zip(b.values()))
        }
        _ => Some(false),
    }
}

fn equal_elements(left: &Value, right: &Value) -> Option<bool> {
    let (a, b) = (left.elements()?, right.elements()?);
    if a.len() != b.len() {
        return Some(false);
    }
    all_equal(a.iter().zip(b))
}

/// Different as soon as one pair is, whatever is unknown.
fn all_equal<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut all = Some(true);
    for (a, b) in pairs {
        match equal(a, b) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => all = None,
        }
    }
    all
}
