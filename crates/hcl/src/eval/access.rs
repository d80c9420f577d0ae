//! Attributes, indices and splats.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, Traversal, TraversalOperator};

use super::describe::leading_names;
use super::{Evaluated, Evaluator};
use crate::convert::convert;
use crate::diagnostic::{Diagnostic, Range, nearest};
use crate::value::Kind;
use crate::{Type, Value};

/// Which operators of a traversal.
type Operators = std::ops::Range<usize>;

/// The operator of a traversal at which an access stands.
struct Place<'a> {
    evaluator: &'a Evaluator<'a>,
    traversal: &'a Traversal,
    index: usize,
}

impl Place<'_> {
    fn error(&self, summary: &str, detail: impl Into<String>) -> Diagnostic {
        let operators = &self.traversal.operators;
        let before = match self.index.checked_sub(1) {
            Some(before) => operators[before].span(),
            None => self.traversal.expr.span(),
        };
        let own = operators.get(self.index).and_then(|operator| operator.span());
        let start = before.map_or(0, |span| span.end);
        let end = own.map_or(start, |span| span.end);
        let text = &self.evaluator.source.text;
        // What is between may be blanks, and the bracket that closes an index.
        let between = text.get(start..end).unwrap_or_default();
        let start = start + between.find(['.', '[']).unwrap_or(0);
        let end = if text[end.min(text.len())..].starts_with(']') { end + 1 } else { end };
        let mut shorter = self.traversal.clone();
        shorter.operators.truncate(self.index);
        let of = if shorter.operators.is_empty() { shorter.expr } else { shorter.into() };
        let values = self.evaluator.describe(&of);
        let range = Range::new(self.evaluator.source, start..end);
        Diagnostic::error(summary, detail).at(range).with_values(values)
    }
}

impl Evaluator<'_> {
    pub(super) fn traversal(&self, traversal: &Traversal) -> Evaluated {
        let (value, taken) = match &traversal.expr {
            Expression::Variable(root) => {
                let names = leading_names(traversal);
                self.reference(&traversal.expr, root.as_str(), &names)
                    .map_err(|error| self.over_names(error, traversal))?
            }
            other => (self.value(other)?, 0),
        };
        self.steps(value, traversal, taken..traversal.operators.len())
    }

    /// An error of a name's root, shown with the steps after it.
    fn over_names(&self, error: Diagnostic, traversal: &Traversal) -> Diagnostic {
        match (&error.range, traversal.expr.span()) {
            (Some(range), Some(root)) if range.bytes == root => {
                let end = traversal
                    .operators
                    .iter()
                    .map_while(|o| {
                        matches!(o.value(), TraversalOperator::GetAttr(_)).then(|| o.span())
                    })
                    .flatten()
                    .last()
                    .map_or(root.end, |span| span.end);
                error.at(Range::new(self.source, root.start..end))
            }
            _ => error,
        }
    }

    fn steps(&self, value: Value, traversal: &Traversal, operators: Operators) -> Evaluated {
        let mut value = value;
        let all = &traversal.operators;
        for index in operators.clone() {
            let place = Place { evaluator: self, traversal, index };
            value = match all[index].value() {
                TraversalOperator::GetAttr(name) => attribute(&place, &value, name.as_str())?,
                TraversalOperator::LegacyIndex(number) => {
                    if is_legacy_index(index.checked_sub(1).map(|before| all[before].value())) {
                        return Err(place.error(
                            "Invalid legacy index syntax",
                            "When using the legacy index syntax, chaining two indexes together is not permitted. Use the proper index syntax instead, like [0][1].",
                        ));
                    }
                    element(&place, &value, &Value::number(*number.value()))?
                }
                TraversalOperator::Index(key) => {
                    let key = self.value(key)?;
                    element(&place, &value, &key)?
                }
                TraversalOperator::FullSplat(_) => {
                    return self.splat(&value, &place, index + 1..operators.end);
                }
                TraversalOperator::AttrSplat(_) => {
                    let rest = &all[index + 1..operators.end];
                    let taken = rest.iter().take_while(|o| is_attribute(o.value())).count();
                    let after = index + 1 + taken;
                    let value = self.splat(&value, &place, index + 1..after)?;
                    return self.steps(value, traversal, after..operators.end);
                }
            };
        }
        Ok(value)
    }

    /// The steps taken from each element. What is no list, set or tuple is the only element, and
    /// null none.
    fn splat(&self, value: &Value, place: &Place<'_>, each: Operators) -> Evaluated {
        let marks = value.marks();
        let traversal = place.traversal;
        let elements: &[Value] = match value.kind() {
            Kind::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                return Err(place.error(
                    "Splat of null value",
                    "Splat expressions (with the * symbol) cannot be applied to null sequences.",
                ));
            }
            Kind::Null(_) => &[],
            Kind::Unknown(_) => return Ok(Value::unknown(Type::Dynamic).with_marks(marks)),
            _ => value.elements().unwrap_or(std::slice::from_ref(value)),
        };
        let mut results = Vec::with_capacity(elements.len());
        for element in elements {
            self.spend(&traversal.expr, 1)?;
            results.push(self.steps(element.clone(), traversal, each.clone())?);
        }
        let result = match (value.kind(), results.first()) {
            (Kind::List(..) | Kind::Set(..), Some(first)) => Value::list(first.ty(), results),
            (Kind::List(ty, _) | Kind::Set(ty, _), None) => {
                // What the steps lead to is told by an element that there is not.
                let of = self.steps(Value::unknown(ty.clone()), traversal, each)?;
                Value::list(of.ty(), results)
            }
            _ => Value::tuple(results),
        };
        Ok(result.with_marks(marks))
    }
}

/// What a `.*` takes with it to each element.
fn is_attribute(operator: &TraversalOperator) -> bool {
    matches!(operator, TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_))
}

fn is_legacy_index(operator: Option<&TraversalOperator>) -> bool {
    matches!(operator, Some(TraversalOperator::LegacyIndex(_)))
}

fn attribute(place: &Place<'_>, value: &Value, name: &str) -> Evaluated {
    let marks = value.marks();
    match value.kind() {
        Kind::Null(_) => Err(place.error(
            "Attempt to get attribute from null value",
            "This value is null, so it does not have any attributes.",
        )),
        Kind::Unknown(Type::Dynamic) => Ok(Value::unknown(Type::Dynamic).with_marks(marks)),
        Kind::Unknown(Type::Map(element)) => {
            Ok(Value::unknown((**element).clone()).with_marks(marks))
        }
        Kind::Unknown(Type::Object(attributes)) => match attributes.get(name) {
            Some(attribute) => Ok(Value::unknown(attribute.ty.clone()).with_marks(marks)),
            None => Err(no_attribute(place, name, attributes.keys())),
        },
        Kind::Object(attributes) => match attributes.get(name) {
            Some(value) => Ok(value.clone().with_marks(marks)),
            None => Err(no_attribute(place, name, attributes.keys())),
        },
        Kind::Map(_, entries) => match entries.get(name) {
            Some(value) => Ok(value.clone().with_marks(marks)),
            None => Err(place.error(
                "Missing map element",
                format!(
                    "This map does not have an element with the key {name:?}.{}",
                    meant(name, entries.keys())
                ),
            )),
        },
        _ => Err(no_attributes(place, &value.ty(), name)),
    }
}

fn meant<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> String {
    let near = nearest(name, known.map(String::as_str));
    near.map(|near| format!(" Did you mean {near:?}?")).unwrap_or_default()
}

fn no_attribute<'a>(
    place: &Place<'_>,
    name: &str,
    known: impl Iterator<Item = &'a String>,
) -> Diagnostic {
    let meant = meant(name, known);
    place.error(
        "Unsupported attribute",
        format!("This object does not have an attribute named {name:?}.{meant}"),
    )
}

/// Of a value that is neither object nor map.
fn no_attributes(place: &Place<'_>, ty: &Type, name: &str) -> Diagnostic {
    let detail = match ty {
        Type::List(element) | Type::Set(element) if matches!(**element, Type::Object(_)) => {
            if matches!(ty, Type::List(_)) {
                format!(
                    "Can't access attributes on a list of objects. Did you mean to access attribute {name:?} for a specific element of the list, or across all elements of the list?"
                )
            } else {
                "Can't access attributes on a set of objects. Did you mean to access an attribute across all elements of the set?".into()
            }
        }
        Type::Bool | Type::Number | Type::String => {
            format!("Can't access attributes on a primitive-typed value ({}).", ty.friendly())
        }
        _ => "This value does not have any attributes.".into(),
    };
    place.error("Unsupported attribute", detail)
}

fn element(place: &Place<'_>, value: &Value, key: &Value) -> Evaluated {
    let marks = value.marks();
    let invalid = |detail: String| Err(place.error("Invalid index", detail));
    if value.is_null() {
        return Err(place.error(
            "Attempt to index null value",
            "This value is null, so it does not have any indices.",
        ));
    }
    if key.is_null() {
        return invalid("Can't use a null value as an indexing key.".into());
    }
    let ty = value.ty();
    let wanted = match &ty {
        Type::Dynamic => return Ok(Value::unknown(Type::Dynamic).with_marks(marks)),
        Type::List(_) | Type::Tuple(_) => Type::Number,
        Type::Map(_) | Type::Object(_) => Type::String,
        Type::Set(_) => {
            return invalid("Elements of a set are identified only by their value and don't have any separate index or key to select with, so it's only possible to perform operations across all elements of the set.".into());
        }
        _ => return invalid("This value does not have any indices.".into()),
    };
    let is_numbered = matches!(ty, Type::Object(_)) && key.as_number().is_some();
    let key = match convert(key, &wanted) {
        Ok(key) => key,
        Err(e) => {
            return invalid(format!(
                "The given key does not identify an element in this collection value: {e}."
            ));
        }
    };
    if !key.is_known() || !value.is_known() {
        let element = ty.element().cloned().unwrap_or(Type::Dynamic);
        return Ok(Value::unknown(element).with_marks(marks));
    }
    match find(value, &key, is_numbered) {
        Ok(found) => Ok(found.with_marks(marks)),
        Err(why) => invalid(format!(
            "The given key does not identify an element in this collection value{why}"
        )),
    }
}

fn find(value: &Value, key: &Value, is_numbered: bool) -> Result<Value, String> {
    if let Some(name) = key.as_str() {
        let entries = value.entries();
        let found = entries.and_then(|entries| entries.get(name)).cloned();
        return found.ok_or_else(|| {
            if is_numbered {
                return ". An object only supports looking up attributes by name, not by numeric index.".into();
            }
            let near = entries.and_then(|e| nearest(name, e.keys().map(String::as_str)));
            near.map_or(".".into(), |near| format!(". Did you mean {near:?}?"))
        });
    }
    let (Some(number), Some(elements)) = (key.as_number(), value.elements()) else {
        return Err(".".into());
    };
    if !number.is_integer() {
        return Err(": indexing a sequence requires a whole number, but the given index has a fractional part.".into());
    }
    if number.is_negative() {
        return Err(": a negative number is not a valid index for a sequence.".into());
    }
    let found = number.to_usize().and_then(|index| elements.get(index)).cloned();
    found.ok_or_else(|| match elements.is_empty() {
        true => ": the collection has no elements.".into(),
        false => {
            ": the given index is greater than or equal to the length of the collection.".into()
        }
    })
}
