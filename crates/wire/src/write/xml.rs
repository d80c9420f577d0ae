//! The XML answers of the query protocol and of EC2. Elements are named by what
//! comes before them: a member, a list's element, a map's entry.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use neargate_ids::Timestamp;

use super::{Encoder, epoch_seconds};
use crate::operation::OperationModel;
use crate::schema::{ListSchema, MapSchema, Member, StructSchema, TimestampFormat};
use crate::shape::Shape;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// `value` as the answer of a query operation.
pub fn query<T: Shape>(
    model: &'static OperationModel,
    namespace: &str,
    request_id: &str,
    value: &T,
) -> Vec<u8> {
    let name = model.name;
    let mut encoder = XmlEncoder::new();
    encoder.out.push_str(&format!("<{name}Response xmlns=\"{namespace}\">"));
    if let Some(wrapper) = model.result_wrapper {
        encoder.next = wrapper;
        value.encode(model.output, &mut encoder);
    }
    encoder.out.push_str(&format!(
        "<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{name}Response>"
    ));
    encoder.out.into_bytes()
}

/// `value` as the answer of an EC2 operation.
pub fn ec2<T: Shape>(
    model: &'static OperationModel,
    namespace: &str,
    request_id: &str,
    value: &T,
) -> Vec<u8> {
    let name = model.name;
    let mut encoder = XmlEncoder::new();
    encoder.out.push_str(&format!(
        "<{name}Response xmlns=\"{namespace}\"><requestId>{request_id}</requestId>"
    ));
    value.encode(model.output, &mut encoder);
    encoder.out.push_str(&format!("</{name}Response>"));
    encoder.out.into_bytes()
}

struct XmlEncoder {
    out: String,
    /// The name of the element that the next value becomes; empty for none (EC2's outermost).
    next: &'static str,
    open: Vec<Open>,
}

/// An element, or a run of elements, that is not yet closed.
struct Open {
    /// The element to close; empty where there is none.
    name: &'static str,
    /// The name of the elements inside, for lists and maps.
    inner: &'static str,
    /// The names of a map entry's key and value.
    entry: Option<(&'static str, &'static str)>,
}

impl XmlEncoder {
    fn new() -> Self {
        XmlEncoder { out: DECLARATION.into(), next: "", open: Vec::new() }
    }

    fn start(&mut self, name: &str) {
        if !name.is_empty() {
            self.out.push('<');
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    fn end(&mut self, name: &str) {
        if !name.is_empty() {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    fn text(&mut self, text: &str) {
        let name = self.next;
        self.start(name);
        escape(&mut self.out, text);
        self.end(name);
    }

    fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            self.end(open.name);
        }
    }
}

/// Writes `text` with what XML reserves escaped, and what it forbids replaced.
pub(super) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            '\n' | '\t' => out.push(c),
            c if c < ' ' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

impl Encoder for XmlEncoder {
    fn begin_struct(&mut self, _: &'static StructSchema) {
        let name = self.next;
        self.start(name);
        self.open.push(Open { name, inner: "", entry: None });
    }

    fn member(&mut self, member: &'static Member) {
        self.next = member.name;
    }

    fn end_struct(&mut self) {
        self.close();
    }

    fn begin_list(&mut self, schema: &'static ListSchema) {
        let name = self.next;
        if schema.flattened {
            let inner = if schema.member_name == "member" { name } else { schema.member_name };
            self.open.push(Open { name: "", inner, entry: None });
        } else {
            self.start(name);
            self.open.push(Open { name, inner: schema.member_name, entry: None });
        }
    }

    fn item(&mut self) {
        self.next = self.open.last().map_or("", |open| open.inner);
    }

    fn end_list(&mut self) {
        self.close();
    }

    fn begin_map(&mut self, schema: &'static MapSchema) {
        let name = self.next;
        let entry = Some((schema.key_name, schema.value_name));
        if schema.flattened {
            self.open.push(Open { name: "", inner: name, entry });
        } else {
            self.start(name);
            self.open.push(Open { name, inner: "entry", entry });
        }
    }

    fn entry(&mut self, key: &str) {
        let (inner, entry) = match self.open.last() {
            Some(Open { inner, entry: Some(entry), .. }) => (*inner, *entry),
            _ => return,
        };
        self.start(inner);
        self.next = entry.0;
        self.text(key);
        self.next = entry.1;
    }

    fn end_entry(&mut self) {
        let inner = self.open.last().map_or("", |open| open.inner);
        self.end(inner);
    }

    fn end_map(&mut self) {
        self.close();
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
