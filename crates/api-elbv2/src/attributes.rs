//! Attributes: keys and values as text, each kind of resource with its own list.

use neargate_api::AwsError;
use neargate_api::model::Tags;
use neargate_api::model::elbv2::Attribute;
use neargate_api::types::elbv2::{ListenerAttribute, LoadBalancerAttribute, TargetGroupAttribute};

use crate::invalid;

/// `given` when all of it is known and allowed. `what`: `Load balancer`.
pub fn check(
    what: &str,
    known: &[Attribute],
    given: Vec<(Option<String>, Option<String>)>,
) -> Result<Tags, AwsError> {
    let mut checked = Tags::new();
    for (key, value) in given {
        let (key, value) = (key.unwrap_or_default(), value.unwrap_or_default());
        let Some((.., allowed)) = known.iter().find(|(name, ..)| *name == key) else {
            return Err(invalid(format!("{what} attribute key '{key}' is not recognized")));
        };
        if let Some(allowed) = allowed.refuses(&value) {
            return Err(invalid(format!("'{key}' value '{value}' must be {allowed}")));
        }
        if checked.insert(key.clone(), value).is_some() {
            return Err(invalid(format!("{what} attribute key '{key}' was specified twice")));
        }
    }
    Ok(checked)
}

/// All of `known` with their values: as set, or the defaults.
pub fn shown<T: Shown>(known: &[Attribute], set: &Tags) -> Vec<T> {
    let value =
        |name: &str, default: &str| set.get(name).map_or(default, String::as_str).to_owned();
    known.iter().map(|(name, default, _)| T::of((*name).to_owned(), value(name, default))).collect()
}

/// An attribute in the shape of its resource.
pub trait Shown {
    fn of(key: String, value: String) -> Self;
}

impl Shown for LoadBalancerAttribute {
    fn of(key: String, value: String) -> Self {
        LoadBalancerAttribute { key: Some(key), value: Some(value) }
    }
}

impl Shown for ListenerAttribute {
    fn of(key: String, value: String) -> Self {
        ListenerAttribute { key: Some(key), value: Some(value) }
    }
}

impl Shown for TargetGroupAttribute {
    fn of(key: String, value: String) -> Self {
        TargetGroupAttribute { key: Some(key), value: Some(value) }
    }
}
