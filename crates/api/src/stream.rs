//! An answer that goes on: after the output, events, for as long as its operation sends some and
//! its client listens.

use neargate_wire::{Described, Shape, write};
use tokio::sync::mpsc;

/// An event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamEvent {
    /// Its member in the stream's shape.
    pub name: &'static str,
    /// Whether it is an exception, which ends the stream.
    pub is_exception: bool,
    /// What it says, as JSON.
    pub payload: Vec<u8>,
}

/// The events of a stream, as they come.
pub type Events = mpsc::Receiver<StreamEvent>;

impl StreamEvent {
    pub fn of<T: Described + Shape>(name: &'static str, event: &T) -> Self {
        StreamEvent { name, is_exception: false, payload: write::json(T::SCHEMA, event) }
    }

    pub fn exception<T: Described + Shape>(name: &'static str, event: &T) -> Self {
        StreamEvent { is_exception: true, ..StreamEvent::of(name, event) }
    }
}
