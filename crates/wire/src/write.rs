//! Typed outputs, and inputs of requests, into bytes: one [`Encoder`] per format,
//! visited by the shapes. JSON serves both ways.

mod cbor;
mod error;
mod event;
mod form;
mod json;
mod xml;

pub use cbor::cbor;
pub use error::{cbor_error, ec2_error, json_error, query_error};
pub use event::event;
pub use form::{ec2_form, query_form};
pub use json::json;
pub use xml::{ec2, query};

use neargate_ids::Timestamp;

use crate::schema::{ListSchema, MapSchema, Member, StructSchema, TimestampFormat};

/// What a shape tells of itself, in order: a visitor that every format implements.
pub trait Encoder {
    fn begin_struct(&mut self, schema: &'static StructSchema);
    /// Comes before the value of each present member.
    fn member(&mut self, member: &'static Member);
    fn end_struct(&mut self);

    fn begin_list(&mut self, schema: &'static ListSchema);
    /// Comes before each element.
    fn item(&mut self);
    fn end_list(&mut self);

    fn begin_map(&mut self, schema: &'static MapSchema);
    /// Comes before the value of each key.
    fn entry(&mut self, key: &str);
    /// Comes after the value of each key.
    fn end_entry(&mut self);
    fn end_map(&mut self);

    fn string(&mut self, value: &str);
    fn boolean(&mut self, value: bool);
    fn integer(&mut self, value: i64);
    fn double(&mut self, value: f64);
    fn timestamp(&mut self, value: Timestamp, format: Option<TimestampFormat>);
    fn blob(&mut self, value: &[u8]);
}

/// `1.5e9` seconds as AWS's JSON writes it: no exponent, milliseconds at most.
fn epoch_seconds(instant: Timestamp) -> String {
    let (secs, millis) = (instant.secs(), instant.millis().rem_euclid(1000));
    if millis == 0 { secs.to_string() } else { format!("{secs}.{millis:03}") }
}

/// A number as XML and forms have it: `1.5`, `1e300`, `NaN`, `-Infinity`.
fn number(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    format!("{value:?}")
}
