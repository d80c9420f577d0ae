//! Types of values, and of what a variable may be given: the same, with attributes of objects that
//! may be left out, and what stands for them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::Value;

#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// `any`: of a constraint, that the value decides; of a value, that nobody knows yet.
    Dynamic,
    Bool,
    Number,
    String,
    List(Arc<Type>),
    Set(Arc<Type>),
    Map(Arc<Type>),
    Object(Arc<BTreeMap<String, Attribute>>),
    Tuple(Arc<Vec<Type>>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    pub ty: Type,
    pub optional: bool,
    /// What stands for it where it is left out or null.
    pub default: Option<Value>,
}

impl Attribute {
    pub fn required(ty: Type) -> Attribute {
        Attribute { ty, optional: false, default: None }
    }

    pub fn optional(ty: Type) -> Attribute {
        Attribute { ty, optional: true, default: None }
    }
}

impl Type {
    pub fn list(element: Type) -> Type {
        Type::List(Arc::new(element))
    }

    pub fn set(element: Type) -> Type {
        Type::Set(Arc::new(element))
    }

    pub fn map(element: Type) -> Type {
        Type::Map(Arc::new(element))
    }

    pub fn tuple(elements: impl IntoIterator<Item = Type>) -> Type {
        Type::Tuple(Arc::new(elements.into_iter().collect()))
    }

    /// All of its attributes required.
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Type)>) -> Type {
        Type::object_with(
            attributes.into_iter().map(|(name, ty)| (name.into(), Attribute::required(ty))),
        )
    }

    pub fn object_with(attributes: impl IntoIterator<Item = (String, Attribute)>) -> Type {
        Type::Object(Arc::new(attributes.into_iter().collect()))
    }

    pub fn is_primitive(&self) -> bool {
        matches!(self, Type::Bool | Type::Number | Type::String)
    }

    /// Of elements of the same type: list, set or map.
    pub fn is_collection(&self) -> bool {
        matches!(self, Type::List(_) | Type::Set(_) | Type::Map(_))
    }

    /// The type of the elements of a list, set or map.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Type::List(element) | Type::Set(element) | Type::Map(element) => Some(element),
            _ => None,
        }
    }

    pub fn attributes(&self) -> Option<&BTreeMap<String, Attribute>> {
        match self {
            Type::Object(attributes) => Some(attributes),
            _ => None,
        }
    }

    /// Whether `any` is in it.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Type::Dynamic => true,
            Type::Bool | Type::Number | Type::String => false,
            Type::List(element) | Type::Set(element) | Type::Map(element) => element.has_dynamic(),
            Type::Object(attributes) => attributes.values().any(|a| a.ty.has_dynamic()),
            Type::Tuple(elements) => elements.iter().any(Type::has_dynamic),
        }
    }

    /// The type that values have: every attribute is there.
    pub fn without_optional(&self) -> Type {
        match self {
            Type::Dynamic | Type::Bool | Type::Number | Type::String => self.clone(),
            Type::List(element) => Type::list(element.without_optional()),
            Type::Set(element) => Type::set(element.without_optional()),
            Type::Map(element) => Type::map(element.without_optional()),
            Type::Object(attributes) => Type::object(
                attributes.iter().map(|(name, a)| (name.clone(), a.ty.without_optional())),
            ),
            Type::Tuple(elements) => Type::tuple(elements.iter().map(Type::without_optional)),
        }
    }

    /// As errors name it: `list of string`, `object`.
    pub fn friendly(&self) -> String {
        match self {
            Type::Dynamic => "dynamic".into(),
            Type::Bool => "bool".into(),
            Type::Number => "number".into(),
            Type::String => "string".into(),
            Type::List(element) => format!("list of {}", element.friendly_element()),
            Type::Set(element) => format!("set of {}", element.friendly_element()),
            Type::Map(element) => format!("map of {}", element.friendly_element()),
            Type::Object(_) => "object".into(),
            Type::Tuple(_) => "tuple".into(),
        }
    }

    fn friendly_element(&self) -> String {
        match self {
            Type::Dynamic => "any single type".into(),
            _ => self.friendly(),
        }
    }
}

/// As it is written in a variable's `type`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Dynamic => f.write_str("any"),
            Type::Bool => f.write_str("bool"),
            Type::Number => f.write_str("number"),
            Type::String => f.write_str("string"),
            Type::List(element) => write!(f, "list({element})"),
            Type::Set(element) => write!(f, "set({element})"),
            Type::Map(element) => write!(f, "map({element})"),
            Type::Object(attributes) => {
                f.write_str("object({")?;
                for (i, (name, attribute)) in attributes.iter().enumerate() {
                    let comma = if i == 0 { "" } else { ", " };
                    let ty = &attribute.ty;
                    match (attribute.optional, &attribute.default) {
                        (false, _) => write!(f, "{comma}{name} = {ty}")?,
                        (true, None) => write!(f, "{comma}{name} = optional({ty})")?,
                        (true, Some(default)) => {
                            let default = crate::json::encode(default).unwrap_or_default();
                            write!(f, "{comma}{name} = optional({ty}, {default})")?;
                        }
                    }
                }
                f.write_str("})")
            }
            Type::Tuple(elements) => {
                f.write_str("tuple([")?;
                for (i, element) in elements.iter().enumerate() {
                    let comma = if i == 0 { "" } else { ", " };
                    write!(f, "{comma}{element}")?;
                }
                f.write_str("])")
            }
        }
    }
}
