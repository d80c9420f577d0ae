//! Conversions that are asked for: to*, sensitive and its kin. (`try` and `can` are evaluated by
//! eval/call.)

use super::typename::typename;
use super::{Call, Function, Outcome, Param, Wants};
use crate::convert::convert;
use crate::value::Marks;
use crate::{Type, Value};

const V: Param = Param::new("v", Wants::Any).nullable().maybe_unknown();
const VALUE: Param = Param::new("value", Wants::Any).raw();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("ephemeralasnull", &[VALUE], Wants::Any, ephemeralasnull),
    Function::new("issensitive", &[VALUE], Wants::Bool, |call| {
        Ok(call.args[0].is_sensitive().into())
    }),
    Function::new("nonsensitive", &[VALUE], Wants::Any, |call| {
        let (value, marks) = call.args[0].clone().unmark();
        Ok(value.with_marks(marks.without(Marks::SENSITIVE)))
    }),
    Function::new("sensitive", &[VALUE], Wants::Any, |call| Ok(call.args[0].clone().sensitive())),
    Function::new("tobool", &[V], Wants::Bool, |call| to(call, Type::Bool)),
    Function::new("tolist", &[V], Wants::Any, |call| to(call, Type::list(Type::Dynamic))),
    Function::new("tomap", &[V], Wants::Any, |call| to(call, Type::map(Type::Dynamic))),
    Function::new("tonumber", &[V], Wants::Number, |call| to(call, Type::Number)),
    Function::new("toset", &[V], Wants::Any, |call| to(call, Type::set(Type::Dynamic))),
    Function::new("tostring", &[V], Wants::String, |call| to(call, Type::String)),
    Function::new("type", &[VALUE], Wants::String, |call| {
        Ok(Value::string(typename(&call.args[0].ty())).with_marks(Marks::BARE))
    }),
];

fn to(call: &Call<'_>, ty: Type) -> Outcome {
    let value = &call.args[0];
    convert(value, &ty).map_err(|_| {
        let given = value.ty();
        let given_name = given.friendly();
        let wanted = ty.friendly();
        let rule = match ty {
            Type::Number => "given string must be a decimal representation of a number",
            _ => "only the strings \"true\" or \"false\" are allowed",
        };
        match value.as_str() {
            Some(text) if ty.is_primitive() => {
                call.bad(0, format!("cannot convert {text:?} to {wanted}; {rule}"))
            }
            _ => call.bad(0, format!("cannot convert {given_name} to {wanted}")),
        }
    })
}

fn ephemeralasnull(call: &Call<'_>) -> Outcome {
    Ok(call.args[0].clone().map_deep(&mut |value| {
        if !value.marks().contains(Marks::EPHEMERAL) {
            return value;
        }
        let rest = value.marks().without(Marks::EPHEMERAL);
        Value::null(value.ty()).with_marks(rest)
    }))
}
