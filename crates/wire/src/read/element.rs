//! An XML document as a tree, without attributes and namespaces: what the query
//! protocols answer, and S3's bodies both ways.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::MAX_DEPTH;
use crate::error::ReadError;

/// An element, without its attributes and namespaces. It has text or children, not both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    pub name: String,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// Reads a document; one with a document type is refused, as it could grow without bounds.
    pub fn read(document: &[u8]) -> Result<Element, ReadError> {
        let text = std::str::from_utf8(document)
            .map_err(|_| ReadError::Malformed("the XML is not UTF-8".into()))?;
        let mut reader = Reader::from_str(text);
        // The last is the open element; the first stands for the document.
        let mut open = vec![Element::default()];
        loop {
            match reader.read_event().map_err(|e| ReadError::Malformed(e.to_string()))? {
                // A list is two elements deep: its wrapper, and the item.
                Event::Start(_) if open.len() > 2 * MAX_DEPTH => {
                    return Err(ReadError::TooDeep(MAX_DEPTH));
                }
                Event::Start(start) => open.push(named(start.local_name().as_ref())),
                Event::Empty(start) => {
                    let element = named(start.local_name().as_ref());
                    innermost(&mut open)?.children.push(element);
                }
                Event::End(_) => {
                    let mut done = open.pop().ok_or_else(unbalanced)?;
                    if !done.children.is_empty() {
                        done.text.clear();
                    }
                    innermost(&mut open)?.children.push(done);
                }
                Event::Text(text) => innermost(&mut open)?.text.push_str(&text.xml10_content()),
                Event::CData(text) => innermost(&mut open)?.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let resolved = resolve(&reference).ok_or_else(|| {
                        let name = AsRef::<str>::as_ref(&reference);
                        ReadError::Malformed(format!("XML has no entity &{name};"))
                    })?;
                    innermost(&mut open)?.text.push(resolved);
                }
                Event::Eof => break,
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::DocType(_) => {
                    return Err(ReadError::Malformed("XML with a document type".into()));
                }
            }
        }
        let document = open.pop().filter(|_| open.is_empty()).ok_or_else(unbalanced)?;
        let root = document.children.into_iter().next();
        root.ok_or_else(|| ReadError::Malformed("XML without an element".into()))
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of this name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// The children of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

fn named(name: &str) -> Element {
    Element { name: name.to_owned(), ..Element::default() }
}

fn innermost(open: &mut [Element]) -> Result<&mut Element, ReadError> {
    open.last_mut().ok_or_else(unbalanced)
}

fn unbalanced() -> ReadError {
    ReadError::Malformed("XML whose elements are not closed as they were opened".into())
}

/// What `&amp;` or `&#38;` stands for.
fn resolve(reference: &BytesRef<'_>) -> Option<char> {
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
