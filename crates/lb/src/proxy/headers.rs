//! The headers of a request on its way to the target, and of a response on
//! its way back.
//!
//! Source: "HTTP headers and Application Load Balancers" and "Host header
//! preservation". Names keep the client's spelling: hyper carries it along.

use std::net::{IpAddr, SocketAddr};

use http::header::{
    CONNECTION, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, TE, TRANSFER_ENCODING, UPGRADE,
};
use http::{Request, Response, Version};

use crate::config::{Attributes, XffMode};

pub const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
pub const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
pub const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
pub const X_AMZN_TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");
const X_AMZN_TLS_VERSION: HeaderName = HeaderName::from_static("x-amzn-tls-version");
const X_AMZN_TLS_CIPHER: HeaderName = HeaderName::from_static("x-amzn-tls-cipher-suite");
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const HTTP2_SETTINGS: HeaderName = HeaderName::from_static("http2-settings");

const LINE_MAX: usize = 16 * 1024;
const FIELDS_MAX: usize = 64 * 1024;

/// What the headers depend on, of the client's connection.
pub struct Hop<'a> {
    pub attributes: &'a Attributes,
    pub client: SocketAddr,
    pub local: IpAddr,
    pub listener_port: u16,
    /// Protocol and cipher, when secured.
    pub tls: Option<(&'a str, &'a str)>,
}

/// The request's host as the client gave it, port included: the authority of
/// an absolute target before the header.
pub fn host<B>(request: &Request<B>) -> Option<&str> {
    match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => request.headers().get(HOST)?.to_str().ok(),
    }
}

/// `example.com` of `example.com:80`, `[::1]` of `[::1]:80`.
pub fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|b| b.is_ascii_digit())
                && (!name.contains(':') || name.ends_with(']')) =>
        {
            name
        }
        _ => host,
    }
}

/// Whether the body is gRPC.
pub fn is_grpc(headers: &HeaderMap) -> bool {
    headers
        .get(http::header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

/// The protocol that the client asks to switch to.
pub fn wanted_upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    let asked = headers.get_all(CONNECTION).iter().any(|value| {
        value
            .as_bytes()
            .split(|&b| b == b',')
            .any(|token| token.trim_ascii().eq_ignore_ascii_case(b"upgrade"))
    });
    asked.then(|| headers.get(UPGRADE).cloned()).flatten()
}

/// Removes what concerns one connection only.
pub fn strip_hop_by_hop(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let listed: Vec<HeaderName> = headers
            .get_all(CONNECTION)
            .iter()
            .flat_map(|value| value.as_bytes().split(|&b| b == b','))
            .filter_map(|token| HeaderName::from_bytes(token.trim_ascii()).ok())
            .collect();
        for name in listed {
            headers.remove(name);
        }
        headers.remove(CONNECTION);
    }
    for name in [KEEP_ALIVE, PROXY_CONNECTION, HTTP2_SETTINGS, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
}

/// Makes the request's headers those that the target gets.
pub fn towards_target(request: &mut Request<crate::proxy::body::RequestBody>, hop: &Hop<'_>) {
    let host = outgoing_host(request, hop);
    let from_http2 = request.version() == Version::HTTP_2;
    let headers = request.headers_mut();
    let trailers =
        headers.get(TE).is_some_and(|te| te.as_bytes().eq_ignore_ascii_case(b"trailers"));
    strip_hop_by_hop(headers);
    headers.remove(TE);
    if trailers && from_http2 {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    if from_http2 {
        join_cookies(headers);
    }
    if let Some(host) = host {
        headers.insert(HOST, host);
    }
    forwarded_for(headers, hop);
    let proto = if hop.tls.is_some() { "https" } else { "http" };
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(proto));
    headers.insert(X_FORWARDED_PORT, HeaderValue::from(hop.listener_port));
    if let (true, Some((version, cipher))) = (hop.attributes.tls_headers, hop.tls) {
        let value = |text| HeaderValue::from_str(text).ok();
        if let (Some(version), Some(cipher)) = (value(version), value(cipher)) {
            headers.insert(X_AMZN_TLS_VERSION, version);
            headers.insert(X_AMZN_TLS_CIPHER, cipher);
        }
    }
}

/// The `Host` to set; `None` leaves it as it is.
fn outgoing_host<B>(request: &Request<B>, hop: &Hop<'_>) -> Option<HeaderValue> {
    if hop.attributes.preserve_host_header && request.headers().contains_key(HOST) {
        return None;
    }
    let local;
    let given = match host(request) {
        Some(given) => given,
        None => {
            local = hop.local.to_string();
            &local
        }
    };
    if hop.attributes.preserve_host_header {
        return HeaderValue::from_str(given).ok();
    }
    let name = without_port(given);
    match hop.listener_port {
        80 | 443 if name.len() == given.len() && request.uri().authority().is_none() => None,
        80 | 443 => HeaderValue::from_str(name).ok(),
        _ if name.len() != given.len() => HeaderValue::from_str(given).ok(),
        port => HeaderValue::try_from(format!("{name}:{port}")).ok(),
    }
    .or_else(|| HeaderValue::from_str(given).ok().filter(|_| !request.headers().contains_key(HOST)))
}

fn forwarded_for(headers: &mut HeaderMap, hop: &Hop<'_>) {
    match hop.attributes.xff_mode {
        XffMode::Preserve => {}
        XffMode::Remove => {
            headers.remove(X_FORWARDED_FOR);
        }
        XffMode::Append => {
            let earlier: Vec<&[u8]> =
                headers.get_all(X_FORWARDED_FOR).iter().map(|v| v.as_bytes()).collect();
            let ip = hop.client.ip().to_canonical();
            let own = match (ip, hop.attributes.xff_client_port) {
                (ip, false) if earlier.is_empty() || ip.is_ipv4() => ip.to_string(),
                (ip, false) => format!("[{ip}]"),
                (ip, true) => SocketAddr::new(ip, hop.client.port()).to_string(),
            };
            let mut whole = earlier.join(b", ".as_slice());
            if !earlier.is_empty() {
                whole.extend_from_slice(b", ");
            }
            whole.extend_from_slice(own.as_bytes());
            if let Ok(value) = HeaderValue::from_maybe_shared(bytes::Bytes::from(whole)) {
                headers.insert(X_FORWARDED_FOR, value);
            }
        }
    }
}

/// HTTP/2 may split cookies over several fields; HTTP/1 may not (RFC 9113 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let cookies: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(|c| c.as_bytes()).collect();
    if cookies.len() > 1 {
        let joined = bytes::Bytes::from(cookies.join(b"; ".as_slice()));
        if let Ok(value) = HeaderValue::from_maybe_shared(joined) {
            headers.insert(COOKIE, value);
        }
    }
}

/// Whether a name fits `[-A-Za-z0-9]+`, all that AWS calls valid.
pub fn is_valid_name(name: &HeaderName) -> bool {
    name.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Removes fields with names that AWS calls invalid.
pub fn drop_invalid(headers: &mut HeaderMap) {
    let invalid: Vec<HeaderName> = headers.keys().filter(|n| !is_valid_name(n)).cloned().collect();
    for name in invalid {
        headers.remove(name);
    }
}

/// AWS's limits: 16 K for the request line and for a field, 64 K for all fields.
pub fn exceeds_limits<B>(request: &Request<B>) -> bool {
    let target = request.uri().path_and_query().map_or(1, |p| p.as_str().len());
    let fields = || request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
    target > LINE_MAX || fields().any(|len| len > LINE_MAX) || fields().sum::<usize>() > FIELDS_MAX
}

/// The size of a request's head as HTTP/1 writes it.
pub fn head_len<B>(request: &Request<B>) -> u64 {
    let target = request.uri().path_and_query().map_or(1, |p| p.as_str().len());
    (request.method().as_str().len() + target + " HTTP/1.1\r\n\r\n ".len()) as u64
        + fields_len(request.headers())
}

/// The size of a response's head as HTTP/1 writes it.
pub fn response_head_len<B>(response: &Response<B>) -> u64 {
    let reason = response.status().canonical_reason().unwrap_or_default();
    ("HTTP/1.1 200 \r\n\r\n".len() + reason.len()) as u64 + fields_len(response.headers())
}

fn fields_len(headers: &HeaderMap) -> u64 {
    headers.iter().map(|(name, value)| (name.as_str().len() + value.len() + 4) as u64).sum()
}

#[cfg(test)]
mod tests;
