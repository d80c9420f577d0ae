//! What an expression may name, and what lies outside of it: the caller's part of an evaluation.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::Value;
use crate::diagnostic::{Diagnostic, nearest};

/// What the names in an expression stand for.
pub trait Scope {
    /// The value of `root.step.step…`, or of as much of its beginning as names a value, and how many
    /// steps that took: `var.vpc.id` is the variable `vpc`, after one. An error needs no place.
    fn resolve(&self, root: &str, steps: &[&str]) -> Result<(Value, usize), Diagnostic>;

    fn outside(&self) -> &dyn Outside {
        &Nothing
    }
}

/// What some functions need from outside: files, the time, chance.
pub trait Outside {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// None if there is nothing, else whether it is a regular file.
    fn is_file(&self, path: &Path) -> Option<bool>;

    /// The regular files below a directory, by their paths from there, with `/` between.
    fn files_below(&self, path: &Path) -> io::Result<Vec<String>>;

    /// What relative paths start from.
    fn working_directory(&self) -> io::Result<String>;

    fn home(&self) -> Option<String>;

    /// Seconds since 1970. None while it is not known what time it will be: `timestamp()` is
    /// unknown in a plan.
    fn now(&self) -> Option<i64>;

    /// When the plan was made.
    fn planned_at(&self) -> Option<i64> {
        self.now()
    }

    /// None in a plan, like `now`.
    fn random(&self) -> Option<[u8; 16]>;
}

/// For expressions that may use nothing from outside.
pub struct Nothing;

impl Outside for Nothing {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::Error::other("files cannot be read here"))
    }

    fn is_file(&self, _: &Path) -> Option<bool> {
        None
    }

    fn files_below(&self, _: &Path) -> io::Result<Vec<String>> {
        Err(io::Error::other("files cannot be read here"))
    }

    fn working_directory(&self) -> io::Result<String> {
        Err(io::Error::other("files cannot be read here"))
    }

    fn home(&self) -> Option<String> {
        None
    }

    fn now(&self) -> Option<i64> {
        None
    }

    fn random(&self) -> Option<[u8; 16]> {
        None
    }
}

/// For expressions that may name nothing, such as a variable's default.
pub struct Constants;

impl Scope for Constants {
    fn resolve(&self, _: &str, _: &[&str]) -> Result<(Value, usize), Diagnostic> {
        Err(Diagnostic::error("Variables not allowed", "Variables may not be used here."))
    }
}

/// Names with values of their own, such as a template's.
pub struct Names<'a> {
    pub values: &'a BTreeMap<String, Value>,
    pub outside: &'a dyn Outside,
    /// Of an unknown name: `vars map does not contain key {name}`.
    pub missing: &'a dyn Fn(&str) -> String,
}

impl Scope for Names<'_> {
    fn resolve(&self, root: &str, _: &[&str]) -> Result<(Value, usize), Diagnostic> {
        if let Some(value) = self.values.get(root) {
            return Ok((value.clone(), 0));
        }
        let mut detail = (self.missing)(root);
        if let Some(near) = nearest(root, self.values.keys().map(String::as_str)) {
            detail.push_str(&format!(" Did you mean {near:?}?"));
        }
        Err(Diagnostic::error("Unknown variable", detail))
    }

    fn outside(&self) -> &dyn Outside {
        self.outside
    }
}
