//! What a target is given of an event: all of it, a part, a constant, or a
//! template that is filled in.
//! Source: "Input transformation" in the EventBridge user guide.

use std::collections::BTreeMap;

use neargate_ids::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::json_path::JsonPath;

/// How a target's input is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The event itself.
    Whole,
    /// JSON, whatever the event.
    Constant(String),
    Path(JsonPath),
    Template {
        variables: BTreeMap<String, JsonPath>,
        template: String,
    },
}

/// What an input is made of.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// The event as JSON.
    pub event: &'a str,
    pub rule_arn: &'a str,
    pub received_at: Timestamp,
}

/// The names that need no path.
const RULE_ARN: &str = "aws.events.rule-arn";
const RULE_NAME: &str = "aws.events.rule-name";
const EVENT: &str = "aws.events.event";
const EVENT_JSON: &str = "aws.events.event.json";
const INGESTION_TIME: &str = "aws.events.event.ingestion-time";
const RESERVED: [&str; 5] = [RULE_ARN, RULE_NAME, EVENT, EVENT_JSON, INGESTION_TIME];

impl Input {
    /// Checks the constant: it has to be JSON.
    pub fn constant(text: &str) -> Result<Self, String> {
        match serde_json::from_str::<&RawValue>(text) {
            Ok(_) => Ok(Input::Constant(text.to_owned())),
            Err(error) => Err(error.to_string()),
        }
    }

    pub fn path(text: &str) -> Result<Self, String> {
        JsonPath::parse(text).map(Input::Path).ok_or_else(|| format!("{text} is no JSON path"))
    }

    /// Checks the variables' paths, and that the template uses no other variable.
    pub fn template(paths: &BTreeMap<String, String>, template: &str) -> Result<Self, String> {
        let mut variables = BTreeMap::new();
        for (name, path) in paths {
            if name.to_ascii_lowercase().starts_with("aws.") {
                return Err(format!("the name {name} is reserved"));
            }
            let path = JsonPath::parse(path).ok_or_else(|| format!("{path} is no JSON path"))?;
            variables.insert(name.clone(), path);
        }
        for piece in pieces(template) {
            if let Piece::Variable { name, .. } = piece
                && !variables.contains_key(name)
                && !RESERVED.contains(&name)
            {
                return Err(format!("the variable <{name}> is not defined"));
            }
        }
        Ok(Input::Template { variables, template: template.to_owned() })
    }

    /// The text that the target is given.
    pub fn of(&self, of: Of<'_>) -> String {
        let event = || serde_json::from_str::<Value>(of.event).unwrap_or_default();
        match self {
            Input::Whole => of.event.to_owned(),
            Input::Constant(text) => text.clone(),
            Input::Path(path) => path.of(&event()).unwrap_or_default().to_string(),
            Input::Template { variables, template } => {
                let event = event();
                let value = |name: &str| match variables.get(name) {
                    Some(path) => path.of(&event),
                    None => reserved(name, &event, of),
                };
                minified(fill(template, value))
            }
        }
    }
}

fn reserved(name: &str, event: &Value, of: Of<'_>) -> Option<Value> {
    Some(match name {
        RULE_ARN => Value::String(of.rule_arn.to_owned()),
        RULE_NAME => Value::String(of.rule_arn.rsplit('/').next().unwrap_or_default().to_owned()),
        INGESTION_TIME => Value::String(of.received_at.iso8601_secs()),
        EVENT => {
            let mut without_detail = event.clone();
            without_detail.as_object_mut()?.remove("detail");
            without_detail
        }
        EVENT_JSON => event.clone(),
        _ => return None,
    })
}

/// A template, in pieces.
enum Piece<'a> {
    Text(&'a str),
    Variable { name: &'a str, in_string: bool },
}

fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut rest, mut in_string) = (template, false);
    while let Some(open) = rest.find('<') {
        let (text, after) = rest.split_at(open);
        let name = after[1..].split_once('>').map(|(name, _)| name).filter(|name| is_name(name));
        let taken = match name {
            // A lone `<` is text.
            None => &rest[..open + 1],
            Some(_) => text,
        };
        in_string = ends_in_string(taken, in_string);
        pieces.push(Piece::Text(taken));
        rest = &rest[taken.len()..];
        if let Some(name) = name {
            pieces.push(Piece::Variable { name, in_string });
            rest = &rest[name.len() + 2..];
        }
    }
    pieces.push(Piece::Text(rest));
    pieces
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

/// Whether a JSON string is open at the end of `text`, if one was (or was not) at its beginning.
fn ends_in_string(text: &str, mut in_string: bool) -> bool {
    let mut escaped = false;
    for character in text.chars() {
        match character {
            '"' if !escaped => in_string = !in_string,
            '\\' if in_string && !escaped => {
                escaped = true;
                continue;
            }
            _ => {}
        }
        escaped = false;
    }
    in_string
}

/// Within a string a value stands as it is, elsewhere as JSON. AWS escapes nothing.
fn fill(template: &str, value: impl Fn(&str) -> Option<Value>) -> String {
    let mut filled = String::new();
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Variable { name, in_string } => match value(name) {
                Some(Value::String(text)) if in_string => filled.push_str(&text),
                Some(json) => filled.push_str(&json.to_string()),
                None if in_string => {}
                None => filled.push_str("\"\""),
            },
        }
    }
    filled
}

/// JSON without the space between its parts; what is no JSON stays.
fn minified(text: String) -> String {
    if serde_json::from_str::<&RawValue>(&text).is_err() {
        return text;
    }
    let (mut in_string, mut escaped) = (false, false);
    text.chars()
        .filter(|character| {
            let keep = in_string || !character.is_ascii_whitespace();
            in_string ^= *character == '"' && !escaped;
            escaped = in_string && *character == '\\' && !escaped;
            keep
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    const EVENT: &str = r#"{"version":"0","source":"aws.ec2","time":"2015-11-11T21:29:54Z","resources":["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],"detail":{"instance-id":"i-0123456789","state":"RUNNING","count":2}}"#;

    fn given(input: Input) -> String {
        input.of(Of {
            event: EVENT,
            rule_arn: "arn:aws:events:us-east-2:123456789012:rule/example",
            received_at: Timestamp::from_secs(1_767_323_045),
        })
    }

    fn check(template: &str, expected: Expect) {
        let paths = BTreeMap::from([
            ("instance".to_owned(), "$.detail.instance-id".to_owned()),
            ("state".to_owned(), "$.detail.state".to_owned()),
            ("count".to_owned(), "$.detail.count".to_owned()),
            ("none".to_owned(), "$.detail.none".to_owned()),
        ]);
        expected.assert_eq(&given(Input::template(&paths, template).unwrap()));
    }

    #[test]
    fn whole_constant_and_part() {
        assert_eq!(given(Input::Whole), EVENT);
        assert_eq!(given(Input::constant(r#"{"a": 1}"#).unwrap()), r#"{"a": 1}"#);
        assert_eq!(given(Input::path("$.detail.state").unwrap()), r#""RUNNING""#);
        assert_eq!(given(Input::path("$.detail.none").unwrap()), "null");
        assert!(Input::constant("{").is_err());
        assert!(Input::path("detail").is_err());
    }

    /// The table "Input Transform Examples" of the guide.
    #[test]
    fn templates_are_filled_in() {
        check(
            r#""instance <instance> is in <state>""#,
            expect![[r#""instance i-0123456789 is in RUNNING""#]],
        );
        check(
            r#"{"instance": <instance>, "state": [9, <state>, true], "Transformed": "Yes"}"#,
            expect![[
                r#"{"instance":"i-0123456789","state":[9,"RUNNING",true],"Transformed":"Yes"}"#
            ]],
        );
        check(
            r#"{
                "state": "<state>",
                "count": <count>,
                "status": "instance \"<instance>\" is in <state>"
            }"#,
            expect![[
                r#"{"state":"RUNNING","count":2,"status":"instance \"i-0123456789\" is in RUNNING"}"#
            ]],
        );
        check(
            r#"{"ruleArn": <aws.events.rule-arn>, "ruleName": <aws.events.rule-name>, "at": <aws.events.event.ingestion-time>}"#,
            expect![[
                r#"{"ruleArn":"arn:aws:events:us-east-2:123456789012:rule/example","ruleName":"example","at":"2026-01-02T03:04:05Z"}"#
            ]],
        );
        check(
            r#"{"event": <aws.events.event>}"#,
            expect![[
                r#"{"event":{"resources":["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],"source":"aws.ec2","time":"2015-11-11T21:29:54Z","version":"0"}}"#
            ]],
        );
        check(r#""<aws.events.rule-name> triggered""#, expect![[r#""example triggered""#]]);
        check(
            r#"{"a": <none>, "b": "<none>", "c": "1 < 2"}"#,
            expect![[r#"{"a":"","b":"","c":"1 < 2"}"#]],
        );
    }

    #[test]
    fn templates_use_only_what_is_defined() {
        let refused = |template: &str| Input::template(&BTreeMap::new(), template).unwrap_err();
        assert_eq!(refused("\"<state>\""), "the variable <state> is not defined");
        let paths = BTreeMap::from([("AWS.x".to_owned(), "$.a".to_owned())]);
        assert_eq!(Input::template(&paths, "\"\"").unwrap_err(), "the name AWS.x is reserved");
    }
}
