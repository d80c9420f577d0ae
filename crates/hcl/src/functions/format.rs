//! format and formatlist: `%s`, `%d`, `%#v`, `%-10.3f`, `%[2]s` and the rest.

use super::format_number::{Spec, float, integer};
use super::{Call, Fault, Function, Outcome, Param, Wants};
use crate::convert::convert;
use crate::value::Kind;
use crate::{Type, Value, json};

const ARGS: Param = Param::new("args", Wants::Any).nullable();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("format", &[Param::new("format", Wants::String)], Wants::String, |call| {
        let text = format(call.text(0), &call.args[1..], call)?;
        call.string(text)
    })
    .rest(ARGS),
    Function::new(
        "formatlist",
        &[Param::new("format", Wants::String)],
        Wants::List(&Wants::String),
        formatlist,
    )
    .rest(ARGS),
];

fn formatlist(call: &Call<'_>) -> Outcome {
    if call.args.len() == 1 {
        let text = format(call.text(0), &[], call)?;
        return Ok(Value::list(Type::String, vec![text.into()]));
    }
    let is_list =
        |value: &Value| matches!(value.kind(), Kind::List(..) | Kind::Set(..) | Kind::Tuple(_));
    let mut count: Option<(usize, usize)> = None;
    for (index, value) in call.args.iter().enumerate().skip(1) {
        if !is_list(value) {
            continue;
        }
        let its = call.elements(index).len();
        match count {
            Some((first, wanted)) if wanted != its => {
                return Err(call.bad(index, format!("argument {index} has length {its}, which is inconsistent with argument {first} of length {wanted}")));
            }
            Some(_) => {}
            None => count = Some((index, its)),
        }
    }
    let count = count.map_or(1, |(_, count)| count);
    call.spend(count)?;
    let mut lines = Vec::with_capacity(count);
    let mut total = 0;
    for i in 0..count {
        let args: Vec<Value> = call.args[1..]
            .iter()
            .map(|value| match value.elements() {
                Some(elements) => elements[i].clone(),
                None => value.clone(),
            })
            .collect();
        let line = format(call.text(0), &args, call).map_err(|fault| match fault {
            Fault::Failed(why) | Fault::Argument { message: why, .. } => {
                Fault::Failed(format!("error on format iteration {i}: {why}"))
            }
            other => other,
        })?;
        total += line.len();
        call.room_for(total)?;
        lines.push(Value::string(line));
    }
    Ok(Value::list(Type::String, lines))
}

/// Where in the format a verb begins, for errors, and what it says.
struct Verb {
    offset: usize,
    text: String,
    spec: Spec,
    letter: char,
    argument: usize,
}

fn format(pattern: &str, args: &[Value], call: &Call<'_>) -> Result<String, Fault> {
    let mut text = String::new();
    let mut next = 0;
    let mut highest = 0;
    let mut indexed = false;
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        let offset = pattern.len() - rest.len() + at;
        let (verb, length) = verb(pattern, offset, &mut next, &mut indexed)?;
        rest = &pattern[offset + length..];
        if verb.letter == '%' {
            text.push('%');
            continue;
        }
        let Some(value) = args.get(verb.argument) else {
            return Err(format!(
                "not enough arguments for {:?} at {offset}: need index {} but have {} total",
                verb.text,
                verb.argument + 1,
                args.len()
            )
            .into());
        };
        highest = highest.max(verb.argument + 1);
        let part = one(&verb, value)?;
        call.room_for(text.len() + part.len())?;
        text.push_str(&part);
    }
    text.push_str(rest);
    if highest < args.len() && !indexed {
        let why = match highest {
            0 => "too many arguments; no verbs in format string".into(),
            _ => format!("too many arguments; only {highest} used by format string"),
        };
        return Err(call.bad(highest + 1, why));
    }
    Ok(text)
}

/// The verb at `offset` and its length in bytes. `next` is the argument that it takes, if it names
/// none.
fn verb(
    pattern: &str,
    offset: usize,
    next: &mut usize,
    indexed: &mut bool,
) -> Result<(Verb, usize), Fault> {
    let mut chars = pattern[offset..].char_indices().skip(1).peekable();
    let mut spec = Spec::default();
    while let Some(&(_, c)) = chars.peek() {
        match c {
            '-' => spec.left = true,
            '+' => spec.plus = true,
            '#' => spec.sharp = true,
            ' ' => spec.space = true,
            '0' => spec.zero = true,
            _ => break,
        }
        chars.next();
    }
    spec.width = size(&mut chars, offset)?;
    if chars.peek().is_some_and(|(_, c)| *c == '.') {
        chars.next();
        spec.precision = Some(size(&mut chars, offset)?.unwrap_or(0));
    }
    if chars.peek().is_some_and(|(_, c)| *c == '[') {
        chars.next();
        let mut index = 0usize;
        for (at, c) in chars.by_ref() {
            if c == ']' && index > 0 {
                break;
            }
            let digit = c.to_digit(10).filter(|digit| index > 0 || *digit > 0);
            let digit = digit.ok_or_else(|| unrecognized(c, offset + at))?;
            index = index.saturating_mul(10).saturating_add(digit as usize);
        }
        *next = index.saturating_sub(1);
        *indexed = true;
    }
    let Some((at, letter)) = chars.next() else {
        return Err(format!("invalid format string starting at offset {}", offset + 1).into());
    };
    let length = at + letter.len_utf8();
    let text = pattern[offset..offset + length].to_owned();
    let argument = *next;
    if letter != '%' {
        *next += 1;
    }
    Ok((Verb { offset, text, spec, letter, argument }, length))
}

/// A width or precision.
fn size(
    chars: &mut std::iter::Peekable<impl Iterator<Item = (usize, char)>>,
    offset: usize,
) -> Result<Option<usize>, Fault> {
    if let Some((at, _)) = chars.next_if(|(_, c)| *c == '*') {
        return Err(unrecognized('*', offset + at));
    }
    let mut digits = String::new();
    while let Some((_, c)) = chars.next_if(|(_, c)| c.is_ascii_digit()) {
        digits.push(c);
    }
    if digits.is_empty() {
        return Ok(None);
    }
    match digits.parse().ok().filter(|size| *size <= LARGEST_SIZE) {
        Some(size) => Ok(Some(size)),
        None => Err(format!("the width at {offset} is more than {LARGEST_SIZE}").into()),
    }
}

fn unrecognized(c: char, offset: usize) -> Fault {
    Fault::Failed(format!("unrecognized format character {c:?} at offset {offset}"))
}

/// Of a width or precision.
const LARGEST_SIZE: usize = 1 << 20;

fn one(verb: &Verb, value: &Value) -> Result<String, Fault> {
    let unsupported = |why: &str| {
        Fault::Failed(format!("unsupported value for {:?} at {}: {why}", verb.text, verb.offset))
    };
    if value.is_null() && verb.letter != 'v' {
        return Err(unsupported("null value cannot be formatted"));
    }
    let converted = |ty: Type| convert(value, &ty).map_err(|e| unsupported(&e.to_string()));
    match verb.letter {
        'v' => Ok(any(verb, value)),
        't' => {
            let truth = converted(Type::Bool)?;
            Ok(if truth.as_bool() == Some(true) { "true" } else { "false" }.into())
        }
        'b' | 'd' | 'o' | 'x' | 'X' => {
            let number = converted(Type::Number)?;
            let number = number.as_number().ok_or_else(|| unsupported("number required"))?;
            let whole = match number.to_integer() {
                Some(whole) => whole,
                None => return Err(unsupported("an integer is required")),
            };
            Ok(integer(&verb.spec, verb.letter, whole))
        }
        'e' | 'E' | 'f' | 'g' | 'G' => {
            let number = converted(Type::Number)?;
            let number = number.as_number().ok_or_else(|| unsupported("number required"))?;
            Ok(float(&verb.spec, verb.letter, number))
        }
        's' | 'q' => {
            let text = converted(Type::String)?;
            Ok(string(verb, text.as_str().unwrap_or_default()))
        }
        letter => {
            let (text, offset) = (&verb.text, verb.offset);
            Err(format!("unsupported format verb {letter:?} in {text:?} at offset {offset}").into())
        }
    }
}

/// `%v`: text as it is, all else as JSON.
fn any(verb: &Verb, value: &Value) -> String {
    if verb.spec.sharp {
        return verb.spec.pad(&json::encode(value).unwrap_or_default());
    }
    match value.kind() {
        Kind::String(text) => string(verb, text),
        Kind::Number(number) => float(&verb.spec, 'v', number),

        _ => verb.spec.pad(&json::encode(value).unwrap_or_default()),
    }
}

fn string(verb: &Verb, text: &str) -> String {
    use unicode_segmentation::UnicodeSegmentation;
    let cut: String = match verb.spec.precision {
        Some(precision) => text.graphemes(true).take(precision).collect(),
        None => text.to_owned(),
    };
    let shown =
        if verb.letter == 'q' { json::encode(&cut.into()).unwrap_or_default() } else { cut };
    verb.spec.pad(&shown)
}
