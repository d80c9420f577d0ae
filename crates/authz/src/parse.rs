//! From a document's text to a policy. The checks and their order are IAM's
//! grammar ("Grammar of the IAM JSON policy language" in the user guide); a
//! document that passes here is one that IAM would have kept.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::condition::Condition;
use crate::malformed::Malformed;
use crate::policy::{Effect, Kind, Policy, Principals, Scope, Statement};
use crate::position::Position;

type Members = serde_json::Map<String, Json>;

const STATEMENT_ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
];

pub(crate) fn policy(text: &str, kind: Kind) -> Result<Policy, Malformed> {
    let document: Json = serde_json::from_str(text).map_err(|_| Malformed::NotJson)?;
    let document = document.as_object().ok_or(Malformed::Syntax)?;
    if document.keys().any(|key| !["Version", "Id", "Statement"].contains(&key.as_str())) {
        return Err(Malformed::Syntax);
    }
    if document.get("Id").is_some_and(|id| !id.is_string()) {
        return Err(Malformed::Syntax);
    }
    let has_variables = match document.get("Version").map(Json::as_str) {
        None | Some(Some("2008-10-17")) => false,
        Some(Some("2012-10-17")) => true,
        Some(_) => return Err(Malformed::Version),
    };
    let statements = match document.get("Statement") {
        Some(Json::Array(statements)) if !statements.is_empty() => statements.as_slice(),
        Some(one @ Json::Object(_)) => std::slice::from_ref(one),
        _ => return Err(Malformed::Syntax),
    };
    let places = places(text);
    let mut sids = BTreeSet::new();
    let mut read = Vec::new();
    for (index, json) in statements.iter().enumerate() {
        let place = places.get(index).copied().unwrap_or_default();
        let statement = statement(json.as_object().ok_or(Malformed::Syntax)?, kind, place)?;
        if let Some(sid) = &statement.sid
            && !sid.is_empty()
            && !sids.insert(sid.clone())
        {
            return Err(Malformed::RepeatedSid);
        }
        read.push(statement);
    }
    Ok(Policy { has_variables, statements: read })
}

/// Where each statement begins and ends in the text.
fn places(text: &str) -> Vec<(Position, Position)> {
    let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) else {
        return Vec::new();
    };
    let Some(whole) = members.get("Statement").map(|raw| raw.get()) else { return Vec::new() };
    let statements = match serde_json::from_str::<Vec<&RawValue>>(whole) {
        Ok(list) => list.into_iter().map(RawValue::get).collect(),
        Err(_) => vec![whole],
    };
    let place = |part: &str| {
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        (Position::of(text, start), Position::of(text, start + part.len()))
    };
    statements.into_iter().map(place).collect()
}

fn statement(
    json: &Members,
    kind: Kind,
    (start, end): (Position, Position),
) -> Result<Statement, Malformed> {
    if json.keys().any(|key| !STATEMENT_ELEMENTS.contains(&key.as_str())) {
        return Err(Malformed::Syntax);
    }
    let effect = match json.get("Effect").and_then(Json::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err(Malformed::Syntax),
    };
    let sid = match json.get("Sid") {
        None => None,
        Some(Json::String(sid)) => Some(checked_sid(sid, kind)?),
        Some(_) => return Err(Malformed::Syntax),
    };
    let actions = scope(json, "Action", "NotAction")?.ok_or(Malformed::NoActions)?;
    check_actions(&actions, kind)?;
    let resources = scope(json, "Resource", "NotResource")?;
    check_resources(resources.as_ref(), kind)?;
    let principals = principals(json)?;
    match (kind, &principals) {
        (Kind::Identity, Some(_)) => return Err(Malformed::UnwantedPrincipal),
        (Kind::Trust | Kind::Resource, None) => return Err(Malformed::NoPrincipal),
        _ => {}
    }
    let conditions = conditions(json.get("Condition"))?;
    Ok(Statement { sid, effect, actions, resources, principals, conditions, start, end })
}

fn checked_sid(sid: &str, kind: Kind) -> Result<String, Malformed> {
    // Resource policies (SNS, KMS, S3) may have spaces and more in theirs.
    if kind != Kind::Resource && !sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(Malformed::Sid);
    }
    Ok(sid.to_owned())
}

/// A text, or a list of texts.
fn texts(json: &Json) -> Result<Vec<String>, Malformed> {
    let text = |json: &Json| json.as_str().map(str::to_owned).ok_or(Malformed::Syntax);
    match json {
        Json::Array(items) => items.iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}

fn scope(json: &Members, name: &str, not_name: &str) -> Result<Option<Scope>, Malformed> {
    match (json.get(name), json.get(not_name)) {
        (Some(_), Some(_)) => Err(Malformed::Syntax),
        (Some(these), None) => Ok(Some(Scope::These(texts(these)?)).filter(has_any)),
        (None, Some(these)) => Ok(Some(Scope::AllBut(texts(these)?)).filter(has_any)),
        (None, None) => Ok(None),
    }
}

fn has_any(scope: &Scope) -> bool {
    let (Scope::These(items) | Scope::AllBut(items)) = scope;
    !items.is_empty()
}

fn check_actions(actions: &Scope, kind: Kind) -> Result<(), Malformed> {
    let (Scope::These(actions) | Scope::AllBut(actions)) = actions;
    for action in actions {
        if action == "*" && kind != Kind::Trust {
            continue;
        }
        let Some((vendor, rest)) = action.split_once(':') else {
            return Err(match kind {
                Kind::Trust => Malformed::NotAssumeRole,
                _ => Malformed::NoVendor,
            });
        };
        if rest.contains(':') {
            return Err(Malformed::Colons);
        }
        let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'*' || b == b'?';
        if vendor.is_empty() || !vendor.bytes().all(letter) {
            return Err(Malformed::Vendor(vendor.to_owned()));
        }
        if kind == Kind::Trust && !vendor.eq_ignore_ascii_case("sts") {
            return Err(Malformed::NotAssumeRole);
        }
    }
    Ok(())
}

fn check_resources(resources: Option<&Scope>, kind: Kind) -> Result<(), Malformed> {
    let Some(Scope::These(resources) | Scope::AllBut(resources)) = resources else {
        return match kind {
            Kind::Identity => Err(Malformed::NoResources),
            Kind::Trust | Kind::Resource => Ok(()),
        };
    };
    if kind == Kind::Trust {
        return Err(Malformed::UnwantedResource);
    }
    for resource in resources {
        if resource == "*" {
            continue;
        }
        let parts: Vec<&str> = resource.splitn(6, ':').collect();
        let [first, partition, _, ..] = parts.as_slice() else {
            return Err(Malformed::Resource(resource.clone()));
        };
        // A wildcard may stand for several parts: `arn:aws:s3*`.
        if *first != "arn" || (parts.len() < 6 && !resource.contains('*')) {
            return Err(Malformed::Resource(resource.clone()));
        }
        let known = ["aws", "aws-cn", "aws-us-gov"].contains(partition);
        if !known && !partition.contains(['*', '?', '$']) {
            let (partition, resource) = ((*partition).to_owned(), resource.clone());
            return Err(Malformed::Partition { partition, resource });
        }
    }
    Ok(())
}

fn principals(json: &Members) -> Result<Option<Principals>, Malformed> {
    match (json.get("Principal"), json.get("NotPrincipal")) {
        (Some(_), Some(_)) => Err(Malformed::Syntax),
        (Some(these), None) => Ok(Some(Principals::These(principal_list(these)?))),
        (None, Some(these)) => Ok(Some(Principals::AllBut(principal_list(these)?))),
        (None, None) => Ok(None),
    }
}

fn principal_list(json: &Json) -> Result<Vec<(String, String)>, Malformed> {
    let members = match json {
        Json::String(star) if star == "*" => return Ok(vec![("AWS".into(), "*".into())]),
        Json::String(other) => return Err(Malformed::Principal(format!("\"{other}\""))),
        Json::Object(members) if !members.is_empty() => members,
        _ => return Err(Malformed::Syntax),
    };
    let mut list = Vec::new();
    for (of, values) in members {
        if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&of.as_str()) {
            return Err(Malformed::Principal(format!("\"{of}\"")));
        }
        for value in texts(values)? {
            if !is_principal(of, &value) {
                return Err(Malformed::Principal(format!("\"{of}\":\"{value}\"")));
            }
            list.push((of.clone(), value));
        }
    }
    Ok(list)
}

fn is_principal(of: &str, value: &str) -> bool {
    let digits = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    let host = |text: &str| {
        let part = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
        !text.is_empty() && text.bytes().all(part)
    };
    match of {
        // A unique id stands where the role or user has been deleted.
        "AWS" => {
            let id =
                |text: &str| text.len() >= 16 && text.bytes().all(|b| b.is_ascii_alphanumeric());
            let arn = |text: &str| text.starts_with("arn:") && text.split(':').count() >= 6;
            value == "*" || digits(value) || arn(value) || id(value)
        }
        "Service" => host(value) && value.contains('.'),
        _ => !value.is_empty(),
    }
}

fn conditions(json: Option<&Json>) -> Result<Vec<Condition>, Malformed> {
    let Some(json) = json else { return Ok(Vec::new()) };
    let operators = json.as_object().ok_or(Malformed::Syntax)?;
    let mut list = Vec::new();
    for (operator, keys) in operators {
        let test = crate::condition::Test::parse(operator)
            .ok_or_else(|| Malformed::ConditionType(operator.clone()))?;
        for (key, values) in keys.as_object().ok_or(Malformed::Syntax)? {
            let values = condition_values(values)?;
            list.push(Condition { test, key: key.to_ascii_lowercase(), values });
        }
    }
    Ok(list)
}

/// Numbers and booleans may stand without quotes.
fn condition_values(json: &Json) -> Result<Vec<String>, Malformed> {
    let one = |json: &Json| match json {
        Json::String(text) => Ok(text.clone()),
        Json::Bool(_) | Json::Number(_) => Ok(json.to_string()),
        _ => Err(Malformed::Syntax),
    };
    match json {
        Json::Array(items) => items.iter().map(one).collect(),
        other => Ok(vec![one(other)?]),
    }
}
