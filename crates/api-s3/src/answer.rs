//! Answers: a status, headers, and a body that may be an object, read as it is sent.

use std::io;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use neargate_api::AwsError;

use crate::xml::Writer;

/// The body of an answer.
pub type Body = BoxBody<Bytes, io::Error>;

pub type Answer = Response<Body>;

pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed()
}

pub fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(full(Bytes::new()));
    *answer.status_mut() = status;
    answer
}

pub fn no_content() -> Answer {
    empty(StatusCode::NO_CONTENT)
}

pub fn ok() -> Answer {
    empty(StatusCode::OK)
}

/// A document, of XML or otherwise.
pub fn document(content_type: &'static str, text: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(full(text));
    answer.headers_mut().insert("content-type", HeaderValue::from_static(content_type));
    answer
}

pub fn xml(text: impl Into<Bytes>) -> Answer {
    document("application/xml", text)
}

/// Adds a header; one whose value cannot be sent is left out.
pub fn with(mut answer: Answer, name: &str, value: impl AsRef<str>) -> Answer {
    let name = HeaderName::from_bytes(name.as_bytes());
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value.as_ref())) {
        answer.headers_mut().insert(name, value);
    }
    answer
}

/// An error, as S3 says it.
pub fn refused(error: &AwsError, resource: &str, request_id: &str, region: &str) -> Answer {
    let mut writer = Writer::plain("Error");
    writer.text("Code", &error.code).text("Message", &error.message);
    for (name, value) in &error.members {
        writer.text(name, value.as_str().unwrap_or_default());
    }
    writer.text("Resource", resource).text("RequestId", request_id);
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut answer = match status {
        // Neither has a body.
        StatusCode::NOT_MODIFIED => empty(status),
        _ => xml(writer.finish()),
    };
    *answer.status_mut() = status;
    with(answer, "x-amz-bucket-region", region)
}
