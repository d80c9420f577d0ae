//! One transaction: reads that see its own writes, and an undo that forgets
//! them. It changes only the working copy; what makes it last is the writer.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;

use crate::error::{AlreadyExists, StoreError};
use crate::record::{Erased, Record};
use crate::snapshot::{Snapshot, typed};
use crate::state::{State, Table};

/// A record's table (by its place) and key.
pub(crate) type Place = (usize, Arc<str>);

/// What a change leaves under a key: new bytes, or nothing.
pub(crate) type Change = Option<Vec<u8>>;

/// What the transactions of a commit have changed.
pub(crate) struct Kept {
    pub changed: bool,
    /// The bytes of each change; `None` where nobody ever reads them.
    pub bytes: Option<BTreeMap<Place, Change>>,
}

/// A transaction in progress. Reads are those of [`Snapshot`], and see what
/// this transaction wrote.
pub struct Tx {
    view: Snapshot,
    /// The tables that this transaction wrote to, as they were before.
    before: BTreeMap<usize, Table>,
    /// The records that it wrote, as they were before.
    touched: BTreeMap<Place, Option<Erased>>,
}

impl Deref for Tx {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.view
    }
}

impl Tx {
    /// Stores `record` under its key, in place of whatever was there.
    pub fn put<R: Record>(&mut self, record: R) {
        self.set::<R>(record.key().into(), Some(Erased(Arc::new(record))));
    }

    /// Stores `record` under its key, which must be free.
    pub fn insert<R: Record>(&mut self, record: R) -> Result<(), AlreadyExists> {
        let key = record.key();
        if self.contains::<R>(&key) {
            return Err(AlreadyExists { table: R::TABLE, key });
        }
        self.set::<R>(key.into(), Some(Erased(Arc::new(record))));
        Ok(())
    }

    /// Removes the record under `key`, and gives it back.
    pub fn delete<R: Record>(&mut self, key: &str) -> Option<Arc<R>> {
        self.get::<R>(key)?;
        self.set::<R>(key.into(), None).as_ref().map(typed)
    }

    /// Changes the record under `key` in place, and gives back the new one;
    /// `None` when there is none.
    ///
    /// # Panics
    /// When `change` alters the record's key, which undoes the transaction.
    pub fn update<R: Record>(&mut self, key: &str, change: impl FnOnce(&mut R)) -> Option<Arc<R>> {
        let mut record = R::clone(&*self.get::<R>(key)?);
        change(&mut record);
        assert_eq!(record.key(), key, "an update of `{}` changed the key", R::TABLE);
        let record = Arc::new(record);
        self.set::<R>(key.into(), Some(Erased(Arc::clone(&record) as _)));
        Some(record)
    }

    /// This transaction's view, to hand to functions that read a snapshot.
    pub fn view(&self) -> &Snapshot {
        &self.view
    }

    fn set<R: Record>(&mut self, key: Arc<str>, record: Option<Erased>) -> Option<Erased> {
        let index = self.view.state.schema.index_of::<R>();
        let table = &mut self.writable().tables[index];
        let saved = table.clone();
        let old = match record {
            Some(record) => table.records.insert(Arc::clone(&key), record),
            None => table.records.remove(&*key),
        };
        self.before.entry(index).or_insert(saved);
        self.touched.entry((index, key)).or_insert_with(|| old.clone());
        old
    }

    fn writable(&mut self) -> &mut State {
        Arc::make_mut(&mut self.view.state)
    }
}

/// The writer's side.
impl Tx {
    pub(crate) fn begin(state: Arc<State>) -> Self {
        let view = Snapshot { state };
        Tx { view, before: BTreeMap::new(), touched: BTreeMap::new() }
    }

    pub(crate) fn into_state(self) -> Arc<State> {
        self.view.state
    }

    /// Forgets everything that was written since the last [`keep`](Self::keep).
    pub(crate) fn undo(&mut self) {
        self.touched.clear();
        let before = std::mem::take(&mut self.before);
        if before.is_empty() {
            return;
        }
        let state = self.writable();
        for (index, table) in before {
            state.tables[index] = table;
        }
    }

    /// Lets those who follow the records that were written add what follows.
    fn follow(&mut self) {
        let schema = Arc::clone(&self.view.state.schema);
        let followed = |((index, _), _): &(&Place, _)| schema.followers(*index).next().is_some();
        let written: Vec<(Place, Option<Erased>)> = self
            .touched
            .iter()
            .filter(followed)
            .map(|(place, old)| (place.clone(), old.clone()))
            .collect();
        for ((index, key), old) in written {
            for follower in schema.followers(index) {
                let new = self.view.state.tables[index].records.get(&*key).cloned();
                follower(self, old.as_ref(), new.as_ref());
            }
        }
    }

    /// Makes everything that was written since the last call, with what
    /// follows from it, part of the state, as one version, and adds its bytes to
    /// `kept`. Records that were written as they were before are not changes. On an error,
    /// nothing was added, and the caller undoes.
    pub(crate) fn keep(&mut self, kept: &mut Kept) -> Result<(), StoreError> {
        self.follow();
        let Some(bytes) = &mut kept.bytes else {
            kept.changed |= self.keep_as_is();
            return Ok(());
        };
        let mut mine = Vec::new();
        let mut unchanged = Vec::new();
        for (place, old) in &self.touched {
            match self.change(place, old.as_ref())? {
                Some(change) => mine.push((place.clone(), change)),
                None => unchanged.push((place.clone(), old.clone())),
            }
        }
        self.touched.clear();
        self.before.clear();
        self.put_back(unchanged);
        self.count(mine.iter().map(|((index, _), _)| *index).collect());
        kept.changed |= !mine.is_empty();
        bytes.extend(mine);
        Ok(())
    }

    /// The same without a look at what was written: all of it is a change.
    fn keep_as_is(&mut self) -> bool {
        let touched = std::mem::take(&mut self.touched);
        self.before.clear();
        let changed = !touched.is_empty();
        self.count(touched.into_keys().map(|(index, _)| index).collect());
        changed
    }

    /// A new version of the tables at these places, if there are any.
    fn count(&mut self, places: BTreeSet<usize>) {
        if places.is_empty() {
            return;
        }
        let state = self.writable();
        state.version += 1;
        for index in places {
            state.tables[index].version = state.version;
        }
    }

    /// What this transaction left at `place`, if that is not what was there.
    fn change(&self, place: &Place, old: Option<&Erased>) -> Result<Option<Change>, StoreError> {
        let (index, key) = place;
        let codec = &self.view.state.schema.codecs()[*index];
        let fail = |source: serde_json::Error| StoreError::Encode {
            table: codec.name,
            key: key.to_string(),
            reason: source.to_string(),
        };
        let Some(new) = self.view.state.tables[*index].records.get(&**key) else {
            return Ok(old.is_some().then_some(None));
        };
        let new = codec.encode_checked(new).map_err(fail)?;
        if let Some(old) = old
            && (codec.encode)(old).map_err(fail)? == new
        {
            return Ok(None);
        }
        Ok(Some(Some(new)))
    }

    /// Gives equal records their old identity, so that readers who compare
    /// pointers see no change.
    fn put_back(&mut self, unchanged: Vec<(Place, Option<Erased>)>) {
        for ((index, key), old) in unchanged {
            if let Some(old) = old {
                self.writable().tables[index].records.insert(key, old);
            }
        }
    }
}
