//! Why a call did not succeed.

use neargate_wire::ReadError;

use crate::credentials::CredentialsError;

/// What a service has answered that is no success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceError {
    /// `ecs:CreateCluster`.
    pub operation: String,
    /// AWS's code; the HTTP status where the answer had none.
    pub code: String,
    pub message: String,
    pub request_id: Option<String>,
    pub status: u16,
    /// Milliseconds by which AWS's clock is ahead of this machine's, where that is the reason.
    pub skew_ms: Option<i64>,
}

impl std::fmt::Display for ServiceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ServiceError { operation, code, message, status, .. } = self;
        write!(f, "{operation}: {code}")?;
        if !message.is_empty() {
            write!(f, ": {message}")?;
        }
        write!(f, " (HTTP {status}")?;
        if let Some(request_id) = &self.request_id {
            write!(f, ", request id {request_id}")?;
        }
        f.write_str(")")?;
        if let Some(skew_ms) = self.skew_ms {
            let side = if skew_ms > 0 { "behind" } else { "ahead of" };
            let secs = skew_ms.abs() / 1000;
            write!(
                f,
                ". This machine's clock is {secs} seconds {side} the service's: set it right"
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for ServiceError {}

/// Why a call did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("{0}")]
    Service(Box<ServiceError>),
    #[error("{operation}: {endpoint} cannot be reached: {cause}")]
    Unreachable { operation: String, endpoint: String, cause: String },
    #[error("{operation}: the answer of {endpoint} is not what AWS's would be: {cause}")]
    Unreadable { operation: String, endpoint: String, cause: ReadError },
    #[error("{operation}: the request cannot be made: {cause}")]
    Unsendable { operation: String, cause: String },
    #[error("{operation}: no credentials to sign it with. {cause}")]
    Credentials { operation: String, cause: CredentialsError },
}

impl CallError {
    /// AWS's code, where a service has answered.
    pub fn code(&self) -> Option<&str> {
        self.service().map(|error| error.code.as_str())
    }

    /// What the service has answered.
    pub fn service(&self) -> Option<&ServiceError> {
        match self {
            CallError::Service(error) => Some(error),
            _ => None,
        }
    }

    /// Whether the service's code is one of these.
    pub fn is_any(&self, codes: &[&str]) -> bool {
        self.code().is_some_and(|code| codes.contains(&code))
    }
}
