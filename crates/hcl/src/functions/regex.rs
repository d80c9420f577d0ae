//! regex, regexall and replace, with the syntax of Go's regular expressions (RE2), which Terraform has.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use regex_automata::Span;
use regex_automata::meta::{BuildError, Config, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::util::primitives::PatternID;
use regex_syntax::hir::{Capture, Class, ClassBytes, ClassBytesRange, Hir, HirKind, Look};
use regex_syntax::parse;

use super::{Call, Fault, Function, Outcome, Param, Wants};
use crate::{Type, Value};

const PATTERN: Param = Param::new("pattern", Wants::String);
const STRING: Param = Param::new("string", Wants::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("regex", &[PATTERN, STRING], Wants::Any, find),
    Function::new("regexall", &[PATTERN, STRING], Wants::List(&Wants::Any), find_all),
    Function::new(
        "replace",
        &[
            Param::new("str", Wants::String),
            Param::new("substr", Wants::String),
            Param::new("replace", Wants::String),
        ],
        Wants::String,
        replace,
    ),
];

/// The memory that a compiled pattern may have, in bytes: the smallest of these that does is what it
/// counts for.
const SIZES: [usize; 3] = [256 << 10, 2 << 20, 16 << 20];
/// The memory of all patterns that are kept, in bytes.
const KEPT: usize = 64 << 20;

/// What texts a compiled pattern is for. Of ASCII alone a character is a byte, and to compile a
/// pattern for it takes a fraction of the time: classes such as `[^/]` or `\pL` are hundreds of byte
/// sequences in UTF-8, and once for each of their repetitions.
#[derive(Clone, Copy, PartialEq)]
enum Texts {
    Ascii,
    Unicode,
}

/// A pattern, compiled, with what it counts for.
type Compiled = (String, Texts, Regex, usize);

/// Patterns that were compiled, the last used first: a module's validations use the same few for
/// each instance, and to compile one takes a hundred times as long as to use it.
static COMPILED: Mutex<VecDeque<Compiled>> = Mutex::new(VecDeque::new());

/// The pattern, to be looked for in `text`.
fn compile(pattern: &str, text: &str) -> Result<Regex, String> {
    compile_for(pattern, if text.is_ascii() { Texts::Ascii } else { Texts::Unicode })
}

fn compile_for(pattern: &str, texts: Texts) -> Result<Regex, String> {
    if let Some(regex) = compiled_before(pattern, texts) {
        return Ok(regex);
    }
    if nested_repetition(pattern) {
        return Err("a repetition of a repetition needs parentheses".into());
    }
    let translated = translated(pattern);
    let built = SIZES.iter().find_map(|size| match build(&translated, texts, *size) {
        Err(error) if error.size_limit().is_some() => None,
        done => Some((done, *size)),
    });
    match built {
        Some((Ok(regex), size)) => {
            keep((pattern.to_owned(), texts, regex.clone(), size));
            Ok(regex)
        }
        Some((Err(error), _)) => {
            let text = error.syntax_error().map_or(error.to_string(), |error| error.to_string());
            let why = text.lines().last().unwrap_or_default();
            Err(why.trim_start_matches("error: ").to_owned())
        }
        None => {
            Err(format!("Compiled regex exceeds size limit of {} bytes.", SIZES[SIZES.len() - 1]))
        }
    }
}

fn build(pattern: &str, texts: Texts, size: usize) -> Result<Regex, BuildError> {
    let mut builder = Regex::builder();
    let is_unicode = texts == Texts::Unicode;
    builder.configure(Config::new().nfa_size_limit(Some(size)).utf8_empty(is_unicode));
    match parse(pattern) {
        Ok(hir) if !is_unicode => builder.build_from_hir(&of_ascii(&hir)),
        _ => builder.build(pattern),
    }
}

/// What a pattern matches of texts of ASCII alone.
fn of_ascii(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0.clone()),
        HirKind::Class(class) => {
            let ranges: Vec<(u8, u8)> = match class {
                Class::Unicode(class) => {
                    class.iter().filter_map(|r| ascii(r.start().into(), r.end().into())).collect()
                }
                Class::Bytes(class) => {
                    class.iter().filter_map(|r| ascii(r.start().into(), r.end().into())).collect()
                }
            };
            let ranges = ranges.into_iter().map(|(start, end)| ClassBytesRange::new(start, end));
            Hir::class(Class::Bytes(ClassBytes::new(ranges)))
        }
        HirKind::Look(Look::WordUnicode) => Hir::look(Look::WordAscii),
        HirKind::Look(Look::WordUnicodeNegate) => Hir::look(Look::WordAsciiNegate),
        HirKind::Look(look) => Hir::look(*look),
        HirKind::Repetition(of) => Hir::repetition(of.with(of_ascii(&of.sub))),
        HirKind::Capture(of) => Hir::capture(Capture {
            index: of.index,
            name: of.name.clone(),
            sub: Box::new(of_ascii(&of.sub)),
        }),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(of_ascii).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(of_ascii).collect()),
    }
}

/// The part of a range that is ASCII.
fn ascii(start: u32, end: u32) -> Option<(u8, u8)> {
    let start = u8::try_from(start).ok().filter(u8::is_ascii)?;
    Some((start, u8::try_from(end).unwrap_or(127).min(127)))
}

fn compiled_before(pattern: &str, texts: Texts) -> Option<Regex> {
    let mut kept = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let at = kept.iter().position(|(of, for_texts, ..)| of == pattern && *for_texts == texts)?;
    let found = kept.remove(at)?;
    let regex = found.2.clone();
    kept.push_front(found);
    Some(regex)
}

fn keep(compiled: Compiled) {
    let mut kept = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    kept.push_front(compiled);
    while kept.iter().map(|(.., size)| size).sum::<usize>() > KEPT {
        kept.pop_back();
    }
}

/// What RE2 and the regex crate read differently: classes are of ASCII, and some characters that
/// stand for themselves in RE2 mean something here.
fn translated(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut chars = pattern.char_indices().peekable();
    let mut in_class = false;
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                let Some((_, escaped)) = chars.next() else {
                    text.push('\\');
                    break;
                };
                if escaped == 'Q' {
                    let rest = &pattern[at + 2..];
                    let quoted = rest.split("\\E").next().unwrap_or_default();
                    quoted.chars().for_each(|c| push_literal(c, &mut text));
                    let end = at + 2 + quoted.len() + 2;
                    while chars.next_if(|(next, _)| *next < end).is_some() {}
                    continue;
                }
                push_escape(escaped, &mut text);
                let named = matches!(escaped, 'p' | 'P' | 'x');
                if named && chars.peek().is_some_and(|(_, c)| *c == '{') {
                    let end = pattern[at..].find('}').map_or(pattern.len(), |end| at + end + 1);
                    while let Some((_, c)) = chars.next_if(|(next, _)| *next < end) {
                        text.push(c);
                    }
                }
            }
            '[' if in_class => {
                let is_named = pattern[at..].starts_with("[:");
                text.push_str(if is_named { "[" } else { "\\[" });
                if is_named {
                    let end = pattern[at..].find(":]").map_or(at, |end| at + end + 2);
                    while let Some((_, c)) = chars.next_if(|(next, _)| *next < end) {
                        text.push(c);
                    }
                }
            }
            '[' => {
                in_class = true;
                text.push('[');
                if let Some((_, c)) = chars.next_if(|(_, c)| *c == '^') {
                    text.push(c);
                }
                // A bracket that comes first is one of the class.
                if chars.next_if(|(_, c)| *c == ']').is_some() {
                    text.push_str("\\]");
                }
            }
            ']' if in_class => {
                in_class = false;
                text.push(']');
            }
            '&' | '~' if in_class => {
                text.push('\\');
                text.push(c);
            }
            '{' if !in_class && !is_repetition(&pattern[at..]) => text.push_str("\\{"),
            '}' if !in_class && !ends_repetition(&pattern[..at]) => text.push_str("\\}"),
            c => text.push(c),
        }
    }
    text
}

fn push_literal(c: char, text: &mut String) {
    if c.is_ascii_punctuation() {
        push_escape(c, text);
    } else {
        text.push(c);
    }
}

fn push_escape(escaped: char, text: &mut String) {
    match escaped {
        'd' => text.push_str("[0-9]"),
        'D' => text.push_str("[^0-9]"),
        'w' => text.push_str("[0-9A-Za-z_]"),
        'W' => text.push_str("[^0-9A-Za-z_]"),
        's' => text.push_str("[\\t\\n\\f\\r ]"),
        'S' => text.push_str("[^\\t\\n\\f\\r ]"),
        'b' => text.push_str("(?-u:\\b)"),
        // Half of a character is no boundary in UTF-8.
        'B' => text.push_str("\\B"),
        '<' | '>' => text.push(escaped),
        other => {
            text.push('\\');
            text.push(other);
        }
    }
}

/// `{2}`, `{2,}` or `{2,5}`.
fn is_repetition(text: &str) -> bool {
    let Some((inside, _)) = text[1..].split_once('}') else { return false };
    let (low, high) = inside.split_once(',').unwrap_or((inside, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    !low.is_empty() && digits(low) && digits(high)
}

fn ends_repetition(before: &str) -> bool {
    let Some(open) = before.rfind('{') else { return false };
    is_repetition(&format!("{}}}", &before[open..]))
}

/// `a**` and the like, which RE2 refuses.
fn nested_repetition(pattern: &str) -> bool {
    let mut before = 0;
    let mut chars = pattern.char_indices();
    let mut in_class = false;
    while let Some((at, c)) = chars.next() {
        let repeats = match c {
            '\\' => {
                chars.next();
                false
            }
            '[' => {
                in_class = true;
                false
            }
            ']' => {
                in_class = false;
                false
            }
            '*' | '+' | '?' => !in_class,
            '{' => !in_class && is_repetition(&pattern[at..]),
            '0'..='9' | ',' | '}' if before > 0 && ends_in_repetition(&pattern[..=at], pattern) => {
                continue;
            }
            _ => false,
        };
        match (repeats, before, c) {
            (false, ..) => before = 0,
            (true, 0, _) => before = 1,
            (true, 1, '?') => before = 2,
            _ => return true,
        }
    }
    false
}

/// Within the braces of a repetition.
fn ends_in_repetition(until: &str, pattern: &str) -> bool {
    until.rfind('{').is_some_and(|open| {
        let rest = &pattern[open..];
        is_repetition(rest) && rest.find('}').is_some_and(|end| until.len() - open <= end + 1)
    })
}

/// The shape of a match: the whole, a tuple of the groups, or an object of the named ones.
fn shape(regex: &Regex) -> Result<Type, String> {
    let names = regex.group_info().pattern_names(PatternID::ZERO);
    let names: Vec<Option<&str>> = names.skip(1).collect();
    if names.is_empty() {
        return Ok(Type::String);
    }
    if names.iter().all(Option::is_none) {
        return Ok(Type::tuple(names.iter().map(|_| Type::String)));
    }
    let named: Option<Vec<&str>> = names.into_iter().collect();
    let named =
        named.ok_or("invalid regexp pattern: cannot mix both named and unnamed capture groups")?;
    Ok(Type::object(named.into_iter().map(|name| (name, Type::String))))
}

fn matched(shape: &Type, captures: &Captures, text: &str) -> Value {
    let group = |found: Option<Span>| match found {
        Some(found) => Value::string(&text[found.range()]),
        None => Value::null(Type::String),
    };
    match shape {
        Type::Tuple(_) => Value::tuple(captures.iter().skip(1).map(group)),
        Type::Object(attributes) => Value::object(
            attributes.keys().map(|name| (name.as_str(), group(captures.get_group_by_name(name)))),
        ),
        _ => group(captures.get_group(0)),
    }
}

fn compiled(call: &Call<'_>) -> Result<(Regex, Type), Fault> {
    let invalid = |why: String| call.bad(0, why);
    let regex = compile(call.text(0), call.text(1))
        .map_err(|why| invalid(format!("invalid regexp pattern: {why} in {}", call.text(0))))?;
    let shape = shape(&regex).map_err(invalid)?;
    Ok((regex, shape))
}

fn find(call: &Call<'_>) -> Outcome {
    let (regex, shape) = compiled(call)?;
    let text = call.text(1);
    let captures = regex.captures_iter(text).next();
    let captures = captures.ok_or("pattern did not match any part of the given string")?;
    Ok(matched(&shape, &captures, text))
}

fn find_all(call: &Call<'_>) -> Outcome {
    let (regex, shape) = compiled(call)?;
    let mut found = Vec::new();
    let text = call.text(1);
    for captures in regex.captures_iter(text) {
        call.spend(1)?;
        found.push(matched(&shape, &captures, text));
    }
    Ok(Value::list(shape, found))
}

/// A text between slashes is a pattern.
fn replace(call: &Call<'_>) -> Outcome {
    let (text, wanted, with) = (call.text(0), call.text(1), call.text(2));
    let pattern = wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let Some(pattern) = pattern else {
        let count =
            if wanted.is_empty() { text.chars().count() + 1 } else { text.matches(wanted).count() };
        call.room_for(text.len().saturating_add(count.saturating_mul(with.len())))?;
        return call.string(text.replace(wanted, with));
    };
    let regex = compile(pattern, text)
        .map_err(|why| Fault::Failed(format!("error parsing regexp: {why}")))?;
    let mut replaced = String::new();
    let mut end = 0;
    for captures in regex.captures_iter(text) {
        let Some(whole) = captures.get_group(0) else { continue };
        replaced.push_str(&text[end..whole.start]);
        captures.interpolate_string_into(text, with, &mut replaced);
        call.room_for(replaced.len())?;
        end = whole.end;
    }
    replaced.push_str(&text[end..]);
    call.string(replaced)
}
