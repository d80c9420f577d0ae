//! The service itself: operations, errors, and the model that lists them.

use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::Result;
use serde_json::Value;

use super::{HEADER, Wanted, snake};

pub fn emit(wanted: &Wanted<'_>) -> Result<String> {
    let mut out = format!(
        "{HEADER}mod schemas;\nmod shapes;\n\npub use shapes::*;\n\n\
         use neargate_wire::{{Operation, OperationModel, Protocol, ServiceModel}};\n\n"
    );
    for operation in &wanted.operations {
        let (name, input, output) = (&operation.name, &operation.input, &operation.output);
        let wrapper = &operation.result_wrapper;
        let _ = writeln!(
            out,
            "pub struct {name};\n\nimpl Operation for {name} {{\ntype Input = {input};\ntype Output = {output};\n\
             const MODEL: &'static OperationModel = &OperationModel {{ name: {name:?}, input: &schemas::{input}, \
             output: &schemas::{output}, result_wrapper: {wrapper:?} }};\n}}\n"
        );
    }
    service_model(wanted, &mut out);
    errors(wanted, &mut out)?;
    Ok(out)
}

fn service_model(wanted: &Wanted<'_>, out: &mut String) {
    let model = wanted.model;
    let protocols: Vec<&str> = match model.metadata.get("protocols").and_then(Value::as_array) {
        Some(all) => all.iter().filter_map(Value::as_str).collect(),
        None => model.meta("protocol").into_iter().collect(),
    };
    let protocols: Vec<&str> = protocols
        .into_iter()
        .filter_map(|protocol| match protocol {
            "json" => Some("Protocol::Json"),
            "smithy-rpc-v2-cbor" => Some("Protocol::Cbor"),
            "query" => Some("Protocol::Query"),
            "ec2" => Some("Protocol::Ec2"),
            _ => None,
        })
        .collect();
    let endpoint = model.meta("endpointPrefix").unwrap_or_default();
    let signing = model.meta("signingName").unwrap_or(endpoint);
    let have: BTreeSet<&str> = wanted.operations.iter().map(|o| o.name.as_str()).collect();
    let missing: Vec<&str> =
        model.operations.keys().map(String::as_str).filter(|name| !have.contains(name)).collect();
    let namespace = match model.metadata.get("xmlNamespace") {
        Some(Value::Object(namespace)) => {
            namespace.get("uri").and_then(Value::as_str).unwrap_or_default()
        }
        other => other.and_then(Value::as_str).unwrap_or_default(),
    };
    let _ = writeln!(
        out,
        "pub static SERVICE: ServiceModel = ServiceModel {{ name: {:?}, signing_name: {signing:?}, iam_prefix: {:?}, \
         target_prefix: {:?}, json_version: {:?}, api_version: {:?}, xml_namespace: {namespace:?}, \
         protocols: &[{}], query_compatible: {}, validation_code: {:?}, operations: &[{}], missing: &{missing:?} }};\n",
        wanted.service.name,
        wanted.service.iam_prefix,
        model.meta("targetPrefix").unwrap_or_default(),
        model.meta("jsonVersion").unwrap_or("1.1"),
        model.meta("apiVersion").unwrap_or_default(),
        protocols.join(", "),
        model.metadata.contains_key("awsQueryCompatible"),
        wanted.service.validation_code,
        wanted
            .operations
            .iter()
            .map(|o| format!("{}::MODEL", o.name))
            .collect::<Vec<_>>()
            .join(", "),
    );
}

fn errors(wanted: &Wanted<'_>, out: &mut String) -> Result<()> {
    let names: BTreeSet<&String> = wanted.operations.iter().flat_map(|o| &o.errors).collect();
    if names.is_empty() {
        return Ok(());
    }
    out.push_str("/// The errors of these operations, with AWS's codes and statuses.\npub mod error {\nuse neargate_wire::AwsError;\n\n");
    for name in names {
        let shape = wanted.model.shape(name)?;
        let error = shape.get("error").and_then(Value::as_object);
        let code = error.and_then(|e| e.get("code")).and_then(Value::as_str).unwrap_or(name);
        let fault = shape.get("fault").and_then(Value::as_bool).unwrap_or(false);
        let status = error
            .and_then(|e| e.get("httpStatusCode"))
            .and_then(Value::as_u64)
            .unwrap_or(if fault { 500 } else { 400 });
        let _ = writeln!(
            out,
            "pub fn {}(message: impl Into<String>) -> AwsError {{\nAwsError::modelled({status}, {name:?}, {code:?}, message)\n}}\n",
            snake(name)
        );
    }
    out.push_str("}\n");
    Ok(())
}
