//! What one side writes, the other reads to the same value: requests and answers of
//! every operation, in every protocol of its service, with generated values.

use neargate_api_types::SERVICES;
use neargate_ids::{Rng, Timestamp};
use neargate_wire::read::{self, Form};
use neargate_wire::{
    Encoder, OperationModel, Protocol, ReadError, Schema, ServiceModel, Shape, TimestampFormat,
    Value, write,
};

/// Values of each operation, each way.
const ROUNDS: u64 = 20;

/// Below this only what is required is made up; some shapes contain themselves.
const DEPTH: usize = 5;

/// A value that is told as the typed structure would tell it.
#[derive(Default)]
struct Told(Option<(&'static Schema, Value)>);

impl Shape for Told {
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        if let Some((schema, value)) = &self.0 {
            value.visit(schema, to);
        }
    }

    fn decode(_: Value) -> Self {
        Told(None)
    }
}

fn made(schema: &'static Schema, rng: &Rng, depth: usize) -> Value {
    let few = |most: u64| if depth > DEPTH { 0 } else { rng.below(most + 1) };
    match schema {
        Schema::String(_) => Value::String(text(rng)),
        Schema::Integer { .. } => Value::Int(i64::from(rng.next_u64() as i32)),
        Schema::Long { .. } => Value::Int(rng.next_u64() as i64 >> rng.below(64)),
        Schema::Double { .. } => Value::Float(rng.below(20_000) as f64 / 8.0 - 1000.0),
        Schema::Boolean => Value::Bool(rng.below(2) == 1),
        Schema::Blob { .. } => Value::Blob((0..few(9)).map(|_| rng.next_u64() as u8).collect()),
        Schema::Timestamp(format) => {
            let secs = rng.below(4_000_000_000) as i64;
            let whole = *format == Some(TimestampFormat::Rfc822);
            Value::Timestamp(Timestamp(
                secs * 1000 + if whole { 0 } else { rng.below(1000) as i64 },
            ))
        }
        Schema::List(list) => {
            Value::List((0..few(3)).map(|_| made(list.member, rng, depth + 1)).collect())
        }
        Schema::Map(map) => {
            let keys = ["a", "b.c", "d e&f"].into_iter().take(few(3) as usize);
            Value::Map(keys.map(|k| (k.to_owned(), made(map.value, rng, depth + 1))).collect())
        }
        Schema::Struct(structure) => {
            let members = structure.members.iter().enumerate();
            let present = members.filter(|(_, m)| m.required || few(2) > 0);
            Value::Struct(present.map(|(i, m)| (i, made(m.schema, rng, depth + 1))).collect())
        }
    }
}

fn text(rng: &Rng) -> String {
    let parts = ["", "a", " ", "é", "<&>", "\"'", "\n", "\r\n", "%2B+", "ECS/fargate", "]]>", "🐢"];
    (0..rng.below(4)).map(|_| parts[rng.below(parts.len() as u64) as usize]).collect()
}

/// What a form can say of a value: nothing of an empty structure or map, and in EC2's
/// nothing of an empty list.
fn sayable(value: Value, ec2: bool) -> Option<Value> {
    match value {
        Value::Struct(members) => {
            let kept: Vec<_> =
                members.into_iter().filter_map(|(i, v)| Some((i, sayable(v, ec2)?))).collect();
            (!kept.is_empty()).then_some(Value::Struct(kept))
        }
        Value::Map(entries) if entries.is_empty() => None,
        Value::Map(entries) => {
            let said = entries.into_iter().filter_map(|(k, v)| Some((k, sayable(v, ec2)?)));
            Some(Value::Map(said.collect()))
        }
        Value::List(values) if values.is_empty() => (!ec2).then_some(Value::List(values)),
        Value::List(values) => {
            let kept: Vec<_> = values.into_iter().filter_map(|v| sayable(v, ec2)).collect();
            (!kept.is_empty()).then_some(Value::List(kept))
        }
        other => Some(other),
    }
}

fn request(
    service: &'static ServiceModel,
    operation: &'static OperationModel,
    protocol: Protocol,
    value: &Value,
) -> (Vec<u8>, Result<Value, ReadError>) {
    let told = Told(Some((operation.input, value.clone())));
    let by_form = |body: &[u8]| {
        let form = Form::parse(body)?;
        assert_eq!(form.get("Action"), Some(operation.name));
        assert_eq!(form.get("Version"), Some(service.api_version));
        read::query(operation.input, &form)
    };
    match protocol {
        Protocol::Json => {
            let body = write::json(operation.input, &told);
            let read = read::json(operation.input, &body);
            (body, read)
        }
        Protocol::Cbor => {
            let body = write::cbor(operation.input, &told);
            let read = read::cbor(operation.input, &body);
            (body, read)
        }
        Protocol::Query => {
            let body = write::query_form(service, operation, &told);
            let read = by_form(&body);
            (body, read)
        }
        Protocol::Ec2 => {
            let body = write::ec2_form(service, operation, &told);
            let read = by_form(&body);
            (body, read)
        }
    }
}

fn answer(
    service: &'static ServiceModel,
    operation: &'static OperationModel,
    protocol: Protocol,
    value: &Value,
) -> (Vec<u8>, Result<Value, ReadError>) {
    let told = Told(Some((operation.output, value.clone())));
    let body = match protocol {
        Protocol::Json => write::json(operation.output, &told),
        Protocol::Cbor => write::cbor(operation.output, &told),
        Protocol::Query => write::query(operation, service.xml_namespace, "r-1", &told),
        Protocol::Ec2 => write::ec2(operation, service.xml_namespace, "r-1", &told),
    };
    let read = match protocol {
        Protocol::Json => read::json(operation.output, &body),
        Protocol::Cbor => read::cbor(operation.output, &body),
        Protocol::Query => read::query_answer(operation, &body),
        Protocol::Ec2 => read::ec2_answer(operation, &body),
    };
    (body, read)
}

/// Calls `check` for every operation and protocol, with a chance of its own.
fn each(check: impl Fn(&'static ServiceModel, &'static OperationModel, Protocol, &Rng)) {
    for service in SERVICES {
        for operation in service.operations {
            for protocol in service.protocols {
                let rng = Rng::seeded(7);
                for _ in 0..ROUNDS {
                    check(service, operation, *protocol, &rng);
                }
            }
        }
    }
}

#[test]
fn requests() {
    each(|service, operation, protocol, rng| {
        let value = made(operation.input, rng, 0);
        let (body, read) = request(service, operation, protocol, &value);
        let expected = match protocol {
            Protocol::Query | Protocol::Ec2 => {
                sayable(value, protocol == Protocol::Ec2).unwrap_or(Value::Struct(Vec::new()))
            }
            Protocol::Json | Protocol::Cbor => value,
        };
        let body = String::from_utf8_lossy(&body);
        assert_eq!(read, Ok(expected), "{}:{} {protocol:?}\n{body}", service.name, operation.name);
    });
}

#[test]
fn answers() {
    each(|service, operation, protocol, rng| {
        let value = made(operation.output, rng, 0);
        let (body, read) = answer(service, operation, protocol, &value);
        let in_result = protocol != Protocol::Query || operation.result_wrapper.is_some();
        let expected = if in_result { value } else { Value::Struct(Vec::new()) };
        let body = String::from_utf8_lossy(&body);
        assert_eq!(read, Ok(expected), "{}:{} {protocol:?}\n{body}", service.name, operation.name);
    });
}
