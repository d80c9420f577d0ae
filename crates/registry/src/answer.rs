//! Answers.

use std::io;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use http::{Method, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full};

use crate::refusal::Refusal;

/// The body of an answer: it may be a blob, read as it is sent.
pub type Body = BoxBody<Bytes, io::Error>;

pub type Answer = Response<Body>;

pub const DOCKER_CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
pub const DOCKER_UPLOAD_UUID: HeaderName = HeaderName::from_static("docker-upload-uuid");
pub const OCI_SUBJECT: HeaderName = HeaderName::from_static("oci-subject");
pub const OCI_FILTERS_APPLIED: HeaderName = HeaderName::from_static("oci-filters-applied");
const API_VERSION: HeaderName = HeaderName::from_static("docker-distribution-api-version");

pub fn empty(status: StatusCode) -> http::response::Builder {
    Response::builder().status(status).header(API_VERSION, "registry/2.0")
}

pub fn no_body() -> Body {
    Empty::new().map_err(|never| match never {}).boxed()
}

pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed()
}

/// Completes an answer whose headers were all made here, of valid parts.
pub fn with(builder: http::response::Builder, body: Body) -> Answer {
    builder.body(body).expect("headers are made of checked names and digests")
}

pub fn json(status: StatusCode, bytes: impl Into<Bytes>) -> Answer {
    let bytes = bytes.into();
    let builder = empty(status)
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .header(CONTENT_LENGTH, bytes.len());
    with(builder, full(bytes))
}

pub fn refused(refusal: &Refusal) -> Answer {
    json(refusal.status, refusal.json())
}

/// An answer to HEAD has the headers of that to GET, and no body.
pub fn for_method(method: &Method, answer: Answer) -> Answer {
    if method == Method::HEAD { answer.map(|_| no_body()) } else { answer }
}
