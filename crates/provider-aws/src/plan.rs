//! The plan of one object: what it will be, from its configuration, what it was, its
//! schema and its type's facts. Pure.

use std::collections::BTreeMap;

use neargate_hcl::convert::Step;
use neargate_hcl::{Type, Value};
use neargate_stack::provider::{PlanRequest, Planned};
use neargate_stack::schema::{BlockSchema, NestedBlock, Nesting, Schema};

use crate::policy;
use crate::resource::{Facts, Fallback};

/// What the object will be.
pub fn plan(
    schema: &Schema,
    facts: &Facts,
    default_tags: &BTreeMap<String, String>,
    request: PlanRequest,
) -> Planned {
    let PlanRequest { prior, proposed, config } = request;
    let mut value = proposed;
    for (path, fallback) in facts.defaults {
        let parts: Vec<&str> = path.split('.').collect();
        value =
            at(value, &parts, &mut |old| if old.is_null() { of_fallback(fallback) } else { old });
    }
    for name in facts.zeroed {
        value = at(value, &[name], &mut |old| old.map_deep(&mut zero));
    }
    let before = prior.as_ref().map(|prior| &prior.value);
    value = filled(facts, before, value, &config);
    value = tagged(schema, value, before, default_tags);
    let private = prior.as_ref().map(|prior| prior.private.clone()).unwrap_or_default();
    let Some(before) = before else { return Planned { value, private, replace: Vec::new() } };
    for path in facts.emptied {
        let parts: Vec<&str> = path.split('.').collect();
        value = emptied(facts, path, &parts, &schema.block, before, value);
    }
    for path in facts.given {
        let parts: Vec<&str> = path.split('.').collect();
        value = kept(&parts, &config, value);
    }
    value = settled(&schema.block, before, value);
    for name in facts.json {
        value = kept_json(before, value, name);
    }
    for (path, alike) in facts.alike {
        if alike(before, &value) {
            let parts: Vec<&str> = path.split('.').collect();
            value = kept(&parts, before, value);
        }
    }
    let differs = |path: &&&str| {
        let parts: Vec<&str> = path.split('.').collect();
        found(before, &parts) != found(&value, &parts)
    };
    let when =
        facts.replaced_when.iter().filter(|(_, is)| is(before, &value)).map(|(name, _)| name);
    let replacing: Vec<&str> =
        facts.replaced_by.iter().chain(when).filter(differs).copied().collect();
    if !replacing.is_empty() {
        value = anew(schema, value, &config);
        value = filled(facts, None, value, &config);
        value = tagged(schema, value, None, default_tags);
    } else {
        let changed = |name: &str| before.get(name) != value.get(name);
        let unsettled: Vec<&str> = facts
            .unsettles
            .iter()
            .filter(|(name, _)| changed(name))
            .map(|(_, other)| *other)
            .collect();
        for name in unsettled {
            let given = config.get(name).is_some_and(|given| !given.is_null());
            value =
                at(value, &[name], &mut |old| if given { old } else { Value::unknown(old.ty()) });
        }
    }
    if replacing.is_empty() && !facts.exact && is_same(before, &value) {
        value = before.clone();
    }
    // A set's elements have no place of their own: the whole of it is named.
    let first = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    let replace = replacing.into_iter().map(|path| vec![Step::Attribute(first(path))]).collect();
    Planned { value, private, replace }
}

fn of_fallback(fallback: &Fallback) -> Value {
    match fallback {
        Fallback::Bool(value) => Value::bool(*value),
        Fallback::Number(value) => Value::number(*value),
        Fallback::Text(value) => Value::string(*value),
    }
}

/// `value` with what is at `path` changed; blocks on the way are gone through one by one.
fn at(value: Value, path: &[&str], change: &mut dyn FnMut(Value) -> Value) -> Value {
    let Some((first, rest)) = path.split_first() else { return change(value) };
    if !value.is_known() || value.is_null() {
        return value;
    }
    if let Some(elements) = value.elements() {
        let changed = elements.iter().map(|element| at(element.clone(), path, change)).collect();
        return like(&value, changed);
    }
    let Some(entries) = value.entries() else { return value };
    let mut entries = entries.clone();
    if let Some(inner) = entries.remove(*first) {
        entries.insert((*first).to_owned(), at(inner, rest, change));
    }
    Value::object(entries)
}

/// A list or set of the same type with other elements.
fn like(value: &Value, elements: Vec<Value>) -> Value {
    match value.ty() {
        Type::Set(element) => Value::set((*element).clone(), elements),
        Type::List(element) => Value::list((*element).clone(), elements),
        _ => Value::tuple(elements),
    }
}

/// What is at a path, in order: several where blocks are on the way.
fn found<'a>(value: &'a Value, path: &[&str]) -> Vec<&'a Value> {
    let Some((first, rest)) = path.split_first() else { return vec![value] };
    match (value.elements(), value.get(first)) {
        (Some(elements), _) => elements.iter().flat_map(|element| found(element, path)).collect(),
        (None, Some(inner)) => found(inner, rest),
        // Unknown, null: what is inside is so too.
        (None, None) => vec![value],
    }
}

/// `value` with what is at `path` as in `before`, block by block.
fn kept(path: &[&str], before: &Value, value: Value) -> Value {
    let Some((first, rest)) = path.split_first() else { return before.clone() };
    if let (Some(old), Some(new)) = (before.elements(), value.elements()) {
        let of = |(index, new): (usize, &Value)| match old.get(index) {
            Some(old) => kept(path, old, new.clone()),
            None => new.clone(),
        };
        return like(&value, new.iter().enumerate().map(of).collect());
    }
    let Some(old) = before.get(first) else { return value };
    at(value, &[first], &mut |new| kept(rest, old, new))
}

/// Blocks that are not given: those of before, or what AWS will make of them.
fn filled(facts: &Facts, before: Option<&Value>, mut value: Value, config: &Value) -> Value {
    let emptied = facts.emptied.iter().filter(|path| before.is_none() && !path.contains('.'));
    for name in facts.filled.iter().chain(emptied) {
        let given = config.get(name).and_then(Value::elements);
        if given.is_some_and(<[Value]>::is_empty) {
            let old = before.and_then(|before| before.get(name));
            value = at(value, &[name], &mut |new| match old {
                Some(old) => old.clone(),
                None => Value::unknown(new.ty()),
            });
        }
    }
    value
}

/// With the blocks at a path of before where there are none now, and in them what stands for what
/// is not given. `whole` is the path from the object on, `path` the one from here.
fn emptied(
    facts: &Facts,
    whole: &str,
    path: &[&str],
    block: &BlockSchema,
    before: &Value,
    value: Value,
) -> Value {
    let Some((first, rest)) = path.split_first() else { return value };
    let (Some(nested), Some(old), Some(new)) = (
        block.blocks.get(*first),
        before.get(first).and_then(Value::elements),
        value.get(first).and_then(Value::elements),
    ) else {
        return value;
    };
    let elements: Vec<Value> = match (rest.is_empty(), new.is_empty()) {
        (true, true) => {
            old.iter().map(|old| by_default(facts, whole, &nested.block, old)).collect()
        }
        (true, false) => return value,
        (false, _) => {
            let of = |(index, new): (usize, &Value)| match old.get(index) {
                Some(old) => emptied(facts, whole, rest, &nested.block, old, new.clone()),
                None => new.clone(),
            };
            new.iter().enumerate().map(of).collect()
        }
    };
    at(value, &[first], &mut |_| nested.of(elements.clone()))
}

/// A block of which nothing is given.
fn by_default(facts: &Facts, path: &str, block: &BlockSchema, before: &Value) -> Value {
    let mut entries = BTreeMap::new();
    for (name, attribute) in &block.attributes {
        let of = format!("{path}.{name}");
        let fallback = facts.defaults.iter().find(|(path, _)| *path == of);
        let value = match (fallback, before.get(name)) {
            (Some((_, fallback)), _) => of_fallback(fallback),
            (None, Some(old)) if attribute.computed => old.clone(),
            (None, _) => Value::null(attribute.ty.clone()),
        };
        entries.insert(name.clone(), value);
    }
    for (name, nested) in &block.blocks {
        entries.insert(name.clone(), nested.of(Vec::new()));
    }
    Value::object(entries)
}

/// Null as the empty value of its type.
fn zero(value: Value) -> Value {
    if !value.is_null() {
        return value;
    }
    match value.ty() {
        Type::String => Value::string(""),
        Type::Bool => Value::bool(false),
        Type::Number => Value::number(0),
        Type::List(element) => Value::list((*element).clone(), Vec::new()),
        Type::Set(element) => Value::set((*element).clone(), Vec::new()),
        _ => value,
    }
}

fn is_zero(value: &Value) -> bool {
    let empty = value.elements().is_some_and(<[Value]>::is_empty)
        || value.entries().is_some_and(BTreeMap::is_empty);
    empty
        || value.as_str() == Some("")
        || value.as_bool() == Some(false)
        || value.as_number().is_some_and(neargate_hcl::Number::is_zero)
}

/// Whether an object stays as it is for Terraform, who then plans nothing: nothing but `timeouts` differs,
/// or what was null is the empty value of its type now, or the other way round.
fn is_same(before: &Value, value: &Value) -> bool {
    kept(&["timeouts"], before, value.clone()) == *before || equivalent(before, value)
}

fn equivalent(one: &Value, other: &Value) -> bool {
    if !one.is_known() || !other.is_known() {
        return false;
    }
    if one.is_null() || other.is_null() {
        let nothing = |value: &Value| value.is_null() || is_zero(value);
        return nothing(one) && nothing(other);
    }
    if let (Some(one), Some(other)) = (one.entries(), other.entries()) {
        return one.len() == other.len()
            && one.iter().all(|(name, value)| {
                other.get(name).is_some_and(|other| equivalent(value, other))
            });
    }
    match (one.elements(), other.elements()) {
        (Some(one), Some(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| equivalent(one, other))
        }
        _ => one == other,
    }
}

/// What is not given and was empty stays so: an empty text in the state is no change.
fn settled(block: &BlockSchema, before: &Value, value: Value) -> Value {
    let (Some(old), Some(entries)) = (before.entries(), value.entries()) else { return value };
    let mut entries = entries.clone();
    for name in block.attributes.keys() {
        let (Some(old), Some(new)) = (old.get(name), entries.get(name)) else { continue };
        if new.is_null() && is_zero(old) {
            entries.insert(name.clone(), old.clone());
        }
    }
    for (name, nested) in &block.blocks {
        let (Some(old), Some(new)) = (old.get(name), entries.get(name)) else { continue };
        let new = settled_blocks(nested, old, new.clone());
        entries.insert(name.clone(), new);
    }
    Value::object(entries)
}

fn settled_blocks(nested: &NestedBlock, before: &Value, value: Value) -> Value {
    if nested.nesting == Nesting::Single {
        return settled(&nested.block, before, value);
    }
    let (Some(old), Some(new)) = (before.elements(), value.elements()) else { return value };
    let of = |(index, element): (usize, &Value)| match nested.nesting {
        Nesting::Set => {
            let is_old = |o: &&Value| {
                settled(&nested.block, o, computed(&nested.block, o, element.clone())) == **o
            };
            let mut alike = old.iter().filter(is_old);
            alike.next().cloned().unwrap_or_else(|| element.clone())
        }
        _ => match old.get(index) {
            Some(old) => settled(&nested.block, old, element.clone()),
            None => element.clone(),
        },
    };
    nested.of(new.iter().enumerate().map(of).collect())
}

/// An element of a set with what is computed as in one before: whether they are the same shows then.
fn computed(block: &BlockSchema, before: &Value, value: Value) -> Value {
    let (Some(old), Some(entries)) = (before.entries(), value.entries()) else { return value };
    let mut entries = entries.clone();
    for (name, attribute) in &block.attributes {
        if let (true, Some(old), Some(new)) = (attribute.computed, old.get(name), entries.get(name))
            && !new.is_known()
        {
            entries.insert(name.clone(), old.clone());
        }
    }
    Value::object(entries)
}

/// A document that means the same as before stays as it was.
fn kept_json(before: &Value, value: Value, name: &str) -> Value {
    let Some(old) = before.get(name).and_then(Value::as_str) else { return value };
    at(value, &[name], &mut |new| match new.as_str() {
        Some(text) if policy::same(old, text) => Value::string(old),
        _ => new,
    })
}

/// Another object: what is not given is decided anew.
fn anew(schema: &Schema, value: Value, config: &Value) -> Value {
    let Some(entries) = value.entries() else { return value };
    let mut entries = entries.clone();
    for (name, attribute) in &schema.block.attributes {
        let given = config.get(name).is_some_and(|given| !given.is_null());
        if attribute.computed && !given {
            entries.insert(name.clone(), Value::unknown(attribute.ty.clone()));
        }
    }
    Value::object(entries)
}

/// With all tags: the configuration's over the provider's. None at all is for AWS to say.
fn tagged(
    schema: &Schema,
    value: Value,
    before: Option<&Value>,
    default_tags: &BTreeMap<String, String>,
) -> Value {
    if !schema.block.attributes.contains_key("tags_all") {
        return value;
    }
    let own = value.get("tags").cloned().unwrap_or_else(|| Value::null(Type::map(Type::String)));
    let all = if own.is_known() {
        let mut all: BTreeMap<String, Value> = default_tags
            .iter()
            .map(|(key, value)| (key.clone(), Value::string(value.as_str())))
            .collect();
        all.extend(own.entries().cloned().unwrap_or_default());
        let kept = before.and_then(|before| before.get("tags_all"));
        match (before, kept) {
            (None, _) if all.is_empty() => Value::unknown(Type::map(Type::String)),
            // The last default tag goes with the next change of something else.
            (Some(before), Some(kept))
                if all.is_empty()
                    && before.get("tags").is_none_or(|tags| tags.is_null() || is_zero(tags)) =>
            {
                kept.clone()
            }
            _ => Value::map(Type::String, all),
        }
    } else {
        Value::unknown(Type::map(Type::String))
    };
    at(value, &["tags_all"], &mut |_| all.clone())
}

#[cfg(test)]
mod tests;
