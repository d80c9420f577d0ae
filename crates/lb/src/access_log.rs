//! The access log's line: 29 fields, in AWS's order and spelling.
//!
//! Source: "Access logs for your Application Load Balancer", syntax. A pure
//! function: who writes lines where, and when, is not decided here.

use std::fmt::Write;
use std::time::Duration;

use http::Version;
use neargate_ids::Timestamp;

use crate::observe::{ActionTaken, Classification, RequestKind, RequestRecord};

/// AWS truncates user agents here.
const USER_AGENT_MAX: usize = 8 * 1024;

/// One line, without its newline.
pub fn line(record: &RequestRecord) -> String {
    let target = record.target.map_or("-".to_owned(), |t| t.to_string());
    let target_status = record.target_status.map_or("-".to_owned(), |s| s.to_string());
    let (cipher, protocol) = record.tls.as_ref().map_or(("-", "-"), |t| (t.cipher, t.protocol));
    let (classification, classification_reason) = classification(record);
    let mut out = String::with_capacity(512);
    let _ = write!(
        out,
        "{} {} {} {} {target} {} {} {} {} {target_status} {} {} \"{}\" \"{}\" {cipher} {protocol} {} \"{}\" \"{}\" \"{}\" {} {} \"{}\" \"{}\" \"{}\" \"{target}\" \"{target_status}\" \"{classification}\" \"{classification_reason}\"",
        kind(record.kind),
        time(record.responded_at),
        record.load_balancer,
        record.client,
        seconds(record.request_processing),
        seconds(record.target_processing),
        seconds(record.response_processing),
        record.elb_status,
        record.received_bytes,
        record.sent_bytes,
        request_line(record),
        user_agent(record),
        record.target_group.as_deref().unwrap_or("-"),
        if record.trace_id.is_empty() { "-" } else { &record.trace_id },
        record.tls.as_ref().and_then(|t| t.sni.as_deref()).unwrap_or("-"),
        certificate(record),
        record.rule_priority.map_or("-".to_owned(), |p| p.to_string()),
        time(record.created_at),
        action(record.action),
        record.redirect_url.as_deref().unwrap_or("-"),
        record.error_reason.unwrap_or("-"),
    );
    out
}

fn kind(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Http => "http",
        RequestKind::Https => "https",
        RequestKind::H2 => "h2",
        RequestKind::Grpcs => "grpcs",
        RequestKind::Ws => "ws",
        RequestKind::Wss => "wss",
    }
}

fn time(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%S.%6fZ")
}

fn seconds(took: Option<Duration>) -> String {
    took.map_or("-1".to_owned(), |t| format!("{:.3}", t.as_secs_f64()))
}

fn request_line(record: &RequestRecord) -> String {
    let scheme = if record.tls.is_some() { "https" } else { "http" };
    let (host, port) = (&record.host, record.port);
    let Some(method) = &record.method else {
        return format!("- {scheme}://{host}:{port}- -");
    };
    let path = record.uri.path_and_query().map_or("/", |p| p.as_str());
    let version = match record.version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2.0",
        _ => "HTTP/1.1",
    };
    format!("{method} {scheme}://{host}:{port}{} {version}", escape(path.as_bytes()))
}

fn user_agent(record: &RequestRecord) -> String {
    let Some(value) = &record.user_agent else { return "-".into() };
    let bytes = value.as_bytes();
    escape(&bytes[..bytes.len().min(USER_AGENT_MAX)])
}

/// Keeps a line one line and its quotes balanced.
fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'"' | b'\\' | 0..=0x1f | 0x7f.. => {
                let _ = write!(out, "\\x{byte:02x}");
            }
            _ => out.push(char::from(byte)),
        }
    }
    out
}

fn certificate(record: &RequestRecord) -> &str {
    match &record.tls {
        None => "-",
        Some(tls) => tls.certificate_arn.as_deref().unwrap_or("session-reused"),
    }
}

fn action(action: Option<ActionTaken>) -> &'static str {
    match action {
        None => "-",
        Some(ActionTaken::Forward) => "forward",
        Some(ActionTaken::Redirect) => "redirect",
        Some(ActionTaken::FixedResponse) => "fixed-response",
    }
}

fn classification(record: &RequestRecord) -> (&'static str, &'static str) {
    match record.classification {
        None => ("-", "-"),
        Some(Classification::Acceptable(reason)) => ("Acceptable", reason),
        Some(Classification::Ambiguous(reason)) => ("Ambiguous", reason),
        Some(Classification::Severe(reason)) => ("Severe", reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::TlsFacts;
    use expect_test::expect;
    use http::{HeaderValue, Method, Uri};

    fn record() -> RequestRecord {
        RequestRecord {
            kind: RequestKind::Http,
            created_at: Timestamp(1_530_570_168_364),
            responded_at: Timestamp(1_530_570_180_186),
            load_balancer: "app/my-loadbalancer/50dc6c495c0c9188".into(),
            listener: "arn:listener".into(),
            client: "192.168.131.39:2817".parse().unwrap(),
            node: [10, 0, 0, 4].into(),
            target: Some("10.0.0.1:80".parse().unwrap()),
            request_processing: Some(Duration::ZERO),
            target_processing: Some(Duration::from_micros(1_400)),
            response_processing: Some(Duration::ZERO),
            elb_status: 200,
            target_status: Some(200),
            received_bytes: 34,
            sent_bytes: 366,
            method: Some(Method::GET),
            uri: Uri::from_static("/a?b=%22"),
            host: "www.example.com".into(),
            port: 80,
            version: Version::HTTP_11,
            user_agent: Some(HeaderValue::from_static("curl/7.46.0 \"x\"")),
            tls: None,
            target_group: Some("arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067".into()),
            trace_id: "Root=1-58337262-36d228ad5d99923122bbe354".into(),
            rule_priority: Some(0),
            rules_evaluated: 1,
            action: Some(ActionTaken::Forward),
            redirect_url: None,
            error_reason: None,
            classification: None,
            fail_open: false,
            non_sticky: false,
            invalid_headers: false,
            dropped_invalid_headers: false,
        }
    }

    /// Fields, counting what is between quotes as one.
    fn fields(line: &str) -> usize {
        let mut quoted = false;
        let is_end = |c| {
            quoted ^= c == '"';
            c == ' ' && !quoted
        };
        line.split(is_end).count()
    }

    #[test]
    fn every_line_has_29_fields() {
        let mut record = record();
        assert_eq!(fields(&line(&record)), 29);
        record.user_agent = Some(HeaderValue::from_static("\" \\ \""));
        record.target = None;
        record.trace_id.clear();
        assert_eq!(fields(&line(&record)), 29);
    }

    #[test]
    fn forwarded_over_http() {
        expect![[r#"http 2018-07-02T22:23:00.186000Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/a?b=%22 HTTP/1.1" "curl/7.46.0 \x22x\x22" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-""#]]
            .assert_eq(&line(&record()));
    }

    #[test]
    fn redirected_over_h2() {
        let mut record = record();
        record.kind = RequestKind::H2;
        record.version = Version::HTTP_2;
        record.uri = Uri::from_static("https://www.example.com/x");
        record.port = 443;
        record.target = None;
        record.target_status = None;
        record.target_group = None;
        record.request_processing = None;
        record.target_processing = None;
        record.response_processing = None;
        record.elb_status = 301;
        record.rule_priority = Some(7);
        record.action = Some(ActionTaken::Redirect);
        record.redirect_url = Some("https://example.com:443/".into());
        record.tls = Some(std::sync::Arc::new(TlsFacts {
            cipher: "ECDHE-RSA-AES128-GCM-SHA256",
            protocol: "TLSv1.2",
            sni: Some("www.example.com".into()),
            certificate_arn: Some("arn:aws:acm:us-east-2:123456789012:certificate/1".into()),
        }));
        expect![[r#"h2 2018-07-02T22:23:00.186000Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - -1 -1 -1 301 - 34 366 "GET https://www.example.com:443/x HTTP/2.0" "curl/7.46.0 \x22x\x22" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 - "Root=1-58337262-36d228ad5d99923122bbe354" "www.example.com" "arn:aws:acm:us-east-2:123456789012:certificate/1" 7 2018-07-02T22:22:48.364000Z "redirect" "https://example.com:443/" "-" "-" "-" "-" "-""#]]
            .assert_eq(&line(&record));
    }

    #[test]
    fn malformed() {
        let mut record = record();
        record.method = None;
        record.host = "10.0.0.9".into();
        record.target = None;
        record.target_status = None;
        record.target_group = None;
        record.request_processing = None;
        record.target_processing = None;
        record.response_processing = None;
        record.elb_status = 400;
        record.user_agent = None;
        record.trace_id.clear();
        record.rule_priority = None;
        record.action = None;
        record.classification = Some(Classification::Severe("BadUri"));
        expect![[r#"http 2018-07-02T22:23:00.186000Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - -1 -1 -1 400 - 34 366 "- http://10.0.0.9:80- -" "-" - - - "-" "-" "-" - 2018-07-02T22:22:48.364000Z "-" "-" "-" "-" "-" "Severe" "BadUri""#]]
            .assert_eq(&line(&record));
    }
}
