//! The client: one call, tried again as AWS's tools would.

use std::sync::Arc;

use neargate_api_types::SERVICES;
use neargate_ids::{Clock, Rng};
use neargate_wire::{Operation, OperationModel, ServiceModel};

use crate::answer;
use crate::credentials::{Credentials, CredentialsError};
use crate::endpoint::Endpoints;
use crate::error::{CallError, ServiceError};
use crate::line::{Line, Reply, Unsent};
use crate::request::{self, Request};
use crate::retry::{Passing, Quota, RetryPolicy, passing};
use crate::surroundings::Surroundings;
use crate::transport::Transport;

/// What a client is made of.
pub struct Config {
    pub region: String,
    pub endpoints: Endpoints,
    pub credentials: Credentials,
    pub retry: RetryPolicy,
    /// Requests that are under way at once, at most.
    pub at_once: usize,
    pub clock: Clock,
    pub rng: Rng,
}

/// Why the surroundings make no client.
#[derive(Debug, thiserror::Error)]
pub enum InvalidConfig {
    #[error("No region: set AWS_REGION, or `region` of the provider or of the profile")]
    NoRegion,
    #[error("No credentials: {0}")]
    Credentials(#[from] CredentialsError),
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] std::io::Error),
}

/// More at once only makes a service throttle.
const AT_ONCE: usize = 16;

impl Config {
    /// What the environment and AWS's configuration files say.
    ///
    /// # Errors
    /// There is no region, or there are no credentials.
    pub fn from(surroundings: &Surroundings, rng: Rng) -> Result<Self, InvalidConfig> {
        Ok(Config {
            region: surroundings.region().ok_or(InvalidConfig::NoRegion)?.to_owned(),
            endpoints: Endpoints::from(surroundings),
            credentials: Credentials::from(surroundings)?,
            retry: RetryPolicy::from(surroundings),
            at_once: AT_ONCE,
            clock: Clock::system(),
            rng,
        })
    }
}

/// Calls the APIs of one account in one region. A clone is the same client.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    line: Line,
    credentials: Credentials,
    retry: RetryPolicy,
    quota: Quota,
    rng: Rng,
}

/// A clock that is off by more is told, and corrected for.
const SKEW_MS: i64 = 4 * 60 * 1000;

impl Client {
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(config: Config) -> std::io::Result<Self> {
        let Config { region, endpoints, credentials, retry, at_once, clock, rng } = config;
        let line = Line::new(Transport::new(at_once)?, endpoints, region, clock);
        Ok(Client(Arc::new(Inner { line, credentials, retry, quota: Quota::new(), rng })))
    }

    pub fn region(&self) -> &str {
        &self.0.line.region
    }

    /// A token for operations that are to happen once, however often they are sent.
    pub fn once(&self) -> String {
        self.0.rng.uuid()
    }

    /// Calls an operation.
    ///
    /// # Errors
    /// The service's error, or why it has not answered.
    pub async fn call<O: Operation>(&self, input: &O::Input) -> Result<O::Output, CallError> {
        let service = service_of(O::MODEL).ok_or_else(|| CallError::Unsendable {
            operation: O::MODEL.name.to_owned(),
            cause: "it belongs to no service".to_owned(),
        })?;
        let request = request::of::<O>(&self.0.line, service, input);
        let reply = self.send(&request).await?;
        answer::output::<O>(&request, &reply)
    }

    pub(crate) fn line(&self) -> &Line {
        &self.0.line
    }

    /// Sends a request until it is answered with a success, or with what will not pass.
    pub(crate) async fn send(&self, request: &Request) -> Result<Reply, CallError> {
        let Inner { line, credentials, retry, quota, rng } = &*self.0;
        let mut spent = None;
        for attempt in 1.. {
            let identity = credentials.get(line).await.map_err(|cause| CallError::Credentials {
                operation: request.operation.clone(),
                cause,
            })?;
            let (failure, kind) = match line.send(request, &identity).await {
                Ok(reply) => match answer::error(request, &reply) {
                    None => {
                        quota.give_back(spent);
                        return Ok(reply);
                    }
                    Some(error) => {
                        let (error, again) = self.judged(error, &reply).await;
                        (CallError::Service(Box::new(error)), again)
                    }
                },
                Err(Unsent::Never(cause)) => {
                    let operation = request.operation.clone();
                    return Err(CallError::Unsendable { operation, cause });
                }
                Err(Unsent::Broken(cause)) => {
                    let (operation, endpoint) =
                        (request.operation.clone(), request.endpoint.url.clone());
                    let failure = CallError::Unreachable { operation, endpoint, cause };
                    (failure, Some(Passing::Connection))
                }
            };
            spent = kind.filter(|_| attempt < retry.attempts).and_then(|kind| quota.take(kind));
            if spent.is_none() {
                return Err(failure);
            }
            let pause = retry.pause(attempt, rng);
            tracing::debug!(%failure, attempt, ?pause, "trying again");
            tokio::time::sleep(pause).await;
        }
        unreachable!("attempts are counted, and the last of them returns")
    }

    /// Whether another try may help: the trouble passes, the clock is corrected, or there are
    /// other credentials.
    async fn judged(&self, error: ServiceError, reply: &Reply) -> (ServiceError, Option<Passing>) {
        let Inner { line, credentials, .. } = &*self.0;
        let mut error = error;
        if let Some(kind) = passing(error.status, &error.code) {
            return (error, Some(kind));
        }
        if is_about_time(&error)
            && let Some(skew_ms) = line.skew_of(reply).filter(|skew| skew.abs() > SKEW_MS)
        {
            error.skew_ms = Some(skew_ms);
            let corrected = line.correct(skew_ms);
            if corrected {
                tracing::warn!(
                    skew_ms,
                    "this machine's clock is off: requests go by the service's"
                );
            }
            return (error, corrected.then_some(Passing::Trouble));
        }
        let expired = matches!(error.code.as_str(), "ExpiredToken" | "ExpiredTokenException");
        let others = expired && credentials.forget().await;
        (error, others.then_some(Passing::Trouble))
    }
}

/// Whether a signature was refused for its time, or may have been.
fn is_about_time(error: &ServiceError) -> bool {
    matches!(
        error.code.as_str(),
        "AuthFailure"
            | "InvalidSignatureException"
            | "RequestExpired"
            | "RequestInTheFuture"
            | "RequestTimeTooSkewed"
            | "SignatureDoesNotMatch"
    )
}

/// The service that has this operation.
fn service_of(model: &'static OperationModel) -> Option<&'static ServiceModel> {
    let has = |service: &&&ServiceModel| {
        let same = |other: &OperationModel| {
            std::ptr::eq(other.input, model.input) && std::ptr::eq(other.output, model.output)
        };
        service.operation(model.name).is_some_and(same)
    };
    SERVICES.iter().find(has).copied()
}
