//! A cursor over a query, by characters, as its errors tell places.

use super::parse::Malformed;

#[derive(Clone, Debug)]
pub(super) struct Scanner {
    text: Vec<char>,
    pub at: usize,
}

fn is_word(next: char) -> bool {
    next.is_alphanumeric() || "_.@".contains(next)
}

impl Scanner {
    pub fn new(text: &str) -> Self {
        Scanner { text: text.chars().collect(), at: 0 }
    }

    /// What is written between two places.
    pub fn written(&self, from: usize, to: usize) -> String {
        self.text[from..to].iter().collect::<String>().trim().to_owned()
    }

    /// Skips spaces and comments: what begins with `#` and ends with the line.
    pub fn skip_spaces(&mut self) {
        while let Some(next) = self.text.get(self.at) {
            match next {
                '#' => self.at = self.find('\n').unwrap_or(self.text.len()),
                next if next.is_whitespace() => self.at += 1,
                _ => break,
            }
        }
    }

    fn find(&self, wanted: char) -> Option<usize> {
        self.text[self.at..].iter().position(|next| *next == wanted).map(|place| self.at + place)
    }

    /// The next character that is no space.
    pub fn peek(&mut self) -> Option<char> {
        self.skip_spaces();
        self.text.get(self.at).copied()
    }

    /// Takes `symbol` when it is next.
    pub fn take(&mut self, symbol: &str) -> bool {
        self.skip_spaces();
        let taken = symbol.chars().enumerate().all(|(n, c)| self.text.get(self.at + n) == Some(&c));
        if taken {
            self.at += symbol.chars().count();
        }
        taken
    }

    /// Takes the symbol, or tells what is there in its place.
    pub fn expect(&mut self, symbol: &str) -> Result<(), Malformed> {
        if self.take(symbol) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The word that is next, and where it ends.
    fn next_word(&mut self) -> (String, usize) {
        self.skip_spaces();
        let word: String = self.text[self.at..].iter().take_while(|next| is_word(**next)).collect();
        let end = self.at + word.chars().count();
        (word, end)
    }

    /// Takes `word`, in capitals or not, when it is next.
    pub fn take_word(&mut self, word: &str) -> bool {
        let (next, end) = self.next_word();
        let taken = next.eq_ignore_ascii_case(word);
        if taken {
            self.at = end;
        }
        taken
    }

    pub fn word(&mut self) -> Option<String> {
        let (word, end) = self.next_word();
        self.at = end;
        (!word.is_empty()).then_some(word)
    }

    /// Takes a name: a word, or anything between backticks.
    pub fn name(&mut self) -> Result<String, Malformed> {
        if self.peek() == Some('`') {
            return self.enclosed('`');
        }
        match self.word() {
            Some(name) if !name.starts_with(|first: char| first.is_ascii_digit()) => Ok(name),
            _ => Err(self.unexpected()),
        }
    }

    /// Takes what is between two quotes, whose opening one is next.
    pub fn enclosed(&mut self, quote: char) -> Result<String, Malformed> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(next) = self.text.get(self.at).copied() {
            self.at += 1;
            match next {
                next if next == quote => return Ok(text),
                '\\' if quote != '`' => match self.text.get(self.at).copied() {
                    Some(escaped) if escaped == quote || escaped == '\\' => {
                        text.push(escaped);
                        self.at += 1;
                    }
                    Some('n') => {
                        text.push('\n');
                        self.at += 1;
                    }
                    Some('t') => {
                        text.push('\t');
                        self.at += 1;
                    }
                    _ => text.push('\\'),
                },
                next => text.push(next),
            }
        }
        self.at = start;
        Err(self.unexpected())
    }

    /// Takes a regular expression between slashes, whose first is next; `\/` is a slash.
    pub fn regex(&mut self) -> Result<String, Malformed> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(next) = self.text.get(self.at).copied() {
            self.at += 1;
            match next {
                '/' => return Ok(text),
                '\\' if self.text.get(self.at) == Some(&'/') => {
                    text.push('/');
                    self.at += 1;
                }
                '\\' => {
                    text.push('\\');
                    text.extend(self.text.get(self.at));
                    self.at += 1;
                }
                next => text.push(next),
            }
        }
        self.at = start;
        Err(self.unexpected())
    }

    /// Takes a number without a sign.
    pub fn number(&mut self) -> Option<f64> {
        self.skip_spaces();
        let is_part = |next: &&char| next.is_ascii_digit() || **next == '.';
        let mut text: String = self.text[self.at..].iter().take_while(is_part).collect();
        let exponent: String = self.text[self.at + text.len()..].iter().take(6).collect();
        let exponent: String = match exponent.strip_prefix(['e', 'E']) {
            Some(rest) => {
                let sign = rest.chars().take_while(|next| "+-".contains(*next)).take(1);
                let digits = rest.trim_start_matches(['+', '-']);
                let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
                if digits.is_empty() {
                    String::new()
                } else {
                    format!("e{}{digits}", sign.collect::<String>())
                }
            }
            None => String::new(),
        };
        text.push_str(&exponent);
        let number = text.parse().ok()?;
        self.at += text.chars().count();
        Some(number)
    }

    /// The error for what is next.
    pub fn unexpected(&mut self) -> Malformed {
        self.skip_spaces();
        let (word, end) = self.next_word();
        let (found, end) = match (word.is_empty(), self.text.get(self.at)) {
            (false, _) => (word, end),
            (true, Some(next)) => (next.to_string(), self.at + 1),
            (true, None) => ("<EOF>".to_owned(), self.at),
        };
        let before = &self.text[..self.at];
        let line = before.iter().filter(|next| **next == '\n').count() + 1;
        let position = before.iter().rev().take_while(|next| **next != '\n').count();
        let message =
            format!("unexpected symbol found {found} at line {line} and position {position}");
        Malformed { message, start: self.at, end }
    }

    /// An error about what is written from `start` until here.
    pub fn wrong(&self, start: usize, message: impl Into<String>) -> Malformed {
        Malformed { message: message.into(), start, end: self.at.max(start) }
    }
}
