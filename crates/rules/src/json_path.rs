//! The part of JSONPath that EventBridge takes: members by dot or in brackets,
//! array places, and `*` for all of them.

use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Place(usize),
    All,
}

/// A path, such as `$.detail.containers[0].name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    steps: Vec<Step>,
}

impl JsonPath {
    /// `None` where it is no such path.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = step(rest)?;
            steps.push(step);
            rest = after;
        }
        Some(JsonPath { steps })
    }

    /// What stands there; with `*`, the array of all that do.
    pub fn of(&self, event: &Value) -> Option<Value> {
        let mut found = vec![event];
        for step in &self.steps {
            found = found.into_iter().flat_map(|value| step.of(value)).collect();
        }
        match self.steps.contains(&Step::All) {
            true => Some(Value::Array(found.into_iter().cloned().collect())),
            false => found.first().map(|value| (*value).clone()),
        }
    }
}

impl Step {
    fn of<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        match (self, value) {
            (Step::Member(name), Value::Object(members)) => members.get(name).into_iter().collect(),
            (Step::Place(place), Value::Array(items)) => items.get(*place).into_iter().collect(),
            (Step::All, Value::Array(items)) => items.iter().collect(),
            (Step::All, Value::Object(members)) => members.values().collect(),
            _ => Vec::new(),
        }
    }
}

/// The first step of a path, and what comes after it.
fn step(text: &str) -> Option<(Step, &str)> {
    if let Some(rest) = text.strip_prefix('.') {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        return match name {
            "" => None,
            "*" => Some((Step::All, after)),
            name => Some((Step::Member(name.to_owned()), after)),
        };
    }
    let (inner, after) = text.strip_prefix('[')?.split_once(']')?;
    if inner == "*" {
        return Some((Step::All, after));
    }
    if let Ok(place) = inner.parse() {
        return Some((Step::Place(place), after));
    }
    let quoted = |quote| inner.strip_prefix(quote)?.strip_suffix(quote);
    let name = quoted('\'').or_else(|| quoted('"'))?;
    Some((Step::Member(name.to_owned()), after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_find_what_stands_there() {
        let event = json!({ "detail": { "a": [{ "n": 1 }, { "n": 2 }], "b-c": "x" } });
        let find = |path: &str| JsonPath::parse(path).map(|path| path.of(&event));
        assert_eq!(find("$"), Some(Some(event.clone())));
        assert_eq!(find("$.detail.a[1].n"), Some(Some(json!(2))));
        assert_eq!(find("$.detail.a[*].n"), Some(Some(json!([1, 2]))));
        assert_eq!(find("$.detail['b-c']"), Some(Some(json!("x"))));
        assert_eq!(find("$.detail.none"), Some(None));
        for bad in ["", "detail", "$detail", "$.", "$..a", "$.a[", "$.a[x]"] {
            assert_eq!(find(bad), None, "{bad}");
        }
    }
}
