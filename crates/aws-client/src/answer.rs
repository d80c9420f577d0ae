//! What came back, read: the operation's output, or the service's error.

use neargate_wire::{Operation, Protocol, Shape, read};

use crate::error::{CallError, ServiceError};
use crate::line::Reply;
use crate::request::Request;

/// The output of an answer that is no error.
pub fn output<O: Operation>(request: &Request, reply: &Reply) -> Result<O::Output, CallError> {
    let read = match request.protocol {
        // What has nothing to say may say so: AWS's own clients take it.
        Protocol::Json if reply.body.trim_ascii() == b"null" => read::json(O::MODEL.output, b"{}"),
        Protocol::Json => read::json(O::MODEL.output, &reply.body),
        Protocol::Cbor => read::cbor(O::MODEL.output, &reply.body),
        Protocol::Query => read::query_answer(O::MODEL, &reply.body),
        Protocol::Ec2 => read::ec2_answer(O::MODEL, &reply.body),
    };
    let value = read.map_err(|cause| CallError::Unreadable {
        operation: request.operation.clone(),
        endpoint: request.endpoint.url.clone(),
        cause,
    })?;
    Ok(O::Output::decode(value))
}

/// The error that an answer is, if it is one.
pub fn error(request: &Request, reply: &Reply) -> Option<ServiceError> {
    if reply.status.is_success() {
        return None;
    }
    let header = |name| reply.headers.get(name).and_then(|value| value.to_str().ok());
    let told = match request.protocol {
        Protocol::Json | Protocol::Cbor => {
            read::json_error(&reply.body, header("x-amzn-errortype"), header("x-amzn-query-error"))
        }
        Protocol::Query | Protocol::Ec2 => read::xml_error(&reply.body),
    };
    let of_header = || header("x-amzn-requestid").or_else(|| header("x-amz-request-id"));
    let status = reply.status.as_u16();
    Some(ServiceError {
        operation: request.operation.clone(),
        code: told.code.unwrap_or_else(|| {
            reply.status.canonical_reason().unwrap_or("UnknownError").replace(' ', "")
        }),
        message: told.message.unwrap_or_default(),
        request_id: told.request_id.or_else(|| of_header().map(str::to_owned)),
        status,
        skew_ms: None,
    })
}
