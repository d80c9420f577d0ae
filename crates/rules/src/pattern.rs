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
            Value::Object(members) => self.0.match_object(members),
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

impl Members {
    fn match_object(&self, event: &Map<String, Value>) -> bool {
        let fields = self.fields.iter().all(|(name, node)| node.matches(event.get(name)));
        fields
            && self
                .alternatives
                .iter()
                .all(|branches| branches.iter().any(|branch| branch.match_object(event)))
    }

    /// What stands where the pattern has an object. All members of one pattern must
    /// match within one and the same item of a list.
    fn match_value(&self, event: Option<&Value>) -> bool {
        match event {
            Some(Value::Object(members)) => self.match_object(members),
            Some(Value::Array(items)) if items.iter().any(is_structure) => {
                items.iter().any(|item| self.match_value(Some(item)))
            }
            // Nothing is below: it matches where only the absence is asked for.
            _ => self.match_object(&Map::new()),
        }
    }
}

impl Node {
    fn matches(&self, event: Option<&Value>) -> bool {
        let comparisons = match self {
            Node::Object(members) => return members.match_value(event),
            Node::Leaf(comparisons) => comparisons,
        };
        let mut leaves = Vec::new();
        if let Some(event) = event {
            collect_leaves(event, &mut leaves);
        }
        comparisons.iter().any(|comparison| match comparison {
            Comparison::Exists(wanted) => leaves.is_empty() != *wanted,
            comparison => leaves.iter().any(|leaf| comparison.holds(leaf)),
        })
    }
}

fn is_structure(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// What is a leaf: scalars, alone or within lists.
fn collect_leaves<'a>(event: &'a Value, leaves: &mut Vec<&'a Value>) {
    match event {
        Value::Object(_) => {}
        Value::Array(items) => items.iter().for_each(|item| collect_leaves(item, leaves)),
        scalar => leaves.push(scalar),
    }
}

#[cfg(test)]
mod tests;
