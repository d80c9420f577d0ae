//! Several collections made into one: concat, flatten, merge, setproduct, zipmap.

use std::collections::BTreeMap;

use super::{Call, Function, Outcome, Param, Wants};
use crate::convert::convert;
use crate::unify::unify;
use crate::value::Kind;
use crate::{Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("concat", &[], Wants::Any, concat).rest(Param::new("seqs", Wants::Any).moved()),
    Function::new("flatten", &[Param::new("list", Wants::Any).moved()], Wants::Any, flatten),
    Function::new("merge", &[], Wants::Any, merge)
        .rest(Param::new("maps", Wants::Any).nullable().moved()),
    Function::new("setproduct", &[], Wants::Any, setproduct)
        .rest(Param::new("sets", Wants::Any).moved()),
    Function::new(
        "zipmap",
        &[
            Param::new("keys", Wants::List(&Wants::String)),
            Param::new("values", Wants::Any).moved(),
        ],
        Wants::Any,
        zipmap,
    ),
];

fn concat(call: &Call<'_>) -> Outcome {
    if call.args.is_empty() {
        return Err("at least one argument is required".into());
    }
    let mut all = Vec::new();
    let mut types = Vec::new();
    for (index, value) in call.args.iter().enumerate() {
        match value.kind() {
            Kind::List(ty, _) => types.push(ty.clone()),
            Kind::Tuple(_) => {}
            _ => {
                return Err(call.bad(
                    index,
                    "all arguments must be lists or tuples; got ".to_owned()
                        + &value.ty().friendly(),
                ));
            }
        }
        call.spend(call.elements(index).len())?;
        all.extend(call.elements(index).iter().cloned().map(|e| e.with_marks(value.marks())));
    }
    if types.len() == call.args.len()
        && let Some(ty) = unify(&types)
    {
        let converted: Result<Vec<Value>, _> = all.iter().map(|e| convert(e, &ty)).collect();
        return Ok(Value::list(ty, converted.map_err(|e| e.to_string())?));
    }
    Ok(Value::tuple(all))
}

fn flatten(call: &Call<'_>) -> Outcome {
    if call.args[0].elements().is_none() {
        return Err(call.fail("can only flatten lists, sets and tuples"));
    }
    let mut flat = Vec::new();
    let mut marks = crate::Marks::NONE;
    let known = flatten_into(call, &call.args[0], &mut flat, &mut marks)?;
    if !known {
        return Ok(Value::unknown(Type::Dynamic).with_marks(marks));
    }
    Ok(Value::tuple(flat).with_marks(marks))
}

/// False if there is a list that is not known.
fn flatten_into(
    call: &Call<'_>,
    value: &Value,
    flat: &mut Vec<Value>,
    marks: &mut crate::Marks,
) -> Result<bool, super::Fault> {
    let elements = value.elements().unwrap_or_default();
    call.spend(elements.len())?;
    let mut known = true;
    for element in elements {
        let is_list = matches!(element.kind(), Kind::List(..) | Kind::Set(..) | Kind::Tuple(_));
        if is_list {
            *marks = marks.union(element.marks());
            known &= flatten_into(call, element, flat, marks)?;
            continue;
        }
        if let Kind::Unknown(Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_)) =
            element.kind()
        {
            known = false;
        }
        flat.push(element.clone());
    }
    Ok(known)
}

fn merge(call: &Call<'_>) -> Outcome {
    let mut merged = BTreeMap::new();
    let mut maps = Vec::new();
    let mut all_maps = true;
    for (index, value) in call.args.iter().enumerate() {
        if value.is_null() {
            if let Type::Map(element) = value.ty() {
                maps.push((*element).clone());
            }
            continue;
        }
        match value.kind() {
            Kind::Map(ty, _) => maps.push(ty.clone()),
            Kind::Object(_) => all_maps = false,
            _ => {
                let given = value.ty().friendly();
                return Err(format!("arguments must be maps or objects, got {given:?}").into());
            }
        }
        call.spend(call.entries(index).len())?;
        merged.extend(call.entries(index).clone());
    }
    let same = maps.windows(2).all(|pair| pair[0] == pair[1]);
    match maps.first() {
        Some(ty) if all_maps && same => Ok(Value::map(ty.clone(), merged)),
        _ => Ok(Value::object(merged)),
    }
}

fn setproduct(call: &Call<'_>) -> Outcome {
    if call.args.len() < 2 {
        return Err("at least two arguments are required".into());
    }
    let mut types = Vec::new();
    let mut factors = Vec::new();
    let mut is_set = false;
    for (index, value) in call.args.iter().enumerate() {
        let ty = match value.kind() {
            Kind::List(ty, _) => ty.clone(),
            Kind::Set(ty, _) => {
                is_set = true;
                ty.clone()
            }
            Kind::Tuple(_) => {
                let types: Vec<Type> = value.children().map(Value::ty).collect();
                unify(&types)
                    .ok_or_else(|| call.bad(index, "all elements must be of the same type"))?
            }
            _ => return Err(call.bad(index, "a set or a list is required")),
        };
        let elements: Result<Vec<Value>, _> =
            call.elements(index).iter().map(|e| convert(e, &ty)).collect();
        factors.push(elements.map_err(|e| call.bad(index, e.to_string()))?);
        types.push(ty);
    }
    let count = factors.iter().try_fold(1usize, |count, f| count.checked_mul(f.len()));
    call.spend(count.and_then(|count| count.checked_mul(factors.len())).unwrap_or(usize::MAX))?;
    let mut products: Vec<Vec<Value>> = vec![Vec::new()];
    for factor in &factors {
        products = products
            .iter()
            .flat_map(|start| {
                factor.iter().map(move |value| {
                    let mut longer = start.clone();
                    longer.push(value.clone());
                    longer
                })
            })
            .collect();
    }
    let ty = Type::tuple(types);
    let products = products.into_iter().map(Value::tuple).collect();
    Ok(if is_set { Value::set(ty, products) } else { Value::list(ty, products) })
}

fn zipmap(call: &Call<'_>) -> Outcome {
    let keys = call.elements(0);
    let values = match call.args[1].kind() {
        Kind::List(..) | Kind::Tuple(_) => call.elements(1),
        _ => return Err(call.fail("values argument must be a list or tuple value")),
    };
    if keys.len() != values.len() {
        return Err(format!(
            "number of keys ({}) does not match number of values ({})",
            keys.len(),
            values.len()
        )
        .into());
    }
    let mut zipped = BTreeMap::new();
    for (i, (key, value)) in keys.iter().zip(values).enumerate() {
        let Some(key) = key.as_str() else {
            return Err(call.fail(format!("keys list has null value at index {i}")));
        };
        zipped.insert(key.to_owned(), value.clone());
    }
    Ok(match call.args[1].kind() {
        Kind::List(ty, _) => Value::map(ty.clone(), zipped),
        _ => Value::object(zipped),
    })
}
