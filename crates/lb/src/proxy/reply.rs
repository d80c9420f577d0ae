//! Responses of the load balancer itself: AWS's error pages, redirects and
//! fixed responses; and the body type of every response.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, DATE, HeaderValue, LOCATION, SERVER};
use http::{HeaderName, Response, StatusCode, Version};
use hyper::ext::ReasonPhrase;
use neargate_ids::Timestamp;

use super::body::ReplyBody;
use super::exchange::Exchange;
use crate::config::FixedResponse;
use crate::front::connection::Connection;
use crate::waf;

/// What the server writes to the client.
pub type Reply = Response<ReplyBody>;

const AWSELB: HeaderValue = HeaderValue::from_static("awselb/2.0");

/// An error page of the load balancer.
pub fn error(status: u16, mut exchange: Box<Exchange>) -> Reply {
    exchange.responding(status);
    // What follows on this connection may not be a request.
    let http2 = exchange.record.version == Version::HTTP_2;
    let distrusted = matches!(status, 400 | 408 | 501) && !http2;
    let (title, page) = page(status);
    let mut reply = own(status, Some("text/html"), page, exchange);
    if let Ok(reason) = ReasonPhrase::try_from(&title.as_bytes()[4..]) {
        reply.extensions_mut().insert(reason);
    }
    if distrusted {
        reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    reply
}

/// Title and page of a status, in AWS's form.
pub fn page(status: u16) -> (String, Bytes) {
    let reason = match status {
        301 => "Moved Permanently",
        302 => "Found",
        400 => "Bad Request",
        403 => "Forbidden",
        405 => "Not Allowed",
        408 => "Request Time-out",
        414 => "Request-URI Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Temporarily Unavailable",
        504 => "Gateway Time-out",
        505 => "HTTP Version Not Supported",
        _ => "",
    };
    let title = format!("{status} {reason}");
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    (title, page.into())
}

/// The answer of a redirect action.
pub fn redirect(location: String, permanent: bool, mut exchange: Box<Exchange>) -> Reply {
    let status = if permanent { 301 } else { 302 };
    let Ok(value) = HeaderValue::try_from(location.as_str()) else {
        return error(500, exchange);
    };
    exchange.responding(status);
    exchange.record.redirect_url = Some(location);
    let mut reply = own(status, Some("text/html"), page(status).1, exchange);
    reply.headers_mut().insert(LOCATION, value);
    reply
}

/// The answer of a fixed-response action.
pub fn fixed(fixed: &FixedResponse, mut exchange: Box<Exchange>) -> Reply {
    exchange.responding(fixed.status);
    let body = fixed.body.clone().unwrap_or_default();
    own(fixed.status, fixed.content_type.as_deref(), body.into(), exchange)
}

/// The answer to a request that the web ACL blocks.
pub fn blocked(own: Option<&waf::Response>, exchange: Box<Exchange>) -> Reply {
    let Some(response) = own else { return error(403, exchange) };
    let mut reply = fixed(&response.fixed, exchange);
    for (name, value) in &response.headers {
        let (name, value) = (HeaderName::try_from(name), HeaderValue::try_from(value));
        if let (Ok(name), Ok(value)) = (name, value) {
            reply.headers_mut().insert(name, value);
        }
    }
    reply
}

/// The answer on a shared address when the name fits none of its load balancers.
pub fn no_such_load_balancer(connection: &Connection) -> Reply {
    let names = connection.names().join("\r\n");
    let text = format!(
        "Several load balancers share this address and the Host header names none of them. They are:\r\n{names}\r\n"
    );
    let mut reply = Response::new(ReplyBody::full(text.into(), None));
    *reply.status_mut() = StatusCode::NOT_FOUND;
    let headers = reply.headers_mut();
    headers.insert(SERVER, AWSELB);
    headers.insert(DATE, date(connection.core.clock.now()));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    reply
}

fn own(status: u16, content_type: Option<&str>, body: Bytes, mut exchange: Box<Exchange>) -> Reply {
    let now = exchange.record.responded_at;
    exchange.record.sent_bytes = 0;
    let mut reply = Response::new(ReplyBody::Empty);
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = reply.headers_mut();
    headers.insert(SERVER, AWSELB);
    headers.insert(DATE, date(now));
    if let Some(value) = content_type.and_then(|t| HeaderValue::from_str(t).ok()) {
        headers.insert(CONTENT_TYPE, value);
    }
    exchange.record.sent_bytes = super::headers::response_head_len(&reply);
    *reply.body_mut() = ReplyBody::full(body, Some(exchange));
    reply
}

/// The `Date` of a response, formatted once a second.
pub fn date(now: Timestamp) -> HeaderValue {
    static SECOND: AtomicU64 = AtomicU64::new(0);
    static VALUE: OnceLock<ArcSwapOption<(u64, HeaderValue)>> = OnceLock::new();
    let value = VALUE.get_or_init(ArcSwapOption::empty);
    let second = now.secs() as u64;
    if SECOND.load(Ordering::Relaxed) == second
        && let Some(cached) = &*value.load()
        && cached.0 == second
    {
        return cached.1.clone();
    }
    let fresh = HeaderValue::try_from(now.http_date()).expect("a date is ASCII");
    value.store(Some(std::sync::Arc::new((second, fresh.clone()))));
    SECOND.store(second, Ordering::Relaxed);
    fresh
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn the_page_of_503() {
        expect!["<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n</body>\r\n</html>\r\n"]
            .assert_eq(std::str::from_utf8(&page(503).1).unwrap());
    }
}
