//! The service: what all requests share, and the way of one request.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request};
use http_body_util::{BodyExt, Limited};
use neargate_api::model::s3::{Bucket, Object, Upload};
use neargate_api::{AwsError, Caller, Cloud, Ctx, Question};
use neargate_blobs::{Blobs, Digest};

use crate::answer::{self, Answer};
use crate::call::Target;
use crate::error;
use crate::object;
use crate::payload::Payload;
use crate::route;

/// Who signed a request.
#[derive(Clone, Debug)]
pub struct Signed {
    pub caller: Caller,
    pub region: String,
}

/// The edge's check of signatures.
pub trait Authenticate: Send + Sync {
    /// `payload_hash` is what the caller has signed for the body.
    fn authenticate(&self, parts: &Parts, payload_hash: &str) -> Result<Signed, AwsError>;
}

/// S3. Clones share everything.
#[derive(Clone)]
pub struct S3 {
    cloud: Arc<Cloud>,
    blobs: Blobs,
    authenticate: Arc<dyn Authenticate>,
}

/// An extension of the answer to every request that was authenticated: for
/// whoever writes calls down.
#[derive(Clone)]
pub struct Handled {
    pub ctx: Ctx,
    pub refusal: Option<AwsError>,
}

/// A request that is authenticated.
pub struct Call {
    pub ctx: Ctx,
    pub blobs: Blobs,
    pub parts: Parts,
    pub target: Target,
}

impl S3 {
    /// `blobs` is a store for S3 alone: what no object names is deleted from it.
    pub fn new(cloud: Arc<Cloud>, blobs: Blobs, authenticate: Arc<dyn Authenticate>) -> Self {
        S3 { cloud, blobs, authenticate }
    }

    pub(crate) fn cloud(&self) -> &Arc<Cloud> {
        &self.cloud
    }

    pub(crate) fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// Answers one request. Never fails: what goes wrong is in the answer.
    pub async fn handle<B>(&self, request: Request<B>) -> Answer
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin,
        B::Error: std::fmt::Display,
    {
        let (parts, body) = request.into_parts();
        let request_id = self.cloud.rng.base32(16);
        let resource = parts.uri.path().to_owned();
        let head = parts.method == Method::HEAD;
        let mut ctx = None;
        let answered = self.answer(parts, body, &request_id, &mut ctx).await;
        let refusal = answered.as_ref().err().cloned().map(error::in_s3);
        let answered = answered.unwrap_or_else(|error| {
            let region = ctx.as_ref().map_or("us-east-1", |ctx: &Ctx| ctx.region.as_str());
            answer::refused(&error::in_s3(error), &resource, &request_id, region)
        });
        let mut answered = answer::with(answered, "x-amz-request-id", &request_id);
        if let Some(ctx) = ctx {
            answered.extensions_mut().insert(Handled { ctx, refusal });
        }
        match head {
            true => answered.map(|_| answer::full(Bytes::new())),
            false => answered,
        }
    }

    async fn answer<B>(
        &self,
        parts: Parts,
        body: B,
        request_id: &str,
        seen: &mut Option<Ctx>,
    ) -> Result<Answer, AwsError>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin,
        B::Error: std::fmt::Display,
    {
        let payload = Payload::of(&parts, body)?;
        let signed = self.authenticate.authenticate(&parts, payload.signed_hash())?;
        let ctx = Ctx {
            cloud: self.cloud.clone(),
            caller: signed.caller,
            region: signed.region,
            request_id: request_id.to_owned(),
            now: self.cloud.clock.now(),
        };
        *seen = Some(ctx.clone());
        let target = Target::of(&parts)?;
        let call = Call { ctx, blobs: self.blobs.clone(), parts, target };
        route::answer(&call, payload).await
    }

    /// An object's bytes, for who is inside of this program, with the rights of `ctx.caller`.
    pub async fn read(
        &self,
        ctx: Ctx,
        bucket: String,
        key: String,
        limit: usize,
    ) -> Result<Vec<u8>, AwsError> {
        let (parts, ()) = Request::new(()).into_parts();
        let target = Target { bucket: Some(bucket), key: Some(key), ..Target::default() };
        let call = Call { ctx, blobs: self.blobs.clone(), parts, target };
        let answer = object::get::call(&call).await.map_err(error::in_s3)?;
        let read = Limited::new(answer.into_body(), limit).collect().await;
        let read = read.map_err(|cause| AwsError::new(500, "InternalError", cause.to_string()))?;
        Ok(read.to_bytes().to_vec())
    }

    /// Answers a request that is made inside of this program, with the rights of `ctx.caller`.
    pub async fn within<B>(&self, ctx: Ctx, request: Request<B>) -> Result<Answer, AwsError>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin,
        B::Error: std::fmt::Display,
    {
        let (parts, body) = request.into_parts();
        let payload = Payload::of(&parts, body)?;
        let target = Target::of(&parts)?;
        let call = Call { ctx, blobs: self.blobs.clone(), parts, target };
        route::answer(&call, payload).await.map_err(error::in_s3)
    }

    /// Deletes the bytes that no object names any more, when nobody has claimed
    /// them within `grace` before `now`, the machine's own time.
    pub async fn collect_garbage(&self, grace: Duration, now: SystemTime) {
        let snapshot = self.cloud.store.snapshot();
        let mut live = HashSet::new();
        let objects = snapshot.all::<Object>().filter_map(|object| object.content.clone());
        for piece in objects.flat_map(|content| content.pieces) {
            live.extend(piece.digest.parse::<Digest>().ok());
        }
        for upload in snapshot.all::<Upload>() {
            live.extend(
                upload.parts.values().filter_map(|part| part.piece.digest.parse::<Digest>().ok()),
            );
        }
        match self.blobs.collect_garbage(live, grace, now).await {
            Ok(collected) => tracing::debug!(bytes = collected.blob_bytes, "bytes of S3 deleted"),
            Err(error) => {
                tracing::warn!(%error, "the bytes of deleted objects could not be deleted")
            }
        }
    }
}

impl Call {
    /// The header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name)?.to_str().ok()
    }

    /// The name of the bucket; requests without one never come to operations that ask.
    pub fn bucket_name(&self) -> Result<&str, AwsError> {
        self.target.bucket.as_deref().ok_or_else(error::method_not_allowed)
    }

    /// The key of the object.
    pub fn key(&self) -> Result<&str, AwsError> {
        self.target.key.as_deref().ok_or_else(error::method_not_allowed)
    }

    /// The bucket, once the caller's and the bucket's policies have allowed `action`
    /// (`s3:GetObject`) on it, or on the object where the request names one.
    pub fn permit(&self, action: &str) -> Result<Arc<Bucket>, AwsError> {
        let name = self.bucket_name()?;
        let bucket = self.ctx.snapshot().get::<Bucket>(name);
        let policy = bucket.as_ref().and_then(|b| b.configurations.get("policy"));
        let arn = match &self.target.key {
            Some(key) => format!("arn:aws:s3:::{name}/{key}"),
            None => format!("arn:aws:s3:::{name}"),
        };
        self.authorize(action, &arn, policy.map(|policy| policy.document.as_str()))?;
        if let Some(owner) = self.header("x-amz-expected-bucket-owner")
            && owner != self.ctx.account()
        {
            return Err(error::access_denied("Access Denied"));
        }
        bucket.ok_or_else(|| error::no_such_bucket(name))
    }

    pub fn authorize(&self, action: &str, arn: &str, policy: Option<&str>) -> Result<(), AwsError> {
        let ctx = &self.ctx;
        // The ARNs of S3 do not tell the account.
        let context = [("aws:resourceaccount", ctx.account().to_owned())];
        let question = Question {
            resource_policy: policy,
            context: &context,
            ..Question::new(action, arn, &ctx.region, ctx.now)
        };
        ctx.authorize_with(&question)
    }

    /// One change of the bucket, if it is still there.
    pub async fn change(
        &self,
        change: impl FnOnce(&mut Bucket) + Send + 'static,
    ) -> Result<(), AwsError> {
        let name = self.bucket_name()?.to_owned();
        self.ctx
            .write(move |tx| match tx.update::<Bucket>(&name, change) {
                Some(_) => Ok(()),
                None => Err(error::no_such_bucket(&name)),
            })
            .await
    }
}
