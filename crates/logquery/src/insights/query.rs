//! A query, parsed: its commands, and the expressions in them.

use regex::bytes::Regex;

use super::aggregate::Aggregation;
use super::function::Function;
use super::period::Period;
use super::value::Value;

/// A query, ready to be run.
#[derive(Clone, Debug)]
pub struct Query {
    pub(super) commands: Vec<Command>,
}

#[derive(Clone, Debug)]
pub(super) enum Command {
    Fields(Vec<Named>),
    Display(Vec<Named>),
    Filter(Expr),
    Parse { of: Expr, by: Extract, names: Vec<String> },
    Stats { aggregates: Vec<Aggregation>, shows: Vec<Named>, by: Vec<Named> },
    Sort(Vec<(Named, bool)>),
    Dedup(Vec<Named>),
    Limit(usize),
}

/// An expression, and what its values are called: its alias, or how it was written.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub name: String,
    pub expr: Expr,
}

/// How `parse` takes values out of text.
#[derive(Clone, Debug)]
pub(super) enum Extract {
    /// The text around the asterisks.
    Glob(Vec<String>),
    /// Its groups, in order.
    Regex(Regex),
}

#[derive(Clone, Debug)]
pub(super) enum Expr {
    Constant(Value),
    Field(String),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Arithmetic(Operator, Box<Expr>, Box<Expr>),
    In(Box<Expr>, Vec<Expr>),
    /// Contains this text.
    Like(Box<Expr>, Box<Expr>),
    Matches(Box<Expr>, Regex),
    Call(Function, Vec<Expr>),
    /// `bin`, `datefloor`, `dateceil`; up or down.
    Round {
        of: Box<Expr>,
        to: Period,
        up: bool,
    },
    /// The value of one of the command's aggregations.
    Aggregate(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
}
