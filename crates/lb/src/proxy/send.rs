//! Sends one request to one target, and waits for the head of the response.
//!
//! A request is sent again only when that is safe: it was never written, or it
//! went over a kept connection that the target closed before the first byte of
//! a response, and repeating it changes nothing (no body, idempotent method).
//! One whose target takes no connection is given back, for another target.

use http::{Request, Response};
use hyper::body::Incoming;
use tokio::time::{Duration, Instant, sleep_until};

use super::body::{RequestBody, Upload, UploadState};
use super::exchange::Exchange;
use crate::config::ProtocolVersion;
use crate::front::connection::Connection;
use crate::stream::Tally;
use crate::target::Lease;
use crate::target::choose::Group;
use crate::target::pool::{Http1, OpenError, Opening};

/// Kept connections tried before a new one is opened.
const REUSE_TRIES: usize = 3;
/// How much longer than the client a target may be silent during an upload.
const UPLOAD_GRACE: Duration = Duration::from_millis(500);

/// Why there is no response.
pub enum Unanswered {
    /// The status to answer with instead.
    Status(u16),
    /// The target took no connection: nothing of the request was written.
    Refused(Box<Request<RequestBody>>),
}

impl From<u16> for Unanswered {
    fn from(status: u16) -> Self {
        Unanswered::Status(status)
    }
}

/// See the module.
pub struct Sending<'a> {
    pub connection: &'a Connection,
    pub group: &'a Group,
    pub lease: &'a Lease,
    pub idle_timeout: Duration,
    pub upload: Option<&'a Upload>,
    pub exchange: &'a mut Exchange,
}

impl Sending<'_> {
    /// The response, with the connection when it is HTTP/1.
    pub async fn send(
        mut self,
        request: Request<RequestBody>,
    ) -> Result<(Response<Incoming>, Option<Http1>), Unanswered> {
        match self.group.config.protocol_version {
            ProtocolVersion::Http1 => {
                let (response, connection) = self.over_http1(request).await?;
                Ok((response, Some(connection)))
            }
            ProtocolVersion::Http2 | ProtocolVersion::Grpc => {
                Ok((self.over_http2(request).await?, None))
            }
        }
    }

    fn opening(&self) -> Opening<'_> {
        Opening {
            connector: &*self.connection.core.connector,
            observer: &self.connection.core.observer,
            target: self.lease.target(),
            https: self.group.config.https,
        }
    }

    async fn over_http1(
        &mut self,
        mut request: Request<RequestBody>,
    ) -> Result<(Response<Incoming>, Http1), Unanswered> {
        let mut tries = 0;
        loop {
            tries += 1;
            let kept = match tries {
                ..=REUSE_TRIES => self.lease.target().pool.take().await,
                _ => None,
            };
            let mut connection = match kept {
                Some(kept) => kept,
                None => match self.opening().http1().await {
                    Ok(opened) => opened,
                    Err(error) => return Err(unopened(error, request)),
                },
            };
            let spare = (connection.reused && is_repeatable(&request)).then(|| head(&request));
            let read_before = connection.tally.read();
            connection.tally.touch();
            self.exchange.sent = Some(Instant::now());
            let answer = connection.sender.try_send_request(request);
            let failure = match self.wait(answer, Some(&connection.tally)).await? {
                Ok(response) => return Ok((response, connection)),
                Err(failure) => failure,
            };
            let (error, unsent) = failure;
            let untouched = connection.reused && connection.tally.read() == read_before;
            request = match (unsent, spare) {
                (Some(unsent), _) if connection.reused => *unsent,
                (None, Some(spare)) if untouched && !error.is_user() => spare,
                _ => return Err(self.status_of_failure().into()),
            };
        }
    }

    async fn over_http2(
        &mut self,
        mut request: Request<RequestBody>,
    ) -> Result<Response<Incoming>, Unanswered> {
        for fresh in [false, true] {
            let shared = if fresh { None } else { self.lease.target().pool.share() };
            let mut connection = match shared {
                Some(shared) => shared,
                None => match self.opening().http2().await {
                    Ok(opened) => {
                        self.lease.target().pool.set_shared(opened.clone());
                        opened
                    }
                    Err(error) => return Err(unopened(error, request)),
                },
            };
            connection.tally.touch();
            self.exchange.sent = Some(Instant::now());
            let answer = connection.sender.try_send_request(request);
            request = match self.wait(answer, None).await? {
                Ok(response) => return Ok(response),
                Err((_, Some(unsent))) if connection.reused => *unsent,
                Err(_) => return Err(self.status_of_failure().into()),
            };
        }
        Err(Unanswered::Status(502))
    }

    /// Waits for the response's head as long as bytes move: else 504.
    async fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, TrySendError>>,
        tally: Option<&Tally>,
    ) -> Result<Result<T, (hyper::Error, Option<Box<Request<RequestBody>>>)>, u16> {
        let mut answer = std::pin::pin!(answer);
        let sent = Instant::now();
        // What moves on a shared connection may be others' requests.
        let last_activity = || tally.map_or(sent, Tally::last_activity);
        let mut uploaded = 0;
        let mut deadline = sent + self.idle_timeout;
        loop {
            tokio::select! {
                biased;
                answered = &mut answer => {
                    return Ok(answered.map_err(|mut failure| {
                        let unsent = failure.take_message().map(Box::new);
                        (failure.into_error(), unsent)
                    }));
                }
                () = sleep_until(deadline) => {
                    let mut last = last_activity();
                    if let Some(upload) = self.upload {
                        if upload.received() != uploaded {
                            uploaded = upload.received();
                            last = Instant::now();
                        }
                        if upload.state() == UploadState::Flowing {
                            // The client may be the silent one: it is asked first.
                            last += UPLOAD_GRACE;
                        }
                    }
                    let next = last + self.idle_timeout;
                    if next <= Instant::now() {
                        return Err(504);
                    }
                    deadline = next;
                }
            }
        }
    }

    /// 408 and 400 when the client is to blame, else the target's 502.
    fn status_of_failure(&self) -> u16 {
        match self.upload.map(Upload::state) {
            Some(UploadState::Idle) => 408,
            Some(UploadState::Broken) => 400,
            _ => 502,
        }
    }
}

type TrySendError = hyper::client::conn::TrySendError<Request<RequestBody>>;

fn unopened(error: OpenError, request: Request<RequestBody>) -> Unanswered {
    tracing::debug!(%error, "no connection to the target");
    match error {
        OpenError::Refused(_) => Unanswered::Refused(Box::new(request)),
        OpenError::TimedOut => Unanswered::Status(504),
        OpenError::Tls(_) | OpenError::Protocol(_) => Unanswered::Status(502),
    }
}

fn is_repeatable(request: &Request<RequestBody>) -> bool {
    let idempotent = request.method().is_idempotent();
    idempotent && matches!(request.body(), RequestBody::Empty)
}

/// A copy of a request without body.
fn head(request: &Request<RequestBody>) -> Request<RequestBody> {
    let mut copy = Request::new(RequestBody::Empty);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    *copy.extensions_mut() = request.extensions().clone();
    copy
}
