//! Lists, maps and what they have in common: length, order, search, slices.

use std::collections::BTreeMap;

use super::{Call, Function, Outcome, Param, Wants};
use crate::convert::convert;
use crate::eval::equal;
use crate::unify::unify;
use crate::value::Kind;
use crate::{Number, Type, Value};

const ANY_LIST: Wants = Wants::List(&Wants::Any);
const LIST: Param = Param::new("list", Wants::Any);
const STRINGS: Wants = Wants::List(&Wants::String);
const BOOLS: Wants = Wants::List(&Wants::Bool);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("alltrue", &[Param::new("list", BOOLS).moved()], Wants::Bool, alltrue),
    Function::new("anytrue", &[Param::new("list", BOOLS).moved()], Wants::Bool, anytrue),
    Function::new(
        "chunklist",
        &[Param::new("list", ANY_LIST).moved(), Param::new("size", Wants::Number)],
        Wants::List(&ANY_LIST),
        chunklist,
    ),
    Function::new("coalesce", &[], Wants::Any, coalesce)
        .rest(Param::new("vals", Wants::Any).nullable().maybe_unknown()),
    Function::new("coalescelist", &[], Wants::Any, coalescelist)
        .rest(Param::new("vals", Wants::Any).nullable().maybe_unknown()),
    Function::new("compact", &[Param::new("list", STRINGS)], STRINGS, compact),
    Function::new(
        "contains",
        &[LIST.moved(), Param::new("value", Wants::Any).moved()],
        Wants::Bool,
        contains,
    ),
    Function::new("distinct", &[Param::new("list", ANY_LIST)], ANY_LIST, distinct)
        .returns(|args| args[0].ty()),
    Function::new("index", &[LIST, Param::new("value", Wants::Any)], Wants::Number, index),
    Function::new(
        "length",
        &[Param::new("value", Wants::Any).maybe_unknown()],
        Wants::Number,
        length,
    ),
    Function::new("one", &[LIST.moved()], Wants::Any, one),
    Function::new("range", &[], Wants::List(&Wants::Number), range)
        .rest(Param::new("params", Wants::Number)),
    Function::new("reverse", &[LIST.moved()], Wants::Any, reverse),
    Function::new(
        "slice",
        &[
            LIST.moved(),
            Param::new("start_index", Wants::Number),
            Param::new("end_index", Wants::Number),
        ],
        Wants::Any,
        slice,
    ),
    Function::new("sort", &[Param::new("list", STRINGS)], STRINGS, sort),
    Function::new(
        "transpose",
        &[Param::new("values", Wants::Map(&STRINGS))],
        Wants::Map(&STRINGS),
        transpose,
    ),
];

fn alltrue(call: &Call<'_>) -> Outcome {
    let elements = call.elements(0);
    if elements.iter().any(|value| value.as_bool() == Some(false) || value.is_null()) {
        return Ok(false.into());
    }
    if elements.iter().any(|value| !value.is_known()) {
        return Ok(Value::unknown(Type::Bool));
    }
    Ok(true.into())
}

fn anytrue(call: &Call<'_>) -> Outcome {
    let elements = call.elements(0);
    if elements.iter().any(|value| value.as_bool() == Some(true)) {
        return Ok(true.into());
    }
    if elements.iter().any(|value| !value.is_known()) {
        return Ok(Value::unknown(Type::Bool));
    }
    Ok(false.into())
}

fn element_type(value: &Value) -> Type {
    value.ty().element().cloned().unwrap_or(Type::Dynamic)
}

fn chunklist(call: &Call<'_>) -> Outcome {
    let size = call.whole(1, "invalid size: ")?;
    if size < 0 {
        return Err(call.fail("the size argument must be positive"));
    }
    let ty = element_type(&call.args[0]);
    let elements = call.elements(0);
    let size = if size == 0 { elements.len().max(1) } else { size as usize };
    let chunks = elements.chunks(size).map(|chunk| Value::list(ty.clone(), chunk.to_vec()));
    let chunks = chunks.collect();
    Ok(Value::list(Type::list(ty), chunks))
}

fn coalesce(call: &Call<'_>) -> Outcome {
    if call.args.is_empty() {
        return Err("all arguments must have the same type".into());
    }
    let types: Vec<Type> = call.args.iter().map(Value::ty).collect();
    let typed: Vec<Type> = types.iter().filter(|ty| **ty != Type::Dynamic).cloned().collect();
    let ty = unify(&typed).ok_or("all arguments must have the same type")?;
    for value in &call.args {
        if !value.is_known() {
            return Ok(Value::unknown(ty));
        }
        let empty = ty == Type::String && value.as_str() == Some("");
        if !value.is_null() && !empty {
            return Ok(convert(value, &ty).map_err(|e| e.to_string())?);
        }
    }
    Err("no non-null, non-empty-string arguments".into())
}

fn coalescelist(call: &Call<'_>) -> Outcome {
    if call.args.is_empty() {
        return Err("at least one argument is required".into());
    }
    for value in &call.args {
        if !value.is_known() {
            return Ok(Value::unknown(value.ty()));
        }
        match value.kind() {
            Kind::List(_, elements) | Kind::Tuple(elements) if elements.is_empty() => {}
            Kind::List(..) | Kind::Tuple(_) => return Ok(value.clone()),
            _ => return Err("coalescelist arguments must be lists or tuples".into()),
        }
    }
    Err("no non-null arguments".into())
}

fn compact(call: &Call<'_>) -> Outcome {
    let strings = call.strings(0);
    let kept = strings.into_iter().filter(|text| !text.is_empty()).map(Value::string).collect();
    Ok(Value::list(Type::String, kept))
}

fn is_sequence(value: &Value) -> bool {
    matches!(value.kind(), Kind::List(..) | Kind::Set(..) | Kind::Tuple(_))
}

fn contains(call: &Call<'_>) -> Outcome {
    if !is_sequence(&call.args[0]) {
        return Err(call.fail("argument must be list, tuple, or set"));
    }
    let wanted = &call.args[1];
    let mut unknown = false;
    for element in call.elements(0) {
        match equal(&element.clone().unmark_deep().0, &wanted.clone().unmark_deep().0) {
            Some(true) => return Ok(true.into()),
            Some(false) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { Value::unknown(Type::Bool) } else { false.into() })
}

fn distinct(call: &Call<'_>) -> Outcome {
    let mut kept: Vec<Value> = Vec::new();
    for element in call.elements(0) {
        call.spend(kept.len())?;
        if !kept.contains(element) {
            kept.push(element.clone());
        }
    }
    Ok(Value::list(element_type(&call.args[0]), kept))
}

fn index(call: &Call<'_>) -> Outcome {
    let value = &call.args[0];
    if !matches!(value.kind(), Kind::List(..) | Kind::Tuple(_)) {
        return Err(call.fail("argument must be a list or tuple"));
    }
    if call.elements(0).is_empty() {
        return Err("cannot search an empty list".into());
    }
    let at = call.elements(0).iter().position(|e| equal(e, &call.args[1]) == Some(true));
    Ok(Value::number(at.ok_or("item not found")?))
}

fn length(call: &Call<'_>) -> Outcome {
    use unicode_segmentation::UnicodeSegmentation;
    let value = &call.args[0];
    Ok(match value.kind() {
        Kind::String(text) => Value::number(text.graphemes(true).count()),
        Kind::Map(_, entries) | Kind::Object(entries) => Value::number(entries.len()),
        Kind::Unknown(Type::Tuple(types)) => Value::number(types.len()),
        Kind::Unknown(Type::Object(attributes)) => Value::number(attributes.len()),
        Kind::Unknown(ty) if !matches!(ty, Type::Bool | Type::Number) => {
            Value::unknown(Type::Number)
        }
        // Two elements that are not known may be the same.
        Kind::Set(_, elements) if elements.len() > 1 && !value.is_wholly_known() => {
            Value::unknown(Type::Number)
        }
        Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => {
            Value::number(elements.len())
        }
        _ => {
            return Err(
                call.fail("argument must be a string, a collection type, or a structural type")
            );
        }
    })
}

fn one(call: &Call<'_>) -> Outcome {
    let value = &call.args[0];
    let why = "must be a list, set, or tuple value with either zero or one elements";
    if !is_sequence(value) {
        return Err(call.bad(0, why));
    }
    match call.elements(0) {
        [] => Ok(Value::null(value.ty().element().cloned().unwrap_or(Type::Dynamic))),
        [one] => Ok(one.clone()),
        _ => Err(call.bad(0, why)),
    }
}

/// As many as Terraform allows.
const LONGEST_RANGE: usize = 1024;

fn range(call: &Call<'_>) -> Outcome {
    let zero = Number::zero();
    let one = Number::from(1);
    let (start, end, step) = match call.args.len() {
        1 => (zero.clone(), call.number(0), None),
        2 => (call.number(0), call.number(1), None),
        3 => (call.number(0), call.number(1), Some(call.number(2))),
        0 => return Err("must have one, two, or three arguments".into()),
        _ => return Err("must have one, two, or three arguments".into()),
    };
    let down = end < start;
    let step = step.unwrap_or(if down { one.neg() } else { one });
    if down && !step.is_negative() && !step.is_zero() {
        return Err(call.bad(2, "end must be greater than start when step is positive"));
    }
    if !down && start != end && step.is_negative() {
        return Err(call.bad(2, "end must be less than start when step is negative"));
    }
    let mut values = Vec::new();
    let mut next = start;
    while if down { next > end } else { next < end } {
        if values.len() >= LONGEST_RANGE {
            return Err(format!("more than {LONGEST_RANGE} values were generated; either decrease the difference between start and end or use a smaller step").into());
        }
        values.push(Value::number(next.clone()));
        next = next.add(&step);
    }
    call.spend(values.len())?;
    Ok(Value::list(Type::Number, values))
}

fn reverse(call: &Call<'_>) -> Outcome {
    let elements: Vec<Value> = call.elements(0).iter().rev().cloned().collect();
    match call.args[0].kind() {
        Kind::Tuple(_) => Ok(Value::tuple(elements)),
        Kind::List(ty, _) | Kind::Set(ty, _) => Ok(Value::list(ty.clone(), elements)),
        _ => {
            let given = call.args[0].ty().friendly();
            Err(call.bad(0, format!("can only reverse list or tuple values, not {given}")))
        }
    }
}

fn slice(call: &Call<'_>) -> Outcome {
    let value = &call.args[0];
    match value.kind() {
        Kind::List(..) | Kind::Tuple(_) => {}
        Kind::Set(..) => {
            return Err(call.bad(0, "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important"));
        }
        _ => return Err(call.bad(0, "must be a list or tuple value")),
    }
    let (start, end) = (slice_index(call, 1, "start")?, slice_index(call, 2, "end")?);
    let count = call.elements(0).len() as i64;
    if start < 0 {
        return Err(call.bad(1, "start index must not be less than zero"));
    }
    if start > count {
        return Err(call.bad(1, "start index must not be greater than the length of the list"));
    }
    if end < 0 {
        return Err(call.bad(2, "end index must not be less than zero"));
    }
    if end > count {
        return Err(call.bad(2, "end index must not be greater than the length of the list"));
    }
    if start > end {
        return Err(call.bad(1, "start index must not be greater than end index"));
    }
    let part = call.elements(0)[start as usize..end as usize].to_vec();
    Ok(match value.kind() {
        Kind::List(ty, _) => Value::list(ty.clone(), part),
        _ => Value::tuple(part),
    })
}

fn slice_index(call: &Call<'_>, index: usize, which: &str) -> Result<i64, super::Fault> {
    call.whole(index, &format!("invalid {which} index: ")).map_err(|fault| match fault {
        super::Fault::Failed(message) => call.bad(index, message),
        other => other,
    })
}

fn sort(call: &Call<'_>) -> Outcome {
    if let Some(i) = call.elements(0).iter().position(Value::is_null) {
        return Err(
            call.fail(format!("given list element {i} is null; a null string cannot be sorted"))
        );
    }
    let mut strings = call.strings(0);
    strings.sort_unstable();
    Ok(Value::list(Type::String, strings.into_iter().map(Value::string).collect()))
}

fn transpose(call: &Call<'_>) -> Outcome {
    let mut turned: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (key, values) in call.entries(0) {
        for value in values.elements().unwrap_or_default() {
            let Some(name) = value.as_str() else {
                return Err(call.fail("input list must not contain null string"));
            };
            turned.entry(name.to_owned()).or_default().push(Value::string(key.as_str()));
        }
    }
    let turned = turned.into_iter().map(|(key, values)| (key, Value::list(Type::String, values)));
    Ok(Value::map(Type::list(Type::String), turned.collect()))
}
