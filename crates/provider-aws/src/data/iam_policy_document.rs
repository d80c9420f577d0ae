//! `aws_iam_policy_document`: a policy written in blocks, as JSON. Nothing is asked of
//! AWS: the document, its order and its spaces are those that Terraform's provider
//! gives, so that neither sees a change in the other's.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::{Map, Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Data, Failure};

pub struct IamPolicyDocument;

#[async_trait]
impl Data for IamPolicyDocument {
    async fn read(&self, _: &Cloud, config: Attributes) -> Result<Attributes, Failure> {
        rendered(config)
    }
}

/// Members in the order in which they are written.
const ORDER: [&str; 9] = [
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

#[derive(Default)]
struct Document {
    version: String,
    id: String,
    statements: Vec<Json>,
}

fn rendered(mut config: Attributes) -> Result<Attributes, Failure> {
    let version = config.string("version").unwrap_or_else(|| "2012-10-17".to_owned());
    let mut own = Vec::new();
    let mut blocks = Vec::new();
    for mut block in config.blocks("statement") {
        if block.text("effect").is_none() {
            block.set("effect", "Allow");
        }
        if block.get("sid").is_null() {
            block.set("sid", "");
        }
        for name in ["actions", "not_actions", "not_resources", "resources"] {
            let texts = block.texts(name);
            block.set(name, texts);
        }
        let sid = block.text("sid");
        if sid.is_some_and(|sid| own.iter().any(|other: &Json| other["Sid"] == sid)) {
            return Err(Failure::told(format!(
                "duplicate Sid ({}): give each statement another one, or none",
                block.required("sid")
            )));
        }
        own.push(statement(&block, &version)?);
        blocks.push(Json::from(block));
    }
    let mut document = Document::default();
    for source in config.texts("source_policy_documents") {
        let source = parsed(&source)?;
        if let Some(sid) = twice(&document.statements, &source.statements) {
            return Err(Failure::told(format!(
                "duplicate Sid ({sid}) in source_policy_documents: rename one"
            )));
        }
        document.merge(source);
    }
    document.merge(Document {
        version: version.clone(),
        id: config.required("policy_id"),
        statements: own,
    });
    for over in config.texts("override_policy_documents") {
        document.merge(parsed(&over)?);
    }
    let (pretty, minified) = document.written();
    config.set("version", version);
    if !config.get("statement").is_null() && !blocks.is_empty() {
        config.set("statement", blocks);
    }
    config.set("id", crc32fast::hash(pretty.as_bytes()).to_string());
    config.set("json", pretty);
    config.set("minified_json", minified);
    Ok(config)
}

impl Document {
    /// What has the same Sid is replaced in its place; all else is added.
    fn merge(&mut self, other: Document) {
        if !other.id.is_empty() {
            self.id = other.id;
        }
        if !other.version.is_empty() {
            self.version = other.version;
        }
        for new in other.statements {
            let sid = new["Sid"].as_str().filter(|sid| !sid.is_empty());
            let place =
                sid.and_then(|sid| self.statements.iter().position(|old| old["Sid"] == sid));
            match place {
                Some(place) => self.statements[place] = new,
                None => self.statements.push(new),
            }
        }
    }

    /// With spaces and without. Members have an order of their own, which a map does not keep.
    fn written(&self) -> (String, String) {
        let mut members = Vec::new();
        if !self.version.is_empty() {
            members.push(("Version", json!(self.version)));
        }
        if !self.id.is_empty() {
            members.push(("Id", json!(self.id)));
        }
        let mut out = String::from("{");
        for (index, (name, value)) in members.iter().enumerate() {
            out += &format!("{}\"{name}\":{value}", if index > 0 { "," } else { "" });
        }
        if !self.statements.is_empty() {
            let statements: Vec<String> = self.statements.iter().map(compact).collect();
            let comma = if members.is_empty() { "" } else { "," };
            out += &format!("{comma}\"Statement\":[{}]", statements.join(","));
        }
        out.push('}');
        // As Go escapes JSON.
        let out = out.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
        (indented(&out), out)
    }
}

/// A statement without spaces, its members in order.
fn compact(statement: &Json) -> String {
    let member = |name: &&str| {
        let value = statement.get(*name).filter(|value| !(*name == "Sid" && *value == ""))?;
        Some(format!("\"{name}\":{value}"))
    };
    let members: Vec<String> = ORDER.iter().filter_map(member).collect();
    format!("{{{}}}", members.join(","))
}

/// A compact document, two spaces for each level.
fn indented(compact: &str) -> String {
    let (mut out, mut depth, mut in_text, mut escaped) = (String::new(), 0, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    for c in compact.chars() {
        if in_text {
            out.push(c);
            in_text = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '{' | '[' => {
                out.push(c);
                depth += 1;
                line(&mut out, depth);
            }
            '}' | ']' => {
                depth -= 1;
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                in_text = c == '"';
                out.push(c);
            }
        }
    }
    out
}

/// One text for one, a list for several, in the falling order of the provider.
fn falling(mut texts: Vec<String>) -> Option<Json> {
    texts.sort_by(|a, b| b.cmp(a));
    one_or_many(texts)
}

fn one_or_many(texts: Vec<String>) -> Option<Json> {
    match <[String; 1]>::try_from(texts) {
        Ok([one]) => Some(Json::String(one)),
        Err(texts) if texts.is_empty() => None,
        Err(texts) => Some(json!(texts)),
    }
}

/// `&{aws:username}` is IAM's `${aws:username}`, which HCL would read as its own.
fn variables(texts: Vec<String>, version: &str) -> Result<Vec<String>, Failure> {
    let has = texts.iter().any(|text| text.contains("&{"));
    if has && version == "2008-10-17" {
        return Err(Failure::told(
            "Policies of version 2008-10-17 have no variables: use version 2012-10-17",
        ));
    }
    Ok(texts.into_iter().map(|text| text.replace("&{", "${")).collect())
}

fn statement(block: &Attributes, version: &str) -> Result<Json, Failure> {
    let mut members = Map::new();
    members.insert("Sid".to_owned(), block.get("sid").clone());
    members.insert("Effect".to_owned(), block.get("effect").clone());
    let lists = [
        ("actions", "Action", false),
        ("not_actions", "NotAction", false),
        ("resources", "Resource", true),
        ("not_resources", "NotResource", true),
    ];
    for (ours, theirs, has_variables) in lists {
        let texts = block.texts(ours);
        let texts = if has_variables { variables(texts, version)? } else { texts };
        members.extend(falling(texts).map(|value| (theirs.to_owned(), value)));
    }
    for (ours, theirs) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let value = principals(block.blocks(ours), version)?;
        members.extend(value.map(|value| (theirs.to_owned(), value)));
    }
    let value = conditions(block.blocks("condition"), version)?;
    members.extend(value.map(|value| ("Condition".to_owned(), value)));
    Ok(Json::Object(members))
}

fn principals(blocks: Vec<Attributes>, version: &str) -> Result<Option<Json>, Failure> {
    let mut by_type: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for block in blocks {
        let mut identifiers = variables(block.texts("identifiers"), version)?;
        identifiers.sort_by(|a, b| b.cmp(a));
        by_type.entry(block.required("type")).or_default().extend(identifiers);
    }
    if by_type.is_empty() {
        return Ok(None);
    }
    if by_type.len() == 1 && by_type.get("*").is_some_and(|who| *who == ["*"]) {
        return Ok(Some(json!("*")));
    }
    let members = by_type.into_iter().filter_map(|(kind, who)| Some((kind, one_or_many(who)?)));
    Ok(Some(Json::Object(members.collect())))
}

fn conditions(blocks: Vec<Attributes>, version: &str) -> Result<Option<Json>, Failure> {
    let mut tests: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for block in blocks {
        let values = variables(block.texts("values"), version)?;
        let test = tests.entry(block.required("test")).or_default();
        test.entry(block.required("variable")).or_default().extend(values);
    }
    let test = |(test, keys): (String, BTreeMap<String, Vec<String>>)| {
        let keys =
            keys.into_iter().map(|(key, values)| (key, one_or_many(values).unwrap_or(json!([]))));
        (test, Json::Object(keys.collect()))
    };
    Ok((!tests.is_empty()).then(|| Json::Object(tests.into_iter().map(test).collect())))
}

fn twice(before: &[Json], new: &[Json]) -> Option<String> {
    let sids = new.iter().filter_map(|statement| statement["Sid"].as_str());
    let mut again =
        sids.filter(|sid| !sid.is_empty() && before.iter().any(|old| old["Sid"] == *sid));
    again.next().map(str::to_owned)
}

/// A document that was written elsewhere. A list of one becomes the one; lists are in the falling
/// order of this document's.
fn parsed(text: &str) -> Result<Document, Failure> {
    let document: Json = serde_json::from_str(text)
        .map_err(|error| Failure::told(format!("a merged policy document is no JSON: {error}")))?;
    let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
    let statements = match document["Statement"].clone() {
        Json::Array(statements) => statements,
        Json::Null => Vec::new(),
        one => vec![one],
    };
    let statements = statements.into_iter().map(simple).collect();
    Ok(Document { version: text("Version"), id: text("Id"), statements })
}

fn simple(mut statement: Json) -> Json {
    let Some(members) = statement.as_object_mut() else { return statement };
    for name in ["Action", "NotAction", "Resource", "NotResource"] {
        if let Some(Json::Array(items)) = members.get(name) {
            let texts: Vec<String> =
                items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect();
            match falling(texts) {
                Some(value) => members.insert(name.to_owned(), value),
                None => members.remove(name),
            };
        }
    }
    for name in ["Principal", "NotPrincipal"] {
        if members
            .get(name)
            .is_some_and(|who| *who == json!({ "AWS": "*" }) || *who == json!({ "*": "*" }))
        {
            let who = members[name].clone();
            members
                .insert(name.to_owned(), if who == json!({ "*": "*" }) { json!("*") } else { who });
        }
    }
    statement
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(config: Json) -> String {
        rendered(Attributes::from(config)).unwrap().required("minified_json")
    }

    #[test]
    fn statements_are_written_as_the_provider_writes_them() {
        let rendered = rendered(Attributes::from(json!({
            "statement": [{
                "sid": "publish",
                "actions": ["sns:Publish"],
                "resources": ["arn:aws:sns:us-west-2:000000000000:topic"],
                "principals": [{ "type": "Service", "identifiers": ["cloudwatch.amazonaws.com", "events.amazonaws.com"] }],
                "condition": [{ "test": "StringEquals", "variable": "aws:SourceAccount", "values": ["0"] }],
            }],
        })))
        .unwrap();
        let expected = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "publish",
      "Effect": "Allow",
      "Action": "sns:Publish",
      "Resource": "arn:aws:sns:us-west-2:000000000000:topic",
      "Principal": {
        "Service": [
          "events.amazonaws.com",
          "cloudwatch.amazonaws.com"
        ]
      },
      "Condition": {
        "StringEquals": {
          "aws:SourceAccount": "0"
        }
      }
    }
  ]
}"#;
        assert_eq!(rendered.required("json"), expected);
    }

    #[test]
    fn variables_and_signs() {
        let config = json!({ "statement": [{
            "actions": ["b:B", "a:A"],
            "resources": ["arn:&{aws:username}<x>&"],
            "principals": [{ "type": "*", "identifiers": ["*"] }],
        }] });
        let expected = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["b:B","a:A"],"Resource":"arn:${aws:username}\u003cx\u003e\u0026","Principal":"*"}]}"#;
        assert_eq!(document(config), expected);
        assert_eq!(document(json!({})), r#"{"Version":"2012-10-17"}"#);
    }

    #[test]
    fn documents_are_merged_by_sid() {
        let of = |sid: &str, action: &str| {
            json!({ "Statement": [{ "Sid": sid, "Effect": "Deny", "Action": [action], "Resource": "*" }] }).to_string()
        };
        let config = json!({
            "source_policy_documents": [of("a", "source:A"), of("b", "source:B")],
            "statement": [{ "sid": "a", "actions": ["own:A"], "resources": ["*"] }],
            "override_policy_documents": [of("b", "over:B")],
        });
        let expected = r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"own:A","Resource":"*"},{"Sid":"b","Effect":"Deny","Action":"over:B","Resource":"*"}]}"#;
        assert_eq!(document(config), expected);
    }
}
