//! A service as a table of operations. Registration ties a generated operation
//! to its function, and is all that the edge needs to serve it.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use neargate_store::Snapshot;
use neargate_wire::{
    AwsError, Encoder, Operation, OperationModel, Protocol, ReadError, ServiceModel, Shape, Value,
    read, write,
};

use crate::audit::{Audit, Heard, Origin, Told};
use crate::cloud::Ctx;
use crate::identity::Question;
use crate::inert::Inert;
use crate::stream::Events;

/// An output, ready to be written in whichever protocol the request spoke.
pub struct Answer {
    output: Box<dyn Output>,
    events: Option<Events>,
}

/// A typed output whose operation is known only here.
trait Output: Send {
    fn body(&self, protocol: Protocol, request_id: &str) -> Vec<u8>;
    fn visit(&self, to: &mut dyn Encoder);
}

struct Typed<O: Operation> {
    service: &'static ServiceModel,
    output: O::Output,
}

impl<O: Operation> Output for Typed<O> {
    fn body(&self, protocol: Protocol, request_id: &str) -> Vec<u8> {
        let (model, namespace) = (O::MODEL, self.service.xml_namespace);
        match protocol {
            Protocol::Json => write::json(model.output, &self.output),
            Protocol::Cbor => write::cbor(model.output, &self.output),
            Protocol::Query => write::query(model, namespace, request_id, &self.output),
            Protocol::Ec2 => write::ec2(model, namespace, request_id, &self.output),
        }
    }

    fn visit(&self, to: &mut dyn Encoder) {
        self.output.encode(O::MODEL.output, to);
    }
}

impl Answer {
    fn new<O: Operation + 'static>(service: &'static ServiceModel, output: O::Output) -> Self {
        Answer { output: Box::new(Typed::<O> { service, output }), events: None }
    }

    /// The events that follow the output, where the operation has some.
    pub fn take_events(&mut self) -> Option<Events> {
        self.events.take()
    }

    /// The body of the response.
    pub fn body(&self, protocol: Protocol, request_id: &str) -> Vec<u8> {
        self.output.body(protocol, request_id)
    }

    /// Tells the output to `to`, member by member.
    pub fn visit(&self, to: &mut dyn Encoder) {
        self.output.visit(to);
    }
}

type Pending = Pin<Box<dyn Future<Output = Result<Answer, AwsError>> + Send>>;
type Call = Box<dyn Fn(Ctx, Value) -> Pending + Send + Sync>;

/// A service: its model, and the function of each of its operations.
pub struct Service {
    pub model: &'static ServiceModel,
    calls: BTreeMap<&'static str, Call>,
    inert: fn(&Snapshot) -> Vec<Inert>,
}

impl Service {
    pub fn new(model: &'static ServiceModel) -> Self {
        Service { model, calls: BTreeMap::new(), inert: |_| Vec::new() }
    }

    /// An operation that policies grant on `*` only, as AWS has it for most lists and creations.
    pub fn op<O, F>(self, call: impl Fn(Ctx, O::Input) -> F + Send + Sync + 'static) -> Self
    where
        O: Operation + 'static,
        F: Future<Output = Result<O::Output, AwsError>> + Send + 'static,
    {
        self.op_on::<O, F>(|_, _| "*".to_owned(), call)
    }

    /// An operation that policies grant on a resource: `resource` tells its ARN from the input.
    pub fn op_on<O, F>(
        self,
        resource: impl Fn(&Ctx, &O::Input) -> String + Send + Sync + 'static,
        call: impl Fn(Ctx, O::Input) -> F + Send + Sync + 'static,
    ) -> Self
    where
        O: Operation + 'static,
        F: Future<Output = Result<O::Output, AwsError>> + Send + 'static,
    {
        self.op_with_policy::<O, F>(resource, |_, _| None, call)
    }

    /// The same on a resource that may have a policy of its own: `policy` tells its text.
    pub fn op_with_policy<O, F>(
        self,
        resource: impl Fn(&Ctx, &O::Input) -> String + Send + Sync + 'static,
        policy: impl Fn(&Ctx, &O::Input) -> Option<String> + Send + Sync + 'static,
        call: impl Fn(Ctx, O::Input) -> F + Send + Sync + 'static,
    ) -> Self
    where
        O: Operation + 'static,
        F: Future<Output = Result<O::Output, AwsError>> + Send + 'static,
    {
        let action = format!("{}:{}", self.model.iam_prefix, O::MODEL.name);
        let check = move |ctx: &Ctx, input: &O::Input| {
            let (resource, policy) = (resource(ctx, input), policy(ctx, input));
            ctx.authorize_with(&Question {
                resource_policy: policy.as_deref(),
                ..Question::new(&action, &resource, &ctx.region, ctx.now)
            })
        };
        self.op_checked::<O, F>(check, call)
    }

    /// An operation on a resource that can have a policy of its own: `resource` tells its ARN
    /// and that policy from the input.
    pub fn op_governed<O, F>(
        self,
        resource: impl Fn(&Ctx, &O::Input) -> (String, Option<String>) + Send + Sync + 'static,
        call: impl Fn(Ctx, O::Input) -> F + Send + Sync + 'static,
    ) -> Self
    where
        O: Operation + 'static,
        F: Future<Output = Result<O::Output, AwsError>> + Send + 'static,
    {
        let action = format!("{}:{}", self.model.iam_prefix, O::MODEL.name);
        let check = move |ctx: &Ctx, input: &O::Input| {
            let (arn, policy) = resource(ctx, input);
            let question = Question::new(&action, &arn, &ctx.region, ctx.now);
            ctx.authorize_with(&Question { resource_policy: policy.as_deref(), ..question })
        };
        self.op_checked::<O, F>(check, call)
    }

    /// An operation on a resource whose output is followed by events.
    pub fn op_stream<O, F>(
        mut self,
        resource: impl Fn(&Ctx, &O::Input) -> String + Send + Sync + 'static,
        call: impl Fn(Ctx, O::Input) -> F + Send + Sync + 'static,
    ) -> Self
    where
        O: Operation + 'static,
        F: Future<Output = Result<(O::Output, Events), AwsError>> + Send + 'static,
    {
        let action = format!("{}:{}", self.model.iam_prefix, O::MODEL.name);
        let (model, call) = (self.model, Arc::new(call));
        let erased: Call = Box::new(move |ctx, value| {
            let input = O::Input::decode(value);
            let resource = resource(&ctx, &input);
            let allowed = ctx.authorize(&action, &resource);
            let call = call.clone();
            Box::pin(async move {
                allowed?;
                let (output, events) = call(ctx, input).await?;
                Ok(Answer { events: Some(events), ..Answer::new::<O>(model, output) })
            })
        });
        self.calls.insert(O::MODEL.name, erased);
        self
    }

    /// An operation that everybody may call (`sts:GetCallerIdentity`), or that decides by
    /// itself who may (`sts:AssumeRole`).
    pub fn op_open<O, F>(self, call: impl Fn(Ctx, O::Input) -> F + Send + Sync + 'static) -> Self
    where
        O: Operation + 'static,
        F: Future<Output = Result<O::Output, AwsError>> + Send + 'static,
    {
        self.op_checked::<O, F>(|_, _| Ok(()), call)
    }

    fn op_checked<O, F>(
        mut self,
        check: impl Fn(&Ctx, &O::Input) -> Result<(), AwsError> + Send + Sync + 'static,
        call: impl Fn(Ctx, O::Input) -> F + Send + Sync + 'static,
    ) -> Self
    where
        O: Operation + 'static,
        F: Future<Output = Result<O::Output, AwsError>> + Send + 'static,
    {
        let model = self.model;
        let call = Arc::new(call);
        let erased: Call = Box::new(move |ctx, value| {
            let input = O::Input::decode(value);
            if let Err(denied) = check(&ctx, &input) {
                return Box::pin(async move { Err(denied) });
            }
            let call = call.clone();
            Box::pin(
                async move { call(ctx, input).await.map(|output| Answer::new::<O>(model, output)) },
            )
        });
        self.calls.insert(O::MODEL.name, erased);
        self
    }

    /// What of this service's resources is accepted and does not act.
    pub fn inert(mut self, inert: fn(&Snapshot) -> Vec<Inert>) -> Self {
        self.inert = inert;
        self
    }

    /// The present inert settings.
    pub fn inert_in(&self, snapshot: &Snapshot) -> Vec<Inert> {
        (self.inert)(snapshot)
    }

    /// The operations of the model that have no function: none, as each service's test asserts.
    pub fn unregistered(&self) -> Vec<&'static str> {
        self.model
            .operations
            .iter()
            .map(|o| o.name)
            .filter(|name| !self.calls.contains_key(name))
            .collect()
    }

    /// Runs an operation on its validated input.
    pub async fn call(
        &self,
        operation: &OperationModel,
        ctx: Ctx,
        input: Value,
    ) -> Result<Answer, AwsError> {
        match self.calls.get(operation.name) {
            Some(call) => call(ctx, input).await,
            None => Err(AwsError::new(
                501,
                "NotImplemented",
                format!("{} has no handler.", operation.name),
            )),
        }
    }
}

/// Where calls from inside come from, as CloudTrail names it.
const INTERNAL: &str = "AWS Internal";

/// All services of a cloud: the edge finds them here, and so does whoever calls
/// an operation from inside, such as a task's start that reads a secret with the
/// rights of its execution role.
pub struct Services {
    all: Vec<Service>,
    audit: Option<Arc<dyn Audit>>,
}

impl Services {
    pub fn new(all: Vec<Service>) -> Self {
        Services { all, audit: None }
    }

    /// Lets `audit` hear of every call from now on.
    pub fn heard_by(mut self, audit: Arc<dyn Audit>) -> Self {
        self.audit = Some(audit);
        self
    }

    pub fn all(&self) -> &[Service] {
        &self.all
    }

    /// The service of a model.
    pub fn find(&self, model: &ServiceModel) -> Option<&Service> {
        self.all.iter().find(|service| std::ptr::eq(service.model, model))
    }

    /// Runs an operation on its validated input; whoever writes calls down hears of it.
    pub async fn call(
        &self,
        service: &Service,
        operation: &'static OperationModel,
        ctx: Ctx,
        origin: &Origin,
        input: Value,
    ) -> Result<Answer, AwsError> {
        let model = service.model;
        let audit = self.audit.as_ref().filter(|audit| audit.listens(model, operation));
        let Some(audit) = audit else { return service.call(operation, ctx, input).await };
        let request = Some(audit.tell(model, operation, &input));
        let outcome = service.call(operation, ctx.clone(), input).await;
        let (ctx, heard) = (&ctx, outcome.as_ref());
        audit.hear(Heard { service: model, operation, ctx, origin, request, outcome: heard });
        outcome
    }

    /// Tells whoever writes calls down of one that was refused before its operation saw it.
    pub fn refused(
        &self,
        service: &'static ServiceModel,
        operation: &'static OperationModel,
        ctx: &Ctx,
        origin: &Origin,
        error: &AwsError,
    ) {
        let audit = self.audit.as_ref().filter(|audit| audit.listens(service, operation));
        if let Some(audit) = audit {
            let (request, outcome) = (None::<Told>, Err(error));
            audit.hear(Heard { service, operation, ctx, origin, request, outcome });
        }
    }

    /// Calls an operation as `ctx.caller`, with the permission checks of a call from outside.
    pub async fn invoke<O: Operation>(
        &self,
        model: &'static ServiceModel,
        ctx: Ctx,
        input: O::Input,
    ) -> Result<O::Output, AwsError> {
        self.invoke_from::<O>(&Origin::service(INTERNAL), model, ctx, input).await
    }

    /// The same for a service that CloudTrail names (`ecs.application-autoscaling.amazonaws.com`).
    pub async fn invoke_from<O: Operation>(
        &self,
        origin: &Origin,
        model: &'static ServiceModel,
        ctx: Ctx,
        input: O::Input,
    ) -> Result<O::Output, AwsError> {
        let unreadable = |e: ReadError| AwsError::new(500, "InternalFailure", e.to_string());
        let service = self.find(model).ok_or_else(|| {
            AwsError::new(501, "NotImplemented", format!("This Neargate has no {}.", model.name))
        })?;
        let request_id = ctx.request_id.clone();
        let body = write::json(O::MODEL.input, &input);
        let input = read::json(O::MODEL.input, &body).map_err(unreadable)?;
        let answer = self.call(service, O::MODEL, ctx, origin, input).await?;
        let body = answer.body(Protocol::Json, &request_id);
        Ok(O::Output::decode(read::json(O::MODEL.output, &body).map_err(unreadable)?))
    }
}
