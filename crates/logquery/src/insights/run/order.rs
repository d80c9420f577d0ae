//! Rows in an order: all of them, or no more than are wanted.

use std::cmp::{Ordering, Reverse};

use super::super::eval::Scope;
use super::super::query::Named;
use super::super::record::Record;
use super::super::value::Value;
use super::{TooMuch, within};

/// So many are kept beyond those that are wanted, before the surplus is dropped.
const SLACK: usize = 1024;

pub(super) struct Order {
    /// With whether it descends; none for the order of time, the latest first.
    keys: Vec<(Named, bool)>,
    wanted: Option<usize>,
    kept: Vec<(Vec<Value>, Record)>,
    bytes: usize,
}

impl Order {
    pub fn by(keys: Vec<(Named, bool)>, wanted: Option<usize>) -> Order {
        Order { keys, wanted, kept: Vec::new(), bytes: 0 }
    }

    pub fn latest_first(wanted: Option<usize>) -> Order {
        Order::by(Vec::new(), wanted)
    }

    pub fn keep(&mut self, mut record: Record, now_ms: i64) -> Result<(), TooMuch> {
        let mut scope = Scope { record: &mut record, aggregates: &[], now_ms };
        let values: Vec<Value> = self.keys.iter().map(|(key, _)| scope.named(key)).collect();
        let record = record.packed();
        self.bytes += size(&values, &record);
        self.kept.push((values, record));
        if let Some(wanted) = self.wanted
            && self.kept.len() >= wanted + SLACK
        {
            self.sort();
            self.kept.truncate(wanted);
            self.bytes = self.kept.iter().map(|(values, record)| size(values, record)).sum();
        }
        within(self.bytes)
    }

    /// The rows, in order.
    pub fn take(&mut self) -> Vec<Record> {
        self.sort();
        let wanted = self.wanted.unwrap_or(usize::MAX);
        std::mem::take(&mut self.kept).into_iter().take(wanted).map(|(_, record)| record).collect()
    }

    fn sort(&mut self) {
        let keys = &self.keys;
        self.kept.sort_by(|(one, first), (two, second)| {
            let by_key = |(index, (_, descending)): (usize, &(Named, bool))| {
                let order = one[index].order(&two[index]);
                if *descending { order.reverse() } else { order }
            };
            let by_keys = keys.iter().enumerate().map(by_key);
            let by_keys = by_keys.fold(Ordering::Equal, Ordering::then);
            by_keys.then_with(|| latest(first).cmp(&latest(second)))
        });
    }
}

/// The latest first, whichever came first to the query.
fn latest(record: &Record) -> Option<Reverse<(i64, &str)>> {
    record.line.as_ref().map(|line| Reverse((line.timestamp_ms, line.ptr.as_str())))
}

fn size(values: &[Value], record: &Record) -> usize {
    record.bytes() + values.iter().map(Value::bytes).sum::<usize>()
}
