//! XML in and out: small documents read into a tree, answers written as text.

use neargate_api::AwsError;
use quick_xml::escape::escape;

pub use neargate_wire::read::Element;

use crate::error;

/// The namespace of S3's documents.
pub const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// Reads a document.
pub fn read(document: &[u8]) -> Result<Element, AwsError> {
    Element::read(document).map_err(|_| error::malformed_xml())
}

/// A document that is written element by element.
#[derive(Debug)]
pub struct Writer {
    out: String,
    open: Vec<String>,
}

impl Writer {
    /// A document whose root is `root` in S3's namespace.
    pub fn new(root: &str) -> Self {
        let out =
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{NAMESPACE}\">");
        Writer { out, open: vec![root.to_owned()] }
    }

    /// A document whose root has no namespace: errors.
    pub fn plain(root: &str) -> Self {
        let out = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}>");
        Writer { out, open: vec![root.to_owned()] }
    }

    pub fn text(&mut self, name: &str, text: impl AsRef<str>) -> &mut Self {
        self.out.push_str(&format!("<{name}>{}</{name}>", escape(text.as_ref())));
        self
    }

    pub fn optional(&mut self, name: &str, text: Option<impl AsRef<str>>) -> &mut Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    pub fn open(&mut self, name: &str) -> &mut Self {
        self.out.push_str(&format!("<{name}>"));
        self.open.push(name.to_owned());
        self
    }

    pub fn close(&mut self) -> &mut Self {
        if let Some(name) = self.open.pop() {
            self.out.push_str(&format!("</{name}>"));
        }
        self
    }

    /// The document, all of its elements closed.
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let mut writer = Writer::new("Tagging");
        writer.open("Tag").text("Key", "a<b&\"c\"").text("Value", "ü");
        let read = read(writer.finish().as_bytes()).unwrap();
        let tag = read.child("Tag").unwrap();
        assert_eq!((tag.text_of("Key"), tag.text_of("Value")), (Some("a<b&\"c\""), Some("ü")));
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in ["", "text", "<a>", "<a></b>", "<!DOCTYPE a><a/>", "<a>&unknown;</a>"] {
            assert_eq!(
                read(text.as_bytes()).map_err(|e| e.code),
                Err("MalformedXML".into()),
                "{text}"
            );
        }
    }
}
