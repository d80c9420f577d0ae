//! The words between daemon and shim: lines of JSON over a unix socket, both
//! ways. On connecting, the shim first tells all events and log marks so far.

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::task::{ExecOutcome, ExecSpec};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub id: u64,
    pub ask: Ask,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ask {
    Start {
        container: String,
    },
    Signal {
        container: String,
        signal: i32,
    },
    Stop {
        container: String,
        signal: i32,
        timeout_ms: u64,
    },
    Exec(ExecSpec),
    /// Kill everything and end.
    Shutdown,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    /// The history is complete up to now.
    Greeting,
    Event(Event),
    /// `container`'s log reaches up to this offset; `end` when nothing follows.
    Output {
        container: String,
        upto: u64,
        end: bool,
    },
    Reply {
        id: u64,
        answer: Answer,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Done,
    Exec(ExecOutcome),
    Refused(String),
}
