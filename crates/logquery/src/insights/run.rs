//! Runs a query over events as they come.

mod order;
mod stats;

use std::collections::HashSet;

use self::order::Order;
use self::stats::Groups;
use super::MOST_ROWS;
use super::eval::{Scope, extract};
use super::query::{Command, Expr, Extract, Named, Query};
use super::record::{Line, Record};
use super::value::Value;

/// What a query may keep.
pub const MEMORY_BYTES: usize = 256 << 20;

/// A row of the result: names and values; what is missing is left out.
pub type Row = Vec<(String, String)>;

/// A query would have to keep more than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the query keeps more than {} MiB: make it look at less, or keep less", MEMORY_BYTES >> 20)]
pub struct TooMuch;

/// What a query has seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    pub records_scanned: u64,
    pub records_matched: u64,
    pub bytes_scanned: u64,
}

/// One run of a query.
pub struct Run {
    stages: Vec<Stage>,
    columns: Vec<Named>,
    /// Whether rows are events, which GetLogRecord finds again.
    of_events: bool,
    rows: Vec<Row>,
    limit: usize,
    now_ms: i64,
    pub statistics: Statistics,
}

enum Stage {
    Fields(Vec<Named>),
    Filter(Expr),
    Parse { of: Expr, by: Extract, names: Vec<String> },
    Dedup { by: Vec<Named>, seen: HashSet<Vec<String>>, bytes: usize },
    Limit(usize),
    Order(Order),
    Stats(Groups),
}

/// What a stage does with a row.
enum Passed {
    On(Record),
    /// It keeps it until all are there.
    Kept,
    Gone,
}

impl Run {
    /// `limit` is how many rows are wanted, and `now_ms` the query's time.
    pub fn new(query: &Query, limit: usize, now_ms: i64) -> Run {
        let (columns, of_events) = columns(&query.commands);
        Run {
            stages: stages(&query.commands, limit),
            columns,
            of_events,
            rows: Vec::new(),
            limit,
            now_ms,
            statistics: Statistics::default(),
        }
    }

    /// Takes an event.
    pub fn push(&mut self, line: Line) -> Result<(), TooMuch> {
        self.statistics.records_scanned += 1;
        self.statistics.bytes_scanned += line.message.len() as u64;
        self.pass(Record::of(line), 0).map(|matched| {
            self.statistics.records_matched += u64::from(matched);
        })
    }

    /// All events were there: the rows.
    pub fn finish(mut self) -> Result<Vec<Row>, TooMuch> {
        for index in 0..self.stages.len() {
            let kept = match &mut self.stages[index] {
                Stage::Order(order) => order.take(),
                Stage::Stats(groups) => groups.take(self.now_ms),
                _ => continue,
            };
            for record in kept {
                self.pass(record, index + 1)?;
            }
        }
        Ok(self.rows)
    }

    /// Gives a row to the stages from this one on; whether it was not dropped.
    fn pass(&mut self, mut record: Record, from: usize) -> Result<bool, TooMuch> {
        for stage in &mut self.stages[from..] {
            match stage.pass(record, self.now_ms)? {
                Passed::On(next) => record = next,
                Passed::Kept => return Ok(true),
                Passed::Gone => return Ok(false),
            }
        }
        if self.rows.len() < self.limit {
            let row = self.row(&mut record);
            self.rows.push(row);
        }
        Ok(true)
    }

    fn row(&self, record: &mut Record) -> Row {
        let mut scope = Scope { record, aggregates: &[], now_ms: self.now_ms };
        let shown = |column: &Named| Some((column.name.clone(), scope.named(column).text()?));
        let mut row: Row = self.columns.iter().filter_map(shown).collect();
        if let (true, Some(line)) = (self.of_events, &record.line) {
            row.push(("@ptr".into(), line.ptr.clone()));
        }
        row
    }
}

impl Stage {
    fn pass(&mut self, mut record: Record, now_ms: i64) -> Result<Passed, TooMuch> {
        let mut scope = Scope { record: &mut record, aggregates: &[], now_ms };
        match self {
            Stage::Fields(fields) => {
                for field in fields {
                    let value = scope.named(field);
                    scope.record.set(&field.name, value);
                }
            }
            Stage::Filter(condition) => {
                if !scope.value(condition).is_true() {
                    return Ok(Passed::Gone);
                }
            }
            Stage::Parse { of, by, names } => {
                let found = scope.value(of).text().and_then(|text| extract(by, &text));
                for (name, value) in names.iter().zip(found.into_iter().flatten()) {
                    record.set(name, Value::Text(value));
                }
            }
            Stage::Dedup { by, seen, bytes } => {
                let values: Option<Vec<String>> =
                    by.iter().map(|named| scope.named(named).text()).collect();
                // What lacks one of the fields is no duplicate of anything.
                if let Some(values) = values {
                    *bytes += values.iter().map(|value| value.len() + 48).sum::<usize>();
                    if !seen.insert(values) {
                        return Ok(Passed::Gone);
                    }
                    within(*bytes)?;
                }
            }
            Stage::Limit(0) => return Ok(Passed::Gone),
            Stage::Limit(left) => *left -= 1,
            Stage::Order(order) => return order.keep(record, now_ms).map(|()| Passed::Kept),
            Stage::Stats(groups) => return groups.add(record, now_ms).map(|()| Passed::Kept),
        }
        Ok(Passed::On(record))
    }
}

fn within(bytes: usize) -> Result<(), TooMuch> {
    if bytes > MEMORY_BYTES { Err(TooMuch) } else { Ok(()) }
}

/// The stages of some commands: before the first that needs an order there is one.
fn stages(commands: &[Command], limit: usize) -> Vec<Stage> {
    let mut stages = Vec::new();
    let mut ordered = false;
    for (index, command) in commands.iter().enumerate() {
        let rest = &commands[index..];
        if !ordered && matches!(command, Command::Dedup(_) | Command::Limit(_)) {
            stages.push(Stage::Order(Order::latest_first(kept(rest, limit))));
            ordered = true;
        }
        stages.push(match command.clone() {
            Command::Fields(fields) => Stage::Fields(made(fields)),
            Command::Display(fields) => Stage::Fields(made(fields)),
            Command::Filter(condition) => Stage::Filter(condition),
            Command::Parse { of, by, names } => Stage::Parse { of, by, names },
            Command::Dedup(by) => Stage::Dedup { by, seen: HashSet::new(), bytes: 0 },
            Command::Limit(count) => Stage::Limit(count),
            Command::Sort(keys) => {
                ordered = true;
                Stage::Order(Order::by(keys, kept(&rest[1..], limit)))
            }
            Command::Stats { aggregates, shows, by } => {
                // Its rows come by their groups.
                ordered = true;
                Stage::Stats(Groups::new(aggregates, shows, by))
            }
        });
    }
    if !ordered {
        stages.push(Stage::Order(Order::latest_first(Some(limit))));
    }
    stages
}

/// Those that are more than a field under its own name.
fn made(fields: Vec<Named>) -> Vec<Named> {
    let is_plain = |named: &Named| matches!(&named.expr, Expr::Field(name) if *name == named.name);
    fields.into_iter().filter(|named| !is_plain(named)).collect()
}

/// How many rows of an order the commands after it can use; `None` where nobody knows.
fn kept(after: &[Command], limit: usize) -> Option<usize> {
    for command in after {
        match command {
            Command::Fields(_) | Command::Display(_) | Command::Parse { .. } => {}
            Command::Limit(count) => return Some((*count).min(MOST_ROWS)),
            Command::Filter(_) | Command::Dedup(_) | Command::Stats { .. } | Command::Sort(_) => {
                return None;
            }
        }
    }
    Some(limit)
}

/// What the rows show, and whether they are events.
fn columns(commands: &[Command]) -> (Vec<Named>, bool) {
    let mut columns: Vec<Named> = Vec::new();
    let (mut of_events, mut is_display) = (true, false);
    for command in commands {
        match command {
            Command::Fields(fields) if !is_display => columns.extend(fields.iter().cloned()),
            Command::Display(fields) => {
                columns.clone_from(fields);
                is_display = true;
            }
            Command::Stats { shows, by, .. } => {
                columns = by.iter().chain(shows).map(shown).collect();
                (of_events, is_display) = (false, false);
            }
            _ => {}
        }
    }
    if columns.is_empty() {
        let field = |name: &str| Named { name: name.into(), expr: Expr::Field(name.into()) };
        columns = vec![field("@timestamp"), field("@message")];
    }
    let mut names = HashSet::new();
    columns.retain(|column| names.insert(column.name.clone()));
    (columns, of_events)
}

/// A result of `stats`, by its name.
fn shown(named: &Named) -> Named {
    Named { name: named.name.clone(), expr: Expr::Field(named.name.clone()) }
}
