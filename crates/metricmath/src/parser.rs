//! From tokens to an expression.
//!
//! ```text
//! or ─▶ and ─▶ comparison ─▶ sum ─▶ product ─▶ sign ─▶ power ─▶ number, "text", id, F(…), [a, b], (or)
//! ```

use crate::lexer::{Token, tokens};
use crate::{Wrong, wrong};

#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Number(f64),
    Text(String),
    /// The id of a metric or of another expression, or a constant such as REPEAT or ASC.
    Name(String),
    List(Vec<Expression>),
    Call(String, Vec<Expression>),
    Negative(Box<Expression>),
    Operation(&'static str, Box<Expression>, Box<Expression>),
}

/// The binary operators, those that bind least first.
const LEVELS: [&[&str]; 5] =
    [&["||"], &["&&"], &["==", "!=", "<=", ">=", "<", ">"], &["+", "-"], &["*", "/", "%"]];

/// How deep an expression may be nested.
const DEPTH: usize = 64;

pub fn parse(text: &str) -> Result<Expression, Wrong> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let expression = parser.level(0)?;
    match parser.tokens.get(parser.at) {
        None => Ok(expression),
        Some(token) => wrong(format!("Error in expression: unexpected {}", shown(token))),
    }
}

impl Expression {
    /// The ids that it needs, each once.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.collect(&mut names);
        names.sort_unstable();
        names.dedup();
        names
    }

    fn collect<'a>(&'a self, names: &mut Vec<&'a str>) {
        match self {
            Expression::Name(name) if name.starts_with(|c: char| c.is_ascii_lowercase()) => {
                names.push(name);
            }
            Expression::Number(_) | Expression::Text(_) | Expression::Name(_) => {}
            Expression::List(inner) | Expression::Call(_, inner) => {
                inner.iter().for_each(|inner| inner.collect(names));
            }
            Expression::Negative(inner) => inner.collect(names),
            Expression::Operation(_, left, right) => {
                left.collect(names);
                right.collect(names);
            }
        }
    }

    /// Whether it calls a function, anywhere.
    pub fn calls(&self, function: &str) -> bool {
        match self {
            Expression::Number(_) | Expression::Text(_) | Expression::Name(_) => false,
            Expression::Call(name, inner) => {
                name == function || inner.iter().any(|inner| inner.calls(function))
            }
            Expression::List(inner) => inner.iter().any(|inner| inner.calls(function)),
            Expression::Negative(inner) => inner.calls(function),
            Expression::Operation(_, left, right) => left.calls(function) || right.calls(function),
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

fn shown(token: &Token) -> String {
    match token {
        Token::Number(number) => number.to_string(),
        Token::Text(text) => format!("'{text}'"),
        Token::Name(name) => name.clone(),
        Token::Sign(sign) => (*sign).to_owned(),
    }
}

impl Parser {
    fn take(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.tokens.get(self.at), Some(Token::Sign(next)) if *next == sign);
        self.at += usize::from(is_next);
        is_next
    }

    fn need(&mut self, sign: &str) -> Result<(), Wrong> {
        match self.take(sign) {
            true => Ok(()),
            false => wrong(format!("Error in expression: expected '{sign}'")),
        }
    }

    fn level(&mut self, level: usize) -> Result<Expression, Wrong> {
        let Some(operators) = LEVELS.get(level) else { return self.signed() };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = operators.iter().find(|operator| self.take(operator)) {
            let right = self.level(level + 1)?;
            left = Expression::Operation(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Expression, Wrong> {
        self.depth += 1;
        if self.depth > DEPTH {
            return wrong("Error in expression: it is nested too deeply");
        }
        let found = match self.take("-") {
            true => Expression::Negative(Box::new(self.signed()?)),
            false => self.power()?,
        };
        self.depth -= 1;
        Ok(found)
    }

    fn power(&mut self) -> Result<Expression, Wrong> {
        let base = self.primary()?;
        match self.take("^") {
            false => Ok(base),
            true => {
                let exponent = self.signed()?;
                Ok(Expression::Operation("^", Box::new(base), Box::new(exponent)))
            }
        }
    }

    fn primary(&mut self) -> Result<Expression, Wrong> {
        if self.take("(") {
            let inner = self.level(0)?;
            self.need(")")?;
            return Ok(inner);
        }
        if self.take("[") {
            return Ok(Expression::List(self.list("]")?));
        }
        let Some(token) = self.tokens.get(self.at).cloned() else {
            return wrong("Error in expression: it ends too early");
        };
        self.at += 1;
        match token {
            Token::Number(number) => Ok(Expression::Number(number)),
            Token::Text(text) => Ok(Expression::Text(text)),
            Token::Name(name) => match self.take("(") {
                true => Ok(Expression::Call(name, self.list(")")?)),
                false => Ok(Expression::Name(name)),
            },
            Token::Sign(sign) => wrong(format!("Error in expression: unexpected {sign}")),
        }
    }

    fn list(&mut self, end: &str) -> Result<Vec<Expression>, Wrong> {
        let mut items = Vec::new();
        if self.take(end) {
            return Ok(items);
        }
        loop {
            items.push(self.level(0)?);
            if self.take(end) {
                return Ok(items);
            }
            self.need(",")?;
        }
    }
}
