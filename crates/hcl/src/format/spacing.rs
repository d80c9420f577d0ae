//! Whether a space stands between two tokens.

use super::tokens::{Kind, Token};

/// Between `token` and `after`; `before` is what stands before both in their line.
pub fn is_spaced(before: Option<&Token<'_>>, token: &Token<'_>, after: &Token<'_>) -> bool {
    use Kind::*;
    let (this, next) = (token.kind, after.kind);
    match (this, next) {
        (_, Newline) => false,
        (Ident, OpenParen | DoubleColon) | (DoubleColon, Ident) => false,
        (Dot, _) | (_, Dot | Comma | Ellipsis) => false,
        (Comma, _) => true,
        (Quoted | Literal | OpenQuote | OpenHeredoc, _)
        | (_, Quoted | Literal | CloseQuote | CloseHeredoc) => false,
        // `for x in [a]` is no index.
        (Ident, _) if token.text == "in" && before.is_some_and(|b| b.kind == Ident) => true,
        (Ident | Number, OpenBracket) => false,
        (_, OpenBracket) if this.opens() < 0 => false,
        (Bang, _) => false,
        (Minus, _) => before.is_some_and(|before| ends_operand(before.kind)),
        (OpenBrace, CloseBrace) => false,
        (OpenBrace, _) | (_, CloseBrace) => true,
        (Interpolation | Control, OpenBrace) | (CloseBrace, CloseTemplate) => true,
        (CloseTemplate, Interpolation | Control) => false,
        _ if this.opens() > 0 || next.opens() < 0 => false,
        _ => true,
    }
}

/// Whether a minus behind it subtracts, and does not negate.
fn ends_operand(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::OpenParen
            | Kind::OpenBrace
            | Kind::OpenBracket
            | Kind::Equal
            | Kind::Colon
            | Kind::Comma
            | Kind::Question
            | Kind::Minus
            | Kind::Operator
            | Kind::Bang
    )
}
