//! What the tests of the services stand on: a cloud in memory whose clock
//! stands still and whose ids are the same in every run, and calls into a
//! service as the edge would make them, without HTTP.
//!
//! ```ignore
//! let ctx = testkit::ctx();
//! let body = testkit::call(&ctx, &service(), "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" })).await?;
//! let vpc_id = testkit::text(&body, "vpcId");
//! ```

use std::sync::Arc;

use neargate_api::{
    Answer, Caller, Cloud, Credential, Ctx, Denied, Identity, Question, Service, Session, Snapshot,
    Vault, Wanted,
};
use neargate_ids::{Clock, Rng, Timestamp};
use neargate_store::Store;
use neargate_wire::read::Form;
use neargate_wire::{AwsError, Protocol, Violation, read, validate};
use serde_json::Value as Json;

mod pretty;

/// Everybody may do everything.
struct Anything;

impl Identity for Anything {
    fn credential(&self, _: &Snapshot, _: &str, _: Option<&str>) -> Option<Credential> {
        None
    }

    /// Of every role but one that is called `nobody-may-assume`.
    fn open_session(&self, _: &Snapshot, wanted: &Wanted<'_>) -> Result<Session, Denied> {
        if wanted.role_arn.ends_with("/nobody-may-assume") {
            return Err(Denied::new("Nobody may assume this role."));
        }
        Ok(self.operator_session(wanted.expires_at))
    }

    fn operator_session(&self, expires_at: Timestamp) -> Session {
        Session {
            access_key_id: "ASIATESTTESTTESTTEST".into(),
            secret_access_key: "secret".into(),
            session_token: "token".into(),
            expires_at,
            caller: Caller::Operator,
        }
    }

    fn authorize(&self, _: &Snapshot, _: &Caller, _: &Question<'_>) -> Result<(), Denied> {
        Ok(())
    }
}

/// A request of the operator in `us-west-2` to an empty cloud, on 2026-01-02 at 03:04:05.
pub fn ctx() -> Ctx {
    let clock = Clock::fixed(Timestamp::from_secs(1_767_323_045));
    ctx_of(Store::in_memory(neargate_model::tables()), clock, Rng::seeded(1))
}

/// The same to a cloud of this store, clock and chance.
pub fn ctx_of(store: Store, clock: Clock, rng: Rng) -> Ctx {
    let now = clock.now();
    let cloud = Cloud {
        store,
        clock,
        rng,
        vault: Vault::with_key([7; 32]),
        account: "000000000000".into(),
        port: 4566,
        identity: Arc::new(Anything),
    };
    Ctx {
        cloud: Arc::new(cloud),
        caller: Caller::Operator,
        region: "us-west-2".into(),
        request_id: "00000000-0000-4000-8000-000000000000".into(),
        now,
    }
}

/// The same cloud, asked at its clock's present time.
pub fn again(ctx: &Ctx) -> Ctx {
    Ctx { now: ctx.cloud.clock.now(), ..ctx.clone() }
}

/// Calls an operation, for whoever does not read its answer as text.
///
/// `input` is that of [`call`].
pub async fn ask(
    ctx: &Ctx,
    service: &Service,
    operation: &str,
    input: &Json,
) -> Result<Answer, AwsError> {
    let model = service.model;
    let found = model.operation(operation);
    let operation = found.unwrap_or_else(|| panic!("{} has no {operation}", model.name));
    let read = match protocol_of(service) {
        Protocol::Json | Protocol::Cbor => {
            read::json(operation.input, input.to_string().as_bytes())
        }
        Protocol::Query => read::query(operation.input, &form(input, ".member")),
        Protocol::Ec2 => read::query(operation.input, &form(input, "")),
    };
    let value = read.map_err(|e| AwsError::new(400, "SerializationException", e.to_string()))?;
    let violations = validate(operation.input, &value);
    if !violations.is_empty() {
        let message = Violation::message(&violations);
        return Err(AwsError::new(400, model.validation_code, message));
    }
    service.call(operation, again(ctx), value).await
}

fn protocol_of(service: &Service) -> Protocol {
    service.model.protocols.first().copied().unwrap_or(Protocol::Json)
}

/// Calls an operation and gives its whole answer as the wire has it in the
/// service's first protocol, indented.
///
/// `input` has the names of the wire. For the query protocols it is flattened
/// into a form: `{"VpcId": ["vpc-1"]}` is `VpcId.1=vpc-1` for EC2, and
/// `VpcId.member.1=vpc-1` for the others.
pub async fn call(
    ctx: &Ctx,
    service: &Service,
    operation: &str,
    input: Json,
) -> Result<String, AwsError> {
    let protocol = protocol_of(service);
    let answer = ask(ctx, service, operation, &input).await?;
    // CBOR is no text: its services answer in JSON too.
    let shown = if protocol == Protocol::Cbor { Protocol::Json } else { protocol };
    let body = String::from_utf8(answer.body(shown, &ctx.request_id)).expect("answers are UTF-8");
    Ok(if shown == Protocol::Json { pretty::json(&body) } else { pretty::xml(&body) })
}

/// The text of the first element or member called `name` in an answer.
///
/// # Panics
/// When there is none, with the answer.
pub fn text(answer: &str, name: &str) -> String {
    texts(answer, name).into_iter().next().unwrap_or_else(|| panic!("no {name} in:\n{answer}"))
}

/// The texts of all elements or members called `name`, in their order.
pub fn texts(answer: &str, name: &str) -> Vec<String> {
    let (element, member) = (format!("<{name}>"), format!("\"{name}\": "));
    let of_line = |line: &str| {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix(&element) {
            return rest.split_once('<').map(|(text, _)| text.to_owned());
        }
        let value = line.strip_prefix(&member)?.trim_end_matches(',');
        let parsed: Json = serde_json::from_str(value).ok()?;
        Some(parsed.as_str().map_or_else(|| parsed.to_string(), str::to_owned))
    };
    answer.lines().filter_map(of_line).collect()
}

/// `input` as the form of a query.
fn form(input: &Json, list: &str) -> Form {
    let mut form = form_urlencoded::Serializer::new(String::new());
    flatten(input, String::new(), list, &mut form);
    Form::parse(form.finish().as_bytes()).expect("a form that was just written can be read")
}

fn flatten(
    json: &Json,
    name: String,
    list: &str,
    form: &mut form_urlencoded::Serializer<'_, String>,
) {
    match json {
        Json::Null => {}
        Json::Object(members) => {
            for (key, value) in members {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                flatten(value, name, list, form);
            }
        }
        Json::Array(items) => {
            for (value, number) in items.iter().zip(1..) {
                flatten(value, format!("{name}{list}.{number}"), list, form);
            }
        }
        Json::String(text) => {
            form.append_pair(&name, text);
        }
        other => {
            form.append_pair(&name, &other.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_in_both_forms() {
        let xml = pretty::xml("<?xml version=\"1.0\"?><a><b>1</b><c/><b>2</b></a>");
        assert_eq!(texts(&xml, "b"), ["1", "2"]);
        let json = pretty::json(r#"{"a":[{"b":"x"},{"b":7}]}"#);
        assert_eq!(texts(&json, "b"), ["x", "7"]);
    }
}
