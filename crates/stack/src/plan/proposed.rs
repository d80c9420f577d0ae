//! What a provider is proposed: the configuration, with the prior's values of what the provider
//! computes; unknown where there is no prior.

use std::collections::BTreeMap;

use neargate_hcl::Value;

use crate::schema::{AttributeSchema, BlockSchema, NestedBlock, Nesting};

/// The object that is proposed in place of `prior`.
pub fn proposed(block: &BlockSchema, prior: Option<&Value>, config: &Value) -> Value {
    if !config.is_known() || config.is_null() {
        return config.clone();
    }
    let mut found = BTreeMap::new();
    for (name, attribute) in &block.attributes {
        let given = config.get(name).cloned().unwrap_or_else(|| Value::null(attribute.ty.clone()));
        let before = prior.map(|prior| prior.get(name));
        found.insert(name.clone(), of_attribute(attribute, before, given));
    }
    for (name, nested) in &block.blocks {
        let given = config.get(name).cloned().unwrap_or_else(|| nested.empty());
        let before = prior.and_then(|prior| prior.get(name));
        found.insert(name.clone(), of_blocks(nested, before, &given));
    }
    Value::object(found).with_marks(config.marks())
}

fn of_attribute(
    attribute: &AttributeSchema,
    before: Option<Option<&Value>>,
    given: Value,
) -> Value {
    if !attribute.computed || !given.is_null() {
        return given;
    }
    match before {
        // There is no object yet: the provider will say.
        None => Value::unknown(attribute.ty.clone()),
        Some(Some(before)) => before.clone(),
        Some(None) => given,
    }
}

fn of_blocks(nested: &NestedBlock, before: Option<&Value>, given: &Value) -> Value {
    if !given.is_known() || given.is_null() {
        return given.clone();
    }
    let before = before.filter(|value| value.is_known() && !value.is_null());
    match nested.nesting {
        Nesting::Single => proposed(&nested.block, before, given),
        Nesting::List => {
            let priors = before.and_then(Value::elements).unwrap_or_default();
            let elements = given.elements().unwrap_or_default().iter().enumerate();
            let objects =
                elements.map(|(at, given)| proposed(&nested.block, priors.get(at), given));
            nested.of(objects.collect()).with_marks(given.marks())
        }
        Nesting::Set => {
            let mut priors: Vec<&Value> =
                before.and_then(Value::elements).unwrap_or_default().iter().collect();
            let elements = given.elements().unwrap_or_default().iter();
            let objects = elements.map(|given| {
                let same = priors.iter().position(|prior| is_of(&nested.block, prior, given));
                let prior = same.map(|at| priors.remove(at));
                proposed(&nested.block, prior, given)
            });
            nested.of(objects.collect()).with_marks(given.marks())
        }
    }
}

/// Whether a prior element may be what the configuration describes: all that is configured is equal.
fn is_of(block: &BlockSchema, prior: &Value, given: &Value) -> bool {
    let plain = |value: &Value| value.clone().unmark_deep().0;
    let attributes = block.attributes.iter().all(|(name, attribute)| {
        let (Some(before), Some(now)) = (prior.get(name), given.get(name)) else { return false };
        (attribute.computed && now.is_null()) || plain(before) == plain(now)
    });
    attributes
        && block.blocks.iter().all(|(name, nested)| {
            let (Some(before), Some(now)) = (prior.get(name), given.get(name)) else {
                return false;
            };
            match (before.elements(), now.elements()) {
                (Some(before), Some(now)) => {
                    before.len() == now.len()
                        && now.iter().all(|n| before.iter().any(|b| is_of(&nested.block, b, n)))
                }
                _ => plain(before) == plain(now),
            }
        })
}
