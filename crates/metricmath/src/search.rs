//! What SEARCH looks for: which metrics a text selects.
//!
//! ```text
//! '{AWS/ECS,ClusterName,ServiceName} MetricName="CPUUtilization" (web OR api) NOT test'
//!   a schema: the namespace, and exactly these dimensions; then terms, all of which must hold
//! ```
//!
//! A term is a word of the namespace, the metric's name, a dimension's name or value: a part of one
//! of them, whatever its case, where it is not quoted, and the whole of one where it is. With
//! `Namespace=`, `MetricName=`, `:aws.…` or a dimension's name before it, it is of that alone.

use crate::{Wrong, wrong};

/// A search, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    schema: Option<(String, Vec<String>)>,
    term: Option<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    And(Vec<Term>),
    Or(Vec<Term>),
    Not(Box<Term>),
    Word { property: Option<String>, text: String, is_exact: bool },
}

/// A metric that may be found.
pub struct Candidate<'a> {
    pub namespace: &'a str,
    pub name: &'a str,
    pub dimensions: &'a [(String, String)],
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Equals,
    Open,
    Close,
    And,
    Or,
    Not,
}

impl Search {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let (schema, rest) = schema(text.trim())?;
        let mut reader = Reader { tokens: tokens(rest)?, at: 0 };
        let term = match reader.tokens.is_empty() {
            true => None,
            false => Some(reader.any()?),
        };
        if reader.at < reader.tokens.len() {
            return wrong("Error in search: unexpected ')'");
        }
        Ok(Search { schema, term })
    }

    pub fn finds(&self, metric: &Candidate<'_>) -> bool {
        let fits = self.schema.as_ref().is_none_or(|(namespace, names)| {
            let mut own: Vec<&str> = metric.dimensions.iter().map(|(name, _)| &**name).collect();
            let mut wanted: Vec<&str> = names.iter().map(String::as_str).collect();
            own.sort_unstable();
            wanted.sort_unstable();
            metric.namespace == namespace && own == wanted
        });
        fits && self.term.as_ref().is_none_or(|term| term.holds(metric))
    }
}

impl Term {
    fn holds(&self, metric: &Candidate<'_>) -> bool {
        match self {
            Term::And(terms) => terms.iter().all(|term| term.holds(metric)),
            Term::Or(terms) => terms.iter().any(|term| term.holds(metric)),
            Term::Not(term) => !term.holds(metric),
            Term::Word { property, text, is_exact } => {
                let is_found = |within: &str| match is_exact {
                    true => within == text,
                    false => is_part(within, text),
                };
                match property.as_deref() {
                    Some("Namespace") => is_found(metric.namespace),
                    Some("MetricName") => is_found(metric.name),
                    Some(name) => {
                        metric.dimensions.iter().any(|(own, value)| own == name && is_found(value))
                    }
                    None => {
                        let dimensions = metric.dimensions.iter().flat_map(|(n, v)| [n, v]);
                        is_found(metric.namespace)
                            || is_found(metric.name)
                            || dimensions.into_iter().any(|text| is_found(text))
                    }
                }
            }
        }
    }
}

/// Whether the words of a text are in another one, in their order, whatever their case: words end
/// where letters and digits do, or a capital begins one (`CPU`, `Utilization`).
fn is_part(within: &str, text: &str) -> bool {
    let (within, wanted) = (words(within), words(text));
    let whole = wanted.concat();
    wanted.is_empty()
        || within.windows(wanted.len()).any(|some| some == wanted)
        || within.contains(&whole)
        || within.concat() == whole
}

fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let ends_capitals = chars.peek().is_some_and(|next| next.is_lowercase());
        let begins = !before.is_alphanumeric()
            || c.is_uppercase() && (before.is_lowercase() || ends_capitals)
            || c.is_numeric() != before.is_numeric();
        if c.is_alphanumeric() {
            match words.last_mut().filter(|_| !begins) {
                Some(word) => word.extend(c.to_lowercase()),
                None => words.push(c.to_lowercase().collect()),
            }
        }
        before = c;
    }
    words
}

/// A namespace, and the names of dimensions.
type Schema = (String, Vec<String>);

/// `{namespace, name, name}` at the beginning, and what follows. Quotes are for names with commas.
fn schema(text: &str) -> Result<(Option<Schema>, &str), Wrong> {
    let Some(inner) = text.strip_prefix('{') else { return Ok((None, text)) };
    let Some(end) = inner.find('}') else { return wrong("Error in search: '}' is missing") };
    let mut names = inner[..end].split(',').map(|name| name.trim().trim_matches('"').to_owned());
    let namespace = names.next().unwrap_or_default();
    Ok((Some((namespace, names.filter(|name| !name.is_empty()).collect())), &inner[end + 1..]))
}

fn tokens(text: &str) -> Result<Vec<Token>, Wrong> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => {
                let Some(end) = rest[1..].find(first) else {
                    return wrong("Error in search: a quote is not closed");
                };
                tokens.push(Token::Quoted(rest[1..=end].to_owned()));
                end + 2
            }
            '(' => push(&mut tokens, Token::Open),
            ')' => push(&mut tokens, Token::Close),
            '=' => push(&mut tokens, Token::Equals),
            _ => {
                let ends = |c: char| c.is_whitespace() || "()=\"'".contains(c);
                let length = rest.find(ends).unwrap_or(rest.len());
                tokens.push(match &rest[..length] {
                    "AND" => Token::And,
                    "OR" => Token::Or,
                    "NOT" => Token::Not,
                    word => Token::Word(word.to_owned()),
                });
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn push(tokens: &mut Vec<Token>, token: Token) -> usize {
    tokens.push(token);
    1
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

impl Reader {
    fn take(&mut self, token: &Token) -> bool {
        let is_next = self.tokens.get(self.at) == Some(token);
        self.at += usize::from(is_next);
        is_next
    }

    /// `all OR all`
    fn any(&mut self) -> Result<Term, Wrong> {
        let mut terms = vec![self.all()?];
        while self.take(&Token::Or) {
            terms.push(self.all()?);
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Term::Or(terms) })
    }

    /// Terms beside each other must all hold, with AND or without.
    fn all(&mut self) -> Result<Term, Wrong> {
        let mut terms = vec![self.one()?];
        loop {
            let _ = self.take(&Token::And);
            match self.tokens.get(self.at) {
                None | Some(Token::Or | Token::Close) => break,
                Some(_) => terms.push(self.one()?),
            }
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Term::And(terms) })
    }

    fn one(&mut self) -> Result<Term, Wrong> {
        if self.take(&Token::Not) {
            return Ok(Term::Not(Box::new(self.one()?)));
        }
        if self.take(&Token::Open) {
            let inner = self.any()?;
            return match self.take(&Token::Close) {
                true => Ok(inner),
                false => wrong("Error in search: ')' is missing"),
            };
        }
        let (text, is_exact) = self.word()?;
        if !self.take(&Token::Equals) {
            return Ok(Term::Word { property: None, text, is_exact });
        }
        self.of_property(&text)
    }

    /// `name=word` or `name=(word OR word)`
    fn of_property(&mut self, name: &str) -> Result<Term, Wrong> {
        let property = Some(name.to_owned());
        if !self.take(&Token::Open) {
            let (text, is_exact) = self.word()?;
            return Ok(Term::Word { property, text, is_exact });
        }
        let mut terms = Vec::new();
        loop {
            let (text, is_exact) = self.word()?;
            terms.push(Term::Word { property: property.clone(), text, is_exact });
            if self.take(&Token::Close) {
                return Ok(Term::Or(terms));
            }
            if !self.take(&Token::Or) {
                return wrong("Error in search: expected OR or ')'");
            }
        }
    }

    fn word(&mut self) -> Result<(String, bool), Wrong> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        match token {
            Some(Token::Word(text)) => Ok((text, false)),
            Some(Token::Quoted(text)) => Ok((text, true)),
            _ => wrong("Error in search: a word is missing"),
        }
    }
}
