//! A cursor over a pattern, with the words that all three languages share:
//! quoted text, `%regular expressions%`, operators.

use super::InvalidPattern;

#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Scanner { rest: text }
    }

    pub fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes `text` when it is next.
    pub fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Takes `word`, in capitals or not, when it is next and is a whole word.
    pub fn take_word(&mut self, word: &str) -> bool {
        let Some((head, rest)) = self.rest.split_at_checked(word.len()) else { return false };
        let ends = !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
        let taken = head.eq_ignore_ascii_case(word) && ends;
        if taken {
            self.rest = rest;
        }
        taken
    }

    /// Takes characters for as long as `accepts` them.
    pub fn take_while(&mut self, accepts: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|next| !accepts(next)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Takes a quoted text, whose opening quote is next; `\"` and `\\` stand
    /// for the characters themselves.
    pub fn take_quoted(&mut self, quote: char) -> Result<String, InvalidPattern> {
        let mut text = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, next)) = characters.next() {
            match next {
                '\\' => match characters.next() {
                    Some((_, escaped)) if escaped == quote || escaped == '\\' => text.push(escaped),
                    Some((_, other)) => text.extend(['\\', other]),
                    None => break,
                },
                next if next == quote => {
                    self.rest = &self.rest[at + quote.len_utf8()..];
                    return Ok(text);
                }
                next => text.push(next),
            }
        }
        Err(InvalidPattern::Malformed)
    }

    /// Takes a regular expression, whose opening `%` is next.
    pub fn take_regex(&mut self) -> Result<&'a str, InvalidPattern> {
        let (expression, rest) = self.rest[1..].split_once('%').ok_or(InvalidPattern::Malformed)?;
        self.rest = rest;
        Ok(expression)
    }

    /// The error for the character that is next.
    pub fn unexpected(&self) -> InvalidPattern {
        match self.peek() {
            Some(next) => InvalidPattern::Characters(next.to_string()),
            None => InvalidPattern::Malformed,
        }
    }
}
