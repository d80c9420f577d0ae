//! Terms of unstructured messages: `ERROR "exact phrase" -exclude`, or
//! `?any ?of`, or `%regex%`. Case counts, and a term may be a part of a word.

use super::InvalidPattern;
use super::scanner::Scanner;
use super::test::regex;

#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    required: Vec<Term>,
    excluded: Vec<Term>,
    /// At least one of these; not looked at beside the others, as in AWS ("if
    /// you combine ? with other filter patterns, it is ignored").
    optional: Vec<Term>,
}

#[derive(Clone, Debug)]
enum Term {
    Text(String),
    Regex(regex::bytes::Regex),
}

impl Terms {
    pub fn parse(pattern: &str) -> Result<Terms, InvalidPattern> {
        let mut scanner = Scanner::new(pattern);
        let mut terms = Terms::default();
        scanner.skip_spaces();
        while !scanner.is_at_end() {
            let list = if scanner.take("-") {
                // The guide also writes it apart: `"ERROR" - "Exiting"`.
                scanner.skip_spaces();
                &mut terms.excluded
            } else if scanner.take("?") {
                &mut terms.optional
            } else {
                &mut terms.required
            };
            list.push(Term::scan(&mut scanner)?);
            scanner.skip_spaces();
        }
        Ok(terms)
    }

    pub fn matches(&self, message: &str) -> bool {
        let contains = |term: &Term| term.is_in(message);
        if self.required.is_empty() && self.excluded.is_empty() {
            return self.optional.iter().any(contains);
        }
        self.required.iter().all(contains) && !self.excluded.iter().any(contains)
    }
}

impl Term {
    fn scan(scanner: &mut Scanner<'_>) -> Result<Term, InvalidPattern> {
        match scanner.peek() {
            Some('"') => {
                let text = scanner.take_quoted('"')?;
                if text.is_empty() {
                    return Err(InvalidPattern::Characters("\"\"".into()));
                }
                Ok(Term::Text(text))
            }
            Some('%') => Ok(Term::Regex(regex(scanner.take_regex()?)?)),
            _ => {
                let text = scanner.take_while(|next| next.is_alphanumeric() || next == '_');
                let ends = scanner.peek().is_none_or(char::is_whitespace);
                if text.is_empty() || !ends {
                    return Err(scanner.unexpected());
                }
                Ok(Term::Text(text.to_owned()))
            }
        }
    }

    fn is_in(&self, message: &str) -> bool {
        match self {
            Term::Text(text) => message.contains(text),
            Term::Regex(regex) => regex.is_match(message.as_bytes()),
        }
    }
}
