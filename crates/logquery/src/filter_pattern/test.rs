//! What a pattern compares a single value with: a number, text with an
//! asterisk at either end, or a regular expression.

use regex::bytes::{Regex, RegexBuilder};

use super::InvalidPattern;
use super::scanner::Scanner;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// An operator and its right side.
#[derive(Clone, Debug)]
pub(super) struct Test {
    operator: Operator,
    operand: Operand,
}

#[derive(Clone, Debug)]
enum Operand {
    /// As it was written, too: a word of a message may be equal as text only.
    Number(f64, String),
    Text(Wildcard),
    Regex(Regex),
}

/// Text that may begin or end with "anything". An asterisk elsewhere is itself
/// (the guide: `Ev*ent` only matches `Ev*ent`).
#[derive(Clone, Debug)]
struct Wildcard {
    text: String,
    open_start: bool,
    open_end: bool,
}

impl Operator {
    /// Takes an operator.
    pub fn scan(scanner: &mut Scanner<'_>) -> Result<Operator, InvalidPattern> {
        let operators = [
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("=", Operator::Equal),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        for (text, operator) in operators {
            if scanner.take(text) {
                return Ok(operator);
            }
        }
        Err(scanner.unexpected())
    }

    fn is_equality(self) -> bool {
        matches!(self, Operator::Equal | Operator::NotEqual)
    }

    fn compare(self, left: f64, right: f64) -> bool {
        match self {
            Operator::Equal => left == right,
            Operator::NotEqual => left != right,
            Operator::Less => left < right,
            Operator::LessOrEqual => left <= right,
            Operator::Greater => left > right,
            Operator::GreaterOrEqual => left >= right,
        }
    }
}

impl Test {
    /// Takes an operator and its right side.
    pub fn scan(scanner: &mut Scanner<'_>) -> Result<Test, InvalidPattern> {
        let operator = Operator::scan(scanner)?;
        scanner.skip_spaces();
        let operand = Operand::scan(scanner)?;
        let ordered = matches!(operand, Operand::Number(..));
        if !operator.is_equality() && !ordered {
            return Err(InvalidPattern::Malformed);
        }
        Ok(Test { operator, operand })
    }

    pub fn has_regex(&self) -> bool {
        matches!(self.operand, Operand::Regex(_))
    }

    /// Whether a number passes; `text` is how it is written.
    pub fn accepts_number(&self, number: f64, text: &str) -> bool {
        match &self.operand {
            Operand::Number(operand, _) => self.operator.compare(number, *operand),
            _ => self.accepts_text(text),
        }
    }

    /// Whether text that is no number passes. An order between a number and
    /// text does not hold, either way round.
    pub fn accepts_text(&self, text: &str) -> bool {
        let equal = match &self.operand {
            Operand::Number(_, written) => written == text,
            Operand::Text(wildcard) => wildcard.matches(text),
            Operand::Regex(regex) => regex.is_match(text.as_bytes()),
        };
        match self.operator {
            Operator::Equal => equal,
            Operator::NotEqual => !equal,
            _ => false,
        }
    }

    /// Whether a word of a message passes: as a number where it is one.
    pub fn accepts_word(&self, word: &str) -> bool {
        match number(word) {
            Some(number) => self.accepts_number(number, word),
            None => self.accepts_text(word),
        }
    }
}

impl Operand {
    fn scan(scanner: &mut Scanner<'_>) -> Result<Operand, InvalidPattern> {
        match scanner.peek() {
            Some('"') => Ok(Operand::Text(Wildcard::new(&scanner.take_quoted('"')?))),
            Some('%') => Ok(Operand::Regex(regex(scanner.take_regex()?)?)),
            _ => {
                let text = scanner
                    .take_while(|next| next.is_ascii_alphanumeric() || "_*.-+:/".contains(next));
                if text.is_empty() {
                    return Err(scanner.unexpected());
                }
                Ok(match number(text) {
                    Some(number) => Operand::Number(number, text.to_owned()),
                    None => Operand::Text(Wildcard::new(text)),
                })
            }
        }
    }
}

impl Wildcard {
    fn new(pattern: &str) -> Self {
        let (pattern, open_start) = match pattern.strip_prefix('*') {
            Some(rest) => (rest, true),
            None => (pattern, false),
        };
        let (text, open_end) = match pattern.strip_suffix('*') {
            Some(rest) => (rest, true),
            None => (pattern, false),
        };
        Wildcard { text: text.to_owned(), open_start, open_end }
    }

    fn matches(&self, text: &str) -> bool {
        match (self.open_start, self.open_end) {
            (false, false) => text == self.text,
            (true, false) => text.ends_with(&self.text),
            (false, true) => text.starts_with(&self.text),
            (true, true) => text.contains(&self.text),
        }
    }
}

/// The guide's numbers: a sign, digits with a point, an exponent; not Rust's
/// `inf` and `nan`.
fn number(text: &str) -> Option<f64> {
    let numeric = |next: char| next.is_ascii_digit() || "+-.eE".contains(next);
    if !text.chars().all(numeric) || !text.contains(|next: char| next.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// A regular expression of the characters that CloudWatch Logs supports: no
/// groups, no spaces, no classes beyond ASCII.
pub(super) fn regex(expression: &str) -> Result<Regex, InvalidPattern> {
    let supported = |next: char| {
        next.is_ascii_alphanumeric() || ":_#=@/;,-".contains(next) || "^$?[]{}|\\*+.".contains(next)
    };
    if let Some(other) = expression.chars().find(|next| !supported(*next)) {
        return Err(InvalidPattern::Characters(other.to_string()));
    }
    if expression.is_empty() {
        return Err(InvalidPattern::Malformed);
    }
    RegexBuilder::new(expression)
        .unicode(false)
        .size_limit(1 << 20)
        .build()
        .map_err(|_| InvalidPattern::Malformed)
}
