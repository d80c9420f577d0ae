//! What a rule has found, and how it is told.

use std::fmt;

use neargate_hcl::{Diagnostic, Range};
use serde_json::{Value as Json, json};

use crate::place;
use crate::rules::Rule;
use crate::seen::{Resource, Seen};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// AWS refuses it, or it cannot work.
    Error,
    /// It works until it does not.
    Warning,
    /// Worth a look: what decides it cannot be seen from here.
    Hint,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Hint => "hint",
        }
    }
}

/// One place that would bite.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: &'static Rule,
    pub severity: Severity,
    /// What is there.
    pub summary: String,
    /// The instance that it is about.
    pub address: String,
    /// Where the value is written that should be another one.
    pub range: Range,
    /// The block that this is in.
    pub context: Option<String>,
}

impl Finding {
    /// What happens on AWS, and what to change.
    fn detail(&self) -> String {
        format!("{}\n\n{}", self.rule.on_aws, self.rule.change)
    }

    fn diagnostic(&self) -> Diagnostic {
        let summary = format!("{} [{}]", self.summary, self.rule.id);
        let told = Diagnostic::warning(summary, self.detail());
        let told = told.at(self.range.clone()).of(self.address.as_str());
        match &self.context {
            Some(context) => told.in_block(context.as_str()),
            None => told,
        }
    }

    pub fn to_json(&self) -> Json {
        let mut told = neargate_stack::validate::diagnostic(&self.diagnostic());
        told["rule"] = json!(self.rule.id);
        told["severity"] = json!(self.severity.name());
        told["summary"] = json!(self.summary);
        told["detail"] = json!(self.detail());
        told["line"] = json!(self.range.line());
        told
    }
}

/// In the box of the language's diagnostics.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.diagnostic().to_string();
        let word = match self.severity {
            Severity::Error => "Error:",
            Severity::Warning => "Warning:",
            Severity::Hint => "Hint:",
        };
        f.write_str(&told.replacen("Warning:", word, 1))
    }
}

/// Where one rule tells what it has found.
pub struct Report<'a> {
    seen: &'a Seen<'a>,
    rule: &'static Rule,
    found: Vec<Finding>,
}

impl<'a> Report<'a> {
    pub fn new(seen: &'a Seen<'a>, rule: &'static Rule) -> Report<'a> {
        Report { seen, rule, found: Vec::new() }
    }

    /// With the rule's own severity. `path` is that of the attribute in the resource; what is not
    /// written there is told at the block around it.
    pub fn tell(&mut self, resource: &Resource<'_>, path: &[&str], summary: impl Into<String>) {
        self.add(self.rule.severity, resource, path, summary.into());
    }

    /// Where what decides it cannot be seen.
    pub fn hint(&mut self, resource: &Resource<'_>, path: &[&str], summary: impl Into<String>) {
        self.add(Severity::Hint, resource, path, summary.into());
    }

    fn add(&mut self, severity: Severity, resource: &Resource<'_>, path: &[&str], summary: String) {
        let module = resource.address.module.path();
        let (range, context) = place::of(&self.seen.stack.config, &module, resource.decl, path);
        let (rule, address) = (self.rule, resource.address.to_string());
        let twice = |other: &Finding| other.address == address && other.summary == summary;
        if !self.found.iter().any(twice) {
            self.found.push(Finding { rule, severity, summary, address, range, context });
        }
    }

    pub fn found(self) -> Vec<Finding> {
        self.found
    }
}
