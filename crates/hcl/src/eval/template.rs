//! Templates: text with interpolations and directives, in quotes, in heredocs and in files.

use std::borrow::Cow;

use hcl_edit::expr::Expression;
use hcl_edit::template::{Directive, Element, ForDirective, IfDirective, Strip, Template};

use super::{Evaluated, Evaluator, MAX_STRING};
use crate::convert::convert;
use crate::value::Marks;
use crate::{Diagnostic, Type, Value};

/// What a template has come to so far.
#[derive(Default)]
struct Text {
    text: String,
    marks: Marks,
    unknown: bool,
    quoted: bool,
}

impl Evaluator<'_> {
    /// `"${value}"` is the value itself, of whatever type.
    pub(super) fn quoted(&self, template: &Template) -> Evaluated {
        self.whole(template, true)
    }

    pub(crate) fn whole_template(&self, template: &Template) -> Evaluated {
        self.whole(template, false)
    }

    fn whole(&self, template: &Template, quoted: bool) -> Evaluated {
        match template.as_single_element() {
            Some(Element::Interpolation(interpolation)) => self.value(&interpolation.expr),
            _ => self.template(template, quoted),
        }
    }

    pub(super) fn template(&self, template: &Template, quoted: bool) -> Evaluated {
        let mut text = Text { quoted, ..Text::default() };
        self.write(template, Ends::default(), &mut text)?;
        let value = match text.unknown {
            true => Value::unknown(Type::String),
            false => Value::string(text.text),
        };
        Ok(value.with_marks(text.marks))
    }

    fn write(&self, template: &Template, ends: Ends, text: &mut Text) -> Result<(), Diagnostic> {
        let elements: Vec<&Element> = template.iter().collect();
        for (i, element) in elements.iter().enumerate() {
            match element {
                Element::Literal(literal) => {
                    let strip_start = match i.checked_sub(1) {
                        Some(before) => strips_after(elements[before]),
                        None => ends.start,
                    };
                    let strip_end = match elements.get(i + 1) {
                        Some(after) => strips_before(after),
                        None => ends.end,
                    };
                    if text.quoted {
                        // Within directives the parser leaves escapes as they are written.
                        let literal = match ends.inside {
                            true => unescaped(literal.as_str()),
                            false => Cow::Borrowed(literal.as_str()),
                        };
                        text.text.push_str(stripped(&literal, strip_start, strip_end));
                    } else {
                        push_lines(literal.as_str(), strip_start, strip_end, &mut text.text);
                    }
                }
                Element::Interpolation(interpolation) => {
                    self.interpolation(&interpolation.expr, text)?;
                }
                Element::Directive(directive) => match directive.as_ref() {
                    Directive::If(directive) => self.if_directive(directive, text)?,
                    Directive::For(directive) => self.for_directive(directive, text)?,
                },
            }
        }
        Ok(())
    }

    fn interpolation(&self, expr: &Expression, text: &mut Text) -> Result<(), Diagnostic> {
        let value = self.value(expr)?;
        text.marks = text.marks.union(value.marks());
        let invalid =
            |detail: String| self.error(expr, "Invalid template interpolation value", detail);
        if value.is_null() {
            return Err(invalid(
                "The expression result is null. Cannot include a null value in a string template."
                    .into(),
            ));
        }
        let value = convert(&value, &Type::String).map_err(|e| {
            invalid(format!("Cannot include the given value in a string template: {e}."))
        })?;
        match value.as_str() {
            Some(part) => text.text.push_str(part),
            None => text.unknown = true,
        }
        if text.text.len() > MAX_STRING {
            return Err(self.error(
                expr,
                "String too long",
                format!("A string may have {} MiB at most.", MAX_STRING >> 20),
            ));
        }
        Ok(())
    }

    fn if_directive(&self, directive: &IfDirective, text: &mut Text) -> Result<(), Diagnostic> {
        let condition_expr = &directive.if_expr.cond_expr;
        let condition = self.value(condition_expr)?;
        if condition.is_null() {
            return Err(self.error(
                condition_expr,
                "Null condition",
                "The condition value is null. Conditions must either be true or false.",
            ));
        }
        let condition = convert(&condition, &Type::Bool).map_err(|_| {
            self.error(
                condition_expr,
                "Incorrect condition type",
                "The condition expression must be of type bool.",
            )
        })?;
        text.marks = text.marks.union(condition.marks());
        let after = directive.else_expr.as_ref().map_or(directive.endif_expr.strip, |e| e.strip);
        match (condition.as_bool(), &directive.else_expr) {
            (None, _) => text.unknown = true,
            (Some(true), _) => {
                let ends = Ends::between(directive.if_expr.strip, after);
                self.write(&directive.if_expr.template, ends, text)?;
            }
            (Some(false), Some(other)) => {
                let ends = Ends::between(other.strip, directive.endif_expr.strip);
                self.write(&other.template, ends, text)?;
            }
            (Some(false), None) => {}
        }
        Ok(())
    }

    fn for_directive(&self, directive: &ForDirective, text: &mut Text) -> Result<(), Diagnostic> {
        let each = &directive.for_expr;
        let ends = Ends::between(each.strip, directive.endfor_expr.strip);
        let key = each.key_var.as_ref().map(|name| name.as_str());
        let marks =
            self.each(&each.collection_expr, key, each.value_var.as_str(), &mut |here| {
                here.spend(&each.collection_expr, 1)?;
                here.write(&each.template, ends, text)
            })?;
        match marks {
            Some(marks) => text.marks = text.marks.union(marks),
            None => text.unknown = true,
        }
        Ok(())
    }
}

/// Whether the markers around a template take the blanks at its start and end.
#[derive(Clone, Copy, Default)]
struct Ends {
    start: bool,
    end: bool,
    /// A directive is around it.
    inside: bool,
}

impl Ends {
    fn between(before: Strip, after: Strip) -> Ends {
        Ends { start: before.strip_end(), end: after.strip_start(), inside: true }
    }
}

fn strips_after(element: &Element) -> bool {
    match element {
        Element::Literal(_) => false,
        Element::Interpolation(interpolation) => interpolation.strip.strip_end(),
        Element::Directive(directive) => match directive.as_ref() {
            Directive::If(directive) => directive.endif_expr.strip.strip_end(),
            Directive::For(directive) => directive.endfor_expr.strip.strip_end(),
        },
    }
}

fn strips_before(element: &Element) -> bool {
    match element {
        Element::Literal(_) => false,
        Element::Interpolation(interpolation) => interpolation.strip.strip_start(),
        Element::Directive(directive) => match directive.as_ref() {
            Directive::If(directive) => directive.if_expr.strip.strip_start(),
            Directive::For(directive) => directive.for_expr.strip.strip_start(),
        },
    }
}

fn stripped(literal: &str, start: bool, end: bool) -> &str {
    let literal = if start { literal.trim_start() } else { literal };
    if end { literal.trim_end() } else { literal }
}

/// Over lines, a marker takes blanks of the line next to it only, and its end.
fn push_lines(literal: &str, start: bool, end: bool, text: &mut String) {
    let lines: Vec<&str> = literal.split_inclusive('\n').collect();
    for (i, line) in lines.iter().enumerate() {
        text.push_str(stripped(line, start && i == 0, end && i + 1 == lines.len()));
    }
}

fn unescaped(literal: &str) -> Cow<'_, str> {
    if !literal.contains('\\') {
        return Cow::Borrowed(literal);
    }
    let mut text = String::with_capacity(literal.len());
    let mut rest = literal;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let escape = rest[at + 1..].chars().next();
        let mut length = 1 + escape.map_or(0, char::len_utf8);
        match escape {
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some(digits @ ('u' | 'U')) => {
                let end = if digits == 'u' { at + 6 } else { at + 10 };
                let code = rest.get(at + 2..end).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                if let Some(c) = code.and_then(char::from_u32) {
                    text.push(c);
                    length = end - at;
                }
            }
            Some(c) => text.push(c),
            None => text.push('\\'),
        }
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}
