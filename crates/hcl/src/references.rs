//! What an expression names, told without evaluating it: for the graph, for static references as in
//! `depends_on`, and for what an error shows beside its snippet.

use std::collections::BTreeMap;
use std::ops::Range as Span;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::template::{Directive, Element, Template};

use crate::Number;

/// `aws_subnet.private[0].id`: a root and the steps after it that are written out.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    pub root: String,
    pub steps: Vec<Part>,
    pub span: Span<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Attribute(String),
    /// `["key"]` or `[0]`, as text.
    Index(Index),
    /// `[*]`, `.*`, or an index that must be evaluated: nothing after it is told.
    Dynamic,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Index {
    Key(String),
    Number(u64),
}

impl Reference {
    /// The attributes right after the root, up to the first index.
    pub fn names(&self) -> Vec<&str> {
        self.steps
            .iter()
            .map_while(|part| match part {
                Part::Attribute(name) => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }
}

/// All references of `expr` in the order in which they are written, without the names that the
/// expression itself declares.
pub fn references(expr: &Expression) -> Vec<Reference> {
    let mut finder = Finder::default();
    finder.expression(expr);
    finder.found
}

/// As `references`, of a template.
pub fn template_references(template: &Template) -> Vec<Reference> {
    let mut finder = Finder::default();
    finder.template(template);
    finder.found
}

/// `expr` as a reference alone, as `depends_on` and `replace_triggered_by` want it.
pub fn reference(expr: &Expression) -> Option<Reference> {
    match expr {
        Expression::Variable(name) => Some(Reference {
            root: name.as_str().to_owned(),
            steps: Vec::new(),
            span: expr.span().unwrap_or_default(),
        }),
        Expression::Traversal(traversal) => {
            let Expression::Variable(root) = &traversal.expr else { return None };
            Some(of_traversal(root.as_str(), traversal))
        }
        Expression::Parenthesis(inner) => reference(inner.inner()),
        _ => None,
    }
}

fn of_traversal(root: &str, traversal: &Traversal) -> Reference {
    let mut steps = Vec::new();
    for operator in &traversal.operators {
        let part = match operator.value() {
            TraversalOperator::GetAttr(name) => Part::Attribute(name.as_str().to_owned()),
            TraversalOperator::LegacyIndex(index) => Part::Index(Index::Number(*index.value())),
            TraversalOperator::Index(Expression::String(key)) => {
                Part::Index(Index::Key(key.as_str().to_owned()))
            }
            TraversalOperator::Index(Expression::Number(number)) => number
                .value()
                .as_u64()
                .map_or(Part::Dynamic, |number| Part::Index(Index::Number(number))),
            _ => Part::Dynamic,
        };
        let stop = part == Part::Dynamic;
        steps.push(part);
        if stop {
            break;
        }
    }
    Reference { root: root.to_owned(), steps, span: traversal.span().unwrap_or_default() }
}

#[derive(Default)]
struct Finder {
    found: Vec<Reference>,
    /// How often each name is declared by the expressions around.
    declared: BTreeMap<String, usize>,
}

impl Finder {
    fn declare(&mut self, name: &str) {
        *self.declared.entry(name.to_owned()).or_default() += 1;
    }

    fn forget(&mut self, name: &str) {
        if let Some(count) = self.declared.get_mut(name) {
            *count = count.saturating_sub(1);
        }
    }

    fn is_declared(&self, name: &str) -> bool {
        self.declared.get(name).is_some_and(|count| *count > 0)
    }

    fn expression(&mut self, expr: &Expression) {
        match expr {
            Expression::Null(_)
            | Expression::Bool(_)
            | Expression::Number(_)
            | Expression::String(_) => {}
            Expression::Array(elements) => elements.iter().for_each(|e| self.expression(e)),
            Expression::Object(object) => {
                for (key, value) in object.iter() {
                    if let ObjectKey::Expression(key) = key {
                        self.expression(key);
                    }
                    self.expression(value.expr());
                }
            }
            Expression::StringTemplate(template) => self.template(template),
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template),
            Expression::Parenthesis(inner) => self.expression(inner.inner()),
            Expression::Variable(name) => {
                if !self.is_declared(name.as_str()) {
                    self.found.extend(reference(expr));
                }
            }
            Expression::Conditional(conditional) => {
                self.expression(&conditional.cond_expr);
                self.expression(&conditional.true_expr);
                self.expression(&conditional.false_expr);
            }
            Expression::FuncCall(call) => call.args.iter().for_each(|e| self.expression(e)),
            Expression::Traversal(traversal) => self.traversal(traversal),
            Expression::UnaryOp(op) => self.expression(&op.expr),
            Expression::BinaryOp(op) => {
                self.expression(&op.lhs_expr);
                self.expression(&op.rhs_expr);
            }
            Expression::ForExpr(each) => {
                self.expression(&each.intro.collection_expr);
                let names: Vec<&str> = each
                    .intro
                    .key_var
                    .iter()
                    .chain([&each.intro.value_var])
                    .map(|name| name.as_str())
                    .collect();
                names.iter().for_each(|name| self.declare(name));
                if let Some(key) = &each.key_expr {
                    self.expression(key);
                }
                self.expression(&each.value_expr);
                if let Some(cond) = &each.cond {
                    self.expression(&cond.expr);
                }
                names.iter().for_each(|name| self.forget(name));
            }
        }
    }

    fn traversal(&mut self, traversal: &Traversal) {
        match &traversal.expr {
            Expression::Variable(root) => {
                if !self.is_declared(root.as_str()) {
                    self.found.push(of_traversal(root.as_str(), traversal));
                }
            }
            other => self.expression(other),
        }
        for operator in &traversal.operators {
            if let TraversalOperator::Index(index) = operator.value() {
                self.expression(index);
            }
        }
    }

    fn template(&mut self, template: &Template) {
        for element in template.iter() {
            match element {
                Element::Literal(_) => {}
                Element::Interpolation(interpolation) => self.expression(&interpolation.expr),
                Element::Directive(directive) => self.directive(directive),
            }
        }
    }

    fn directive(&mut self, directive: &Directive) {
        match directive {
            Directive::If(directive) => {
                self.expression(&directive.if_expr.cond_expr);
                self.template(&directive.if_expr.template);
                if let Some(other) = &directive.else_expr {
                    self.template(&other.template);
                }
            }
            Directive::For(directive) => {
                let each = &directive.for_expr;
                self.expression(&each.collection_expr);
                let names: Vec<&str> =
                    each.key_var.iter().chain([&each.value_var]).map(|n| n.as_str()).collect();
                names.iter().for_each(|name| self.declare(name));
                self.template(&each.template);
                names.iter().for_each(|name| self.forget(name));
            }
        }
    }
}

/// The exact number of a literal, of which hcl-edit's own value may have lost digits.
pub(crate) fn literal_number(number: &hcl_edit::Formatted<hcl_edit::Number>) -> Option<Number> {
    let raw = number.as_repr().map(|raw| raw.to_string());
    let text = raw.unwrap_or_else(|| number.value().to_string());
    Number::parse(&text.replace([' ', '\t'], ""))
}
