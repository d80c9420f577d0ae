//! `requestParameters` and `responseElements`: a call's input or output as JSON
//! in CloudTrail's own spelling. Names begin in lower case, EC2's lists are
//! `{"items": […]}`, dates are written out, and what is secret is hidden.

use neargate_api::{Timestamp, Told};
use neargate_wire::{Encoder, ListSchema, MapSchema, Member, StructSchema, TimestampFormat};

use super::hidden::{Hidden, hidden};
use super::resources::resource_type;

/// Bytes after which AWS leaves the content out of an event.
const LIMIT: usize = 100 << 10;

/// A visitor that writes down what it is shown.
pub struct Tell {
    service: &'static str,
    /// Whether lists are wrapped.
    items: bool,
    out: String,
    /// Whether nothing stands yet in the innermost open bracket.
    first: bool,
    /// The member whose value comes next, which may turn out not to be shown.
    member: Option<&'static str>,
    /// How deep inside of a hidden value this is.
    hiding: Option<usize>,
    resources: Vec<(&'static str, String)>,
}

impl Tell {
    /// A visitor of the service of this name.
    pub fn new(service: &'static str) -> Self {
        Tell {
            service,
            items: service == "ec2",
            out: String::with_capacity(256),
            first: true,
            member: None,
            hiding: None,
            resources: Vec::new(),
        }
    }

    /// What was told; nothing of what is too long.
    pub fn told(self) -> Told {
        let json = if self.out.len() > LIMIT { String::new() } else { self.out };
        Told { json, resources: self.resources }
    }

    fn separate(&mut self) {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
    }

    /// Writes the name of the member that waits; `false` where the value is hidden.
    fn begin_value(&mut self) -> bool {
        if self.hiding.is_some() {
            return false;
        }
        let Some(name) = self.member.take() else { return true };
        let how = hidden(self.service, name);
        if how == Some(Hidden::LeftOut) {
            self.hiding = Some(0);
            return false;
        }
        self.separate();
        self.out.push('"');
        if name.bytes().all(|byte| byte.is_ascii_uppercase()) {
            self.out.push_str(&name.to_ascii_lowercase());
        } else if let Some((first, rest)) = name.split_at_checked(1) {
            self.out.push_str(&first.to_ascii_lowercase());
            self.out.push_str(rest);
        }
        self.out.push_str("\":");
        if let Some(Hidden::As(instead)) = how {
            self.quoted(instead);
            self.hiding = Some(0);
            return false;
        }
        true
    }

    /// A value without inner ones.
    fn value(&mut self, write: impl FnOnce(&mut Self)) {
        if self.begin_value() && self.out.len() <= LIMIT {
            write(self);
        }
        self.end_hidden();
    }

    /// A hidden value is over when its outermost bracket is closed.
    fn end_hidden(&mut self) {
        if self.hiding == Some(0) {
            self.hiding = None;
        }
    }

    fn open(&mut self, text: &str) {
        if self.begin_value() {
            self.out.push_str(text);
            self.first = true;
        } else if let Some(depth) = &mut self.hiding {
            *depth += 1;
        }
    }

    fn close(&mut self, text: &str) {
        match &mut self.hiding {
            Some(depth) => {
                *depth = depth.saturating_sub(1);
                self.end_hidden();
            }
            None => {
                self.out.push_str(text);
                self.first = false;
            }
        }
    }

    fn quoted(&mut self, text: &str) {
        self.out.push_str(&serde_json::Value::from(text).to_string());
    }
}

impl Encoder for Tell {
    fn begin_struct(&mut self, _: &'static StructSchema) {
        self.open("{");
    }

    fn member(&mut self, member: &'static Member) {
        if self.hiding.is_none() {
            self.member = Some(member.name);
        }
    }

    fn end_struct(&mut self) {
        self.close("}");
    }

    fn begin_list(&mut self, _: &'static ListSchema) {
        self.open(if self.items { "{\"items\":[" } else { "[" });
    }

    fn item(&mut self) {
        if self.hiding.is_none() {
            self.separate();
        }
    }

    fn end_list(&mut self) {
        self.close(if self.items { "]}" } else { "]" });
    }

    fn begin_map(&mut self, _: &'static MapSchema) {
        self.open("{");
    }

    fn entry(&mut self, key: &str) {
        if self.hiding.is_none() {
            self.separate();
            self.quoted(key);
            self.out.push(':');
        }
    }

    fn end_entry(&mut self) {}

    fn end_map(&mut self) {
        self.close("}");
    }

    fn string(&mut self, value: &str) {
        let of = self.member.filter(|_| self.hiding.is_none());
        if let Some(kind) = of.and_then(|member| resource_type(self.service, member)) {
            let named = (kind, value.to_owned());
            if self.resources.len() < 20 && !self.resources.contains(&named) {
                self.resources.push(named);
            }
        }
        self.value(|to| to.quoted(value));
    }

    fn boolean(&mut self, value: bool) {
        self.value(|to| to.out.push_str(if value { "true" } else { "false" }));
    }

    fn integer(&mut self, value: i64) {
        self.value(|to| to.out.push_str(&value.to_string()));
    }

    fn double(&mut self, value: f64) {
        self.value(|to| to.out.push_str(&serde_json::Value::from(value).to_string()));
    }

    fn timestamp(&mut self, value: Timestamp, _: Option<TimestampFormat>) {
        self.value(|to| to.quoted(&value.format("%b %-d, %Y, %-I:%M:%S %p")));
    }

    /// Bytes are content, not parameters.
    fn blob(&mut self, value: &[u8]) {
        self.value(|to| to.quoted(&format!("{} bytes", value.len())));
    }
}
