//! Event patterns: an object that has the structure of the events that it
//! matches, with a list of what may stand there at each leaf.
//!
//! ```text
//! {"source": ["aws.ecs"], "detail": {"lastStatus": ["RUNNING", {"prefix": "STOP"}]}}
//!   every member must match; in a list, one is enough; a list in the event matches by any of its items
//! ```
//!
//! Parsing refuses what AWS refuses, in the words of its rule compiler.
//! Source: "Creating event patterns" and "Comparison operators for use in event
//! patterns" in the EventBridge user guide.

mod compare;
mod parse;

use serde_json::{Map, Value};

use compare::Comparison;

/// Why a text is no pattern, in AWS's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Event pattern is not valid. Reason: {0}")]
pub struct InvalidPattern(pub String);

/// A pattern, ready to match.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Members);

/// What an object must have: every member, and one branch of each `$or`.
#[derive(Clone, Debug, PartialEq)]
struct Members {
    fields: Vec<(String, Node)>,
    alternatives: Vec<Vec<Members>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Object(Members),
    /// One of these must hold.
    Leaf(Vec<Comparison>),
}

impl Pattern {
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        parse::pattern(text).map(Pattern)
    }

    /// Whether the event is one of those that the pattern selects.
    pub fn matches(&self, event: &Value) -> bool {
        match event {
            Value::Object(members) => self.0.match_item(members, &[members]),
            _ => false,
        }
    }

    /// The exact values that a top-level member may have, if it can have no others
    /// and the pattern asks for it outside of any `$or`.
    pub fn exact_values(&self, member: &str) -> Option<Vec<&str>> {
        let (_, node) = self.0.fields.iter().find(|(name, _)| name == member)?;
        let Node::Leaf(comparisons) = node else { return None };
        comparisons
            .iter()
            .map(|comparison| match comparison {
                Comparison::Exact(Value::String(text)) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }
}

/// An object of the event.
type Item = Map<String, Value>;

impl Members {
    /// Whether `item` has all of it. `all` are the items that it stands among: what must be
    /// absent must be absent from each.
    fn match_item(&self, item: &Item, all: &[&Item]) -> bool {
        let fields = self.fields.iter().all(|(name, node)| node.matches(name, item, all));
        fields
            && self
                .alternatives
                .iter()
                .all(|branches| branches.iter().any(|branch| branch.match_item(item, all)))
    }
}

impl Node {
    fn matches(&self, name: &str, item: &Item, all: &[&Item]) -> bool {
        match self {
            Node::Object(members) => {
                let inner = items(item.get(name));
                let all: Vec<&Item> = all.iter().flat_map(|item| items(item.get(name))).collect();
                if inner.is_empty() {
                    // Nothing is below: it matches where only the absence is asked for.
                    return members.match_item(&Item::new(), &all);
                }
                // All members must match within one and the same item of a list.
                inner.iter().any(|item| members.match_item(item, &all))
            }
            Node::Leaf(comparisons) => {
                let own = leaves(item.get(name));
                comparisons.iter().any(|comparison| match comparison {
                    Comparison::Exists(true) => !own.is_empty(),
                    Comparison::Exists(false) => {
                        all.iter().all(|item| leaves(item.get(name)).is_empty())
                    }
                    comparison => own.iter().any(|leaf| comparison.holds(leaf)),
                })
            }
        }
    }
}

/// The objects that stand there, alone or within lists.
fn items(value: Option<&Value>) -> Vec<&Item> {
    match value {
        Some(Value::Object(item)) => vec![item],
        Some(Value::Array(values)) => values.iter().flat_map(|v| items(Some(v))).collect(),
        _ => Vec::new(),
    }
}

/// The scalars that stand there, alone or within lists.
fn leaves(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Object(_)) => Vec::new(),
        Some(Value::Array(values)) => values.iter().flat_map(|v| leaves(Some(v))).collect(),
        Some(scalar) => vec![scalar],
    }
}

#[cfg(test)]
mod tests;
