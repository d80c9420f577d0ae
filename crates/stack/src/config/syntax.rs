//! The syntax of a file, as hcl-edit parses it, with its places: every attribute and block says where
//! it stands, so that what is merged from several files still tells where each of it came from.

use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{BlockLabel, Structure};
use neargate_hcl::{Diagnostic, Range, Source};

/// An expression with the file that it is in, and the block, for errors.
#[derive(Clone, Debug)]
pub struct Expr {
    pub syntax: Arc<Expression>,
    pub source: Arc<Source>,
    pub context: Option<Arc<str>>,
}

impl Expr {
    pub fn range(&self) -> Range {
        Range::new(&self.source, self.syntax.span().unwrap_or_default())
    }

    /// What is written there, as it is.
    pub fn text(&self) -> String {
        self.range().text().trim().to_owned()
    }

    pub fn error(&self, summary: &str, detail: impl Into<String>) -> Diagnostic {
        in_context(Diagnostic::error(summary, detail).at(self.range()), &self.context)
    }

    /// A part of this expression.
    pub fn part(&self, syntax: &Expression) -> Expr {
        Expr {
            syntax: Arc::new(syntax.clone()),
            source: self.source.clone(),
            context: self.context.clone(),
        }
    }

    /// The items of a list that is written out, such as that of `depends_on`.
    pub fn static_list(&self) -> Result<Vec<Expr>, Diagnostic> {
        match &*self.syntax {
            Expression::Array(items) => Ok(items.iter().map(|item| self.part(item)).collect()),
            _ => Err(self.error("Invalid expression", "A static list expression is required.")),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Attribute {
    pub name: String,
    pub name_range: Range,
    pub expr: Expr,
}

impl Attribute {
    /// From its name to the end of its expression.
    pub fn range(&self) -> Range {
        let end = self.expr.range().bytes.end;
        Range::new(&self.name_range.source, self.name_range.bytes.start..end)
    }
}

#[derive(Clone, Debug)]
pub struct Block {
    pub kind: String,
    pub labels: Vec<Label>,
    /// The kind and the labels.
    pub header: Range,
    pub body: Body,
    /// The block that this one is in.
    pub context: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
pub struct Label {
    pub text: String,
    pub range: Range,
}

impl Block {
    /// Of something that is wrong with the block as a whole.
    pub fn error(&self, summary: &str, detail: impl Into<String>) -> Diagnostic {
        in_context(Diagnostic::error(summary, detail).at(self.header.clone()), &self.body.context)
    }

    pub fn label(&self, at: usize) -> &str {
        self.labels.get(at).map_or("", |label| label.text.as_str())
    }
}

#[derive(Clone, Debug)]
pub struct Body {
    pub attributes: Vec<Attribute>,
    pub blocks: Vec<Block>,
    /// The outermost block around it, for errors: `resource "aws_vpc" "main"`.
    pub context: Option<Arc<str>>,
    /// Where something that is missing would be told.
    pub start: Range,
}

impl Body {
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    pub fn expr(&self, name: &str) -> Option<&Expr> {
        Some(&self.attribute(name)?.expr)
    }

    pub fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}

pub fn in_context(diagnostic: Diagnostic, context: &Option<Arc<str>>) -> Diagnostic {
    match context {
        Some(context) => diagnostic.in_block(context.to_string()),
        None => diagnostic,
    }
}

/// A file's text, parsed.
pub fn parse(source: &Arc<Source>) -> Result<Body, Diagnostic> {
    let parsed = hcl_edit::parser::parse_body(&source.text).map_err(|error| {
        let at = error.location().offset().min(source.text.len());
        let end = source.text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        Diagnostic::error("Invalid syntax", sentence(error.message()))
            .at(Range::new(source, at..end))
    })?;
    body(&parsed, source, None, Range::new(source, 0..0))
}

fn sentence(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), chars.as_str()),
        None => String::new(),
    }
}

fn body(
    parsed: &hcl_edit::structure::Body,
    source: &Arc<Source>,
    context: Option<Arc<str>>,
    start: Range,
) -> Result<Body, Diagnostic> {
    let mut found = Body { attributes: Vec::new(), blocks: Vec::new(), context, start };
    for structure in parsed.iter() {
        match structure {
            Structure::Attribute(attribute) => {
                let name = attribute.key.as_str().to_owned();
                let name_range = Range::new(source, attribute.key.span().unwrap_or_default());
                if let Some(first) = found.attribute(&name) {
                    let detail = format!(
                        "The argument {name:?} was already set at {}. Each argument may be set only once.",
                        place(&first.name_range)
                    );
                    let error = Diagnostic::error("Attribute redefined", detail).at(name_range);
                    return Err(in_context(error, &found.context));
                }
                let expr = Expr {
                    syntax: Arc::new(attribute.value.clone()),
                    source: source.clone(),
                    context: found.context.clone(),
                };
                found.attributes.push(Attribute { name, name_range, expr });
            }
            Structure::Block(block) => {
                let inner = block_of(block, source, &found.context)?;
                found.blocks.push(inner);
            }
        }
    }
    Ok(found)
}

fn block_of(
    block: &hcl_edit::structure::Block,
    source: &Arc<Source>,
    around: &Option<Arc<str>>,
) -> Result<Block, Diagnostic> {
    let kind = block.ident.as_str().to_owned();
    let first = block.ident.span().unwrap_or_default();
    let mut end = first.end;
    let mut labels = Vec::new();
    for label in &block.labels {
        let span = match label {
            BlockLabel::Ident(name) => name.span(),
            BlockLabel::String(text) => text.span(),
        }
        .unwrap_or_default();
        end = span.end;
        labels.push(Label { text: label.as_str().to_owned(), range: Range::new(source, span) });
    }
    let header = Range::new(source, first.start..end);
    let context = around.clone().or_else(|| {
        let labels: String = labels.iter().map(|label| format!(" {:?}", label.text)).collect();
        Some(format!("{kind}{labels}").into())
    });
    let body = body(&block.body, source, context, header.clone())?;
    Ok(Block { kind, labels, header, body, context: around.clone() })
}

/// `main.tf:3,1-14`, as errors name another place than the one that they show.
pub fn place(range: &Range) -> String {
    let width = range.text().chars().count();
    format!("{}:{},{}-{}", range.source.name, range.line(), range.column(), range.column() + width)
}
