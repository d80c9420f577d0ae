//! The state on disk: one redb table per record type, JSON under each key, and
//! the version beside them. Written by the writer alone, a batch per commit;
//! read once, when the store opens.
//!
//! redb refuses to go on after an input/output error. Then the file is closed,
//! and the next commit opens it again. What a failed commit left on disk is
//! not known before that, so that the next commit also writes every record of
//! the failed one as it is in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition, TableHandle,
};

use crate::error::OpenError;
use crate::record::Tables;
use crate::state::State;
use crate::transaction::{Change, Place};

const META: TableDefinition<&str, u64> = TableDefinition::new("_meta");
const VERSION: &str = "version";

/// redb's own cache. Reads never reach it after the start; it only needs to
/// hold the pages that commits touch again and again.
const CACHE_BYTES: usize = 16 << 20;

pub(crate) type Opener = Box<dyn Fn() -> Result<Database, DatabaseError> + Send>;

pub(crate) struct Durable {
    opener: Opener,
    /// Absent after a failed commit, until the next one opens it again.
    database: Option<Database>,
    /// What a failed commit may have left on disk.
    unsettled: BTreeSet<Place>,
}

impl Durable {
    /// Opens the file at `path`, makes it when it is not there, and reads all of it.
    pub fn open(path: &Path, tables: Tables) -> Result<(Durable, State), OpenError> {
        let file = path.to_owned();
        let opener =
            Box::new(move || Database::builder().set_cache_size(CACHE_BYTES).create(&file));
        let existed = path.exists();
        let opened = Durable::open_with(path, opener, tables)?;
        if !existed {
            sync_parent(path).map_err(|error| file_error(path, error))?;
        }
        Ok(opened)
    }

    /// As [`open`](Self::open), on whatever `opener` opens; `path` is for messages.
    pub fn open_with(
        path: &Path,
        opener: Opener,
        tables: Tables,
    ) -> Result<(Durable, State), OpenError> {
        let database = opener().map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
                OpenError::InUse { path: path.to_owned() }
            }
            error => file_error(path, error),
        })?;
        let state = Loader { path, database: &database }.load(tables)?;
        let durable = Durable { opener, database: Some(database), unsettled: BTreeSet::new() };
        Ok((durable, state))
    }

    /// Makes `changes` last, all or nothing; `state` is what they lead to, and
    /// `settled` what was there before them.
    pub fn commit(
        &mut self,
        settled: &State,
        state: &State,
        changes: &BTreeMap<Place, Change>,
    ) -> Result<(), redb::Error> {
        let database = match self.database.take() {
            Some(database) => database,
            None => (self.opener)()?,
        };
        match write(&database, settled, state, changes, &self.unsettled) {
            Ok(()) => {
                self.unsettled.clear();
                self.database = Some(database);
                Ok(())
            }
            Err(error) => {
                self.unsettled.extend(changes.keys().cloned());
                Err(error)
            }
        }
    }
}

fn write(
    database: &Database,
    settled: &State,
    state: &State,
    changes: &BTreeMap<Place, Change>,
    unsettled: &BTreeSet<Place>,
) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    let repairs = repairs(settled, unsettled)?;
    // The changes come last: they may be of the same keys.
    for changes in [&repairs, changes] {
        write_changes(&transaction, state, changes)?;
    }
    transaction.open_table(META)?.insert(VERSION, state.version)?;
    transaction.commit()?;
    Ok(())
}

/// The records under `places` as they are in memory.
fn repairs(
    settled: &State,
    places: &BTreeSet<Place>,
) -> Result<BTreeMap<Place, Change>, redb::Error> {
    let mut repairs = BTreeMap::new();
    for (index, key) in places {
        let encode = settled.schema.codecs()[*index].encode;
        let record = settled.tables[*index].records.get(&**key);
        let bytes = record.map(encode).transpose().map_err(std::io::Error::other)?;
        repairs.insert((*index, Arc::clone(key)), bytes);
    }
    Ok(repairs)
}

/// `changes` are in the order of their tables, so that each is opened once.
fn write_changes(
    transaction: &redb::WriteTransaction,
    state: &State,
    changes: &BTreeMap<Place, Change>,
) -> Result<(), redb::Error> {
    let mut changes = changes.iter().peekable();
    while let Some(((index, _), _)) = changes.peek() {
        let index = *index;
        let definition = definition(state.schema.codecs()[index].name);
        let mut table = transaction.open_table(definition)?;
        while let Some(((_, key), change)) = changes.next_if(|((at, _), _)| *at == index) {
            match change {
                Some(bytes) => table.insert(&**key, bytes.as_slice())?,
                None => table.remove(&**key)?,
            };
        }
    }
    Ok(())
}

fn definition(name: &str) -> TableDefinition<'_, &'static str, &'static [u8]> {
    TableDefinition::new(name)
}

/// Reads a whole file, once.
struct Loader<'a> {
    path: &'a Path,
    database: &'a Database,
}

impl Loader<'_> {
    fn load(&self, tables: Tables) -> Result<State, OpenError> {
        let mut state = State::empty(tables);
        let transaction = self.database.begin_read().map_err(|error| self.error(error))?;
        let names: Vec<String> = transaction
            .list_tables()
            .map_err(|error| self.error(error))?
            .map(|table| table.name().to_owned())
            .collect();
        for name in names {
            if name == META.name() {
                state.version = self.version(&transaction).map_err(|error| self.error(error))?;
                continue;
            }
            let Some(index) = state.schema.position(&name) else {
                return Err(OpenError::UnknownTable { path: self.path.to_owned(), table: name });
            };
            self.load_table(&transaction, index, &mut state)?;
        }
        for table in &mut state.tables {
            table.version = state.version;
        }
        Ok(state)
    }

    fn version(&self, transaction: &redb::ReadTransaction) -> Result<u64, redb::Error> {
        let version = transaction.open_table(META)?.get(VERSION)?;
        Ok(version.map_or(0, |version| version.value()))
    }

    fn load_table(
        &self,
        transaction: &redb::ReadTransaction,
        index: usize,
        state: &mut State,
    ) -> Result<(), OpenError> {
        let codec = state.schema.codecs()[index];
        let table =
            transaction.open_table(definition(codec.name)).map_err(|error| self.error(error))?;
        for entry in table.iter().map_err(|error| self.error(error))? {
            let (key, bytes) = entry.map_err(|error| self.error(error))?;
            let record = (codec.decode)(bytes.value()).map_err(|source| OpenError::Record {
                path: self.path.to_owned(),
                table: codec.name.to_owned(),
                key: key.value().to_owned(),
                source,
            })?;
            state.tables[index].records.insert(key.value().into(), record);
        }
        Ok(())
    }

    fn error(&self, error: impl Into<redb::Error>) -> OpenError {
        file_error(self.path, error)
    }
}

fn file_error(path: &Path, error: impl Into<redb::Error>) -> OpenError {
    OpenError::File { path: path.to_owned(), source: Box::new(error.into()) }
}

/// Makes a new file's name last, as its content does.
fn sync_parent(path: &Path) -> Result<(), redb::Error> {
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    std::fs::File::open(parent)?.sync_all()?;
    Ok(())
}
