//! Requests of the query protocol and of EC2's variant of it: a form whose dotted,
//! numbered names spell a tree. The reverse of [`read::query`](crate::read::query).
//! Source: smithy.io, "AWS query protocol" and "AWS EC2 query protocol".
//!
//! A form cannot say everything: an empty structure or map writes nothing, and
//! EC2 has no empty lists either.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::Serializer;
use neargate_ids::Timestamp;

use super::{Encoder, epoch_seconds};
use crate::operation::{OperationModel, ServiceModel};
use crate::schema::{ListSchema, MapSchema, Member, StructSchema, TimestampFormat};
use crate::shape::Shape;

/// `value` as a query request.
pub fn query_form<T: Shape>(
    service: &ServiceModel,
    model: &'static OperationModel,
    value: &T,
) -> Vec<u8> {
    form(service, model, value, false)
}

/// `value` as an EC2 request.
pub fn ec2_form<T: Shape>(
    service: &ServiceModel,
    model: &'static OperationModel,
    value: &T,
) -> Vec<u8> {
    form(service, model, value, true)
}

fn form<T: Shape>(
    service: &ServiceModel,
    model: &'static OperationModel,
    value: &T,
    ec2: bool,
) -> Vec<u8> {
    let mut out = Serializer::new(String::with_capacity(512));
    out.append_pair("Action", model.name).append_pair("Version", service.api_version);
    let mut encoder = FormEncoder { out, ec2, name: String::new(), open: Vec::new() };
    value.encode(model.input, &mut encoder);
    encoder.out.finish().into_bytes()
}

struct FormEncoder {
    out: Serializer<'static, String>,
    ec2: bool,
    /// The name of the next value.
    name: String,
    open: Vec<Open>,
}

/// A structure, list or map that is not yet closed.
struct Open {
    /// What the names inside begin with.
    prefix: String,
    /// Items or entries so far.
    count: usize,
    /// The name under which an empty list is told.
    told_as: Option<String>,
    /// The names of a map entry's key and value.
    entry: (&'static str, &'static str),
}

impl FormEncoder {
    fn begin(&mut self, prefix: String, told_as: Option<String>) {
        self.open.push(Open { prefix, count: 0, told_as, entry: ("", "") });
    }

    /// Counts one more item, and names it.
    fn count(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.count += 1;
            self.name = format!("{}.{}", open.prefix, open.count);
        }
    }

    fn text(&mut self, text: &str) {
        self.out.append_pair(&self.name, text);
    }
}

/// `Tags` with its last part replaced: how a flattened list goes by its element's name.
fn renamed(name: &str, last: &str) -> String {
    match name.rsplit_once('.') {
        Some((before, _)) => format!("{before}.{last}"),
        None => last.to_owned(),
    }
}

impl Encoder for FormEncoder {
    fn begin_struct(&mut self, _: &'static StructSchema) {
        self.begin(self.name.clone(), None);
    }

    fn member(&mut self, member: &'static Member) {
        let prefix = self.open.last().map_or("", |open| open.prefix.as_str());
        let dot = if prefix.is_empty() { "" } else { "." };
        self.name = format!("{prefix}{dot}{}", member.query_name);
    }

    fn end_struct(&mut self) {
        self.open.pop();
    }

    fn begin_list(&mut self, schema: &'static ListSchema) {
        let name = self.name.clone();
        if self.ec2 {
            self.begin(name, None);
        } else if !schema.flattened {
            self.begin(format!("{name}.{}", schema.member_name), Some(name));
        } else if schema.member_name == "member" {
            self.begin(name.clone(), Some(name));
        } else {
            self.begin(renamed(&name, schema.member_name), Some(name));
        }
    }

    fn item(&mut self) {
        self.count();
    }

    fn end_list(&mut self) {
        if let Some(Open { count: 0, told_as: Some(name), .. }) = self.open.pop() {
            self.out.append_pair(&name, "");
        }
    }

    fn begin_map(&mut self, schema: &'static MapSchema) {
        let inner = if schema.flattened { "" } else { ".entry" };
        self.begin(format!("{}{inner}", self.name), None);
        if let Some(open) = self.open.last_mut() {
            open.entry = (schema.key_name, schema.value_name);
        }
    }

    fn entry(&mut self, key: &str) {
        self.count();
        let (key_name, value_name) = self.open.last().map_or(("", ""), |open| open.entry);
        self.out.append_pair(&format!("{}.{key_name}", self.name), key);
        self.name = format!("{}.{value_name}", self.name);
    }

    fn end_entry(&mut self) {}

    fn end_map(&mut self) {
        self.open.pop();
    }

    fn string(&mut self, value: &str) {
        self.text(value);
    }

    fn boolean(&mut self, value: bool) {
        self.text(if value { "true" } else { "false" });
    }

    fn integer(&mut self, value: i64) {
        self.text(&value.to_string());
    }

    fn double(&mut self, value: f64) {
        self.text(&super::number(value));
    }

    fn timestamp(&mut self, value: Timestamp, format: Option<TimestampFormat>) {
        match format {
            Some(TimestampFormat::Unix) => self.text(&epoch_seconds(value)),
            Some(TimestampFormat::Rfc822) => self.text(&value.http_date()),
            _ => self.text(&value.iso8601()),
        }
    }

    fn blob(&mut self, value: &[u8]) {
        self.text(&STANDARD.encode(value));
    }
}
