//! Places within a value: to mark it there, to look there, to put something else there.

use neargate_hcl::convert::Step;
use neargate_hcl::{Kind, Marks, Value};

pub type Path = Vec<Step>;

/// The value at a path; none if there is nothing.
pub fn get<'a>(value: &'a Value, path: &[Step]) -> Option<&'a Value> {
    let mut value = value;
    for step in path {
        value = match step {
            Step::Attribute(name) | Step::Key(name) => value.get(name)?,
            Step::Index(index) => value.elements()?.get(*index)?,
        };
    }
    Some(value)
}

/// The value with what is at a path changed by `change`. Where there is nothing, nothing changes.
pub fn change(value: &Value, path: &[Step], change_it: &dyn Fn(Value) -> Value) -> Value {
    let Some((step, rest)) = path.split_first() else { return change_it(value.clone()) };
    let marks = value.marks();
    let changed = match (value.kind(), step) {
        (Kind::Object(entries), Step::Attribute(name) | Step::Key(name)) => {
            let mut entries = (**entries).clone();
            if let Some(inner) = entries.get_mut(name) {
                *inner = change(inner, rest, change_it);
            }
            Value::object(entries)
        }
        (Kind::Map(element, entries), Step::Attribute(name) | Step::Key(name)) => {
            let mut entries = (**entries).clone();
            if let Some(inner) = entries.get_mut(name) {
                *inner = change(inner, rest, change_it);
            }
            Value::map(element.clone(), entries)
        }
        (Kind::List(element, elements), Step::Index(index)) => {
            Value::list(element.clone(), with_element(elements, *index, rest, change_it))
        }
        (Kind::Tuple(elements), Step::Index(index)) => {
            Value::tuple(with_element(elements, *index, rest, change_it))
        }
        // What is in a set has no place of its own: the set as a whole is meant.
        (Kind::Set(..), _) => return change_it(value.clone()),
        _ => return value.clone(),
    };
    changed.with_marks(marks)
}

fn with_element(
    elements: &[Value],
    index: usize,
    rest: &[Step],
    change_it: &dyn Fn(Value) -> Value,
) -> Vec<Value> {
    let mut elements = elements.to_vec();
    if let Some(inner) = elements.get_mut(index) {
        *inner = change(inner, rest, change_it);
    }
    elements
}

/// The outermost places that carry a mark.
pub fn marked(value: &Value, mark: Marks) -> Vec<Path> {
    let mut found = Vec::new();
    collect(value, mark, &mut Vec::new(), &mut found);
    found
}

fn collect(value: &Value, mark: Marks, path: &mut Path, found: &mut Vec<Path>) {
    if value.marks().contains(mark) {
        found.push(path.clone());
        return;
    }
    let steps: Vec<(Step, &Value)> = match value.kind() {
        Kind::Object(entries) => {
            entries.iter().map(|(name, v)| (Step::Attribute(name.clone()), v)).collect()
        }
        Kind::Map(_, entries) => {
            entries.iter().map(|(key, v)| (Step::Key(key.clone()), v)).collect()
        }
        Kind::List(_, elements) | Kind::Tuple(elements) => {
            elements.iter().enumerate().map(|(i, v)| (Step::Index(i), v)).collect()
        }
        _ => Vec::new(),
    };
    for (step, inner) in steps {
        path.push(step);
        collect(inner, mark, path, found);
        path.pop();
    }
}

/// The value, sensitive at these places.
pub fn mark(value: Value, paths: &[Path]) -> Value {
    paths.iter().fold(value, |value, path| change(&value, path, &|inner| inner.sensitive()))
}

/// As errors and `-json` write a path: `tags["a"]`.
pub fn told(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Attribute(name) if text.is_empty() => text.push_str(name),
            Step::Attribute(name) => text.push_str(&format!(".{name}")),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Key(key) => text.push_str(&format!("[{key:?}]")),
        }
    }
    text
}
