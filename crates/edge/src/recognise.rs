//! Which service and operation a request means, and in which protocol: read
//! from headers, path and form alone, as AWS's own front ends do.

use http::request::Parts;
use neargate_sigv4::CredentialScope;
use neargate_wire::read::Form;
use neargate_wire::{Protocol, ServiceModel};

/// What a request is for.
#[derive(Debug)]
pub struct Recognised {
    pub service: &'static ServiceModel,
    pub protocol: Protocol,
    pub target: Target,
}

/// The operation, by name; `form` is the parsed body of query protocols.
#[derive(Debug)]
pub struct Target {
    pub operation: String,
    pub form: Option<Form>,
}

/// Tells a request's service, protocol and operation. `None`: it is no AWS API call.
pub fn recognise(
    services: &[&'static ServiceModel],
    parts: &Parts,
    scope: Option<&CredentialScope>,
    body: &[u8],
) -> Option<Recognised> {
    rpc_v2(services, parts)
        .or_else(|| json(services, parts))
        .or_else(|| query(services, parts, scope, body))
}

/// `POST /service/GraniteServiceVersion20100801/operation/PutMetricAlarm`.
fn rpc_v2(services: &[&'static ServiceModel], parts: &Parts) -> Option<Recognised> {
    if parts.headers.get("smithy-protocol")? != "rpc-v2-cbor" {
        return None;
    }
    let (service, operation) =
        parts.uri.path().strip_prefix("/service/")?.split_once("/operation/")?;
    let service = services.iter().find(|s| s.target_prefix == service)?;
    let target = Target { operation: operation.to_owned(), form: None };
    Some(Recognised { service, protocol: Protocol::Cbor, target })
}

/// `X-Amz-Target: AmazonEC2ContainerServiceV20141113.CreateCluster`.
fn json(services: &[&'static ServiceModel], parts: &Parts) -> Option<Recognised> {
    let target = parts.headers.get("x-amz-target")?.to_str().ok()?;
    let (prefix, operation) = target.rsplit_once('.')?;
    let service = services.iter().find(|s| is_named(s.target_prefix, prefix))?;
    let target = Target { operation: operation.to_owned(), form: None };
    Some(Recognised { service, protocol: Protocol::Json, target })
}

/// Some SDKs send the whole prefix of the model
/// (`com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101`), others its last part.
fn is_named(prefix: &str, given: &str) -> bool {
    prefix == given || prefix.rsplit_once('.').is_some_and(|(_, last)| last == given)
}

/// A form with `Action` and `Version`, in the body or in the URL.
fn query(
    services: &[&'static ServiceModel],
    parts: &Parts,
    scope: Option<&CredentialScope>,
    body: &[u8],
) -> Option<Recognised> {
    if parts.uri.path() != "/" {
        return None;
    }
    let text =
        if body.is_empty() { parts.uri.query().unwrap_or_default().as_bytes() } else { body };
    let form = Form::parse(text).ok()?;
    let operation = form.get("Action")?.to_owned();
    let version = form.get("Version");
    let speaks = |s: &&&'static ServiceModel| {
        s.protocols.iter().any(|p| matches!(p, Protocol::Query | Protocol::Ec2))
    };
    let service = services.iter().filter(speaks).find(|s| match (scope, version) {
        (Some(scope), Some(version)) => s.signing_name == scope.service && s.api_version == version,
        (Some(scope), None) => s.signing_name == scope.service,
        (None, Some(version)) => s.api_version == version,
        (None, None) => false,
    })?;
    let ec2 = service.protocols.contains(&Protocol::Ec2);
    let protocol = if ec2 { Protocol::Ec2 } else { Protocol::Query };
    Some(Recognised { service, protocol, target: Target { operation, form: Some(form) } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use neargate_api::types::SERVICES;

    fn parts(request: http::request::Builder) -> Parts {
        request.body(()).unwrap().into_parts().0
    }

    fn shown(found: Option<Recognised>) -> String {
        found.map_or("nothing".into(), |r| {
            format!("{} {:?} {}", r.service.name, r.protocol, r.target.operation)
        })
    }

    #[test]
    fn every_protocol() {
        let cases = [
            (
                parts(
                    http::Request::post("/")
                        .header("x-amz-target", "AmazonEC2ContainerServiceV20141113.CreateCluster"),
                ),
                "",
                "",
                "ecs Json CreateCluster",
            ),
            (
                parts(
                    http::Request::post(
                        "/service/GraniteServiceVersion20100801/operation/PutMetricAlarm",
                    )
                    .header("smithy-protocol", "rpc-v2-cbor"),
                ),
                "",
                "",
                "cloudwatch Cbor PutMetricAlarm",
            ),
            (
                parts(http::Request::post("/")),
                "ec2",
                "Action=DescribeVpcs&Version=2016-11-15",
                "ec2 Ec2 DescribeVpcs",
            ),
            (
                parts(http::Request::post("/")),
                "elasticloadbalancing",
                "Action=DescribeRules&Version=2015-12-01",
                "elbv2 Query DescribeRules",
            ),
            (
                parts(http::Request::get("/?Action=GetCallerIdentity&Version=2011-06-15")),
                "",
                "",
                "sts Query GetCallerIdentity",
            ),
            (parts(http::Request::get("/")), "", "", "nothing"),
            (
                parts(http::Request::post("/").header("x-amz-target", "Nobody.Knows")),
                "",
                "",
                "nothing",
            ),
        ];
        for (parts, service, body, expected) in cases {
            let scope =
                CredentialScope::parse(&format!("k/20260101/us-west-2/{service}/aws4_request"));
            let scope = scope.filter(|_| !service.is_empty());
            assert_eq!(
                shown(recognise(SERVICES, &parts, scope.as_ref(), body.as_bytes())),
                expected
            );
        }
    }

    #[test]
    fn a_prefix_may_come_whole_or_as_its_last_part() {
        let whole = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
        assert!(is_named(whole, whole) && is_named(whole, "CloudTrail_20131101"));
        assert!(!is_named(whole, "20131101") && !is_named("AWSWAF_20190729", "AWSWAF"));
    }
}
