//! The difference between two values, as a tree: what was made, changed, taken away, or left.

use std::collections::BTreeMap;

use neargate_hcl::convert::Step;
use neargate_hcl::{Kind, Type, Value, json};

use super::sequence;
use crate::paths::Path;
use crate::schema::{BlockSchema, Nesting};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Same,
    Made,
    Gone,
    Changed,
}

#[derive(Clone, Debug)]
pub struct Diff {
    pub change: Change,
    pub shape: Shape,
    /// That its change needs another object.
    pub forces: bool,
}

#[derive(Clone, Debug)]
pub enum Shape {
    /// What is written before and after.
    Plain(String, String),
    /// A text of several lines.
    Lines(Option<String>, Option<String>),
    /// A text that is JSON.
    Json(Box<Diff>),
    Unknown(Option<Box<Diff>>),
    Sensitive,
    Object(BTreeMap<String, Diff>),
    Map(BTreeMap<String, Diff>),
    List(Vec<Diff>),
    Set(Vec<Diff>),
    /// Another type than before.
    Other(Box<Diff>, Box<Diff>),
    Block {
        attributes: BTreeMap<String, Diff>,
        blocks: BTreeMap<String, Vec<Diff>>,
    },
    SensitiveBlock,
}

pub struct Differ<'a> {
    pub replace: &'a [Path],
}

fn none(value: Option<&Value>) -> bool {
    value.is_none_or(Value::is_null)
}

impl Differ<'_> {
    fn diff(&self, change: Change, shape: Shape, path: &Path) -> Diff {
        let forces = change != Change::Same && self.replace.contains(path);
        Diff { change, shape, forces }
    }

    /// Of a block by its schema. What is null before and after is left out.
    pub fn block(
        &self,
        schema: &BlockSchema,
        before: Option<&Value>,
        after: Option<&Value>,
        path: &mut Path,
    ) -> Diff {
        let hidden = |value: Option<&Value>| value.is_some_and(Value::is_sensitive);
        if !path.is_empty() && (hidden(before) || hidden(after)) {
            let same = before == after;
            let change = if same { Change::Same } else { between(before, after) };
            return self.diff(change, Shape::SensitiveBlock, path);
        }
        let mut attributes = BTreeMap::new();
        for (name, attribute) in &schema.attributes {
            let (b, a) = (before.and_then(|v| v.get(name)), after.and_then(|v| v.get(name)));
            if none(b) && none(a) {
                continue;
            }
            path.push(Step::Attribute(name.clone()));
            // Of a value of any type it is not told.
            let any = attribute.ty == Type::Dynamic;
            let differ = Differ { replace: if any { &[] } else { self.replace } };
            attributes.insert(name.clone(), differ.value(b, a, path));
            path.pop();
        }
        let mut blocks = BTreeMap::new();
        for (name, nested) in &schema.blocks {
            let (b, a) = (before.and_then(|v| v.get(name)), after.and_then(|v| v.get(name)));
            path.push(Step::Attribute(name.clone()));
            let found = self.nested(&nested.block, nested.nesting, b, a, path);
            path.pop();
            if !found.is_empty() {
                blocks.insert(name.clone(), found);
            }
        }
        let same =
            attributes.values().chain(blocks.values().flatten()).all(|d| d.change == Change::Same);
        let change = match between(before, after) {
            Change::Changed if same => Change::Same,
            other => other,
        };
        self.diff(change, Shape::Block { attributes, blocks }, path)
    }

    fn nested(
        &self,
        schema: &BlockSchema,
        nesting: Nesting,
        before: Option<&Value>,
        after: Option<&Value>,
        path: &mut Path,
    ) -> Vec<Diff> {
        let whole = |v: Option<&Value>| v.is_some_and(|v| v.is_sensitive() || !v.is_known());
        if whole(before) || whole(after) {
            let unknown = after.is_some_and(|v| !v.is_known());
            let change = if before == after { Change::Same } else { Change::Changed };
            let shape = if unknown { Shape::Unknown(None) } else { Shape::SensitiveBlock };
            let change =
                if unknown && before.is_none_or(|b| b.elements().is_none_or(<[_]>::is_empty)) {
                    Change::Made
                } else {
                    change
                };
            return vec![self.diff(change, shape, path)];
        }
        let items = |v: Option<&Value>| match nesting {
            Nesting::Single => v.filter(|v| !v.is_null()).cloned().into_iter().collect(),
            _ => v.and_then(Value::elements).unwrap_or_default().to_vec(),
        };
        let (before, after): (Vec<Value>, Vec<Value>) = (items(before), items(after));
        let pairs = match nesting {
            Nesting::Set => sequence::of_sets(&before, &after),
            _ => sequence::of_lists(&before, &after, true),
        };
        pairs
            .into_iter()
            .map(|(b, a)| {
                path.push(Step::Index(b.or(a).unwrap_or(0)));
                let (b, a) = (b.map(|i| &before[i]), a.map(|i| &after[i]));
                let diff = self.block(schema, b, a, path);
                path.pop();
                diff
            })
            .collect()
    }

    /// Of a value by its own type.
    pub fn value(&self, before: Option<&Value>, after: Option<&Value>, path: &mut Path) -> Diff {
        let hidden = |v: Option<&Value>| v.is_some_and(Value::is_sensitive);
        if hidden(before) || hidden(after) {
            let plain = |v: Option<&Value>| v.map(|v| v.clone().unmark_deep().0);
            let same = plain(before) == plain(after) && hidden(before) == hidden(after);
            let change = if same { Change::Same } else { between(before, after) };
            return self.diff(change, Shape::Sensitive, path);
        }
        if after.is_some_and(|v| !v.is_known()) {
            let known = before.filter(|v| !v.is_null());
            let old = known.map(|v| Box::new(self.value(Some(v), None, path)));
            let change = if known.is_some() { Change::Changed } else { Change::Made };
            return self.diff(change, Shape::Unknown(old), path);
        }
        let change = between(before, after);
        if let (Some(b), Some(a)) = (before, after)
            && change == Change::Changed
            && category(b) != category(a)
        {
            let (gone, made) = (self.value(Some(b), None, path), self.value(None, Some(a), path));
            return self.diff(Change::Changed, Shape::Other(Box::new(gone), Box::new(made)), path);
        }
        let example = after.filter(|v| !v.is_null()).or(before);
        match example.map(Value::kind) {
            Some(Kind::Object(_)) => {
                self.keyed(before, after, path, Shape::Object, Step::Attribute)
            }
            Some(Kind::Map(..)) => self.keyed(before, after, path, Shape::Map, Step::Key),
            Some(Kind::List(..) | Kind::Tuple(_)) => self.listed(before, after, path, false),
            Some(Kind::Set(..)) => self.listed(before, after, path, true),
            Some(Kind::String(_)) => self.text(before, after, path),
            _ => self.plain(before, after, path),
        }
    }

    fn keyed(
        &self,
        before: Option<&Value>,
        after: Option<&Value>,
        path: &mut Path,
        shape: fn(BTreeMap<String, Diff>) -> Shape,
        step: fn(String) -> Step,
    ) -> Diff {
        let entries = |v: Option<&Value>| v.and_then(Value::entries).cloned().unwrap_or_default();
        let (b, a) = (entries(before), entries(after));
        let mut found = BTreeMap::new();
        for name in b.keys().chain(a.keys()) {
            if found.contains_key(name) {
                continue;
            }
            path.push(step(name.clone()));
            let mut diff = self.value(b.get(name), a.get(name), path);
            // Null is a value where there was none.
            if !b.contains_key(name) && diff.change == Change::Same && before.is_some() {
                diff.change = Change::Made;
            } else if !a.contains_key(name) && diff.change == Change::Same && after.is_some() {
                diff.change = Change::Gone;
            } else if none(b.get(name)) && none(a.get(name)) {
                diff.change = side(before, after).unwrap_or(diff.change);
            }
            found.insert(name.clone(), diff);
            path.pop();
        }
        self.container(before, after, shape(found.clone()), found.values(), path)
    }

    fn listed(
        &self,
        before: Option<&Value>,
        after: Option<&Value>,
        path: &mut Path,
        set: bool,
    ) -> Diff {
        let items = |v: Option<&Value>| v.and_then(Value::elements).unwrap_or_default().to_vec();
        let (b, a) = (items(before), items(after));
        let pairs = if set { sequence::of_sets(&b, &a) } else { sequence::of_lists(&b, &a, false) };
        let found: Vec<Diff> = pairs
            .into_iter()
            .map(|(bi, ai)| {
                path.push(Step::Index(bi.or(ai).unwrap_or(0)));
                let mut diff = self.value(bi.map(|i| &b[i]), ai.map(|i| &a[i]), path);
                if diff.change == Change::Same {
                    diff.change = match (bi, ai) {
                        (Some(_), None) => Change::Gone,
                        (None, Some(_)) => Change::Made,
                        _ => Change::Same,
                    };
                }
                path.pop();
                diff
            })
            .collect();
        let shape = if set { Shape::Set(found.clone()) } else { Shape::List(found.clone()) };
        self.container(before, after, shape, found.iter(), path)
    }

    fn container<'d>(
        &self,
        before: Option<&Value>,
        after: Option<&Value>,
        shape: Shape,
        mut inside: impl Iterator<Item = &'d Diff>,
        path: &Path,
    ) -> Diff {
        let change = match between(before, after) {
            Change::Changed if inside.all(|diff| diff.change == Change::Same) => Change::Same,
            other => other,
        };
        self.diff(change, shape, path)
    }

    fn text(&self, before: Option<&Value>, after: Option<&Value>, path: &mut Path) -> Diff {
        let change = between(before, after);
        let text = |v: Option<&Value>| v.and_then(Value::as_str).map(str::to_owned);
        let (b, a) = (text(before), text(after));
        let parsed = |t: &Option<String>| t.as_deref().and_then(structured);
        let jsons = (b.is_none() || parsed(&b).is_some()) && (a.is_none() || parsed(&a).is_some());
        if jsons {
            let (pb, pa) = (parsed(&b), parsed(&a));
            let inner = Differ { replace: &[] }.value(pb.as_ref(), pa.as_ref(), &mut Path::new());
            return self.diff(
                if b == a { Change::Same } else { change },
                Shape::Json(Box::new(inner)),
                path,
            );
        }
        if b.iter().chain(&a).any(|t| t.contains('\n')) {
            return self.diff(change, Shape::Lines(b, a), path);
        }
        self.plain(before, after, path)
    }

    fn plain(&self, before: Option<&Value>, after: Option<&Value>, path: &Path) -> Diff {
        let shape = Shape::Plain(written(before), written(after));
        self.diff(between(before, after), shape, path)
    }
}

/// A text that holds a JSON object or list.
fn structured(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    Some(json::from_json(&serde_json::from_str(text).ok()?))
}

/// What the inside of something that is made, or gone, is.
fn side(before: Option<&Value>, after: Option<&Value>) -> Option<Change> {
    match (none(before), none(after)) {
        (true, false) => Some(Change::Made),
        (false, true) => Some(Change::Gone),
        _ => None,
    }
}

fn between(before: Option<&Value>, after: Option<&Value>) -> Change {
    match side(before, after) {
        Some(change) => change,
        None if none(before) && none(after) => Change::Same,
        None if before == after => Change::Same,
        None => Change::Changed,
    }
}

/// Values of one category can be compared inside.
fn category(value: &Value) -> u8 {
    match value.kind() {
        Kind::Object(_) => 1,
        Kind::Map(..) => 2,
        Kind::List(..) | Kind::Tuple(_) => 3,
        Kind::Set(..) => 4,
        _ => match value.ty() {
            Type::String => 5,
            _ => 6,
        },
    }
}

fn written(value: Option<&Value>) -> String {
    match value.map(Value::kind) {
        None | Some(Kind::Null(_)) => "null".to_owned(),
        Some(Kind::String(text)) => super::human::quote(text),
        Some(_) => value.and_then(json::encode).unwrap_or_else(|| "(known after apply)".to_owned()),
    }
}
