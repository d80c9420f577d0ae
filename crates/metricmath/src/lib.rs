//! CloudWatch's metric math: from the text of an expression to time series. Pure.
//!
//! ```text
//! "m1 / MAX(METRICS())" ─▶ lexer ─▶ parser ─▶ Expression ─▶ evaluate(Inputs) ─▶ Value
//!                                                             scalar, series, or a list of series
//! ```
//!
//! Series are maps from an instant to a value, so that those of different metrics line up by time:
//! an operation of two series has a value where both have one, and one of a series and a scalar
//! where the series has. Where metrics come from and what they are called is the caller's
//! ([`Inputs`]), and so is SEARCH, whose own language is read by [`search::Search`].
//!
//! Source: "Using math expressions with CloudWatch metrics" and "Using search expressions in
//! graphs" in the CloudWatch guide.

mod evaluate;
mod function;
mod lexer;
mod parser;
pub mod search;
mod series;

pub use evaluate::{Inputs, evaluate};
pub use parser::{Expression, parse};
pub use series::{Series, Value};

/// Why an expression has no value, in AWS's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong(pub String);

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn wrong<T>(why: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong(why.into()))
}

#[cfg(test)]
mod tests;
