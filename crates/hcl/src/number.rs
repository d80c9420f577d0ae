//! Terraform's numbers: binary floating point with a mantissa of 512 bits, each rounded to the
//! nearest, so that whole numbers of 150 digits are exact and `1/3` has the digits that Terraform
//! prints. A number knows its precision, as the few functions that reckon with less (`log`, `pow`)
//! give numbers whose shortest decimal form is shorter.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use num_bigint::{BigInt, BigUint, Sign};

/// Of literals, conversions and most arithmetic.
const PRECISION: u32 = 512;

/// Beyond it a literal is refused: nobody means it, and its digits would fill the memory.
const MAX_EXPONENT: i64 = 20_000;

/// `(-1)^negative * mantissa * 2^exponent`, with an odd mantissa or zero.
#[derive(Clone)]
pub struct Number {
    negative: bool,
    mantissa: BigUint,
    exponent: i64,
    precision: u32,
}

impl Number {
    pub fn zero() -> Number {
        Number::from(0)
    }

    /// Rounded to `precision` bits, half to even; `sticky` says that something below was cut off.
    fn rounded(
        negative: bool,
        mantissa: BigUint,
        exponent: i64,
        precision: u32,
        sticky: bool,
    ) -> Number {
        let (mut mantissa, mut exponent) = (mantissa, exponent);
        let surplus = mantissa.bits().saturating_sub(u64::from(precision));
        if surplus > 0 {
            let half = mantissa.bit(surplus - 1);
            let below = sticky || mantissa.trailing_zeros().is_some_and(|z| z < surplus - 1);
            mantissa >>= surplus;
            exponent += surplus as i64;
            if half && (below || mantissa.bit(0)) {
                mantissa += 1u32;
            }
        }
        let zeros = mantissa.trailing_zeros().unwrap_or(0);
        if zeros > 0 {
            mantissa >>= zeros;
            exponent += zeros as i64;
        }
        if mantissa == BigUint::ZERO {
            return Number { negative: false, mantissa, exponent: 0, precision };
        }
        Number { negative, mantissa, exponent, precision }
    }

    /// Of `12`, `-1.5`, `2.5e-3`: what Terraform takes for a number in a string or a literal.
    pub fn parse(text: &str) -> Option<Number> {
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (digits, exponent) = match unsigned.find(['e', 'E']) {
            Some(at) => (&unsigned[..at], exponent_of(&unsigned[at + 1..])?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        if !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let all = format!("{whole}{fraction}");
        if all.len() > MAX_EXPONENT as usize {
            return None;
        }
        let decimal = exponent - fraction.len() as i64;
        if decimal.abs() > MAX_EXPONENT {
            return None;
        }
        let mantissa = BigUint::parse_bytes(all.as_bytes(), 10)?;
        let number = Number::of_ratio(negative, &mantissa, decimal);
        Some(number)
    }

    /// `mantissa * 10^decimal`.
    fn of_ratio(negative: bool, mantissa: &BigUint, decimal: i64) -> Number {
        let power = BigUint::from(10u32).pow(decimal.unsigned_abs() as u32);
        if decimal >= 0 {
            return Number::rounded(negative, mantissa * power, 0, PRECISION, false);
        }
        Number::divided(negative, mantissa, &power, 0, PRECISION)
    }

    /// `dividend / divisor * 2^exponent`; the divisor is not zero.
    fn divided(
        negative: bool,
        dividend: &BigUint,
        divisor: &BigUint,
        exponent: i64,
        precision: u32,
    ) -> Number {
        let wanted = u64::from(precision) + 2 + divisor.bits();
        let shift = wanted.saturating_sub(dividend.bits());
        let shifted = dividend << shift;
        let quotient = &shifted / divisor;
        let inexact = &quotient * divisor != shifted;
        Number::rounded(negative, quotient, exponent - shift as i64, precision, inexact)
    }

    /// None for an infinity and for what is no number.
    pub fn from_f64(value: f64) -> Option<Number> {
        if !value.is_finite() {
            return None;
        }
        let bits = value.abs().to_bits();
        let raised = (bits >> 52) as i64;
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) =
            if raised == 0 { (fraction, -1074) } else { (fraction | 1 << 52, raised - 1075) };
        Some(Number::rounded(value < 0.0, BigUint::from(mantissa), exponent, 53, false))
    }

    pub fn to_f64(&self) -> f64 {
        let rounded =
            Number::rounded(self.negative, self.mantissa.clone(), self.exponent, 53, false);
        let mantissa = rounded.mantissa.iter_u64_digits().next().unwrap_or(0) as f64;
        let exponent = rounded.exponent.clamp(-2000, 2000) as i32;
        // In two steps, as 2^exponent may be too small where the product is not.
        let half = exponent / 2;
        let magnitude = mantissa * 2f64.powi(half) * 2f64.powi(exponent - half);
        if self.negative { -magnitude } else { magnitude }
    }

    pub fn is_zero(&self) -> bool {
        self.mantissa == BigUint::ZERO
    }

    pub fn is_negative(&self) -> bool {
        self.negative
    }

    pub fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// None unless it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        i64::try_from(self.to_integer()?).ok()
    }

    /// None unless it is whole and fits.
    pub fn to_usize(&self) -> Option<usize> {
        usize::try_from(self.to_i64()?).ok()
    }

    /// None unless it is whole.
    pub fn to_integer(&self) -> Option<BigInt> {
        if !self.is_integer() {
            return None;
        }
        Some(self.signed(&self.mantissa << self.exponent as u64))
    }

    fn signed(&self, magnitude: BigUint) -> BigInt {
        BigInt::from_biguint(if self.negative { Sign::Minus } else { Sign::Plus }, magnitude)
    }

    /// The whole part, towards zero.
    pub fn truncated(&self) -> BigInt {
        if self.exponent >= 0 {
            return self.signed(&self.mantissa << self.exponent as u64);
        }
        self.signed(&self.mantissa >> self.exponent.unsigned_abs())
    }

    pub fn floor(&self) -> Number {
        self.to_whole(self.negative)
    }

    pub fn ceil(&self) -> Number {
        self.to_whole(!self.negative)
    }

    fn to_whole(&self, away: bool) -> Number {
        if self.is_integer() {
            return self.clone();
        }
        let whole = self.truncated().magnitude().clone();
        let whole = if away { whole + 1u32 } else { whole };
        Number::rounded(self.negative, whole, 0, self.precision, false)
    }

    pub fn from_integer(value: BigInt) -> Number {
        let (sign, magnitude) = value.into_parts();
        let precision = PRECISION.max(magnitude.bits().min(u64::from(u32::MAX)) as u32);
        Number::rounded(sign == Sign::Minus, magnitude, 0, precision, false)
    }

    pub fn abs(&self) -> Number {
        Number { negative: false, ..self.clone() }
    }

    pub fn add(&self, other: &Number) -> Number {
        let exponent = self.exponent.min(other.exponent);
        let sum = self.scaled(exponent) + other.scaled(exponent);
        let (sign, magnitude) = sum.into_parts();
        Number::rounded(sign == Sign::Minus, magnitude, exponent, self.joint(other), false)
    }

    fn scaled(&self, exponent: i64) -> BigInt {
        self.signed(&self.mantissa << (self.exponent - exponent) as u64)
    }

    fn joint(&self, other: &Number) -> u32 {
        self.precision.max(other.precision)
    }

    pub fn sub(&self, other: &Number) -> Number {
        self.add(&other.neg())
    }

    pub fn neg(&self) -> Number {
        Number { negative: !self.negative && !self.is_zero(), ..self.clone() }
    }

    pub fn mul(&self, other: &Number) -> Number {
        let product = &self.mantissa * &other.mantissa;
        let exponent = self.exponent + other.exponent;
        let negative = self.negative != other.negative;
        Number::rounded(negative, product, exponent, self.joint(other), false)
    }

    /// None if `other` is zero.
    pub fn div(&self, other: &Number) -> Option<Number> {
        if other.is_zero() {
            return None;
        }
        let negative = self.negative != other.negative;
        let exponent = self.exponent - other.exponent;
        let (dividend, divisor) = (&self.mantissa, &other.mantissa);
        Some(Number::divided(negative, dividend, divisor, exponent, self.joint(other)))
    }

    /// The remainder of the division towards zero: it has the sign of `self`. None if `other` is zero.
    pub fn rem(&self, other: &Number) -> Option<Number> {
        if other.is_zero() {
            return None;
        }
        let exponent = self.exponent.min(other.exponent);
        let rest = self.scaled(exponent) % other.scaled(exponent);
        let (sign, magnitude) = rest.into_parts();
        Some(Number::rounded(sign == Sign::Minus, magnitude, exponent, self.joint(other), false))
    }

    /// The shortest decimal digits that read back as this number, and where the point goes:
    /// `0.d1d2d3… * 10^point`.
    pub fn shortest_digits(&self) -> (String, i64) {
        if self.is_zero() {
            return ("0".into(), 1);
        }
        if self.exponent >= 0
            && self.mantissa.bits() + self.exponent as u64 <= self.precision.into()
        {
            return decimal_of(&(&self.mantissa << self.exponent as u64), 0);
        }
        // The neighbours are taken to be half a unit in the last place away on both sides.
        let spare = i64::from(self.precision) - self.mantissa.bits() as i64;
        let unit = self.exponent - spare;
        let mantissa = &self.mantissa << spare as u64;
        let quarter = unit - 2;
        let exact = &mantissa << 2u32;
        let lower = &exact - 2u32;
        let upper = &exact + 2u32;
        let inclusive = !mantissa.bit(0);
        let exact = Decimal::of(&exact, quarter);
        let lower = Decimal::of(&lower, quarter);
        let upper = Decimal::of(&upper, quarter);
        exact.shortest_between(&lower, &upper, inclusive)
    }

    /// `10` digits after the first at most, as Go's `%.10g`: what sets of numbers in objects are
    /// ordered by.
    pub(crate) fn rough(&self) -> String {
        let (digits, point) = self.exact_digits();
        let (digits, point) = round_digits(&digits, point, 10);
        let sign = if self.negative { "-" } else { "" };
        let digits = digits.trim_end_matches('0');
        if digits.is_empty() {
            return format!("{sign}0");
        }
        let exponent = point - 1;
        if !(-4..10).contains(&exponent) {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            let (mark, exponent) = if exponent < 0 { ('-', -exponent) } else { ('+', exponent) };
            return format!("{sign}{first}{dot}{rest}e{mark}{exponent:02}");
        }
        format!("{sign}{}", plain(digits, point))
    }

    /// All decimal digits, as `shortest_digits` gives the fewest.
    pub fn exact_digits(&self) -> (String, i64) {
        let decimal = Decimal::of(&self.mantissa, self.exponent);
        (decimal.digits, decimal.point)
    }
}

fn exponent_of(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.strip_prefix('+').unwrap_or(text).parse().ok().filter(|e: &i64| e.abs() <= MAX_EXPONENT)
}

/// `0.digits * 10^point`, exact.
struct Decimal {
    digits: String,
    point: i64,
}

impl Decimal {
    fn of(mantissa: &BigUint, exponent: i64) -> Decimal {
        let (digits, point) = if exponent >= 0 {
            decimal_of(&(mantissa << exponent as u64), 0)
        } else {
            let places = exponent.unsigned_abs();
            decimal_of(&(mantissa * BigUint::from(5u32).pow(places as u32)), places as i64)
        };
        Decimal { digits, point }
    }

    fn digit(&self, at: i64) -> u8 {
        usize::try_from(at)
            .ok()
            .and_then(|at| self.digits.as_bytes().get(at))
            .copied()
            .unwrap_or(b'0')
    }

    /// The shortest prefix of the digits, rounded down or up, that lies within the bounds.
    fn shortest_between(&self, lower: &Decimal, upper: &Decimal, inclusive: bool) -> (String, i64) {
        // Digit by digit: rounding down is fine once the prefix is above `lower`, rounding up
        // once it stays below `upper`.
        for (i, digit) in self.digits.bytes().enumerate() {
            let l = lower.digit(i as i64 + lower.point - self.point);
            let u = upper.digit(i as i64 + upper.point - self.point);
            let last_of_lower =
                i as i64 + lower.point - self.point + 1 == lower.digits.len() as i64;
            let down = l != digit || (inclusive && last_of_lower);
            let upper_goes_on = i as i64 + upper.point - self.point + 1 < upper.digits.len() as i64;
            let up = digit != u && (inclusive || digit + 1 < u || upper_goes_on);
            if !down && !up {
                continue;
            }
            let kept = &self.digits[..=i];
            if down && up {
                return round_digits(&self.digits, self.point, i + 1);
            }
            if down {
                return (kept.to_owned(), self.point);
            }
            return round_up(kept, self.point);
        }
        (self.digits.clone(), self.point)
    }
}

fn decimal_of(value: &BigUint, places: i64) -> (String, i64) {
    let digits = value.to_str_radix(10);
    let point = digits.len() as i64 - places;
    let trimmed = digits.trim_end_matches('0');
    if trimmed.is_empty() {
        return ("0".into(), 1);
    }
    (trimmed.to_owned(), point)
}

/// To `count` digits, half to even.
pub(crate) fn round_digits(digits: &str, point: i64, count: usize) -> (String, i64) {
    if count >= digits.len() {
        return (digits.to_owned(), point);
    }
    let (kept, cut) = digits.split_at(count);
    let half = cut.as_bytes()[0].cmp(&b'5');
    let beyond = cut[1..].bytes().any(|b| b != b'0');
    let odd = kept.bytes().last().is_some_and(|b| b % 2 == 1);
    let up = half == Ordering::Greater || half == Ordering::Equal && (beyond || odd);
    if up { round_up(kept, point) } else { (kept.to_owned(), point) }
}

fn round_up(kept: &str, point: i64) -> (String, i64) {
    let trimmed = kept.trim_end_matches('9');
    let Some(last) = trimmed.bytes().last() else {
        return ("1".into(), point + 1);
    };
    (format!("{}{}", &trimmed[..trimmed.len() - 1], char::from(last + 1)), point)
}

/// Without an exponent.
pub(crate) fn plain(digits: &str, point: i64) -> String {
    if point <= 0 {
        return format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
    }
    let whole = point as usize;
    if digits.len() <= whole {
        return format!("{digits}{}", "0".repeat(whole - digits.len()));
    }
    format!("{}.{}", &digits[..whole], &digits[whole..])
}

impl From<i64> for Number {
    fn from(value: i64) -> Number {
        Number::rounded(value < 0, BigUint::from(value.unsigned_abs()), 0, 64, false)
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Number {
        Number::rounded(false, BigUint::from(value), 0, 64, false)
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Number {
        Number::from(i64::from(value))
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Number {
        Number::from(value as u64)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (digits, point) = self.shortest_digits();
        let sign = if self.negative { "-" } else { "" };
        if self.is_zero() {
            return f.write_str("0");
        }
        write!(f, "{sign}{}", plain(&digits, point))
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.negative == other.negative
            && self.exponent == other.exponent
            && self.mantissa == other.mantissa
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.negative, self.exponent, &self.mantissa).hash(state);
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        match (self.negative, other.negative) {
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            _ => {}
        }
        // By magnitude first, so that far exponents are never brought together.
        let size =
            |n: &Number| if n.is_zero() { i64::MIN } else { n.mantissa.bits() as i64 + n.exponent };
        let magnitude = size(self).cmp(&size(other)).then_with(|| {
            let exponent = self.exponent.min(other.exponent);
            let left = &self.mantissa << (self.exponent - exponent) as u64;
            let right = &other.mantissa << (other.exponent - exponent) as u64;
            left.cmp(&right)
        });
        if self.negative { magnitude.reverse() } else { magnitude }
    }
}
