//! From text to tokens.

use crate::{Wrong, wrong};

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Number(f64),
    Text(String),
    Name(String),
    /// `+ - * / ^ ( ) [ ] , == != < <= > >= && ||`, and `AND`, `OR` as the last two.
    Sign(&'static str),
}

const SIGNS: [&str; 19] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "^", "(", ")", "[", "]", ",",
    "%",
];

pub fn tokens(text: &str) -> Result<Vec<Token>, Wrong> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => {
                let Some(end) = rest[1..].find(first) else {
                    return wrong("Error in expression: unterminated string");
                };
                tokens.push(Token::Text(rest[1..=end].to_owned()));
                end + 2
            }
            _ if first.is_ascii_digit() || first == '.' => {
                let length = number_length(rest);
                let Ok(number) = rest[..length].parse() else {
                    return wrong(format!("Error in expression: {} is no number", &rest[..length]));
                };
                tokens.push(Token::Number(number));
                length
            }
            _ if first.is_ascii_alphabetic() || first == '_' => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                tokens.push(named(&rest[..length]));
                length
            }
            _ => {
                let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) else {
                    return wrong(format!("Error in expression: unexpected character '{first}'"));
                };
                tokens.push(Token::Sign(sign));
                sign.len()
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn named(word: &str) -> Token {
    match word {
        "AND" => Token::Sign("&&"),
        "OR" => Token::Sign("||"),
        _ => Token::Name(word.to_owned()),
    }
}

/// Digits, a point, and an exponent.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .position(|b| !b.is_ascii_digit() && *b != b'.')
            .unwrap_or(bytes.len() - from)
    };
    let mut length = digits(0);
    if bytes.get(length).is_some_and(|b| b.eq_ignore_ascii_case(&b'e')) {
        let sign = usize::from(bytes.get(length + 1).is_some_and(|b| [b'+', b'-'].contains(b)));
        if bytes.get(length + 1 + sign).is_some_and(u8::is_ascii_digit) {
            length += 1 + sign + digits(length + 1 + sign);
        }
    }
    length
}
