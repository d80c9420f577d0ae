//! Files and their names. What is read comes through `Outside`.

use std::path::{Component, Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::glob::Glob;
use super::{Call, Fault, Function, Outcome, Param, Wants};
use crate::{Type, Value};

pub(super) const PATH: Param = Param::new("path", Wants::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("abspath", &[PATH], Wants::String, abspath),
    Function::new("basename", &[PATH], Wants::String, |call| Ok(basename(call.text(0)).into())),
    Function::new("dirname", &[PATH], Wants::String, |call| Ok(dirname(call.text(0)).into())),
    Function::new("file", &[PATH], Wants::String, |call| Ok(text_of(call, call.text(0))?.into())),
    Function::new("filebase64", &[PATH], Wants::String, |call| {
        Ok(STANDARD.encode(bytes_of(call, call.text(0))?).into())
    }),
    Function::new("fileexists", &[PATH], Wants::Bool, fileexists),
    Function::new(
        "fileset",
        &[PATH, Param::new("pattern", Wants::String)],
        Wants::Set(&Wants::String),
        fileset,
    ),
    Function::new("pathexpand", &[PATH], Wants::String, |call| {
        let path = call.text(0);
        if path.starts_with('~') && !matches!(path.as_bytes().get(1), None | Some(b'/')) {
            return Err("cannot expand user-specific home dir".into());
        }
        Ok(expanded(call, path).into())
    }),
];

/// `~/x` from the home directory.
pub(super) fn expanded(call: &Call<'_>, path: &str) -> String {
    match (path.strip_prefix('~'), call.outside().home()) {
        (Some(""), Some(home)) => home,
        (Some(rest), Some(home)) if rest.starts_with('/') => cleaned(&format!("{home}{rest}")),
        _ => path.to_owned(),
    }
}

/// A relative path from the working directory.
pub(super) fn located(call: &Call<'_>, path: &str) -> Result<PathBuf, Fault> {
    let path = expanded(call, path);
    if path.starts_with('/') {
        return Ok(PathBuf::from(cleaned(&path)));
    }
    let base = call.outside().working_directory().map_err(|e| e.to_string())?;
    Ok(PathBuf::from(cleaned(&format!("{base}/{path}"))))
}

pub(super) fn bytes_of(call: &Call<'_>, path: &str) -> Result<Vec<u8>, Fault> {
    let place = located(call, path)?;
    let shown = cleaned(path);
    match call.outside().is_file(&place) {
        None => Err(call.bad(0, format!("no file exists at {shown:?}; this function works only with files that are distributed as part of the configuration source code, so if this file will be created by a resource in this configuration you must instead obtain this result from an attribute of that resource"))),
        Some(false) => {
            Err(call.bad(0, format!("failed to read file: read {shown}: is a directory")))
        }
        Some(true) => {
            let bytes = call.outside().read(&place);
            bytes.map_err(|e| call.bad(0, format!("failed to read file: read {shown}: {e}")))
        }
    }
}

pub(super) fn text_of(call: &Call<'_>, path: &str) -> Result<String, Fault> {
    let bytes = bytes_of(call, path)?;
    call.room_for(bytes.len())?;
    let shown = cleaned(&expanded(call, path));
    String::from_utf8(bytes).map_err(|_| {
        call.fail(format!("contents of {shown:?} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead"))
    })
}

fn fileexists(call: &Call<'_>) -> Outcome {
    let place = located(call, call.text(0))?;
    match call.outside().is_file(&place) {
        None => Ok(false.into()),
        Some(true) => Ok(true.into()),
        Some(false) => {
            let shown = cleaned(&expanded(call, call.text(0)));
            Err(call.fail(format!("{shown:?} is a directory, not a file")))
        }
    }
}

fn fileset(call: &Call<'_>) -> Outcome {
    let base = located(call, call.text(0))?;
    let pattern = cleaned(call.text(1));
    let glob = Glob::new(&pattern)
        .map_err(|why| call.fail(format!("failed to glob pattern {:?}: {why}", call.text(1))))?;
    // A pattern may lead out of the directory.
    let (up, glob_base) = leading(&pattern, &base);
    let files = call.outside().files_below(&glob_base).unwrap_or_default();
    let found = files
        .into_iter()
        .map(|file| format!("{up}{file}"))
        .filter(|file| glob.matches(file))
        .map(Value::string)
        .collect();
    Ok(Value::set(Type::String, found))
}

/// The `../` that a pattern begins with, and the directory that they lead to.
fn leading(pattern: &str, base: &Path) -> (String, PathBuf) {
    let mut up = String::new();
    let mut base = base.to_owned();
    let mut rest = pattern;
    while let Some(after) = rest.strip_prefix("../") {
        up.push_str("../");
        base.pop();
        rest = after;
    }
    (up, base)
}

fn abspath(call: &Call<'_>) -> Outcome {
    let path = call.text(0);
    if path.starts_with('/') {
        return Ok(cleaned(path).into());
    }
    let base = call.outside().working_directory().map_err(|e| e.to_string())?;
    Ok(cleaned(&format!("{base}/{path}")).into())
}

fn basename(path: &str) -> String {
    if path.is_empty() {
        return ".".into();
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return "/".into();
    }
    trimmed.rsplit('/').next().unwrap_or(trimmed).to_owned()
}

fn dirname(path: &str) -> String {
    cleaned(path.rfind('/').map_or("", |slash| &path[..=slash]))
}

/// The shortest path that means the same, without looking at any file.
pub(super) fn cleaned(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let is_absolute = path.starts_with('/');
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str().unwrap_or_default()),
            Component::ParentDir => match parts.last() {
                Some(last) if *last != ".." => drop(parts.pop()),
                _ if is_absolute => {}
                _ => parts.push(".."),
            },
            _ => {}
        }
    }
    let joined = parts.join("/");
    match (is_absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".into(),
        (false, false) => joined,
    }
}
