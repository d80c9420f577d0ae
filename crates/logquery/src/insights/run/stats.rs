//! The groups of `stats`.

use std::collections::HashMap;

use super::super::aggregate::{Aggregation, Sum};
use super::super::eval::Scope;
use super::super::query::Named;
use super::super::record::Record;
use super::super::value::Value;
use super::{TooMuch, within};

pub(super) struct Groups {
    aggregates: Vec<Aggregation>,
    shows: Vec<Named>,
    by: Vec<Named>,
    /// By the texts of what they are grouped by.
    groups: HashMap<Vec<Option<String>>, Group>,
    bytes: usize,
}

struct Group {
    by: Vec<Value>,
    sums: Vec<Sum>,
}

impl Groups {
    pub fn new(aggregates: Vec<Aggregation>, shows: Vec<Named>, by: Vec<Named>) -> Groups {
        Groups { aggregates, shows, by, groups: HashMap::new(), bytes: 0 }
    }

    pub fn add(&mut self, mut record: Record, now_ms: i64) -> Result<(), TooMuch> {
        let at_ms = record.timestamp_ms();
        let mut scope = Scope { record: &mut record, aggregates: &[], now_ms };
        let by: Vec<Value> = self.by.iter().map(|named| scope.named(named)).collect();
        let key: Vec<Option<String>> = by.iter().map(Value::text).collect();
        let group = self.groups.entry(key).or_insert_with(|| {
            let sums: Vec<Sum> = self.aggregates.iter().map(|own| Sum::new(own.kind)).collect();
            self.bytes += 2 * by.iter().map(Value::bytes).sum::<usize>();
            self.bytes += size_of::<Group>() + sums.len() * size_of::<Sum>();
            Group { by, sums }
        });
        for (aggregation, sum) in self.aggregates.iter().zip(&mut group.sums) {
            let value = match &aggregation.of {
                Some(of) => scope.value(of),
                None => Value::Bool(true),
            };
            self.bytes += sum.add(&value, at_ms);
        }
        within(self.bytes)
    }

    /// A row for each group, in the order of what they are grouped by. Where nothing is grouped
    /// by, there is one even if no event was.
    pub fn take(&mut self, now_ms: i64) -> Vec<Record> {
        let mut groups: Vec<Group> = std::mem::take(&mut self.groups).into_values().collect();
        if self.by.is_empty() && groups.is_empty() {
            let sums = self.aggregates.iter().map(|own| Sum::new(own.kind)).collect();
            groups.push(Group { by: Vec::new(), sums });
        }
        groups.sort_by(|one, two| {
            let orders = one.by.iter().zip(&two.by).map(|(one, two)| one.order(two));
            orders.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        });
        groups.into_iter().map(|group| self.row(group, now_ms)).collect()
    }

    fn row(&self, group: Group, now_ms: i64) -> Record {
        let aggregates: Vec<Value> = group.sums.iter().map(Sum::value).collect();
        let by = self.by.iter().map(|named| named.name.clone()).zip(group.by);
        let mut record = Record::made_of(by.collect());
        for show in &self.shows {
            let mut scope = Scope { record: &mut record, aggregates: &aggregates, now_ms };
            let value = scope.value(&show.expr);
            record.set(&show.name, value);
        }
        record
    }
}
