//! The one type that values of several types can all have: what a conditional's two sides, and the
//! elements of a list, come to.

use std::collections::BTreeMap;

use crate::Type;
use crate::convert::convertible;
use crate::types::Attribute;

/// None if there is none. Of no types, `any`.
pub fn unify(types: &[Type]) -> Option<Type> {
    let Some(first) = types.first() else { return Some(Type::Dynamic) };
    if types.iter().all(|ty| ty == first) {
        return Some(first.clone());
    }
    if types.contains(&Type::Dynamic) {
        return Some(Type::Dynamic);
    }
    if types.iter().all(|ty| matches!(ty, Type::Object(_))) {
        return unify_objects(types);
    }
    if types.iter().all(|ty| matches!(ty, Type::Tuple(_))) {
        return unify_tuples(types);
    }
    if types.iter().all(|ty| matches!(ty, Type::Object(_) | Type::Map(_))) {
        return Some(Type::map(unify(&parts(types))?));
    }
    if types.iter().all(|ty| matches!(ty, Type::Tuple(_) | Type::List(_))) {
        return Some(Type::list(unify(&parts(types))?));
    }
    if types.iter().all(|ty| matches!(ty, Type::Set(_))) {
        return Some(Type::set(unify(&parts(types))?));
    }
    preferred(types)
}

/// The types of all elements and attributes.
fn parts(types: &[Type]) -> Vec<Type> {
    let mut parts = Vec::new();
    for ty in types {
        match ty {
            Type::Object(attributes) => parts.extend(attributes.values().map(|a| a.ty.clone())),
            Type::Tuple(elements) => parts.extend(elements.iter().cloned()),
            Type::List(element) | Type::Set(element) | Type::Map(element) => {
                parts.push((**element).clone());
            }
            _ => {}
        }
    }
    parts
}

fn unify_objects(types: &[Type]) -> Option<Type> {
    let all: Vec<&BTreeMap<String, Attribute>> =
        types.iter().filter_map(Type::attributes).collect();
    let first = all.first()?;
    if !all.iter().all(|attributes| attributes.keys().eq(first.keys())) {
        return Some(Type::map(unify(&parts(types))?));
    }
    let mut unified = Vec::new();
    for name in first.keys() {
        let types: Vec<Type> = all.iter().map(|attributes| attributes[name].ty.clone()).collect();
        unified.push((name.clone(), unify(&types)?));
    }
    Some(Type::object(unified))
}

fn unify_tuples(types: &[Type]) -> Option<Type> {
    let all: Vec<&Vec<Type>> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::Tuple(elements) => Some(&**elements),
            _ => None,
        })
        .collect();
    let first = all.first()?;
    if !all.iter().all(|elements| elements.len() == first.len()) {
        return Some(Type::list(unify(&parts(types))?));
    }
    let mut unified = Vec::new();
    for i in 0..first.len() {
        let types: Vec<Type> = all.iter().map(|elements| elements[i].clone()).collect();
        unified.push(unify(&types)?);
    }
    Some(Type::tuple(unified))
}

/// The most general of the types that all others can become.
fn preferred(types: &[Type]) -> Option<Type> {
    let mut candidates: Vec<&Type> = types.iter().collect();
    candidates.sort_by_key(|ty| match ty {
        Type::String => 0,
        Type::Set(_) => 3,
        Type::List(_) => 2,
        Type::Tuple(_) | Type::Object(_) => 4,
        _ => 1,
    });
    candidates
        .into_iter()
        .find(|candidate| types.iter().all(|ty| convertible(ty, candidate).is_ok()))
        .cloned()
}
