//! S3 at the AWS port: which requests are its, whose signatures they carry, and
//! the deletion of bytes that no object names any more.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::request::Parts;
use http::{Method, Request, Response};
use hyper::body::Incoming;
use neargate_api::{AwsError, Ctx};
use neargate_api_cloudtrail::{Recorder, RestCall};
use neargate_api_s3::{Authenticate, Handled, S3, Signed, management_call};
use neargate_edge::{AwsApi, Body, Route, origin, presented, presented_v2};
use neargate_reconcile::ObjectSource;
use tokio::sync::watch;

/// What was written but is not named yet is left alone for so long.
const GRACE: Duration = Duration::from_secs(60 * 60);

/// How often bytes are looked through.
const EVERY: Duration = Duration::from_secs(10 * 60);

pub struct S3Route {
    pub s3: S3,
    /// Hears of calls that concern buckets.
    pub recorder: Arc<Recorder>,
}

/// The edge's own check of signatures.
pub struct Signatures(pub Arc<AwsApi>);

impl Authenticate for Signatures {
    fn authenticate(&self, parts: &Parts, payload_hash: &str) -> Result<Signed, AwsError> {
        if let Some(presented) = presented_v2(parts) {
            let caller = self.0.authenticate_v2(parts, &presented)?;
            // This signature is for no region.
            return Ok(Signed { caller, region: "us-east-1".into() });
        }
        let presented =
            presented(parts).map_err(|_| AwsError::new(403, "AccessDenied", "Access Denied"))?;
        let caller = self.0.authenticate(parts, &presented, payload_hash)?;
        Ok(Signed { caller, region: presented.scope.region })
    }
}

/// Whether a request is for S3: signed for it, or, without a signature, nothing
/// that any other service is asked.
pub fn is_for(request: &Request<Incoming>) -> bool {
    let (uri, headers) = (request.uri(), request.headers());
    if let Some(signature) = headers.get("authorization") {
        return String::from_utf8_lossy(signature.as_bytes()).contains("/s3/aws4_request");
    }
    let query = uri.query().unwrap_or_default();
    if query.contains("X-Amz-Credential=") {
        return query.contains("%2Fs3%2Faws4_request") || query.contains("/s3/aws4_request");
    }
    let rest =
        matches!(*request.method(), Method::GET | Method::HEAD | Method::PUT | Method::DELETE);
    rest && uri.path() != "/" && !headers.contains_key("x-amz-target")
}

impl S3Route {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let call = management_call(&parts);
        let origin = call.is_some().then(|| presented(&parts).map(|p| origin(&parts, &p)).ok());
        let answer = self.s3.handle(Request::from_parts(parts, body)).await;
        if let (Some(call), Some(origin)) = (call, origin.flatten())
            && let Some(Handled { ctx, refusal }) = answer.extensions().get::<Handled>()
        {
            let heard = RestCall {
                operation: &call.operation,
                bucket: call.bucket.as_deref(),
                read_only: call.read_only,
                error: refusal.as_ref(),
            };
            self.recorder.hear_s3(ctx, &origin, &heard);
        }
        answer
    }
}

impl Route for S3Route {
    fn handle(
        &self,
        request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>> {
        Box::pin(self.answer(request))
    }
}

/// Where tasks have their environment files from.
pub struct Objects(pub S3);

/// An environment file may have so many bytes.
const FILE_LIMIT: usize = 1 << 20;

impl ObjectSource for Objects {
    fn read(
        &self,
        ctx: Ctx,
        bucket: String,
        key: String,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, AwsError>> + Send + '_>> {
        Box::pin(async move { self.0.read(ctx, bucket, key, FILE_LIMIT).await })
    }
}

/// Deletes the bytes of deleted objects, until `stop` turns true.
pub async fn collect(s3: S3, mut stop: watch::Receiver<bool>) {
    loop {
        #[allow(
            clippy::disallowed_methods,
            reason = "compared with file times, which are the kernel's"
        )]
        let now = SystemTime::now();
        s3.collect_garbage(GRACE, now).await;
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}
