//! The whole state in memory: one persistent map per table. A clone shares
//! everything with its original, so that a snapshot, a rollback and a working
//! copy cost a few reference counts.

use std::sync::Arc;

use imbl::OrdMap;

use crate::record::{Erased, Tables};

#[derive(Clone)]
pub(crate) struct State {
    pub schema: Arc<Tables>,
    /// Counts the transactions that changed anything, over the store's whole life.
    pub version: u64,
    pub tables: Vec<Table>,
}

#[derive(Clone, Default)]
pub(crate) struct Table {
    /// The version of the last transaction that changed this table.
    pub version: u64,
    pub records: OrdMap<Arc<str>, Erased>,
}

impl State {
    pub fn empty(tables: Tables) -> Self {
        let count = tables.codecs().len();
        State { schema: Arc::new(tables), version: 0, tables: vec![Table::default(); count] }
    }
}
