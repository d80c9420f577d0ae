//! Errors in each protocol's own form. All of them carry the request id.

use serde_json::{Map, Value as Json};

use super::xml::escape;
use crate::error::AwsError;

/// `{"__type": …, "message": …}`.
pub fn json_error(error: &AwsError) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("__type".into(), Json::from(error.shape.as_str()));
    body.insert("message".into(), Json::from(error.message.as_str()));
    for (name, value) in &error.members {
        body.insert((*name).into(), value.clone());
    }
    Json::Object(body).to_string().into_bytes()
}

/// The same members as CBOR.
pub fn cbor_error(error: &AwsError) -> Vec<u8> {
    let mut to = minicbor::Encoder::new(Vec::new());
    let mut write = || -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
        to.map(2 + error.members.len() as u64)?;
        to.str("__type")?.str(&error.shape)?.str("message")?.str(&error.message)?;
        for (name, value) in &error.members {
            to.str(name)?;
            cbor_value(&mut to, value)?;
        }
        Ok(())
    };
    write().expect("writing to memory does not fail");
    to.into_writer()
}

fn cbor_value(
    to: &mut minicbor::Encoder<Vec<u8>>,
    value: &Json,
) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
    match value {
        Json::Null => to.null()?,
        Json::Bool(is) => to.bool(*is)?,
        Json::Number(number) => match number.as_i64() {
            Some(whole) => to.i64(whole)?,
            None => to.f64(number.as_f64().unwrap_or_default())?,
        },
        Json::String(text) => to.str(text)?,
        Json::Array(items) => {
            to.array(items.len() as u64)?;
            return items.iter().try_for_each(|item| cbor_value(to, item));
        }
        Json::Object(members) => {
            to.map(members.len() as u64)?;
            for (name, value) in members {
                to.str(name)?;
                cbor_value(to, value)?;
            }
            to
        }
    };
    Ok(())
}

/// `<ErrorResponse>` of the query protocol.
pub fn query_error(error: &AwsError, namespace: &str, request_id: &str) -> Vec<u8> {
    let fault = if error.is_sender_fault() { "Sender" } else { "Receiver" };
    let mut out = format!("<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{fault}</Type>");
    code_and_message(&mut out, error);
    out.push_str(&format!("</Error><RequestId>{request_id}</RequestId></ErrorResponse>"));
    out.into_bytes()
}

/// `<Response><Errors>` of EC2.
pub fn ec2_error(error: &AwsError, request_id: &str) -> Vec<u8> {
    let mut out =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>");
    code_and_message(&mut out, error);
    out.push_str(&format!("</Error></Errors><RequestID>{request_id}</RequestID></Response>"));
    out.into_bytes()
}

fn code_and_message(out: &mut String, error: &AwsError) {
    let parts = [("Code", error.code.as_str()), ("Message", error.message.as_str())];
    // No error of these protocols has members that are not text.
    let members = error.members.iter().filter_map(|(name, value)| Some((*name, value.as_str()?)));
    for (name, text) in parts.into_iter().chain(members) {
        out.push_str(&format!("<{name}>"));
        escape(out, text);
        out.push_str(&format!("</{name}>"));
    }
}
