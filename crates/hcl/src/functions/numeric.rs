//! abs, ceil, floor, log, max, min, parseint, pow, signum, sum.

use num_bigint::BigInt;

use super::{Call, Function, Outcome, Param, Wants};
use crate::convert::convert;
use crate::{Number, Type, Value};

const NUM: Param = Param::new("num", Wants::Number);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("abs", &[NUM], Wants::Number, |call| Ok(call.number(0).abs().into())),
    Function::new("ceil", &[NUM], Wants::Number, |call| Ok(call.number(0).ceil().into())),
    Function::new("floor", &[NUM], Wants::Number, |call| Ok(call.number(0).floor().into())),
    Function::new("log", &[NUM, Param::new("base", Wants::Number)], Wants::Number, log),
    Function::new("pow", &[NUM, Param::new("power", Wants::Number)], Wants::Number, pow),
    Function::new("signum", &[NUM], Wants::Number, signum),
    Function::new("max", &[], Wants::Number, max).rest(Param::new("numbers", Wants::Number)),
    Function::new("min", &[], Wants::Number, min).rest(Param::new("numbers", Wants::Number)),
    Function::new(
        "parseint",
        &[Param::new("number", Wants::Any), Param::new("base", Wants::Number)],
        Wants::Number,
        parseint,
    ),
    Function::new("sum", &[Param::new("list", Wants::Any)], Wants::Number, sum),
];

fn finite(value: f64) -> Outcome {
    let number = Number::from_f64(value);
    Ok(number.ok_or("the result is not a finite number")?.into())
}

fn log(call: &Call<'_>) -> Outcome {
    finite(call.number(0).to_f64().ln() / call.number(1).to_f64().ln())
}

fn pow(call: &Call<'_>) -> Outcome {
    finite(power(call.number(0).to_f64(), call.number(1).to_f64()))
}

/// By squaring, with fractions between a half and one and exponents of two beside them, as the
/// last digit of Terraform's powers comes about.
fn power(base: f64, exponent: f64) -> f64 {
    let special = exponent == 0.0 || base == 1.0 || base == 0.0 || exponent.abs() == 0.5;
    if special || exponent.is_nan() || exponent.abs() >= 1e9 {
        return base.powf(exponent);
    }
    let mut whole = exponent.abs().trunc();
    let mut fraction = exponent.abs().fract();
    if fraction != 0.0 && base < 0.0 {
        return f64::NAN;
    }
    let mut result = 1.0;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        result = (fraction * base.ln()).exp();
    }
    let mut twos: i64 = 0;
    let (mut square, mut square_twos) = split(base);
    let mut left = whole as u64;
    while left > 0 && square_twos.abs() < 1 << 12 {
        if left & 1 == 1 {
            result *= square;
            twos += square_twos;
        }
        square *= square;
        square_twos *= 2;
        if square.abs() < 0.5 {
            square *= 2.0;
            square_twos -= 1;
        }
        left >>= 1;
    }
    if left > 0 {
        twos += square_twos;
    }
    if exponent < 0.0 {
        result = 1.0 / result;
        twos = -twos;
    }
    let twos = twos.clamp(-4000, 4000) as i32;
    result * 2f64.powi(twos / 2) * 2f64.powi(twos - twos / 2)
}

/// `fraction * 2^twos`, the fraction from a half to one.
fn split(value: f64) -> (f64, i64) {
    let mut fraction = value;
    let mut twos = 0;
    while fraction.abs() >= 1.0 {
        fraction /= 2.0;
        twos += 1;
    }
    while fraction.abs() < 0.5 && fraction != 0.0 {
        fraction *= 2.0;
        twos -= 1;
    }
    (fraction, twos)
}

fn signum(call: &Call<'_>) -> Outcome {
    Ok(Value::number(call.whole(0, "")?.signum()))
}

fn max(call: &Call<'_>) -> Outcome {
    let largest = call.args.iter().filter_map(Value::as_number).max();
    Ok(largest.ok_or("must pass at least one number")?.clone().into())
}

fn min(call: &Call<'_>) -> Outcome {
    let smallest = call.args.iter().filter_map(Value::as_number).min();
    Ok(smallest.ok_or("must pass at least one number")?.clone().into())
}

fn parseint(call: &Call<'_>) -> Outcome {
    let Some(text) = call.args[0].as_str() else {
        let given = call.args[0].ty().friendly();
        return Err(call.bad(0, format!("first argument must be a string, not {given}")));
    };
    if let Err(super::Fault::Failed(message)) = call.whole(1, "") {
        return Err(call.bad(1, message));
    }
    let base = call.number(1).to_i64().filter(|base| (2..=62).contains(base));
    let Some(base) = base else {
        return Err(call.bad(1, "base must be a whole number between 2 and 62 inclusive"));
    };
    let parsed = integer(text, base as u32);
    let parsed = parsed
        .ok_or_else(|| call.bad(0, format!("cannot parse {text:?} as a base {base} integer")))?;
    Ok(Number::from_integer(parsed).into())
}

/// Digits are 0-9, then a-z (for which A-Z stand too up to base 36), then A-Z.
fn integer(text: &str, base: u32) -> Option<BigInt> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 10_000 {
        return None;
    }
    let mut value = BigInt::ZERO;
    for c in digits.chars() {
        let digit = match c {
            '0'..='9' => c as u32 - '0' as u32,
            'a'..='z' => c as u32 - 'a' as u32 + 10,
            'A'..='Z' if base <= 36 => c as u32 - 'A' as u32 + 10,
            'A'..='Z' => c as u32 - 'A' as u32 + 36,
            _ => return None,
        };
        if digit >= base {
            return None;
        }
        value = value * base + digit;
    }
    Some(if text.starts_with('-') { -value } else { value })
}

fn sum(call: &Call<'_>) -> Outcome {
    let Some(elements) = call.args[0].elements() else {
        return Err(match &call.args[0] {
            value if value.entries().is_some() => {
                let given = value.ty().friendly();
                let given = given.split(' ').next().unwrap_or_default();
                call.bad(0, format!("argument must be list, set, or tuple. Received {given}"))
            }
            _ => call.bad(0, "cannot sum noniterable"),
        });
    };
    if elements.is_empty() {
        return Err(call.bad(0, "cannot sum an empty list"));
    }
    let mut total = Number::zero();
    for element in elements {
        let number = convert(element, &Type::Number).ok().filter(|value| !value.is_null());
        let number = number
            .ok_or_else(|| call.bad(0, "argument must be list, set, or tuple of number values"))?;
        total = total.add(number.as_number().unwrap_or(&Number::zero()));
    }
    Ok(total.into())
}
