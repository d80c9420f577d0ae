//! Pages that the operator alone may use: the request carries the operator's
//! token and a body in JSON, and the answer is JSON. No page is reachable from
//! tasks, and as the content type is asked for, from no other site in a browser.

use http::header::CONTENT_TYPE;
use http::{Request, Response};
use hyper::body::Incoming;
use neargate_edge::{Body, full, read_body};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::operator_token::OperatorToken;

/// The status, and what to change.
pub type Refused = (u16, String);

/// A request's body is a few words.
const BODY_LIMIT: usize = 64 * 1024;

/// The body of a request of the operator; `command` is what people should use.
pub async fn from_operator<T: DeserializeOwned>(
    operator: &OperatorToken,
    request: Request<Incoming>,
    command: &str,
) -> Result<T, Refused> {
    if !operator.is_in(request.headers()) {
        let why = format!(
            "this needs the token in operator.token of the data directory: use `{command}`"
        );
        return Err((403, why));
    }
    if request.headers().get(CONTENT_TYPE).is_none_or(|value| value != "application/json") {
        return Err((415, "the body must be application/json".into()));
    }
    let body = read_body(request.into_body(), false, BODY_LIMIT).await;
    let body = body.map_err(|error| (400, format!("the body cannot be read: {error:?}")))?;
    serde_json::from_slice(&body).map_err(|error| (400, error.to_string()))
}

/// The answer of such a page.
pub fn respond(answer: Result<Value, Refused>) -> Response<Body> {
    let (status, answer) = match answer {
        Ok(answer) => (200, answer),
        Err((status, why)) => (status, json!({ "error": why })),
    };
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json")
        .body(full(format!("{answer}\n")))
        .expect("these headers are valid")
}
