//! setintersection, setsubtract, setunion.

use super::{Call, Function, Outcome, Param, Wants};
use crate::convert::convert;
use crate::unify::unify;
use crate::{Type, Value};

const SET: Wants = Wants::Set(&Wants::Any);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("setintersection", &[Param::new("first_set", SET)], SET, intersection)
        .rest(Param::new("other_sets", SET)),
    Function::new("setsubtract", &[Param::new("a", SET), Param::new("b", SET)], SET, subtract),
    Function::new("setunion", &[Param::new("first_set", SET)], SET, union)
        .rest(Param::new("other_sets", SET)),
];

/// The arguments as sets of one type. An empty set without a type fits any.
fn sets(call: &Call<'_>) -> Result<(Type, Vec<Vec<Value>>), super::Fault> {
    let types: Vec<Type> = call
        .args
        .iter()
        .filter_map(|set| set.ty().element().cloned())
        .filter(|ty| *ty != Type::Dynamic)
        .collect();
    let ty = unify(&types).ok_or("given sets must all have compatible element types")?;
    let mut sets = Vec::new();
    for value in &call.args {
        let converted = convert(value, &Type::set(ty.clone())).map_err(|e| e.to_string())?;
        sets.push(converted.elements().unwrap_or_default().to_vec());
    }
    Ok((ty, sets))
}

fn union(call: &Call<'_>) -> Outcome {
    let (ty, sets) = sets(call)?;
    Ok(Value::set(ty, sets.concat()))
}

fn intersection(call: &Call<'_>) -> Outcome {
    let (ty, sets) = sets(call)?;
    let (first, others) = sets.split_first().ok_or("at least one set is required")?;
    let mut kept = Vec::new();
    for value in first {
        call.spend(others.iter().map(Vec::len).sum())?;
        if others.iter().all(|set| set.contains(value)) {
            kept.push(value.clone());
        }
    }
    Ok(Value::set(ty, kept))
}

fn subtract(call: &Call<'_>) -> Outcome {
    let (ty, sets) = sets(call)?;
    let [from, taken] = &sets[..] else { return Err("two sets are required".into()) };
    let mut kept = Vec::new();
    for value in from {
        call.spend(taken.len())?;
        if !taken.contains(value) {
            kept.push(value.clone());
        }
    }
    Ok(Value::set(ty, kept))
}
