//! Reads: one immutable version of the whole state, consistent over all tables,
//! held for as long as its reader likes and never in a writer's way.

use std::ops::Bound;
use std::sync::Arc;

use imbl::ordmap::DiffItem;

use crate::record::{Erased, Record};
use crate::state::{State, Table};

/// One version of the state. Cloning it costs a reference count.
#[derive(Clone)]
pub struct Snapshot {
    pub(crate) state: Arc<State>,
}

impl Snapshot {
    /// Grows with every transaction that changed something; kept over restarts.
    pub fn version(&self) -> u64 {
        self.state.version
    }

    /// The version of the last change to `R`'s table. After a restart, every
    /// table has the version that the store was opened with.
    pub fn version_of<R: Record>(&self) -> u64 {
        self.table::<R>().version
    }

    /// The record under exactly this key.
    pub fn get<R: Record>(&self, key: &str) -> Option<Arc<R>> {
        self.table::<R>().records.get(key).map(typed)
    }

    /// Whether there is a record under exactly this key.
    pub fn contains<R: Record>(&self, key: &str) -> bool {
        self.table::<R>().records.contains_key(key)
    }

    /// The records whose keys begin with `prefix`, in the order of their keys.
    pub fn scan<'a, R: Record>(
        &'a self,
        prefix: &str,
    ) -> impl DoubleEndedIterator<Item = Arc<R>> + use<'a, R> {
        self.range(Bound::Included(prefix), prefix)
    }

    /// As [`scan`](Self::scan), from the first key greater than `after_key`:
    /// the next page, whether or not the record of that key still exists.
    pub fn scan_after<'a, R: Record>(
        &'a self,
        prefix: &str,
        after_key: &str,
    ) -> impl DoubleEndedIterator<Item = Arc<R>> + use<'a, R> {
        let start = match after_key < prefix {
            true => Bound::Included(prefix),
            false => Bound::Excluded(after_key),
        };
        self.range(start, prefix)
    }

    /// All records of `R`'s table in the order of their keys.
    pub fn all<R: Record>(&self) -> impl DoubleEndedIterator<Item = Arc<R>> + use<'_, R> {
        self.scan("")
    }

    /// A snapshot of the same tables without a record: what everything is new against.
    pub fn emptied(&self) -> Snapshot {
        let schema = (*self.state.schema).clone();
        Snapshot { state: Arc::new(State::empty(schema)) }
    }

    /// What is another record in this snapshot than in `earlier`, in the order of the keys:
    /// as it was and as it is, `None` where there is none. Costs by what has changed
    /// between the two, and hardly by what there is.
    pub fn changed_since<'a, R: Record>(
        &'a self,
        earlier: &'a Snapshot,
    ) -> impl Iterator<Item = (Option<Arc<R>>, Option<Arc<R>>)> + use<'a, R> {
        let changes = earlier.table::<R>().records.diff(&self.table::<R>().records);
        changes.map(|change| match change {
            DiffItem::Add(_, new) => (None, Some(typed(new))),
            DiffItem::Update { old, new } => (Some(typed(old.1)), Some(typed(new.1))),
            DiffItem::Remove(_, old) => (Some(typed(old)), None),
        })
    }

    /// How many records `R`'s table holds.
    pub fn count<R: Record>(&self) -> usize {
        self.table::<R>().records.len()
    }

    fn table<R: Record>(&self) -> &Table {
        &self.state.tables[self.state.schema.index_of::<R>()]
    }

    fn range<'a, R: Record>(
        &'a self,
        start: Bound<&str>,
        prefix: &str,
    ) -> impl DoubleEndedIterator<Item = Arc<R>> + use<'a, R> {
        let end = end_of(prefix);
        let end = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        // A start at or past the end (`after_key` beyond the prefix) is an
        // empty range, which the map would refuse with a panic.
        let empty = match (start, end) {
            (Bound::Included(start) | Bound::Excluded(start), Bound::Excluded(end)) => start >= end,
            _ => false,
        };
        let range = match empty {
            true => None,
            false => Some(self.table::<R>().records.range::<_, str>((start, end))),
        };
        range.into_iter().flatten().map(|(_, record)| typed(record))
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("Snapshot");
        out.field("version", &self.state.version);
        for (codec, table) in self.state.schema.codecs().iter().zip(&self.state.tables) {
            out.field(codec.name, &table.records.len());
        }
        out.finish()
    }
}

pub(crate) fn typed<R: Record>(record: &Erased) -> Arc<R> {
    Arc::clone(&record.0).downcast().expect("a table holds records of its own type only")
}

/// The first string that sorts after everything that begins with `prefix`;
/// `None` when nothing does.
fn end_of(prefix: &str) -> Option<String> {
    let mut end: Vec<char> = prefix.chars().collect();
    while let Some(last) = end.pop() {
        if let Some(next) = next_char(last) {
            end.push(next);
            return Some(end.into_iter().collect());
        }
    }
    None
}

/// The character after `c`, over the gap of the surrogates.
fn next_char(c: char) -> Option<char> {
    match c {
        '\u{D7FF}' => Some('\u{E000}'),
        char::MAX => None,
        c => char::from_u32(c as u32 + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_before_its_successor() {
        assert_eq!(end_of(""), None);
        assert_eq!(end_of("a/"), Some("a0".into()));
        assert_eq!(end_of("a\u{10FFFF}"), Some("b".into()));
        assert_eq!(end_of("\u{10FFFF}"), None);
        assert_eq!(end_of("\u{D7FF}"), Some("\u{E000}".into()));
    }
}
