//! AWS API calls: from the request's bytes to the answer's.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use neargate_api::{Caller, Cloud, Credential, Ctx, Events, Origin, Services};
use neargate_ids::Clock;
use neargate_sigv4::{
    Presented, SignatureError, SignedRequest, SigningKeys, presented, sha256_hex, verify,
};
use neargate_wire::read::Form;
use neargate_wire::{
    AwsError, OperationModel, Protocol, ReadError, ServiceModel, Value, read, validate, write,
};

use crate::body::{Body, ReadBodyError, full, read_body};
use crate::event_stream::stream;
use crate::recognise::{Recognised, recognise};
use crate::serve::Peer;
use crate::signature_v2::{PresentedV2, verify_v2};

/// Bodies over this are refused: ECR's layer parts (20 MiB as base64) are the largest of all.
const BODY_LIMIT: usize = 32 << 20;

/// Characters of a user agent that are written down.
const AGENT_LIMIT: usize = 1024;

/// All services of one cloud.
pub struct AwsApi {
    cloud: Arc<Cloud>,
    services: Arc<Services>,
    models: Vec<&'static ServiceModel>,
    /// The machine's own time, which signatures are checked by even when the cloud's clock was moved.
    wall: Clock,
    /// An access key that is not taken here.
    refused_key: Option<&'static str>,
    signing_keys: SigningKeys,
}

/// What an operation has answered, in the protocol of the request.
struct Answered {
    protocol: Protocol,
    service: &'static ServiceModel,
    body: Vec<u8>,
    events: Option<Events>,
}

/// An error with what is needed to say it in the caller's own protocol.
struct Failure {
    service: Option<&'static ServiceModel>,
    protocol: Protocol,
    error: AwsError,
}

impl AwsApi {
    pub fn new(cloud: Arc<Cloud>, services: Arc<Services>) -> Self {
        let models = services.all().iter().map(|s| s.model).collect();
        let (wall, signing_keys) = (Clock::system(), SigningKeys::default());
        AwsApi { cloud, services, models, wall, refused_key: None, signing_keys }
    }

    /// The same, but not for the holders of this key: a default that everybody knows is no
    /// proof of anything where strangers' programs run.
    pub fn without_key(mut self, access_key_id: &'static str) -> Self {
        self.refused_key = Some(access_key_id);
        self
    }

    /// Who signed a request, once the signature has been checked. `payload_hash`
    /// is that of the body, or the literal that the caller has signed.
    pub fn authenticate(
        &self,
        parts: &Parts,
        presented: &Presented,
        payload_hash: &str,
    ) -> Result<Caller, AwsError> {
        let token = presented.security_token.as_deref();
        let credential = self.credential(&presented.scope.access_key_id, token)?;
        let request = SignedRequest { parts, payload_hash };
        let key = self.signing_keys.get(&credential.secret_access_key, &presented.scope);
        verify(&request, presented, &key, self.wall.now()).map_err(signature_error)?;
        Ok(credential.caller)
    }

    /// The same for a URL presigned by the older signature, which S3 takes.
    pub fn authenticate_v2(
        &self,
        parts: &Parts,
        presented: &PresentedV2,
    ) -> Result<Caller, AwsError> {
        let token = presented.security_token.as_deref();
        let credential = self.credential(&presented.access_key_id, token)?;
        verify_v2(parts, presented, &credential.secret_access_key, self.wall.now())
            .map_err(signature_error)?;
        Ok(credential.caller)
    }

    /// What belongs to an access key that is good now.
    fn credential(&self, access_key_id: &str, token: Option<&str>) -> Result<Credential, AwsError> {
        if self.refused_key == Some(access_key_id) {
            return Err(AwsError::new(
                403,
                "UnrecognizedClientException",
                "The security token included in the request is invalid: the operator's default access key is not taken \
                 inside of tasks. Use the task role's credentials, or start Neargate with an --access-key and \
                 --secret-key of your own.",
            ));
        }
        let snapshot = self.cloud.store.snapshot();
        let credential = self.cloud.identity.credential(&snapshot, access_key_id, token);
        let credential = credential.ok_or_else(|| {
            AwsError::new(
                403,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
        })?;
        if credential.expires_at.is_some_and(|at| at < self.cloud.clock.wall()) {
            return Err(AwsError::new(
                403,
                "ExpiredTokenException",
                "The security token included in the request is expired",
            ));
        }
        Ok(credential)
    }

    /// Answers one request.
    pub async fn handle<B>(&self, parts: Parts, body: B) -> Response<Body>
    where
        B: hyper::body::Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let request_id = self.cloud.rng.uuid();
        match self.answer(&parts, body, &request_id).await {
            Ok(Answered { protocol, service, body, events: None }) => {
                respond(200, protocol, service, &request_id, body)
            }
            Ok(Answered { body, events: Some(events), .. }) => stream(&request_id, &body, events),
            Err(failure) => fail(failure, &request_id),
        }
    }

    async fn answer<B>(&self, parts: &Parts, body: B, request_id: &str) -> Result<Answered, Failure>
    where
        B: hyper::body::Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let signed = presented(parts);
        let scope = signed.as_ref().ok().map(|p| &p.scope);
        let gzip = parts.headers.get("content-encoding").is_some_and(|e| e == "gzip");
        let unread =
            |error| Failure { service: None, protocol: Protocol::Json, error: body_error(error) };
        let raw = read_body(body, false, BODY_LIMIT).await.map_err(unread)?;
        let plain = if gzip {
            read_body(http_body_util::Full::new(raw.clone()), true, BODY_LIMIT)
                .await
                .map_err(unread)?
        } else {
            raw.clone()
        };
        let Some(Recognised { service: model, protocol, target }) =
            recognise(&self.models, parts, scope, &plain)
        else {
            let form = parts.headers.get("content-type").is_some_and(|kind| {
                kind.as_bytes().starts_with(b"application/x-www-form-urlencoded")
            });
            let protocol = if form { Protocol::Query } else { Protocol::Json };
            return Err(Failure { service: None, protocol, error: unrecognised(parts) });
        };
        let failure = |error| Failure { service: Some(model), protocol, error };
        let presented = signed.map_err(signature_error).map_err(failure)?;
        let origin = origin(parts, &presented);
        let payload_hash = sha256_hex(&raw);
        let caller = self.authenticate(parts, &presented, &payload_hash).map_err(failure)?;
        let operation = model.operation(&target.operation);
        let operation =
            operation.ok_or_else(|| failure(no_operation(model, protocol, &target.operation)))?;
        let ctx = Ctx {
            cloud: self.cloud.clone(),
            caller,
            region: presented.scope.region,
            request_id: request_id.to_owned(),
            now: self.cloud.clock.now(),
        };
        let input = decode(model, operation, protocol, target.form.as_ref(), &plain);
        let input = input.map_err(|error| {
            self.services.refused(model, operation, &ctx, &origin, &error);
            failure(error)
        })?;
        let service = self.services.find(model);
        let service = service.expect("recognise chooses among the models of these services");
        match self.services.call(service, operation, ctx, &origin, input).await {
            Ok(mut answer) => Ok(Answered {
                protocol,
                service: model,
                body: answer.body(protocol, request_id),
                events: answer.take_events(),
            }),
            Err(error) => Err(failure(error)),
        }
    }
}

/// Where a request comes from, for whoever writes calls down.
pub fn origin(parts: &Parts, presented: &Presented) -> Origin {
    let agent = parts.headers.get("user-agent").map(|v| String::from_utf8_lossy(v.as_bytes()));
    let peer = parts.extensions.get::<Peer>();
    Origin {
        address: peer.map(|Peer(address)| address.ip().to_string()).unwrap_or_default(),
        user_agent: agent
            .map(|agent| agent.chars().take(AGENT_LIMIT).collect())
            .unwrap_or_default(),
        access_key_id: Some(presented.scope.access_key_id.clone()),
    }
}

fn decode(
    model: &ServiceModel,
    operation: &'static OperationModel,
    protocol: Protocol,
    form: Option<&Form>,
    body: &[u8],
) -> Result<Value, AwsError> {
    let read = match protocol {
        Protocol::Json => read::json(operation.input, body),
        Protocol::Cbor => read::cbor(operation.input, body),
        Protocol::Query | Protocol::Ec2 => form.map_or_else(
            || Ok(Value::Struct(Vec::new())),
            |form| read::query(operation.input, form),
        ),
    };
    let value = read.map_err(|error| unreadable(protocol, &error))?;
    let violations = validate(operation.input, &value);
    if violations.is_empty() {
        return Ok(value);
    }
    if protocol == Protocol::Ec2
        && let Some(missing) = violations.iter().find(|v| v.value.is_none())
    {
        let message = format!("The request must contain the parameter {}", missing.path);
        return Err(AwsError::new(400, "MissingParameter", message));
    }
    Err(AwsError::new(400, model.validation_code, neargate_wire::Violation::message(&violations)))
}

fn unreadable(protocol: Protocol, error: &ReadError) -> AwsError {
    let code = match protocol {
        Protocol::Json | Protocol::Cbor => "SerializationException",
        Protocol::Query => "MalformedInput",
        Protocol::Ec2 => "InvalidParameterValue",
    };
    AwsError::new(400, code, error.to_string())
}

fn body_error(error: ReadBodyError) -> AwsError {
    match error {
        ReadBodyError::TooLong(limit) => {
            let message = format!("The request's body is longer than {limit} bytes.");
            AwsError::new(413, "RequestEntityTooLarge", message)
        }
        ReadBodyError::TooSlow => {
            AwsError::new(408, "RequestTimeout", "The request's body did not come in time.")
        }
        ReadBodyError::Broken(cause) => AwsError::new(400, "SerializationException", cause),
    }
}

fn unrecognised(parts: &Parts) -> AwsError {
    if let Some(target) = parts.headers.get("x-amz-target") {
        let target = String::from_utf8_lossy(target.as_bytes());
        return AwsError::new(
            400,
            "UnknownOperationException",
            format!("Neargate has no service for {target}."),
        );
    }
    let message = format!(
        "{} {} is no AWS API call that Neargate knows. GET /_neargate/health tells whether it is up.",
        parts.method,
        parts.uri.path()
    );
    AwsError::new(404, "UnknownOperationException", message)
}

fn no_operation(model: &ServiceModel, protocol: Protocol, name: &str) -> AwsError {
    if model.missing.contains(&name) {
        let message = format!("Neargate does not have {}:{name} yet.", model.iam_prefix);
        return AwsError::new(501, "NotImplemented", message);
    }
    match protocol {
        Protocol::Json | Protocol::Cbor => AwsError::new(
            400,
            "UnknownOperationException",
            format!("{} has no operation {name}.", model.name),
        ),
        Protocol::Query | Protocol::Ec2 => {
            let message =
                format!("Could not find operation {name} for version {}", model.api_version);
            AwsError::new(400, "InvalidAction", message)
        }
    }
}

fn signature_error(error: SignatureError) -> AwsError {
    match error {
        SignatureError::Missing => AwsError::new(
            403,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
        SignatureError::Incomplete(what) => {
            AwsError::new(400, "IncompleteSignatureException", what)
        }
        SignatureError::Mismatch => AwsError::new(
            403,
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        ),
        SignatureError::UrlExpired => AwsError::new(403, "AccessDenied", "Request has expired"),
        SignatureError::Expired { signed, now } => AwsError::new(
            403,
            "InvalidSignatureException",
            format!("Signature expired: {signed} is not within 15 minutes of {now}"),
        ),
    }
}

/// The codes that every service has, as each protocol names them.
/// Source: "Common errors" of the API references.
fn in_protocol(
    service: Option<&ServiceModel>,
    protocol: Protocol,
    mut error: AwsError,
) -> AwsError {
    if protocol == Protocol::Ec2 && error.code == "AccessDeniedException" {
        // EC2 does not name `*`.
        let why = error.message.replacen(" on resource: * ", " ", 1);
        error.message = format!("You are not authorized to perform this operation. {why}");
    }
    let (code, status) = match (protocol, error.code.as_str()) {
        (Protocol::Query, "AccessDeniedException") if service.is_some_and(|s| s.name == "sns") => {
            ("AuthorizationError", 403)
        }
        (Protocol::Query, "UnrecognizedClientException") => ("InvalidClientTokenId", 403),
        (Protocol::Query, "InvalidSignatureException") => ("SignatureDoesNotMatch", 403),
        (Protocol::Query, "ExpiredTokenException") => ("ExpiredToken", 403),
        (Protocol::Query, "MissingAuthenticationTokenException") => {
            ("MissingAuthenticationToken", 403)
        }
        (Protocol::Query, "IncompleteSignatureException") => ("IncompleteSignature", 400),
        (Protocol::Query, "AccessDeniedException") => ("AccessDenied", 403),
        (Protocol::Ec2, "AccessDeniedException") => ("UnauthorizedOperation", 403),
        (
            Protocol::Ec2,
            "UnrecognizedClientException"
            | "InvalidSignatureException"
            | "MissingAuthenticationTokenException",
        ) => ("AuthFailure", 401),
        (Protocol::Ec2, "ExpiredTokenException") => ("RequestExpired", 400),
        _ => return error,
    };
    error.code = code.into();
    error.shape = code.into();
    error.status = status;
    error
}

fn fail(failure: Failure, request_id: &str) -> Response<Body> {
    let Failure { service, protocol, error } = failure;
    let error = in_protocol(service, protocol, error);
    let service_name = service.map(|s| s.name);
    match error.status {
        501 => tracing::warn!(service = service_name, %error, "asked for what is not there yet"),
        500.. => tracing::error!(service = service_name, %error, request_id, "request failed"),
        _ => {}
    }
    let namespace = service.map_or("", |s| s.xml_namespace);
    let body = match protocol {
        Protocol::Json => write::json_error(&error),
        Protocol::Cbor => write::cbor_error(&error),
        Protocol::Query => write::query_error(&error, namespace, request_id),
        Protocol::Ec2 => write::ec2_error(&error, request_id),
    };
    let mut response = answer_with(
        error.status,
        protocol,
        service.map_or("1.1", |s| s.json_version),
        request_id,
        body,
    );
    let mut header = |name: &'static str, value: String| {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    };
    if matches!(protocol, Protocol::Json) {
        header("x-amzn-errortype", error.shape.clone());
    }
    if service.is_some_and(|s| s.query_compatible)
        && matches!(protocol, Protocol::Json | Protocol::Cbor)
    {
        let fault = if error.is_sender_fault() { "Sender" } else { "Receiver" };
        header("x-amzn-query-error", format!("{};{fault}", error.code));
    }
    response
}

fn respond(
    status: u16,
    protocol: Protocol,
    service: &ServiceModel,
    request_id: &str,
    body: Vec<u8>,
) -> Response<Body> {
    answer_with(status, protocol, service.json_version, request_id, body)
}

fn answer_with(
    status: u16,
    protocol: Protocol,
    json_version: &str,
    request_id: &str,
    body: Vec<u8>,
) -> Response<Body> {
    let content_type = match (protocol, json_version) {
        (Protocol::Json, "1.0") => "application/x-amz-json-1.0",
        (Protocol::Json, _) => "application/x-amz-json-1.1",
        (Protocol::Cbor, _) => "application/cbor",
        (Protocol::Query, _) => "text/xml",
        (Protocol::Ec2, _) => "text/xml;charset=UTF-8",
    };
    let mut builder = Response::builder()
        .status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .header("content-type", content_type)
        .header("x-amzn-requestid", request_id);
    if protocol == Protocol::Cbor {
        builder = builder.header("smithy-protocol", "rpc-v2-cbor");
    }
    builder.body(full(body)).expect("these headers are valid")
}
