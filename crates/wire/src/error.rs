//! Errors as AWS says them: a code, a status and a message that tells the
//! caller what to change. Which of them applies is each service's decision.

use serde_json::Value as Json;

/// An error answer of an operation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct AwsError {
    /// The code that clients match on.
    pub code: String,
    /// The name of the error's shape, where it differs from the code.
    pub shape: String,
    /// The HTTP status.
    pub status: u16,
    pub message: String,
    /// Further members of the error's shape, by their wire names.
    pub members: Vec<(&'static str, Json)>,
}

impl AwsError {
    /// An error whose shape is named as its code.
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        let code = code.into();
        AwsError { shape: code.clone(), code, status, message: message.into(), members: Vec::new() }
    }

    /// An error of the model: shape and code may differ (`ResourceNotFound` of query services).
    pub fn modelled(status: u16, shape: &str, code: &str, message: impl Into<String>) -> Self {
        AwsError {
            code: code.into(),
            shape: shape.into(),
            status,
            message: message.into(),
            members: Vec::new(),
        }
    }

    /// This error with one more member.
    pub fn with(mut self, member: &'static str, value: impl Into<Json>) -> Self {
        self.members.push((member, value.into()));
        self
    }

    /// Whether the fault is the caller's.
    pub fn is_sender_fault(&self) -> bool {
        self.status < 500
    }
}

/// Why a body could not be read as the operation's input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("{0}")]
    Malformed(String),
    #[error("{path}: expected {expected}, found {found}")]
    Kind { path: String, expected: &'static str, found: String },
    #[error("the input is nested deeper than {0} levels")]
    TooDeep(usize),
}
