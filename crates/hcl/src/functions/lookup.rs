//! One of many: element, keys, lookup, matchkeys, values.

use super::{Call, Function, Outcome, Param, Wants};
use crate::convert::convert;
use crate::eval::equal;
use crate::value::Kind;
use crate::{Type, Value};

const ANY_LIST: Wants = Wants::List(&Wants::Any);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "element",
        &[Param::new("list", Wants::Any).moved(), Param::new("index", Wants::Number)],
        Wants::Any,
        element,
    ),
    Function::new("keys", &[Param::new("inputMap", Wants::Any).maybe_unknown()], Wants::Any, keys),
    Function::new(
        "lookup",
        &[Param::new("inputMap", Wants::Any).moved(), Param::new("key", Wants::String)],
        Wants::Any,
        lookup,
    )
    .rest(Param::new("default", Wants::Any).nullable().maybe_unknown()),
    Function::new(
        "matchkeys",
        &[
            Param::new("values", ANY_LIST).moved(),
            Param::new("keys", ANY_LIST),
            Param::new("searchset", ANY_LIST),
        ],
        ANY_LIST,
        matchkeys,
    ),
    Function::new("values", &[Param::new("mapping", Wants::Any).moved()], Wants::Any, values),
];

fn element(call: &Call<'_>) -> Outcome {
    let value = &call.args[0];
    match value.kind() {
        Kind::List(..) | Kind::Tuple(_) => {}
        _ => {
            let given = value.ty().friendly();
            return Err(call.fail(format!("cannot read elements from {given}")));
        }
    }
    let elements = call.elements(0);
    let index = call.whole(1, "invalid index: ")?;
    if elements.is_empty() {
        return Err("cannot use element function with an empty list".into());
    }
    Ok(elements[index.rem_euclid(elements.len() as i64) as usize].clone())
}

fn keys(call: &Call<'_>) -> Outcome {
    let value = &call.args[0];
    let name = |name: &String| Value::string(name.as_str());
    match value.kind() {
        Kind::Map(_, entries) => Ok(Value::list(Type::String, entries.keys().map(name).collect())),
        Kind::Object(entries) => Ok(Value::tuple(entries.keys().map(name))),
        Kind::Unknown(Type::Object(attributes)) => Ok(Value::tuple(attributes.keys().map(name))),
        Kind::Unknown(Type::Map(_)) => Ok(Value::unknown(Type::list(Type::String))),
        Kind::Unknown(Type::Dynamic) => Ok(Value::unknown(Type::Dynamic)),
        _ => Err(call.bad(0, "must have map or object type")),
    }
}

fn lookup(call: &Call<'_>) -> Outcome {
    let (map, key) = (&call.args[0], call.text(1));
    if call.args.len() > 3 {
        return Err(super::Fault::Failed(
            "lookup() takes two or three arguments, got ".to_owned() + &call.args.len().to_string(),
        ));
    }
    let default = call.args.get(2);
    if map.entries().is_none() {
        return Err(call.bad(0, "lookup() requires a map as the first argument"));
    }
    if let Some(found) = call.entries(0).get(key) {
        return Ok(found.clone());
    }
    let Some(default) = default else {
        return Err(match map.kind() {
            Kind::Map(..) => call.fail(format!("lookup failed to find key {key:?}")),
            _ => call.bad(0, format!("the given object has no attribute {key:?}")),
        });
    };
    match map.kind() {
        Kind::Map(ty, _) => convert(default, ty).map_err(|_| {
            call.bad(2, "the default value must have the same type as the map elements")
        }),
        _ => Ok(default.clone()),
    }
}

fn matchkeys(call: &Call<'_>) -> Outcome {
    if call.elements(0).len() != call.elements(1).len() {
        return Err("length of keys and values should be equal".into());
    }
    let ty = call.args[0].ty().element().cloned().unwrap_or(Type::Dynamic);
    let mut found = Vec::new();
    for (value, key) in call.elements(0).iter().zip(call.elements(1)) {
        call.spend(call.elements(2).len())?;
        let wanted = call.elements(2).iter().any(|wanted| {
            let converted = convert(wanted, &key.ty()).unwrap_or(wanted.clone());
            equal(key, &converted) == Some(true)
        });
        if wanted {
            found.push(value.clone());
        }
    }
    Ok(Value::list(ty, found))
}

fn values(call: &Call<'_>) -> Outcome {
    let all: Vec<Value> = call.entries(0).values().cloned().collect();
    match call.args[0].kind() {
        Kind::Map(ty, _) => Ok(Value::list(ty.clone(), all)),
        Kind::Object(_) => Ok(Value::tuple(all)),
        _ => Err(call.fail("values() requires a map as the first argument")),
    }
}
