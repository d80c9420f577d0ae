//! Writing calls down: what the kernel lets us hear becomes an entry of the log.
//! On the way of a request only its input (and the output of a change) is put
//! into words; the record is made on the log's own thread.

mod hidden;
mod management;
mod record;
mod resources;
mod tell;
#[cfg(test)]
mod tests;

use neargate_api::{Audit, AwsError, Ctx, Heard, Origin, Told};
use neargate_eventlog::EventLog;
use neargate_wire::{OperationModel, Protocol, ServiceModel, Value};

pub(crate) use management::is_global;
use record::Call;
use tell::Tell;

/// Whoever writes calls down.
pub struct Recorder {
    log: EventLog,
}

/// A call of a service that speaks a protocol of its own: S3.
pub struct RestCall<'a> {
    pub operation: &'a str,
    pub bucket: Option<&'a str>,
    pub read_only: bool,
    pub error: Option<&'a AwsError>,
}

impl Recorder {
    pub fn new(log: EventLog) -> Self {
        Recorder { log }
    }

    /// Writes down a call to S3 that concerns a bucket or the account.
    pub fn hear_s3(&self, ctx: &Ctx, origin: &Origin, call: &RestCall<'_>) {
        let resources =
            call.bucket.map(|bucket| ("AWS::S3::Bucket", format!("arn:aws:s3:::{bucket}")));
        let json = match call.bucket {
            Some(bucket) => serde_json::json!({ "bucketName": bucket }).to_string(),
            None => String::new(),
        };
        self.append(Call {
            ctx: ctx.clone(),
            origin: origin.clone(),
            source: "s3.amazonaws.com".into(),
            operation: call.operation.into(),
            api_version: None,
            read_only: call.read_only,
            event_id: ctx.rng().uuid(),
            request: Some(Told { json, resources: resources.into_iter().collect() }),
            response: None,
            error: call.error.map(|error| (error.code.clone(), error.message.clone())),
        });
    }

    fn append(&self, call: Call) {
        let told = |told: &Option<Told>| told.as_ref().map_or(0, |told| told.json.len());
        let size = 512 + told(&call.request) + told(&call.response);
        self.log.append(size, move || record::entry(&call));
    }
}

impl Audit for Recorder {
    fn listens(&self, service: &'static ServiceModel, operation: &'static OperationModel) -> bool {
        management::is_management(service.name, operation.name)
    }

    fn tell(
        &self,
        service: &'static ServiceModel,
        operation: &'static OperationModel,
        input: &Value,
    ) -> Told {
        let mut told = Tell::new(service.name);
        input.visit(operation.input, &mut told);
        told.told()
    }

    fn hear(&self, heard: Heard<'_>) {
        let Heard { service, operation, ctx, origin, request, outcome } = heard;
        let shown = outcome.ok().filter(|_| management::shows_answer(service.name, operation.name));
        let response = shown.map(|answer| {
            let mut told = Tell::new(service.name);
            answer.visit(&mut told);
            told.told()
        });
        let query = service.protocols.contains(&Protocol::Query);
        self.append(Call {
            ctx: ctx.clone(),
            origin: origin.clone(),
            source: management::source(service),
            operation: operation.name.to_owned(),
            api_version: query.then_some(service.api_version),
            read_only: management::is_read(service.name, operation.name),
            event_id: ctx.rng().uuid(),
            request,
            response,
            error: outcome.err().map(|error| (error_code(service, error), error.message.clone())),
        });
    }
}

/// `errorCode`, which EC2 marks as the client's or its own.
fn error_code(service: &ServiceModel, error: &AwsError) -> String {
    let code = error.code.as_str();
    let protocol = service.protocols.first();
    match (protocol, code) {
        (Some(Protocol::Ec2), "AccessDeniedException") => "Client.UnauthorizedOperation".into(),
        (Some(Protocol::Ec2), _) if error.is_sender_fault() => format!("Client.{code}"),
        (Some(Protocol::Ec2), _) => format!("Server.{code}"),
        (Some(Protocol::Query), "AccessDeniedException") => "AccessDenied".into(),
        _ => code.to_owned(),
    }
}
