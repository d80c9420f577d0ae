//! Smithy RPC v2 CBOR answers: maps of open length, as the members are not counted ahead.

use minicbor::data::Tag;
use neargate_ids::Timestamp;

use super::Encoder;
use crate::schema::{ListSchema, MapSchema, Member, Schema, StructSchema, TimestampFormat};
use crate::shape::Shape;

/// `value` as a CBOR document.
pub fn cbor<T: Shape>(schema: &'static Schema, value: &T) -> Vec<u8> {
    let mut encoder = CborEncoder { to: minicbor::Encoder::new(Vec::with_capacity(512)) };
    value.encode(schema, &mut encoder);
    encoder.to.into_writer()
}

struct CborEncoder {
    to: minicbor::Encoder<Vec<u8>>,
}

/// Encoding into memory has no error to give.
macro_rules! infallible {
    ($written:expr) => {
        $written.map(|_| ()).expect("writing to memory does not fail")
    };
}

impl Encoder for CborEncoder {
    fn begin_struct(&mut self, _: &'static StructSchema) {
        infallible!(self.to.begin_map());
    }

    fn member(&mut self, member: &'static Member) {
        infallible!(self.to.str(member.name));
    }

    fn end_struct(&mut self) {
        infallible!(self.to.end());
    }

    fn begin_list(&mut self, _: &'static ListSchema) {
        infallible!(self.to.begin_array());
    }

    fn item(&mut self) {}

    fn end_list(&mut self) {
        infallible!(self.to.end());
    }

    fn begin_map(&mut self, _: &'static MapSchema) {
        infallible!(self.to.begin_map());
    }

    fn entry(&mut self, key: &str) {
        infallible!(self.to.str(key));
    }

    fn end_entry(&mut self) {}

    fn end_map(&mut self) {
        infallible!(self.to.end());
    }

    fn string(&mut self, value: &str) {
        infallible!(self.to.str(value));
    }

    fn boolean(&mut self, value: bool) {
        infallible!(self.to.bool(value));
    }

    fn integer(&mut self, value: i64) {
        infallible!(self.to.i64(value));
    }

    fn double(&mut self, value: f64) {
        infallible!(self.to.f64(value));
    }

    fn timestamp(&mut self, value: Timestamp, _: Option<TimestampFormat>) {
        infallible!(self.to.tag(Tag::new(1)));
        infallible!(self.to.f64(value.as_secs_f64()));
    }

    fn blob(&mut self, value: &[u8]) {
        infallible!(self.to.bytes(value));
    }
}
