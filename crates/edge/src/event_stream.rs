//! An answer whose output is followed by events: a body that goes on until either side ends it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt;
use hyper::body::Frame;
use neargate_api::{Events, StreamEvent};
use neargate_wire::write;

use crate::body::Body;

/// Says an output and then its events, as `vnd.amazon.eventstream` has it in the JSON protocols.
pub fn stream(request_id: &str, output: &[u8], events: Events) -> Response<Body> {
    let first = message("event", ":event-type", "initial-response", output);
    let body = EventBody { first: Some(first), events, is_over: false };
    let mut answer = Response::new(body.boxed());
    let headers = answer.headers_mut();
    let kind = http::HeaderValue::from_static("application/vnd.amazon.eventstream");
    headers.insert("content-type", kind);
    if let Ok(id) = http::HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    answer
}

struct EventBody {
    first: Option<Bytes>,
    events: Events,
    is_over: bool,
}

impl hyper::body::Body for EventBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if self.is_over {
            return Poll::Ready(None);
        }
        self.events.poll_recv(context).map(|event| {
            let event = event?;
            self.is_over = event.is_exception;
            Some(Ok(Frame::data(framed(&event))))
        })
    }
}

fn framed(event: &StreamEvent) -> Bytes {
    match event.is_exception {
        true => message("exception", ":exception-type", event.name, &event.payload),
        false => message("event", ":event-type", event.name, &event.payload),
    }
}

fn message(kind: &str, type_header: &str, name: &str, payload: &[u8]) -> Bytes {
    let headers =
        [(":message-type", kind), (type_header, name), (":content-type", "application/json")];
    Bytes::from(write::event(&headers, payload))
}
