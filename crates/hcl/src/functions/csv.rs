//! csvdecode: RFC 4180, whose first line names the columns.

use std::collections::BTreeSet;

use super::{Call, Function, Outcome, Param, Wants};
use crate::{Type, Value};

pub(super) const FUNCTIONS: &[Function] =
    &[Function::new("csvdecode", &[Param::new("str", Wants::String)], Wants::Any, csvdecode)];

fn csvdecode(call: &Call<'_>) -> Outcome {
    let mut rows = rows(call.text(0)).map_err(|why| call.fail(why))?.into_iter();
    let Some((_, header)) = rows.next() else {
        return Err(call.fail("missing header line"));
    };
    let mut seen = BTreeSet::new();
    for name in &header {
        if !seen.insert(name.as_str()) {
            return Err(call.fail(format!("duplicate column name {name:?}")));
        }
    }
    let ty = Type::object(header.iter().map(|name| (name.as_str(), Type::String)));
    let mut objects = Vec::new();
    for (line, row) in rows {
        if row.len() != header.len() {
            return Err(call.fail(format!("record on line {line}: wrong number of fields")));
        }
        call.spend(row.len())?;
        let fields = row.into_iter().map(Value::string);
        objects.push(Value::object(header.iter().map(String::as_str).zip(fields)));
    }
    Ok(Value::list(ty, objects))
}

/// The fields of each record, with the number of its first line. Empty lines are none.
fn rows(text: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
    let mut rows = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("\r\n").or(rest.strip_prefix('\n')) {
            rest = after;
            line += 1;
            continue;
        }
        let first = line;
        let mut row = Vec::new();
        loop {
            let (field, after) = field(rest, &mut line, text.len() - rest.len(), text)?;
            row.push(field);
            rest = after;
            if let Some(after) = rest.strip_prefix(',') {
                rest = after;
                continue;
            }
            rest = rest.strip_prefix("\r\n").or(rest.strip_prefix('\n')).unwrap_or(rest);
            line += 1;
            break;
        }
        rows.push((first, row));
    }
    Ok(rows)
}

fn field<'a>(
    rest: &'a str,
    line: &mut usize,
    offset: usize,
    text: &str,
) -> Result<(String, &'a str), String> {
    let column = |at: usize| {
        let before = &text[..offset + at];
        before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1
    };
    let Some(quoted) = rest.strip_prefix('"') else {
        let end = rest.find([',', '\n']).unwrap_or(rest.len());
        let bare = &rest[..end];
        let end =
            if rest[end..].starts_with('\n') { bare.trim_end_matches('\r').len() } else { end };
        let bare = &rest[..end];
        if let Some(at) = bare.find('"') {
            return Err(format!(
                "parse error on line {line}, column {}: bare \" in non-quoted-field",
                column(at)
            ));
        }
        return Ok((bare.to_owned(), &rest[end..]));
    };
    let mut value = String::new();
    let mut remaining = quoted;
    loop {
        let Some(end) = remaining.find('"') else {
            let last = *line + remaining.matches('\n').count();
            return Err(format!(
                "parse error on line {last}, column {}: extraneous or missing \" in quoted-field",
                column(rest.len())
            ));
        };
        *line += remaining[..end].matches('\n').count();
        value.push_str(&remaining[..end].replace("\r\n", "\n"));
        remaining = &remaining[end + 1..];
        match remaining.strip_prefix('"') {
            Some(after) => {
                value.push('"');
                remaining = after;
            }
            None => break,
        }
    }
    if !remaining.is_empty()
        && !remaining.starts_with([',', '\n'])
        && !remaining.starts_with("\r\n")
    {
        let at = rest.len() - remaining.len() - 1;
        return Err(format!(
            "parse error on line {line}, column {}: extraneous or missing \" in quoted-field",
            column(at)
        ));
    }
    Ok((value, remaining))
}
