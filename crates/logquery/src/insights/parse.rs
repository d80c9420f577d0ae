//! A query's text to its commands, by descent.
//!
//! ```text
//! query   = command { "|" command }
//! or      = and { "or" and }          and  = not { "and" not }     not = [ "not" ] comparison
//! compare = sum [ ("=" "!=" "<" …) sum | [not] in [...] | [not] like "…" or /…/ | =~ /…/ ]
//! sum     = product { + - }           product = power { * / % }    power = unary [ ^ power ]
//! ```

use regex::bytes::{Regex, RegexBuilder};

use super::MOST_ROWS;
use super::aggregate::{Aggregation, Kind};
use super::function::Function;
use super::period::Period;
use super::query::{Command, Comparison, Expr, Extract, Named, Operator, Query};
use super::scanner::Scanner;
use super::value::Value;

/// The longest query that Insights takes.
const MAX_LENGTH: usize = 10_000;

/// Parentheses, functions and signs within each other.
const MAX_DEPTH: usize = 64;

/// Why a query is refused, and the characters that it is about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Malformed {
    pub message: String,
    pub start: usize,
    pub end: usize,
}

impl Query {
    pub fn parse(text: &str) -> Result<Query, Malformed> {
        let mut parser =
            Parser { scanner: Scanner::new(text), aggregates: None, has_stats: false, depth: 0 };
        if text.chars().count() > MAX_LENGTH {
            return Err(parser
                .scanner
                .wrong(MAX_LENGTH, "The query is longer than 10000 characters."));
        }
        let mut commands = Vec::new();
        loop {
            commands.push(parser.command()?);
            if parser.scanner.peek().is_none() {
                return Ok(Query { commands });
            }
            parser.scanner.expect("|")?;
        }
    }
}

struct Parser {
    scanner: Scanner,
    /// Within `stats`, the aggregations so far.
    aggregates: Option<Vec<Aggregation>>,
    /// After `stats`, its results are fields by their names, as `count(*)`.
    has_stats: bool,
    depth: usize,
}

impl Parser {
    fn command(&mut self) -> Result<Command, Malformed> {
        let unexpected = self.scanner.unexpected();
        let start = unexpected.start;
        let Some(name) = self.scanner.word() else { return Err(unexpected) };
        match name.to_ascii_lowercase().as_str() {
            "fields" => self.list().map(Command::Fields),
            "display" => self.list().map(Command::Display),
            "filter" => self.expr().map(Command::Filter),
            "parse" => self.parse(),
            "stats" => self.stats(),
            "sort" | "order" => self.sort(),
            "dedup" => self.list().map(Command::Dedup),
            "limit" | "head" => self.limit(),
            "pattern" | "diff" | "anomaly" | "unnest" | "lookup" | "filterindex" | "source"
            | "unmask" | "join" => {
                Err(self.scanner.wrong(start, format!("Neargate does not run the command {name}.")))
            }
            _ => Err(unexpected),
        }
    }

    /// Expressions between commas, each with its name.
    fn list(&mut self) -> Result<Vec<Named>, Malformed> {
        let mut all = vec![self.named()?];
        while self.scanner.take(",") {
            all.push(self.named()?);
        }
        Ok(all)
    }

    fn named(&mut self) -> Result<Named, Malformed> {
        self.scanner.skip_spaces();
        let start = self.scanner.at;
        let expr = self.expr()?;
        let written = self.scanner.written(start, self.scanner.at);
        let name = match (&expr, self.scanner.take_word("as")) {
            (_, true) => self.scanner.name()?,
            (Expr::Field(name), false) => name.clone(),
            _ => written,
        };
        Ok(Named { name, expr })
    }

    fn stats(&mut self) -> Result<Command, Malformed> {
        let start = self.scanner.at;
        self.aggregates = Some(Vec::new());
        let shows = self.list();
        let aggregates = self.aggregates.take().unwrap_or_default();
        let shows = shows?;
        if aggregates.is_empty() {
            return Err(self.scanner.wrong(start, "stats needs an aggregation, such as count(*)."));
        }
        let by = if self.scanner.take_word("by") { self.list()? } else { Vec::new() };
        self.has_stats = true;
        Ok(Command::Stats { aggregates, shows, by })
    }

    fn sort(&mut self) -> Result<Command, Malformed> {
        // As in `sort by`, which is an old way to say it.
        self.scanner.take_word("by");
        let mut keys = Vec::new();
        loop {
            let key = self.named()?;
            let descending = if self.scanner.take_word("desc") {
                true
            } else {
                self.scanner.take_word("asc");
                false
            };
            keys.push((key, descending));
            if !self.scanner.take(",") {
                return Ok(Command::Sort(keys));
            }
        }
    }

    fn limit(&mut self) -> Result<Command, Malformed> {
        let unexpected = self.scanner.unexpected();
        let start = unexpected.start;
        let count = self.scanner.number().ok_or(unexpected)?;
        if count.fract() != 0.0 || !(1.0..=MOST_ROWS as f64).contains(&count) {
            let message = format!("limit must be a whole number from 1 to {MOST_ROWS}.");
            return Err(self.scanner.wrong(start, message));
        }
        Ok(Command::Limit(count as usize))
    }

    fn parse(&mut self) -> Result<Command, Malformed> {
        let of = match self.scanner.peek() {
            Some('"' | '\'' | '/') => Expr::Field("@message".into()),
            _ => self.unary()?,
        };
        self.scanner.skip_spaces();
        let start = self.scanner.at;
        let by = match self.scanner.peek() {
            Some(quote @ ('"' | '\'')) => {
                let glob = self.scanner.enclosed(quote)?;
                Extract::Glob(glob.split('*').map(str::to_owned).collect())
            }
            Some('/') => Extract::Regex(self.regex()?),
            _ => return Err(self.scanner.unexpected()),
        };
        let mut names = Vec::new();
        if self.scanner.take_word("as") {
            names.push(self.scanner.name()?);
            while self.scanner.take(",") {
                names.push(self.scanner.name()?);
            }
        }
        let wanted = match &by {
            Extract::Glob(parts) => parts.len() - 1,
            Extract::Regex(regex) => {
                let own: Vec<String> = regex.capture_names().flatten().map(str::to_owned).collect();
                if names.is_empty() && own.len() + 1 == regex.captures_len() {
                    names = own;
                }
                regex.captures_len() - 1
            }
        };
        if wanted == 0 || wanted != names.len() {
            let message = format!(
                "parse takes {wanted} values out of the text and gives {} of them a name.",
                names.len()
            );
            return Err(self.scanner.wrong(start, message));
        }
        Ok(Command::Parse { of, by, names })
    }

    fn regex(&mut self) -> Result<Regex, Malformed> {
        self.scanner.skip_spaces();
        let start = self.scanner.at;
        let text = self.scanner.regex()?;
        let build = |unicode| RegexBuilder::new(&text).unicode(unicode).size_limit(1 << 20).build();
        build(true).or_else(|_| build(false)).map_err(|error| {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default();
            self.scanner.wrong(start, format!("Invalid regular expression: {why}"))
        })
    }

    fn expr(&mut self) -> Result<Expr, Malformed> {
        if self.depth == MAX_DEPTH {
            return Err(self.scanner.wrong(self.scanner.at, "The query is nested too deep."));
        }
        self.depth += 1;
        let mut left = self.and()?;
        while self.scanner.take_word("or") || self.scanner.take("||") {
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, Malformed> {
        let mut left = self.not()?;
        while self.scanner.take_word("and") || self.scanner.take("&&") {
            left = Expr::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expr, Malformed> {
        let mut negations = 0;
        while self.scanner.take_word("not") {
            negations += 1;
        }
        let mut expr = self.comparison()?;
        if negations % 2 == 1 {
            expr = Expr::Not(Box::new(expr));
        }
        Ok(expr)
    }

    fn comparison(&mut self) -> Result<Expr, Malformed> {
        let left = self.sum()?;
        if self.scanner.take("=~") {
            return Ok(Expr::Matches(Box::new(left), self.regex()?));
        }
        let operators = [
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("==", Comparison::Equal),
            ("=", Comparison::Equal),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        for (symbol, operator) in operators {
            if self.scanner.take(symbol) {
                return Ok(Expr::Compare(operator, Box::new(left), Box::new(self.sum()?)));
            }
        }
        let negated = self.scanner.take_word("not");
        let found = if self.scanner.take_word("in") {
            self.scanner.expect("[")?;
            let mut all = vec![self.sum()?];
            while self.scanner.take(",") {
                all.push(self.sum()?);
            }
            self.scanner.expect("]")?;
            Expr::In(Box::new(left), all)
        } else if self.scanner.take_word("like") {
            match self.scanner.peek() {
                Some('/') => Expr::Matches(Box::new(left), self.regex()?),
                _ => Expr::Like(Box::new(left), Box::new(self.sum()?)),
            }
        } else if negated {
            return Err(self.scanner.unexpected());
        } else {
            return Ok(left);
        };
        Ok(if negated { Expr::Not(Box::new(found)) } else { found })
    }

    fn sum(&mut self) -> Result<Expr, Malformed> {
        let symbols = [("+", Operator::Add), ("-", Operator::Subtract)];
        self.chain(&symbols, Parser::product)
    }

    fn product(&mut self) -> Result<Expr, Malformed> {
        let symbols =
            [("*", Operator::Multiply), ("/", Operator::Divide), ("%", Operator::Remainder)];
        self.chain(&symbols, Parser::power)
    }

    fn chain(
        &mut self,
        symbols: &[(&str, Operator)],
        operand: fn(&mut Parser) -> Result<Expr, Malformed>,
    ) -> Result<Expr, Malformed> {
        let mut left = operand(self)?;
        while let Some((_, operator)) = symbols.iter().find(|(symbol, _)| self.scanner.take(symbol))
        {
            left = Expr::Arithmetic(*operator, Box::new(left), Box::new(operand(self)?));
        }
        Ok(left)
    }

    fn power(&mut self) -> Result<Expr, Malformed> {
        let base = self.unary()?;
        if !self.scanner.take("^") {
            return Ok(base);
        }
        Ok(Expr::Arithmetic(Operator::Power, Box::new(base), Box::new(self.unary()?)))
    }

    fn unary(&mut self) -> Result<Expr, Malformed> {
        if self.scanner.take("-") {
            return Ok(Expr::Negative(Box::new(self.primary()?)));
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Expr, Malformed> {
        match self.scanner.peek() {
            Some('(') => {
                self.scanner.take("(");
                let inner = self.expr()?;
                self.scanner.expect(")")?;
                Ok(inner)
            }
            Some(quote @ ('"' | '\'')) => {
                self.scanner.enclosed(quote).map(|text| Expr::Constant(Value::Text(text)))
            }
            Some('`') => self.scanner.name().map(Expr::Field),
            Some(next) if next.is_ascii_digit() || next == '.' => {
                let unexpected = self.scanner.unexpected();
                let number = self.scanner.number().ok_or(unexpected)?;
                Ok(Expr::Constant(Value::Number(number)))
            }
            _ => self.word(),
        }
    }

    /// A field, a function or a constant.
    fn word(&mut self) -> Result<Expr, Malformed> {
        let unexpected = self.scanner.unexpected();
        let start = unexpected.start;
        let name = self.scanner.name()?;
        if self.scanner.take("(") {
            return self.call(&name, start);
        }
        match name.to_ascii_lowercase().as_str() {
            "true" => Ok(Expr::Constant(Value::Bool(true))),
            "false" => Ok(Expr::Constant(Value::Bool(false))),
            "null" => Ok(Expr::Constant(Value::Missing)),
            "and" | "or" | "not" | "as" | "by" | "in" | "like" | "asc" | "desc" => Err(unexpected),
            _ => Ok(Expr::Field(name)),
        }
    }

    fn call(&mut self, name: &str, start: usize) -> Result<Expr, Malformed> {
        match name.to_ascii_lowercase().as_str() {
            "bin" => return self.bin(),
            "datefloor" => return self.round(false),
            "dateceil" => return self.round(true),
            "unmask" => {
                let message = "Neargate masks no log data: leave unmask out.";
                return Err(self.scanner.wrong(start, message));
            }
            _ => {}
        }
        if let Some(kind) = Kind::named(name) {
            return self.aggregate(kind, name, start);
        }
        let arguments = self.arguments()?;
        let Some(function) = Function::named(name) else {
            return Err(self.scanner.wrong(start, format!("Invalid function name found {name}")));
        };
        if !(function.at_least..=function.at_most).contains(&arguments.len()) {
            let message =
                format!("Invalid arguments to function {name}: {} given", arguments.len());
            return Err(self.scanner.wrong(start, message));
        }
        Ok(Expr::Call(function, arguments))
    }

    /// Until the closing parenthesis.
    fn arguments(&mut self) -> Result<Vec<Expr>, Malformed> {
        let mut arguments = Vec::new();
        if self.scanner.take(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expr()?);
            if self.scanner.take(")") {
                return Ok(arguments);
            }
            self.scanner.expect(",")?;
        }
    }

    fn aggregate(&mut self, kind: Kind, name: &str, start: usize) -> Result<Expr, Malformed> {
        // Within its arguments there is none.
        let within = self.aggregates.take();
        let arguments = match self.scanner.take("*") {
            true => self.scanner.expect(")").map(|()| Vec::new()),
            false => self.arguments(),
        };
        let mut arguments = arguments?;
        let Some(mut aggregates) = within else {
            let written = self.scanner.written(start, self.scanner.at);
            return match self.has_stats {
                true => Ok(Expr::Field(written)),
                false => {
                    let message = format!("{name} is an aggregation, which only stats has.");
                    Err(self.scanner.wrong(start, message))
                }
            };
        };
        let wrong = |parser: &Parser| {
            let message = format!("Invalid arguments to function {name}");
            Err(parser.scanner.wrong(start, message))
        };
        let kind = match (kind, arguments.len()) {
            (Kind::Count, 0 | 1) => kind,
            (Kind::Pct(_), 2) => match arguments.pop() {
                Some(Expr::Constant(Value::Number(percent))) if percent <= 100.0 => {
                    Kind::Pct(percent)
                }
                _ => return wrong(self),
            },
            (Kind::Pct(_), 1) if name.eq_ignore_ascii_case("median") => kind,
            (Kind::Pct(_), _) => return wrong(self),
            (_, 1) => kind,
            _ => return wrong(self),
        };
        aggregates.push(Aggregation { kind, of: arguments.pop() });
        let index = aggregates.len() - 1;
        self.aggregates = Some(aggregates);
        Ok(Expr::Aggregate(index))
    }

    /// `bin(5m)`, or of another time than `@timestamp`: `bin(time, 5m)`.
    fn bin(&mut self) -> Result<Expr, Malformed> {
        match self.scanner.peek() {
            Some(next) if next.is_ascii_digit() => {
                let to = self.period()?;
                self.scanner.expect(")")?;
                let of = Box::new(Expr::Field("@timestamp".into()));
                Ok(Expr::Round { of, to, up: false })
            }
            _ => self.round(false),
        }
    }

    fn round(&mut self, up: bool) -> Result<Expr, Malformed> {
        let of = Box::new(self.expr()?);
        self.scanner.expect(",")?;
        let to = self.period()?;
        self.scanner.expect(")")?;
        Ok(Expr::Round { of, to, up })
    }

    fn period(&mut self) -> Result<Period, Malformed> {
        let unexpected = self.scanner.unexpected();
        let Some(word) = self.scanner.word() else { return Err(unexpected) };
        let digits = word.find(|next: char| !next.is_ascii_digit()).unwrap_or(word.len());
        let (count, unit) = word.split_at(digits);
        // As in `5 m`.
        let unit = match unit.is_empty() {
            true => self.scanner.word().unwrap_or_default(),
            false => unit.to_owned(),
        };
        let unit = match unit.to_ascii_lowercase().as_str() {
            "minute" | "minutes" | "mins" => "m".to_owned(),
            "second" | "seconds" | "secs" => "s".to_owned(),
            "hour" | "hours" | "hrs" => "h".to_owned(),
            "day" | "days" => "d".to_owned(),
            "week" | "weeks" => "w".to_owned(),
            "month" | "months" => "mo".to_owned(),
            "quarter" | "quarters" => "q".to_owned(),
            "year" | "years" => "y".to_owned(),
            other => other.to_owned(),
        };
        count.parse().ok().and_then(|count| Period::of(count, &unit)).ok_or(unexpected)
    }
}
