//! XML in and out: small documents read into a tree, answers written as text.

use neargate_api::AwsError;
use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;

use crate::error;

/// The namespace of S3's documents.
pub const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// An element, without its attributes and namespaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    pub name: String,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of this name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// Elements within elements that a document may have.
const DEPTH_LIMIT: usize = 32;

/// Reads a document.
pub fn read(document: &[u8]) -> Result<Element, AwsError> {
    let text = std::str::from_utf8(document).map_err(|_| error::malformed_xml())?;
    let mut reader = Reader::from_str(text);
    // The last is the open element; the first stands for the document.
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().map_err(|_| error::malformed_xml())? {
            Event::Start(start) => {
                if open.len() > DEPTH_LIMIT {
                    return Err(error::malformed_xml());
                }
                open.push(named(start.local_name().as_ref()));
            }
            Event::Empty(start) => {
                let element = named(start.local_name().as_ref());
                parent(&mut open)?.children.push(element);
            }
            Event::End(_) => {
                let mut done = open.pop().ok_or_else(error::malformed_xml)?;
                if !done.children.is_empty() {
                    done.text.clear();
                }
                parent(&mut open)?.children.push(done);
            }
            Event::Text(text) => {
                let text = text.xml10_content();
                parent(&mut open)?.text.push_str(&text);
            }
            Event::CData(text) => {
                let text = text.xml10_content();
                parent(&mut open)?.text.push_str(&text);
            }
            Event::GeneralRef(reference) => {
                let resolved = resolve(&reference).ok_or_else(error::malformed_xml)?;
                parent(&mut open)?.text.push(resolved);
            }
            Event::Eof => break,
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::DocType(_) => return Err(error::malformed_xml()),
        }
    }
    let document = open.pop().filter(|_| open.is_empty()).ok_or_else(error::malformed_xml)?;
    document.children.into_iter().next().ok_or_else(error::malformed_xml)
}

fn named(name: &str) -> Element {
    Element { name: name.to_owned(), ..Element::default() }
}

fn parent(open: &mut [Element]) -> Result<&mut Element, AwsError> {
    open.last_mut().ok_or_else(error::malformed_xml)
}

/// What `&amp;` or `&#38;` stands for.
fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Some(character) = reference.resolve_char_ref().ok()? {
        return Some(character);
    }
    match AsRef::<str>::as_ref(reference) {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
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
