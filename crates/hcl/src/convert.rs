//! Values made into values of another type, as Terraform does wherever it knows the type that it
//! wants: `"5"` is a number where one is wanted, a tuple a list, an object a map or a smaller object.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::types::Attribute;
use crate::unify::unify;
use crate::value::Kind;
use crate::{Number, Type, Value};

/// Why a value is not of the wanted type, and where in it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversionError {
    pub path: Vec<Step>,
    pub message: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Attribute(String),
    Index(usize),
    Key(String),
}

impl ConversionError {
    pub fn new(message: impl Into<String>) -> ConversionError {
        ConversionError { path: Vec::new(), message: message.into() }
    }

    fn within(mut self, step: Step) -> ConversionError {
        self.path.insert(0, step);
        self
    }
}

/// The message, after the path where there is one: `.tags["a"]: string required`.
impl fmt::Display for ConversionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.path {
            match step {
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
            }
        }
        if !self.path.is_empty() {
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConversionError {}

/// `value` as a value of `ty`: attributes that may be left out get null there, or their default.
pub fn convert(value: &Value, ty: &Type) -> Result<Value, ConversionError> {
    let marks = value.marks();
    let plain = value.clone().unmark().0;
    match convert_plain(plain, ty) {
        Ok(converted) => Ok(converted.with_marks(marks)),
        // What no value of its type could become is told by the types.
        Err(error) => Err(convertible(&value.ty(), ty).err().unwrap_or(error)),
    }
}

fn convert_plain(value: Value, ty: &Type) -> Result<Value, ConversionError> {
    if *ty == Type::Dynamic {
        return Ok(value);
    }
    match value.kind() {
        Kind::Null(from) => {
            convertible(from, ty)?;
            return Ok(Value::null(ty.without_optional()));
        }
        Kind::Unknown(from) => {
            convertible(from, ty)?;
            return Ok(Value::unknown(ty.without_optional()));
        }
        _ => {}
    }
    match ty {
        Type::Dynamic => Ok(value),
        Type::Bool | Type::Number | Type::String => primitive(value, ty),
        Type::List(element) => list(&value, element, ty),
        Type::Set(element) => set(&value, element, ty),
        Type::Map(element) => map(&value, element, ty),
        Type::Object(attributes) => object(&value, attributes, ty),
        Type::Tuple(types) => tuple(&value, types, ty),
    }
}

fn primitive(value: Value, ty: &Type) -> Result<Value, ConversionError> {
    match (value.kind(), ty) {
        (Kind::Bool(_), Type::Bool)
        | (Kind::Number(_), Type::Number)
        | (Kind::String(_), Type::String) => Ok(value),
        (Kind::Bool(truth), Type::String) => Ok(if *truth { "true" } else { "false" }.into()),
        (Kind::Number(number), Type::String) => Ok(number.to_string().into()),
        (Kind::String(text), Type::Number) => number_of(text)
            .map(Value::number)
            .ok_or_else(|| ConversionError::new("a number is required")),
        (Kind::String(text), Type::Bool) => bool_of(text).map(Value::bool),
        _ => Err(mismatch(&value.ty(), ty)),
    }
}

fn number_of(text: &str) -> Option<Number> {
    Number::parse(text)
}

fn bool_of(text: &str) -> Result<bool, ConversionError> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        "True" | "TRUE" | "False" | "FALSE" => Err(ConversionError::new(format!(
            "a bool is required; to convert from string, use lowercase \"{}\"",
            text.to_lowercase()
        ))),
        _ => Err(ConversionError::new("a bool is required")),
    }
}

/// The elements of `value`, each converted to the element type (which `any` leaves to them).
fn elements_of(
    value: &Value,
    element: &Type,
    ty: &Type,
    differ: &str,
) -> Result<(Type, Vec<Value>), ConversionError> {
    let Some(elements) = value.elements() else { return Err(mismatch(&value.ty(), ty)) };
    let element = match value.kind() {
        Kind::List(from, _) | Kind::Set(from, _) if *element == Type::Dynamic => from.clone(),
        _ if element.has_dynamic() && !elements.is_empty() => {
            same_type(elements.iter(), element).ok_or_else(|| ConversionError::new(differ))?
        }
        _ => element.clone(),
    };
    let mut converted = Vec::with_capacity(elements.len());
    for (i, value) in elements.iter().enumerate() {
        converted.push(convert(value, &element).map_err(|e| e.within(Step::Index(i)))?);
    }
    Ok((element.without_optional(), converted))
}

/// The one type that all values can have, within a constraint that has an `any`.
fn same_type<'a>(values: impl Iterator<Item = &'a Value>, element: &Type) -> Option<Type> {
    let mut types = Vec::new();
    for value in values.filter(|value| !matches!(value.kind(), Kind::Null(Type::Dynamic))) {
        types.push(convert(value, element).ok()?.ty());
    }
    unify(&types)
}

fn list(value: &Value, element: &Type, ty: &Type) -> Result<Value, ConversionError> {
    let differ = "all list elements must have the same type";
    let (element, elements) = elements_of(value, element, ty, differ)?;
    Ok(Value::list(element, elements))
}

fn set(value: &Value, element: &Type, ty: &Type) -> Result<Value, ConversionError> {
    let differ = "all set elements must have the same type";
    let (element, elements) = elements_of(value, element, ty, differ)?;
    Ok(Value::set(element, elements))
}

fn map(value: &Value, element: &Type, ty: &Type) -> Result<Value, ConversionError> {
    let Some(entries) = value.entries() else { return Err(mismatch(&value.ty(), ty)) };
    let is_object = matches!(value.kind(), Kind::Object(_));
    let element = match value.kind() {
        Kind::Map(from, _) if *element == Type::Dynamic => from.clone(),
        _ if element.has_dynamic() && !entries.is_empty() => {
            same_type(entries.values(), element)
                .ok_or_else(|| ConversionError::new("all map elements must have the same type"))?
        }
        _ => element.clone(),
    };
    let mut converted = BTreeMap::new();
    for (key, value) in entries {
        let step = || if is_object { Step::Attribute(key.clone()) } else { Step::Key(key.clone()) };
        let value = convert(value, &element).map_err(|e| e.within(step()))?;
        converted.insert(key.clone(), value);
    }
    Ok(Value::map(element.without_optional(), converted))
}

fn object(
    value: &Value,
    attributes: &Arc<BTreeMap<String, Attribute>>,
    ty: &Type,
) -> Result<Value, ConversionError> {
    let Some(entries) = value.entries() else { return Err(mismatch(&value.ty(), ty)) };
    let missing: Vec<&str> = attributes
        .iter()
        .filter(|(name, a)| !a.optional && !entries.contains_key(*name))
        .map(|(name, _)| name.as_str())
        .collect();
    if !missing.is_empty() {
        return Err(match value.kind() {
            Kind::Map(..) => ConversionError::new(format!(
                "map has no element for required attribute {:?}",
                missing[0]
            )),
            _ => missing_attributes(&missing),
        });
    }
    let mut converted = BTreeMap::new();
    for (name, attribute) in attributes.iter() {
        let given = entries.get(name).filter(|value| !value.is_null());
        let value = match (given, &attribute.default) {
            (None, Some(default)) => default.clone(),
            (None, None) => entries.get(name).cloned().unwrap_or(Value::null(Type::Dynamic)),
            (Some(value), _) => value.clone(),
        };
        let value =
            convert(&value, &attribute.ty).map_err(|e| e.within(Step::Attribute(name.clone())))?;
        converted.insert(name.clone(), value);
    }
    Ok(Value::object(converted))
}

fn tuple(value: &Value, types: &[Type], ty: &Type) -> Result<Value, ConversionError> {
    let elements = match value.kind() {
        Kind::Tuple(elements) | Kind::List(_, elements) if elements.len() == types.len() => {
            elements
        }
        _ => return Err(mismatch(&value.ty(), ty)),
    };
    let mut converted = Vec::with_capacity(elements.len());
    for (i, (value, ty)) in elements.iter().zip(types).enumerate() {
        converted.push(convert(value, ty).map_err(|e| e.within(Step::Index(i)))?);
    }
    Ok(Value::tuple(converted))
}

/// Whether some value of `from` can become one of `to`; the error tells where they differ.
pub fn convertible(from: &Type, to: &Type) -> Result<(), ConversionError> {
    let within = |part: String, from: &Type, to: &Type| {
        convertible(from, to).map_err(|e| ConversionError::new(format!("{part}: {}", e.message)))
    };
    let fits = match (from, to) {
        (Type::Dynamic, _) | (_, Type::Dynamic) => true,
        (Type::Bool, Type::Number) | (Type::Number, Type::Bool) => false,
        (from, to) if from.is_primitive() && to.is_primitive() => true,
        (Type::List(from) | Type::Set(from), Type::List(element))
        | (Type::List(from) | Type::Set(from), Type::Set(element))
        | (Type::Map(from), Type::Map(element)) => {
            let noun = to.friendly();
            let noun = noun.split(' ').next().unwrap_or_default();
            return within(format!("incorrect {noun} element type"), from, element);
        }
        (Type::Tuple(types), Type::List(to) | Type::Set(to)) => {
            for (i, from) in types.iter().enumerate() {
                within(format!("element {i}"), from, to)?;
            }
            if to.has_dynamic() && unify(types).is_none() {
                return Err(ConversionError::new("all list elements must have the same type"));
            }
            true
        }
        (Type::Tuple(from), Type::Tuple(to)) if from.len() == to.len() => {
            for (i, (from, to)) in from.iter().zip(to.iter()).enumerate() {
                within(format!("element {i}"), from, to)?;
            }
            true
        }
        (Type::Object(attributes), Type::Map(to)) => {
            for (name, from) in attributes.iter() {
                within(format!("element {name:?}"), &from.ty, to)?;
            }
            let types: Vec<Type> = attributes.values().map(|a| a.ty.clone()).collect();
            if to.has_dynamic() && unify(&types).is_none() {
                return Err(ConversionError::new("all map elements must have the same type"));
            }
            true
        }
        (Type::Map(from), Type::Object(attributes)) => {
            for (name, to) in attributes.iter() {
                within(format!("attribute {name:?}"), from, &to.ty)?;
            }
            true
        }
        (Type::Object(from), Type::Object(to)) => {
            objects_convertible(from, to)?;
            for (name, wanted) in to.iter() {
                if let Some(given) = from.get(name) {
                    within(format!("attribute {name:?}"), &given.ty, &wanted.ty)?;
                }
            }
            true
        }
        _ => false,
    };
    if fits { Ok(()) } else { Err(mismatch(from, to)) }
}

/// That no attribute is missing.
fn objects_convertible(
    from: &BTreeMap<String, Attribute>,
    to: &BTreeMap<String, Attribute>,
) -> Result<(), ConversionError> {
    let missing: Vec<&str> = to
        .iter()
        .filter(|(name, a)| !a.optional && !from.contains_key(*name))
        .map(|(name, _)| name.as_str())
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(missing_attributes(&missing)) }
}

fn mismatch(_from: &Type, to: &Type) -> ConversionError {
    ConversionError::new(format!("{} required", to.friendly()))
}

fn missing_attributes(missing: &[&str]) -> ConversionError {
    let quoted: Vec<String> = missing.iter().map(|name| format!("{name:?}")).collect();
    ConversionError::new(match quoted.as_slice() {
        [one] => format!("attribute {one} is required"),
        [one, two] => format!("attributes {one} and {two} are required"),
        [rest @ .., last] => format!("attributes {}, and {last} are required", rest.join(", ")),
        [] => String::new(),
    })
}
