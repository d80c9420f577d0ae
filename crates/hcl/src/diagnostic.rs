//! What is wrong, or worth a warning: a summary, what to change, and the place in a file, shown as
//! Terraform shows it.

use std::fmt::{self, Write};
use std::ops::Range as Span;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

/// A file's name and its text.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    pub name: String,
    pub text: String,
}

impl Source {
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Source> {
        Arc::new(Source { name: name.into(), text: text.into() })
    }
}

/// From one byte of a file to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    pub source: Arc<Source>,
    pub bytes: Span<usize>,
}

impl Range {
    pub fn new(source: &Arc<Source>, bytes: Span<usize>) -> Range {
        Range { source: source.clone(), bytes }
    }

    /// Counted from 1, like columns, which are counted in characters.
    pub fn line(&self) -> usize {
        self.before().matches('\n').count() + 1
    }

    pub fn column(&self) -> usize {
        self.before().rsplit('\n').next().unwrap_or_default().chars().count() + 1
    }

    fn before(&self) -> &str {
        self.source.text.get(..self.bytes.start).unwrap_or(&self.source.text)
    }

    /// What is written there.
    pub fn text(&self) -> &str {
        self.source.text.get(self.bytes.clone()).unwrap_or_default()
    }
}

/// `main.tf:3,5-12`, or with both lines where it ends on another.
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = Range { bytes: self.bytes.end..self.bytes.end, ..self.clone() };
        write!(f, "{}:{},{}-", self.source.name, self.line(), self.column())?;
        if end.line() != self.line() {
            write!(f, "{},", end.line())?;
        }
        write!(f, "{}", end.column())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub summary: String,
    pub detail: String,
    pub range: Option<Range>,
    /// The resource that it is about: `module.web.aws_ecs_service.this[0]`.
    pub address: Option<Arc<String>>,
    /// The block that it is in: `resource "aws_ecs_service" "this"`.
    pub context: Option<Arc<String>>,
    /// What the names in the snippet stand for: `var.x is "foo"`.
    pub values: Vec<String>,
}

impl Diagnostic {
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            range: None,
            address: None,
            context: None,
            values: Vec::new(),
        }
    }

    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(summary, detail) }
    }

    pub fn at(mut self, range: Range) -> Diagnostic {
        self.range = Some(range);
        self
    }

    /// Where it has no place yet.
    pub fn at_if_unplaced(self, range: impl FnOnce() -> Range) -> Diagnostic {
        if self.range.is_some() { self } else { self.at(range()) }
    }

    /// About a resource.
    pub fn of(mut self, address: impl Into<String>) -> Diagnostic {
        self.address = Some(Arc::new(address.into()));
        self
    }

    pub fn in_block(mut self, context: impl Into<String>) -> Diagnostic {
        self.context = Some(Arc::new(context.into()));
        self
    }

    pub fn with_values(mut self, values: Vec<String>) -> Diagnostic {
        self.values = values;
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    fn snippet(&self, text: &mut String) {
        if let Some(address) = &self.address {
            let comma = if self.range.is_some() { "," } else { "" };
            // Writing into a String cannot fail.
            let _ = writeln!(text, "\n  with {address}{comma}");
        }
        let Some(range) = &self.range else { return };
        let line = range.line();
        let context = self.context.as_ref().map(|c| format!(", in {c}")).unwrap_or_default();
        let before = if self.address.is_some() { "" } else { "\n" };
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{before}  on {} line {line}{context}:", range.source.name);
        let last = line + range.text().trim_end().matches('\n').count();
        for (i, code) in range.source.text.lines().enumerate().skip(line - 1) {
            if i >= last {
                break;
            }
            let _ = writeln!(text, "{:>4}: {code}", i + 1);
        }
        if !self.values.is_empty() {
            let _ = writeln!(text, "    ├────────────────");
            for value in &self.values {
                let _ = writeln!(text, "    │ {value}");
            }
        }
    }
}

/// In Terraform's box, without colours.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "Error",
            Severity::Warning => "Warning",
        };
        let mut text = format!("{severity}: {}\n", self.summary);
        self.snippet(&mut text);
        if !self.detail.is_empty() {
            text.push('\n');
            text.push_str(&self.detail);
        }
        writeln!(f, "╷")?;
        for line in text.trim_end().lines() {
            writeln!(f, "{}", format!("│ {line}").trim_end())?;
        }
        writeln!(f, "╵")
    }
}

impl std::error::Error for Diagnostic {}

/// The name that is the nearest to `name`, if one is near enough to have been meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance < 3 && *distance < candidate.len().max(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's: how many characters are put in, left out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let change = corner + usize::from(ca != *cb);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}
