//! JSON 1.0 and 1.1 answers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use neargate_ids::Timestamp;

use super::{Encoder, epoch_seconds};
use crate::schema::{ListSchema, MapSchema, Member, Schema, StructSchema, TimestampFormat};
use crate::shape::Shape;

/// `value` as a JSON document.
pub fn json<T: Shape>(schema: &'static Schema, value: &T) -> Vec<u8> {
    let mut encoder = JsonEncoder { out: Vec::with_capacity(512), first: true };
    value.encode(schema, &mut encoder);
    encoder.out
}

struct JsonEncoder {
    out: Vec<u8>,
    /// Whether nothing stands yet in the innermost open bracket.
    first: bool,
}

impl JsonEncoder {
    fn separate(&mut self) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
    }

    fn open(&mut self, bracket: u8) {
        self.out.push(bracket);
        self.first = true;
    }

    fn close(&mut self, bracket: u8) {
        self.out.push(bracket);
        self.first = false;
    }

    fn quoted(&mut self, text: &str) {
        serde_json::to_writer(&mut self.out, text).expect("writing to memory does not fail");
    }
}

impl Encoder for JsonEncoder {
    fn begin_struct(&mut self, _: &'static StructSchema) {
        self.open(b'{');
    }

    fn member(&mut self, member: &'static Member) {
        self.separate();
        self.out.push(b'"');
        self.out.extend_from_slice(member.name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn end_struct(&mut self) {
        self.close(b'}');
    }

    fn begin_list(&mut self, _: &'static ListSchema) {
        self.open(b'[');
    }

    fn item(&mut self) {
        self.separate();
    }

    fn end_list(&mut self) {
        self.close(b']');
    }

    fn begin_map(&mut self, _: &'static MapSchema) {
        self.open(b'{');
    }

    fn entry(&mut self, key: &str) {
        self.separate();
        self.quoted(key);
        self.out.push(b':');
    }

    fn end_entry(&mut self) {}

    fn end_map(&mut self) {
        self.close(b'}');
    }

    fn string(&mut self, value: &str) {
        self.quoted(value);
    }

    fn boolean(&mut self, value: bool) {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    fn integer(&mut self, value: i64) {
        serde_json::to_writer(&mut self.out, &value).expect("writing to memory does not fail");
    }

    fn double(&mut self, value: f64) {
        if value.is_finite() {
            serde_json::to_writer(&mut self.out, &value).expect("writing to memory does not fail");
        } else if value.is_nan() {
            self.quoted("NaN");
        } else {
            self.quoted(if value > 0.0 { "Infinity" } else { "-Infinity" });
        }
    }

    fn timestamp(&mut self, value: Timestamp, format: Option<TimestampFormat>) {
        match format {
            Some(TimestampFormat::Iso8601) => self.quoted(&value.iso8601()),
            Some(TimestampFormat::Rfc822) => self.quoted(&value.http_date()),
            _ => self.out.extend_from_slice(epoch_seconds(value).as_bytes()),
        }
    }

    fn blob(&mut self, value: &[u8]) {
        self.quoted(&STANDARD.encode(value));
    }
}
