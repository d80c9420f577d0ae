//! The tokens of a file, with their text: templates are told apart into their parts, as spaces in
//! literal text are not spaces between tokens.

use std::borrow::Cow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Newline,
    /// With its newline, where it goes to the end of the line.
    Comment,
    Ident,
    Number,
    OpenQuote,
    CloseQuote,
    /// Between quotes.
    Quoted,
    OpenHeredoc,
    CloseHeredoc,
    /// In a heredoc.
    Literal,
    Interpolation,
    Control,
    CloseTemplate,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    OpenParen,
    CloseParen,
    Dot,
    Comma,
    Ellipsis,
    Colon,
    DoubleColon,
    Equal,
    Question,
    Minus,
    Bang,
    /// Arithmetic, comparison and logic, but minus and not.
    Operator,
    Other,
}

impl Kind {
    /// 1 for what opens a bracket, -1 for what closes one.
    pub fn opens(self) -> i64 {
        match self {
            Kind::OpenBrace
            | Kind::OpenBracket
            | Kind::OpenParen
            | Kind::Interpolation
            | Kind::Control => 1,
            Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParen | Kind::CloseTemplate => -1,
            _ => 0,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Token<'a> {
    pub kind: Kind,
    pub text: Cow<'a, str>,
    /// Before it.
    pub spaces: usize,
}

impl<'a> Token<'a> {
    pub fn new(kind: Kind, text: impl Into<Cow<'a, str>>) -> Token<'a> {
        Token { kind, text: text.into(), spaces: 0 }
    }

    /// Whether the line ends with it.
    pub fn ends_line(&self) -> bool {
        self.kind == Kind::Newline || (self.kind == Kind::Comment && self.text.ends_with('\n'))
    }
}

/// What the text at a place is a part of.
#[derive(Clone, Copy)]
enum Within<'a> {
    /// Braces that are open in an expression of a template, or in the file.
    Code {
        braces: usize,
        template: bool,
    },
    Quotes,
    Heredoc(&'a str),
}

struct Lexer<'a> {
    rest: &'a str,
    within: Vec<Within<'a>>,
    found: Vec<Token<'a>>,
}

pub fn tokens(text: &str) -> Vec<Token<'_>> {
    lexed(text).found
}

/// How many quotes and heredocs have no end.
pub fn left_open(text: &str) -> usize {
    let within = lexed(text).within;
    within.iter().filter(|within| !matches!(within, Within::Code { .. })).count()
}

fn lexed(text: &str) -> Lexer<'_> {
    let within = vec![Within::Code { braces: 0, template: false }];
    let mut lexer = Lexer { rest: text, within, found: Vec::new() };
    while !lexer.rest.is_empty() {
        match lexer.within.last().copied() {
            Some(Within::Quotes) => lexer.quoted(),
            Some(Within::Heredoc(marker)) => lexer.heredoc(marker),
            _ => lexer.code(),
        }
    }
    lexer
}

impl<'a> Lexer<'a> {
    fn take(&mut self, kind: Kind, length: usize) {
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        if !text.is_empty() {
            self.found.push(Token::new(kind, text));
        }
    }

    fn code(&mut self) {
        let blank = self.rest.len() - self.rest.trim_start_matches([' ', '\t']).len();
        self.rest = &self.rest[blank..];
        let Some(first) = self.rest.chars().next() else { return };
        let starts = |text: &str| self.rest.starts_with(text);
        if starts("#") || starts("//") {
            return self.take(Kind::Comment, end_of_line(self.rest));
        }
        if starts("/*") {
            let end = self.rest.find("*/").map_or(self.rest.len(), |at| at + 2);
            return self.take(Kind::Comment, end);
        }
        if starts("<<") && self.open_heredoc() {
            return;
        }
        match first {
            '"' => {
                self.take(Kind::OpenQuote, 1);
                self.within.push(Within::Quotes);
            }
            '{' | '}' | '~' => self.brace(),
            c if c.is_alphabetic() || c == '_' => {
                let more = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
                let end = self.rest.find(|c| !more(c)).unwrap_or(self.rest.len());
                self.take(Kind::Ident, end);
            }
            c if c.is_ascii_digit() => self.take(Kind::Number, number(self.rest)),
            c => match SYMBOLS.iter().find(|(symbol, _)| starts(symbol)) {
                Some((symbol, kind)) => self.take(*kind, symbol.len()),
                None => self.take(Kind::Other, c.len_utf8()),
            },
        }
    }

    fn brace(&mut self) {
        let closes = self.rest.starts_with("~}");
        let Some(Within::Code { braces, template }) = self.within.last_mut() else { return };
        match (self.rest.as_bytes()[0], *braces, *template) {
            (b'{', ..) => {
                *braces += 1;
                self.take(Kind::OpenBrace, 1);
            }
            (b'}', 0, true) => {
                self.within.pop();
                self.take(Kind::CloseTemplate, 1);
            }
            (b'~', 0, true) if closes => {
                self.within.pop();
                self.take(Kind::CloseTemplate, 2);
            }
            (b'}', ..) => {
                *braces = braces.saturating_sub(1);
                self.take(Kind::CloseBrace, 1);
            }
            _ => self.take(Kind::Other, 1),
        }
    }

    /// Opens a heredoc, if this is one: `<<-EOT` and the rest of the line.
    fn open_heredoc(&mut self) -> bool {
        let named = self.rest.trim_start_matches('<').trim_start_matches('-');
        let line = &self.rest[..end_of_line(self.rest)];
        let marker = named.lines().next().unwrap_or_default().trim_end();
        let name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if marker.is_empty() || !marker.chars().all(name) {
            return false;
        }
        self.take(Kind::OpenHeredoc, line.len());
        self.within.push(Within::Heredoc(marker));
        true
    }

    fn quoted(&mut self) {
        let end = literal(self.rest, &["\""]);
        self.take(Kind::Quoted, end);
        if self.rest.starts_with('"') {
            self.within.pop();
            return self.take(Kind::CloseQuote, 1);
        }
        self.open_template();
    }

    /// A line of a heredoc, up to a template in it; or its end.
    fn heredoc(&mut self, marker: &str) {
        let before = self.found.last();
        let at_start = before.is_none_or(|token| {
            matches!(token.kind, Kind::OpenHeredoc | Kind::Literal) && token.text.ends_with('\n')
        });
        let line = self.rest.lines().next().unwrap_or_default();
        if at_start && line.trim() == marker {
            self.within.pop();
            return self.take(Kind::CloseHeredoc, line.trim_end_matches('\r').len());
        }
        let end = literal(self.rest, &[]).min(end_of_line(self.rest));
        self.take(Kind::Literal, end);
        let whole = self.found.last().is_some_and(|token| token.text.ends_with('\n'));
        if end == 0 || !whole {
            self.open_template();
        }
    }

    fn open_template(&mut self) {
        let kind = match self.rest.as_bytes() {
            [b'$', b'{', ..] => Kind::Interpolation,
            [b'%', b'{', ..] => Kind::Control,
            _ => return,
        };
        let strip = self.rest[2..].starts_with('~');
        self.take(kind, if strip { 3 } else { 2 });
        self.within.push(Within::Code { braces: 0, template: true });
    }
}

/// How far the text goes without a template and without any of `ends`.
fn literal(text: &str, ends: &[&str]) -> usize {
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("$${") || rest.starts_with("%%{") {
            at += 3;
        } else if ["${", "%{"].iter().chain(ends).any(|end| rest.starts_with(end)) {
            return at;
        } else if rest.starts_with('\\') && !ends.is_empty() {
            at += 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// With its newline.
fn end_of_line(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |at| at + 1)
}

fn number(text: &str) -> usize {
    let digits = |from: usize| {
        text[from..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |at| from + at)
    };
    let mut end = digits(0);
    if text[end..].starts_with('.') && digits(end + 1) > end + 1 {
        end = digits(end + 1);
    }
    if text[end..].starts_with(['e', 'E']) {
        let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
        let power = digits(end + 1 + sign);
        if power > end + 1 + sign {
            end = power;
        }
    }
    end
}

/// The longer ones first.
const SYMBOLS: &[(&str, Kind)] = &[
    ("...", Kind::Ellipsis),
    ("\r\n", Kind::Newline),
    ("::", Kind::DoubleColon),
    ("=>", Kind::Other),
    ("==", Kind::Operator),
    ("!=", Kind::Operator),
    (">=", Kind::Operator),
    ("<=", Kind::Operator),
    ("&&", Kind::Operator),
    ("||", Kind::Operator),
    ("\n", Kind::Newline),
    ("=", Kind::Equal),
    (">", Kind::Operator),
    ("<", Kind::Operator),
    ("!", Kind::Bang),
    ("+", Kind::Operator),
    ("-", Kind::Minus),
    ("*", Kind::Operator),
    ("/", Kind::Operator),
    ("%", Kind::Operator),
    ("?", Kind::Question),
    (":", Kind::Colon),
    (".", Kind::Dot),
    (",", Kind::Comma),
    ("[", Kind::OpenBracket),
    ("]", Kind::CloseBracket),
    ("(", Kind::OpenParen),
    (")", Kind::CloseParen),
    ("\r", Kind::Other),
];
