//! Numbers as the verbs of `format` write them.

use num_bigint::{BigInt, Sign};
use unicode_segmentation::UnicodeSegmentation;

use crate::Number;
use crate::number::{plain, round_digits};

/// What stands between `%` and the letter.
#[derive(Clone, Copy, Default)]
pub(super) struct Spec {
    pub(super) left: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
}

impl Spec {
    /// Blanks on the side that the flags want.
    pub(super) fn pad(&self, text: &str) -> String {
        let missing = self.width.unwrap_or(0).saturating_sub(text.graphemes(true).count());
        let blanks = " ".repeat(missing);
        if self.left { format!("{text}{blanks}") } else { format!("{blanks}{text}") }
    }

    /// A number with its sign, and zeros between where they are wanted.
    fn number(&self, negative: bool, digits: &str) -> String {
        let sign = match (negative, self.plus, self.space) {
            (true, _, _) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            _ => "",
        };
        if self.zero && !self.left {
            let missing = self.width.unwrap_or(0).saturating_sub(sign.len() + digits.len());
            return format!("{sign}{}{digits}", "0".repeat(missing));
        }
        self.pad(&format!("{sign}{digits}"))
    }
}

pub(super) fn integer(spec: &Spec, letter: char, value: BigInt) -> String {
    let negative = value.sign() == Sign::Minus;
    let base = match letter {
        'b' => 2,
        'o' => 8,
        'd' => 10,
        _ => 16,
    };
    let mut digits = value.magnitude().to_str_radix(base);
    if letter == 'X' {
        digits.make_ascii_uppercase();
    }
    if let Some(precision) = spec.precision {
        digits = format!("{}{digits}", "0".repeat(precision.saturating_sub(digits.len())));
    }
    let prefix = match (spec.sharp, letter) {
        (true, 'b') => "0b",
        (true, 'o') => "0",
        (true, 'x') => "0x",
        (true, 'X') => "0X",
        _ => "",
    };
    spec.number(negative, &format!("{prefix}{digits}"))
}

/// `v` is `g`.
pub(super) fn float(spec: &Spec, letter: char, number: &Number) -> String {
    let text = match letter {
        'f' => fixed(number, spec.precision.unwrap_or(6)),
        'e' | 'E' => {
            let precision = spec.precision.unwrap_or(6);
            let (digits, point) = number.exact_digits();
            let (digits, point) = round_digits(&digits, point, precision + 1);
            scientific(&digits, point, Some(precision))
        }
        _ => general(spec, number),
    };
    let text = if letter.is_ascii_uppercase() { text.to_uppercase() } else { text };
    spec.number(number.is_negative(), &text)
}

fn fixed(number: &Number, precision: usize) -> String {
    let (digits, point) = number.exact_digits();
    let kept = point + precision as i64;
    let (digits, point) = match kept {
        kept if kept < 0 => ("".to_owned(), 0),
        // Nothing is kept unless what is cut rounds up to a digit.
        0 if digits.as_str() > "5" => ("1".to_owned(), point + 1),
        0 => ("".to_owned(), 0),
        kept => round_digits(&digits, point, kept as usize),
    };
    let mut text = if digits.is_empty() { "0".to_owned() } else { plain(&digits, point) };
    if precision > 0 {
        let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        if places == 0 {
            text.push('.');
        }
        text.push_str(&"0".repeat(precision - places.min(precision)));
    }
    text
}

/// With an exponent from six digits on, unless a precision says otherwise.
fn general(spec: &Spec, number: &Number) -> String {
    let (digits, point) = match spec.precision {
        Some(precision) => {
            let (digits, point) = number.exact_digits();
            round_digits(&digits, point, precision.max(1))
        }
        None => number.shortest_digits(),
    };
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return "0".into();
    }
    let exponent = point - 1;
    let most = match spec.precision {
        Some(precision) => (precision.max(1) as i64).max(digits.len().min(21) as i64),
        None => 6,
    };
    if !(-4..most).contains(&exponent) {
        return scientific(digits, point, None);
    }
    plain(digits, point)
}

/// With `precision` digits after the point, or all that there are.
fn scientific(digits: &str, point: i64, precision: Option<usize>) -> String {
    let exponent = if digits == "0" { 0 } else { point - 1 };
    let (first, rest) = digits.split_at(1);
    let missing = precision.unwrap_or(0).saturating_sub(rest.len());
    let rest = format!("{rest}{}", "0".repeat(missing));
    let dot = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{dot}{rest}e{sign}{:02}", exponent.abs())
}
