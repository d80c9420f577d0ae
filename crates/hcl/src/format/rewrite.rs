//! What old files write otherwise: values that are one template alone (`"${var.a}"`), types in quotes
//! (`"list"`), and labels without quotes.

use super::tokens::{Kind, Token};

pub fn rewrite(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let mut rewriter = Rewriter { rest: tokens.into_iter().peekable(), done: Vec::new() };
    rewriter.body(&mut Vec::new());
    let Rewriter { rest, mut done } = rewriter;
    done.extend(rest);
    done
}

struct Rewriter<'a> {
    rest: std::iter::Peekable<std::vec::IntoIter<Token<'a>>>,
    done: Vec<Token<'a>>,
}

impl<'a> Rewriter<'a> {
    /// Arguments and blocks, up to the brace that closes the block they are in.
    fn body(&mut self, within: &mut Vec<String>) {
        while let Some(token) = self.rest.next() {
            match token.kind {
                Kind::CloseBrace if !within.is_empty() => return self.done.push(token),
                Kind::Ident => {
                    let name = token.text.clone().into_owned();
                    self.done.push(token);
                    if self.labels() {
                        within.push(name);
                        self.body(within);
                        within.pop();
                    } else {
                        self.argument(&name, within);
                    }
                }
                _ => self.done.push(token),
            }
        }
    }

    /// Takes labels and the brace behind them, in quotes; whether there is a block at all.
    fn labels(&mut self) -> bool {
        while let Some(token) = self.rest.next_if(|token| token.kind != Kind::Equal) {
            match token.kind {
                Kind::OpenBrace => {
                    self.done.push(token);
                    return true;
                }
                Kind::Ident => {
                    let quote = |kind| Token::new(kind, "\"");
                    let label = Token { kind: Kind::Quoted, ..token };
                    self.done.extend([quote(Kind::OpenQuote), label, quote(Kind::CloseQuote)]);
                }
                _ => self.done.push(token),
            }
        }
        false
    }

    fn argument(&mut self, name: &str, within: &[String]) {
        self.done.extend(self.rest.next());
        let mut value = Vec::new();
        let mut open = 0;
        while let Some(token) =
            self.rest.next_if(|token| open > 0 || !(token.ends_line() || token.kind.opens() < 0))
        {
            open += token.kind.opens();
            value.push(token);
        }
        let trailing = value.iter().rposition(|token| token.kind != Kind::Comment);
        let comments = value.split_off(trailing.map_or(0, |last| last + 1));
        let is_type = name == "type" && within == ["variable"];
        self.done.extend(if is_type { of_type(value) } else { of_value(value) });
        self.done.extend(comments);
    }
}

/// What is in a template alone needs no quotes.
fn of_value(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let kinds: Vec<Kind> = tokens.iter().map(|token| token.kind).collect();
    let [Kind::OpenQuote, Kind::Interpolation, inside @ .., Kind::CloseTemplate, Kind::CloseQuote] =
        kinds.as_slice()
    else {
        return tokens;
    };
    let mut quotes = 0;
    for kind in inside {
        match kind {
            Kind::OpenQuote => quotes += 1,
            Kind::CloseQuote => quotes -= 1,
            // There is another template, or a text beside it.
            Kind::Interpolation | Kind::CloseTemplate | Kind::Quoted if quotes == 0 => {
                return tokens;
            }
            _ => {}
        }
    }
    let inside = 2..tokens.len() - 2;
    let mut inner: Vec<Token<'_>> = tokens[inside].to_vec();
    let is_newline = |token: &Token<'_>| token.kind == Kind::Newline;
    let start = inner.iter().position(|token| !is_newline(token)).unwrap_or(inner.len());
    inner.drain(..start);
    inner.truncate(inner.iter().rposition(|token| !is_newline(token)).map_or(0, |at| at + 1));
    let ends = (inner.first().map(|t| t.kind), inner.last().map(|t| t.kind));
    let in_parens = ends == (Some(Kind::OpenParen), Some(Kind::CloseParen));
    if inner.is_empty() {
        return tokens;
    }
    if inner.iter().any(is_newline) && !in_parens {
        inner.insert(0, Token::new(Kind::OpenParen, "("));
        inner.push(Token::new(Kind::CloseParen, ")"));
    }
    inner
}

/// Types as Terraform had them before 0.12.
fn of_type(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let (name, element) = match tokens.as_slice() {
        [Token { kind: Kind::Ident, text, .. }] => match &**text {
            "list" | "map" | "set" => (text.clone(), Some("any")),
            _ => return tokens,
        },
        [Token { kind: Kind::OpenQuote, .. }, Token { text, .. }, _] => match &**text {
            "string" => (text.clone(), None),
            "list" | "map" => (text.clone(), Some("string")),
            _ => return tokens,
        },
        _ => return tokens,
    };
    let mut found = vec![Token::new(Kind::Ident, name)];
    if let Some(element) = element {
        found.push(Token::new(Kind::OpenParen, "("));
        found.push(Token::new(Kind::Ident, element));
        found.push(Token::new(Kind::CloseParen, ")"));
    }
    found
}
