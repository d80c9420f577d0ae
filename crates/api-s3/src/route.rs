//! Which operation a request is: method, whether there is a key, and the query.

use bytes::Bytes;
use http::Method;
use neargate_api::AwsError;

use crate::answer::Answer;
use crate::payload::Payload;
use crate::service::Call;
use crate::{account, bucket, configuration, error, listing, object, upload};

/// Parameters that name operations which are not here.
const MISSING: [&str; 14] = [
    "analytics",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "metadataTable",
    "metrics",
    "renameObject",
    "restore",
    "retention",
    "select",
    "session",
    "torrent",
    "metadataConfiguration",
    "abac",
];

pub async fn answer<B>(call: &Call, payload: Payload<B>) -> Result<Answer, AwsError>
where
    B: http_body::Body<Data = Bytes> + Send + Unpin,
    B::Error: std::fmt::Display,
{
    if let Some(path) = account::path(call) {
        let body = payload.document().await?;
        return account::answer(call, &path, &body).await;
    }
    if let Some(name) = MISSING.iter().find(|name| call.target.query.has(name)) {
        // The body is read all the same: a client that is cut off while it sends sees no answer.
        payload.document().await?;
        return missing(call, name);
    }
    match (&call.target.bucket, &call.target.key) {
        (None, _) if call.parts.method == Method::GET => bucket::list::call(call).await,
        (None, _) => Err(error::method_not_allowed()),
        (Some(_), None) => on_bucket(call, payload).await,
        (Some(_), Some(_)) => on_object(call, payload).await,
    }
}

/// Lists of configurations that nobody can make are empty.
fn missing(call: &Call, name: &str) -> Result<Answer, AwsError> {
    Err(error::not_implemented(&format!("{} ?{name}", call.parts.method)))
}

async fn on_bucket<B>(call: &Call, payload: Payload<B>) -> Result<Answer, AwsError>
where
    B: http_body::Body<Data = Bytes> + Send + Unpin,
    B::Error: std::fmt::Display,
{
    let query = &call.target.query;
    let body = payload.document().await?;
    match call.parts.method {
        Method::HEAD => bucket::head::call(call).await,
        Method::GET if query.has("location") => bucket::location::call(call).await,
        Method::GET if query.has("policyStatus") => bucket::policy_status::call(call).await,
        Method::GET if query.has("versions") => listing::versions::call(call).await,
        Method::GET if query.has("uploads") => upload::list::call(call).await,
        Method::POST if query.has("delete") => object::delete_many::call(call, &body).await,
        _ => match (configuration::asked(call), &call.parts.method) {
            (Some(document), _) => configuration::answer(call, document, body).await,
            (None, &Method::GET) => listing::objects::call(call).await,
            (None, &Method::PUT) => bucket::create::call(call, &body).await,
            (None, &Method::DELETE) => bucket::delete::call(call).await,
            _ => Err(error::method_not_allowed()),
        },
    }
}

async fn on_object<B>(call: &Call, payload: Payload<B>) -> Result<Answer, AwsError>
where
    B: http_body::Body<Data = Bytes> + Send + Unpin,
    B::Error: std::fmt::Display,
{
    let query = &call.target.query;
    let copies = call.parts.headers.contains_key("x-amz-copy-source");
    match call.parts.method {
        Method::PUT if query.has("uploadId") && copies => upload::part::copy(call).await,
        Method::PUT if query.has("uploadId") => upload::part::call(call, payload).await,
        Method::PUT if query.has("tagging") => {
            object::tagging::put(call, &payload.document().await?).await
        }
        Method::PUT if query.has("acl") => {
            payload.document().await?;
            object::acl::put(call).await
        }
        Method::PUT if copies => object::copy::call(call).await,
        Method::PUT => object::put::call(call, payload).await,
        Method::POST if query.has("uploads") => upload::create::call(call).await,
        Method::POST if query.has("uploadId") => {
            upload::complete::call(call, &payload.document().await?).await
        }
        Method::GET if query.has("uploadId") => upload::list_parts::call(call).await,
        Method::GET if query.has("tagging") => object::tagging::get(call).await,
        Method::GET if query.has("acl") => object::acl::get(call).await,
        Method::GET if query.has("attributes") => object::attributes::call(call).await,
        Method::GET | Method::HEAD => object::get::call(call).await,
        Method::DELETE if query.has("uploadId") => upload::abort::call(call).await,
        Method::DELETE if query.has("tagging") => object::tagging::delete(call).await,
        Method::DELETE => object::delete::call(call).await,
        _ => Err(error::method_not_allowed()),
    }
}
