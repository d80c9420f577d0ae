//! An operation's input as an HTTP request, in one of its service's protocols.

use bytes::Bytes;
use http::Method;
use neargate_wire::{Operation, Protocol, ServiceModel, write};

use crate::endpoint::Endpoint;
use crate::line::Line;

/// A request before it is signed.
#[derive(Clone, Debug)]
pub struct Request {
    /// `ecs:CreateCluster`, for people.
    pub operation: String,
    pub endpoint: Endpoint,
    pub signing_name: &'static str,
    pub method: Method,
    /// With its query, already escaped.
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
    /// How an error, and the output, are said.
    pub protocol: Protocol,
}

/// The protocol to speak: JSON where there is it, as it is the simplest of all.
fn protocol_of(service: &ServiceModel) -> Protocol {
    let order = [Protocol::Json, Protocol::Ec2, Protocol::Query];
    let spoken = order.into_iter().find(|protocol| service.protocols.contains(protocol));
    spoken.unwrap_or(Protocol::Json)
}

/// The request of an operation.
pub fn of<O: Operation>(line: &Line, service: &'static ServiceModel, input: &O::Input) -> Request {
    let model = O::MODEL;
    let protocol = protocol_of(service);
    let mut headers = Vec::new();
    let body = match protocol {
        Protocol::Json | Protocol::Cbor => {
            let target = format!("{}.{}", service.target_prefix, model.name);
            headers.push(("x-amz-target", target));
            headers
                .push(("content-type", format!("application/x-amz-json-{}", service.json_version)));
            // The old code of an error, which callers know it by.
            if service.query_compatible {
                headers.push(("x-amzn-query-mode", "true".to_owned()));
            }
            write::json(model.input, input)
        }
        Protocol::Query => write::query_form(service, model, input),
        Protocol::Ec2 => write::ec2_form(service, model, input),
    };
    if matches!(protocol, Protocol::Query | Protocol::Ec2) {
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        headers.push(("content-type", form.to_owned()));
    }
    Request {
        operation: format!("{}:{}", service.iam_prefix, model.name),
        endpoint: line.endpoints.of(service, &line.region),
        signing_name: service.signing_name,
        method: Method::POST,
        path: "/".to_owned(),
        headers,
        body: body.into(),
        protocol,
    }
}
