//! What a block may contain, and the errors where it contains something else.

use neargate_hcl::{Diagnostic, nearest};

use super::syntax::{Block, Body, in_context};

/// The arguments and blocks that a kind of block has.
pub struct Content {
    pub arguments: &'static [&'static str],
    pub required: &'static [&'static str],
    /// Each with the names of its labels.
    pub blocks: &'static [(&'static str, &'static [&'static str])],
}

impl Content {
    /// Everything that is wrong with a body of which nothing else may be in it.
    pub fn check(&self, body: &Body, problems: &mut Vec<Diagnostic>) {
        self.check_arguments(body, problems);
        for block in &body.blocks {
            match self.blocks.iter().find(|(kind, _)| *kind == block.kind) {
                Some((_, labels)) => check_labels(block, labels, problems),
                None => problems.push(unsupported_block(block, self.blocks.iter().map(|b| b.0))),
            }
        }
    }

    fn check_arguments(&self, body: &Body, problems: &mut Vec<Diagnostic>) {
        let all = || self.arguments.iter().chain(self.required).copied();
        for attribute in &body.attributes {
            if !all().any(|name| name == attribute.name) {
                let blocks = self.blocks.iter().map(|(kind, _)| *kind);
                let error = unsupported_argument(&attribute.name, all(), blocks)
                    .at(attribute.name_range.clone());
                problems.push(in_context(error, &body.context));
            }
        }
        for name in self.required {
            if body.attribute(name).is_none() {
                problems.push(missing_argument(body, name));
            }
        }
    }
}

pub fn missing_argument(body: &Body, name: &str) -> Diagnostic {
    let detail = format!("The argument {name:?} is required, but no definition was found.");
    in_context(
        Diagnostic::error("Missing required argument", detail).at(body.start.clone()),
        &body.context,
    )
}

pub fn unsupported_argument<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str>,
    mut blocks: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let hint = match nearest(name, known) {
        Some(near) => format!(" Did you mean {near:?}?"),
        None if blocks.any(|block| block == name) => {
            format!(" Did you mean to define a block of type {name:?}?")
        }
        None => String::new(),
    };
    Diagnostic::error(
        "Unsupported argument",
        format!("An argument named {name:?} is not expected here.{hint}"),
    )
}

pub fn unsupported_block<'a>(block: &Block, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let hint = match nearest(&block.kind, known) {
        Some(near) => format!(" Did you mean {near:?}?"),
        None => String::new(),
    };
    let detail = format!("Blocks of type {:?} are not expected here.{hint}", block.kind);
    let error = Diagnostic::error("Unsupported block type", detail).at(block.header.clone());
    in_context(error, &block.context)
}

/// As many labels as the kind of block has, and names where they are names.
pub fn check_labels(block: &Block, labels: &[&str], problems: &mut Vec<Diagnostic>) {
    let kind = &block.kind;
    if let Some(missing) = labels.get(block.labels.len()) {
        let detail =
            format!("All {kind} blocks must have {} labels ({}).", labels.len(), labels.join(", "));
        problems.push(block.error(&format!("Missing {missing} for {kind}"), detail));
    } else if let Some(extra) = block.labels.get(labels.len()) {
        let detail = match labels.len() {
            0 => format!("No labels are expected for {kind} blocks."),
            n => format!("Only {n} labels ({}) are expected for {kind} blocks.", labels.join(", ")),
        };
        let error = block.error(&format!("Extraneous label for {kind}"), detail);
        problems.push(error.at(extra.range.clone()));
    }
}

pub const BAD_NAME: &str = "A name must start with a letter or underscore and may contain only \
                            letters, digits, underscores, and dashes.";

pub fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}
