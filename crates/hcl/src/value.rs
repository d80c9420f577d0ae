//! Values as Terraform has them: known, null of a type, or unknown until something is applied, with
//! marks that go along with whatever is made of them. Cheap to clone: what is large is shared.

use std::collections::BTreeMap;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::set_order;
use crate::{Number, Type};

/// What clings to a value, and to all that is made of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks(u8);

impl Marks {
    pub const NONE: Marks = Marks(0);
    /// Not to be shown.
    pub const SENSITIVE: Marks = Marks(1);
    /// Not to be kept.
    pub const EPHEMERAL: Marks = Marks(2);
    /// Shown without quotes, as a console shows a type.
    pub const BARE: Marks = Marks(4);

    pub fn union(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }

    pub fn without(self, other: Marks) -> Marks {
        Marks(self.0 & !other.0)
    }

    pub fn contains(self, other: Marks) -> bool {
        self.0 & other.0 == other.0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Of this type once it is known (of any type where that is not known either).
    Unknown(Type),
    Null(Type),
    Bool(bool),
    Number(Number),
    String(Arc<str>),
    /// The type is that of the elements, as in the next two.
    List(Type, Arc<Vec<Value>>),
    /// Each element once, in Terraform's order.
    Set(Type, Arc<Vec<Value>>),
    Map(Type, Arc<BTreeMap<String, Value>>),
    Object(Arc<BTreeMap<String, Value>>),
    Tuple(Arc<Vec<Value>>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    kind: Kind,
    marks: Marks,
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Value {
        Value { kind, marks: Marks::NONE }
    }
}

impl Value {
    pub fn null(ty: Type) -> Value {
        Kind::Null(ty).into()
    }

    pub fn unknown(ty: Type) -> Value {
        Kind::Unknown(ty).into()
    }

    pub fn bool(value: bool) -> Value {
        Kind::Bool(value).into()
    }

    pub fn number(value: impl Into<Number>) -> Value {
        Kind::Number(value.into()).into()
    }

    /// Composed, as Terraform's strings are: `e` and an accent after it are one character.
    pub fn string(value: impl Into<Arc<str>>) -> Value {
        let value = value.into();
        if value.is_ascii() || unicode_normalization::is_nfc(&value) {
            return Kind::String(value).into();
        }
        let composed: String = value.nfc().collect();
        Kind::String(composed.into()).into()
    }

    /// The elements are of type `element`: `convert` makes them so.
    pub fn list(element: Type, elements: Vec<Value>) -> Value {
        Kind::List(element, Arc::new(elements)).into()
    }

    /// Ordered, each element once. Marks of elements become the set's own. A set with an element
    /// that is not wholly known may have fewer elements than it seems.
    pub fn set(element: Type, elements: Vec<Value>) -> Value {
        let mut marks = Marks::NONE;
        let mut plain: Vec<Value> = Vec::with_capacity(elements.len());
        for value in elements {
            let (value, its) = value.unmark_deep();
            marks = marks.union(its);
            plain.push(value);
        }
        set_order::order(&element, &mut plain);
        Value { kind: Kind::Set(element, Arc::new(plain)), marks }
    }

    pub fn map(element: Type, entries: BTreeMap<String, Value>) -> Value {
        Kind::Map(element, Arc::new(entries)).into()
    }

    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Value)>) -> Value {
        let attributes = attributes.into_iter().map(|(name, value)| (name.into(), value));
        Kind::Object(Arc::new(attributes.collect())).into()
    }

    pub fn tuple(elements: impl IntoIterator<Item = Value>) -> Value {
        Kind::Tuple(Arc::new(elements.into_iter().collect())).into()
    }

    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    pub fn into_kind(self) -> Kind {
        self.kind
    }

    /// An object's type is told by its attributes, so this walks through the value.
    pub fn ty(&self) -> Type {
        match &self.kind {
            Kind::Unknown(ty) | Kind::Null(ty) => ty.clone(),
            Kind::Bool(_) => Type::Bool,
            Kind::Number(_) => Type::Number,
            Kind::String(_) => Type::String,
            Kind::List(element, _) => Type::list(element.clone()),
            Kind::Set(element, _) => Type::set(element.clone()),
            Kind::Map(element, _) => Type::map(element.clone()),
            Kind::Object(attributes) => {
                Type::object(attributes.iter().map(|(name, value)| (name.as_str(), value.ty())))
            }
            Kind::Tuple(elements) => Type::tuple(elements.iter().map(Value::ty)),
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null(_))
    }

    /// Of the value itself: there may be unknown values inside.
    pub fn is_known(&self) -> bool {
        !matches!(self.kind, Kind::Unknown(_))
    }

    pub fn is_wholly_known(&self) -> bool {
        self.is_known() && self.children().all(Value::is_wholly_known)
    }

    /// The values right inside, in their order.
    pub fn children(&self) -> Box<dyn Iterator<Item = &Value> + '_> {
        match &self.kind {
            Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => {
                Box::new(elements.iter())
            }
            Kind::Map(_, entries) | Kind::Object(entries) => Box::new(entries.values()),
            _ => Box::new(std::iter::empty()),
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Number(value) => Some(value),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(value) => Some(value),
            _ => None,
        }
    }

    /// Of a list, set or tuple.
    pub fn elements(&self) -> Option<&[Value]> {
        match &self.kind {
            Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => {
                Some(elements)
            }
            _ => None,
        }
    }

    /// Of a map or object.
    pub fn entries(&self) -> Option<&BTreeMap<String, Value>> {
        match &self.kind {
            Kind::Map(_, entries) | Kind::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// Of an object or map, with the marks that it has there and not those of the whole.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.entries()?.get(name)
    }

    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// Those of all values inside, too.
    pub fn marks_deep(&self) -> Marks {
        self.children().fold(self.marks, |marks, child| marks.union(child.marks_deep()))
    }

    pub fn is_sensitive(&self) -> bool {
        self.marks.contains(Marks::SENSITIVE)
    }

    pub fn with_marks(mut self, marks: Marks) -> Value {
        self.marks = self.marks.union(marks);
        self
    }

    pub fn sensitive(self) -> Value {
        self.with_marks(Marks::SENSITIVE)
    }

    /// Without its own marks, which come beside it.
    pub fn unmark(mut self) -> (Value, Marks) {
        let marks = std::mem::take(&mut self.marks);
        (self, marks)
    }

    /// Without its marks and those of all values inside.
    pub fn unmark_deep(self) -> (Value, Marks) {
        let marks = self.marks_deep();
        if marks.is_empty() {
            return (self, marks);
        }
        let plain = self.map_deep(&mut |value| value.unmark().0);
        (plain, marks)
    }

    /// Each value inside, innermost first, then itself, changed by `change`, which keeps types.
    pub fn map_deep(self, change: &mut dyn FnMut(Value) -> Value) -> Value {
        let Value { kind, marks } = self;
        let kind = match kind {
            Kind::List(ty, elements) => Kind::List(ty, Arc::new(each(&elements, change))),
            Kind::Tuple(elements) => Kind::Tuple(Arc::new(each(&elements, change))),
            Kind::Set(ty, elements) => {
                let changed = Value::set(ty, each(&elements, change)).with_marks(marks);
                return change(changed);
            }
            Kind::Map(ty, entries) => Kind::Map(ty, Arc::new(each_entry(&entries, change))),
            Kind::Object(entries) => Kind::Object(Arc::new(each_entry(&entries, change))),
            other => other,
        };
        change(Value { kind, marks })
    }
}

fn each(elements: &[Value], change: &mut dyn FnMut(Value) -> Value) -> Vec<Value> {
    elements.iter().map(|value| value.clone().map_deep(change)).collect()
}

fn each_entry(
    entries: &BTreeMap<String, Value>,
    change: &mut dyn FnMut(Value) -> Value,
) -> BTreeMap<String, Value> {
    entries.iter().map(|(name, value)| (name.clone(), value.clone().map_deep(change))).collect()
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::string(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::string(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::bool(value)
    }
}

impl From<Number> for Value {
    fn from(value: Number) -> Value {
        Value::number(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::number(value)
    }
}
