//! yamldecode and yamlencode. Decoding goes by the parser's events, so that an anchor's value is
//! shared by its aliases and never copied, and depth is bounded.

use std::collections::BTreeMap;

use yaml_rust2::parser::{Event, Parser};

use super::yaml_scalar::{self, resolve};
use super::{Call, Fault, Function, Outcome, Param, Wants};
use crate::convert::convert;
use crate::value::Kind;
use crate::{Type, Value, json};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("yamldecode", &[Param::new("src", Wants::String)], Wants::Any, yamldecode),
    Function::new(
        "yamlencode",
        &[Param::new("value", Wants::Any).nullable()],
        Wants::String,
        yamlencode,
    ),
];

const MAX_DEPTH: usize = 100;

/// A sequence or mapping that is being read.
struct Open {
    anchor: usize,
    items: Vec<Value>,
    is_mapping: bool,
}

#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    anchors: BTreeMap<usize, Value>,
    root: Option<Value>,
}

impl Reader {
    fn event(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| tag.suffix);
                self.add(resolve(&text, style, tag.as_deref())?, anchor)
            }
            Event::SequenceStart(anchor, _) => self.start(anchor, false),
            Event::MappingStart(anchor, _) => self.start(anchor, true),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(done) = self.open.pop() else { return Ok(()) };
                let value =
                    if done.is_mapping { mapping(done.items)? } else { Value::tuple(done.items) };
                self.add(value, done.anchor)
            }
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned();
                self.add(value.ok_or("an alias refers to what contains it")?, 0)
            }
            Event::DocumentStart if self.root.is_some() => {
                Err("unexpected extra content after value".into())
            }
            _ => Ok(()),
        }
    }

    fn start(&mut self, anchor: usize, is_mapping: bool) -> Result<(), String> {
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("it is more than {MAX_DEPTH} levels deep"));
        }
        self.open.push(Open { anchor, items: Vec::new(), is_mapping });
        Ok(())
    }

    fn add(&mut self, value: Value, anchor: usize) -> Result<(), String> {
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(value),
            None => self.root = Some(value),
        }
        Ok(())
    }
}

fn mapping(items: Vec<Value>) -> Result<Value, String> {
    let mut entries = BTreeMap::new();
    let mut merged = BTreeMap::new();
    let mut items = items.into_iter();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        if key.as_str() == Some(yaml_scalar::MERGE) {
            let sources = match value.elements() {
                Some(elements) => elements.to_vec(),
                None => vec![value],
            };
            for source in sources {
                let source = source.entries().ok_or("a merge key wants a mapping")?.clone();
                for (name, value) in source {
                    merged.entry(name).or_insert(value);
                }
            }
            continue;
        }
        let name = convert(&key, &Type::String).ok().filter(|key| !key.is_null());
        let name = name.ok_or("only string keys are allowed")?;
        entries.insert(name.as_str().unwrap_or_default().to_owned(), value);
    }
    merged.extend(entries);
    Ok(Value::object(merged))
}

fn yamldecode(call: &Call<'_>) -> Outcome {
    let mut parser = Parser::new_from_str(call.text(0));
    let mut reader = Reader::default();
    loop {
        call.spend(1)?;
        let (event, mark) = parser.next_token().map_err(|error| {
            Fault::Failed(format!(
                "on line {}, column {}: {}",
                error.marker().line(),
                error.marker().col() + 1,
                error.info()
            ))
        })?;
        if event == Event::StreamEnd {
            break;
        }
        reader.event(event).map_err(|why| {
            Fault::Failed(format!("on line {}, column {}: {why}", mark.line(), mark.col() + 1))
        })?;
    }
    Ok(reader.root.ok_or("on line 1, column 1: missing start of document")?)
}

fn yamlencode(call: &Call<'_>) -> Outcome {
    let mut text = String::new();
    let value = &call.args[0];
    write(value, 0, &mut text, call)?;
    // A plain scalar alone has no end of its own.
    if matches!(value.kind(), Kind::Null(_) | Kind::Bool(_) | Kind::Number(_)) {
        text.push_str("...\n");
    }
    call.string(text)
}

/// A value that begins where the text ends, and its newline.
fn write(value: &Value, depth: usize, text: &mut String, call: &Call<'_>) -> Result<(), Fault> {
    call.room_for(text.len())?;
    let indent = "  ".repeat(depth);
    match value.kind() {
        Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements)
            if !elements.is_empty() =>
        {
            for (i, element) in elements.iter().enumerate() {
                let start = if i == 0 { "" } else { &indent };
                text.push_str(&format!("{start}- "));
                write(element, depth + 1, text, call)?;
            }
        }
        Kind::Map(_, entries) | Kind::Object(entries) if !entries.is_empty() => {
            for (i, (name, value)) in entries.iter().enumerate() {
                let start = if i == 0 { "" } else { &indent };
                text.push_str(&format!("{start}{}:", quoted(name)));
                entry(value, depth, text, call)?;
            }
        }
        Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => text.push_str("[]\n"),
        Kind::Map(..) | Kind::Object(_) => text.push_str("{}\n"),
        Kind::String(string) if string.contains('\n') => block(string, depth, text),
        Kind::String(string) => text.push_str(&format!("{}\n", quoted(string))),
        _ => text.push_str(&format!("{}\n", json::encode(value).unwrap_or_default())),
    }
    Ok(())
}

fn entry(value: &Value, depth: usize, text: &mut String, call: &Call<'_>) -> Result<(), Fault> {
    let indent = "  ".repeat(depth);
    match value.kind() {
        // The dashes of a list stand below its key, the keys of a mapping further in.
        Kind::List(_, e) | Kind::Set(_, e) | Kind::Tuple(e) if !e.is_empty() => {
            text.push_str(&format!("\n{indent}"));
            write(value, depth, text, call)
        }
        Kind::Map(_, e) | Kind::Object(e) if !e.is_empty() => {
            text.push_str(&format!("\n{indent}  "));
            write(value, depth + 1, text, call)
        }
        Kind::String(string) if string.contains('\n') => {
            text.push(' ');
            block(string, depth + 1, text);
            Ok(())
        }
        _ => {
            text.push(' ');
            write(value, depth, text, call)
        }
    }
}

/// Over several lines.
fn block(string: &str, depth: usize, text: &mut String) {
    let depth = depth.max(1);
    let ending = match (string.ends_with('\n'), string.ends_with("\n\n") || string == "\n") {
        (false, _) => "-",
        (true, false) => "",
        (true, true) => "+",
    };
    let hint = if string.starts_with([' ', '\n']) { "2" } else { "" };
    text.push_str(&format!("|{hint}{ending}\n"));
    let indent = "  ".repeat(depth);
    for line in string.strip_suffix('\n').unwrap_or(string).split('\n') {
        let indent = if line.is_empty() { "" } else { &indent };
        text.push_str(&format!("{indent}{line}\n"));
    }
}

fn quoted(string: &str) -> String {
    let mut text = String::from("\"");
    for c in string.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\0' => text.push_str("\\0"),
            '\u{7}' => text.push_str("\\a"),
            '\u{8}' => text.push_str("\\b"),
            '\u{b}' => text.push_str("\\v"),
            '\u{c}' => text.push_str("\\f"),
            '\u{1b}' => text.push_str("\\e"),
            '\u{85}' => text.push_str("\\N"),
            '\u{2028}' => text.push_str("\\L"),
            '\u{2029}' => text.push_str("\\P"),
            '\u{feff}' => text.push_str("\\uFEFF"),
            c if u32::from(c) > 0xffff => text.push_str(&format!("\\U{:08X}", u32::from(c))),
            c if c.is_control() => text.push_str(&format!("\\x{:02X}", u32::from(c))),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}
