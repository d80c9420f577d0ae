//! The record of one request while it is being written.
//!
//! It travels with the request into the body of the response and reports
//! itself when dropped, whatever the reason: a request whose client went away
//! before the response was begun is AWS's 460.

use std::sync::Arc;

use http::{Request, Version, header};
use hyper::body::Incoming;
use neargate_ids::Clock;
use tokio::time::Instant;

use super::headers;
use crate::front::connection::Connection;
use crate::observe::{Observer, RequestKind, RequestRecord};
use crate::table::Listener;

/// See the module.
pub struct Exchange {
    pub record: RequestRecord,
    pub begun: Instant,
    /// When the request's head was handed to the target.
    pub sent: Option<Instant>,
    /// When the target's head had come.
    pub heard: Option<Instant>,
    observer: Arc<dyn Observer>,
    clock: Clock,
    /// Held so that the connection counts as busy.
    _busy: crate::front::connection::Busy,
}

impl Exchange {
    /// Notes the request's head.
    pub fn begin(
        connection: &Arc<Connection>,
        listener: &Arc<Listener>,
        request: &Request<Incoming>,
    ) -> Box<Self> {
        let core = &connection.core;
        let now = core.clock.now();
        let secure = connection.tls.is_some();
        let kind = match (request.version(), secure) {
            (Version::HTTP_2, _) if headers::is_grpc(request.headers()) => RequestKind::Grpcs,
            (Version::HTTP_2, _) => RequestKind::H2,
            (_, true) => RequestKind::Https,
            (_, false) => RequestKind::Http,
        };
        let host = headers::host(request).map_or_else(
            || connection.local.ip().to_string(),
            |host| headers::without_port(host).to_owned(),
        );
        let record = RequestRecord {
            kind,
            created_at: now,
            responded_at: now,
            load_balancer: listener.load_balancer.id.clone(),
            listener: listener.arn.clone(),
            client: connection.client,
            node: connection.local.ip(),
            target: None,
            request_processing: None,
            target_processing: None,
            response_processing: None,
            elb_status: 0,
            target_status: None,
            received_bytes: headers::head_len(request),
            sent_bytes: 0,
            method: Some(request.method().clone()),
            uri: request.uri().clone(),
            host,
            port: listener.port,
            version: request.version(),
            user_agent: request.headers().get(header::USER_AGENT).cloned(),
            tls: connection.tls.clone(),
            target_group: None,
            trace_id: String::new(),
            rule_priority: None,
            rules_evaluated: 0,
            action: None,
            redirect_url: None,
            error_reason: None,
            classification: None,
            fail_open: false,
            non_sticky: false,
            invalid_headers: false,
            dropped_invalid_headers: false,
        };
        Box::new(Exchange {
            record,
            begun: Instant::now(),
            sent: None,
            heard: None,
            observer: core.observer.clone(),
            clock: core.clock.clone(),
            _busy: connection.busy(),
        })
    }

    /// Notes that the response begins now.
    pub fn responding(&mut self, status: u16) {
        let record = &mut self.record;
        record.elb_status = status;
        record.responded_at = self.clock.now();
        if let (Some(sent), Some(heard)) = (self.sent, self.heard) {
            record.request_processing = Some(sent - self.begun);
            record.target_processing = Some(heard - sent);
            record.response_processing = Some(heard.elapsed());
        }
    }
}

impl Exchange {
    /// Notes that a switched connection ended now.
    pub fn closed(&mut self) {
        self.record.responded_at = self.clock.now();
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.record.elb_status == 0 {
            self.responding(460);
        }
        self.observer.request(&self.record);
    }
}
