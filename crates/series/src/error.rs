//! What can go wrong: the disk.

use std::io;

#[derive(Debug, thiserror::Error)]
pub enum SeriesError {
    #[error("the metrics' journal: {0}")]
    Journal(#[from] io::Error),
    #[error("the metrics' database: {0}")]
    Database(Box<redb::Error>),
}

macro_rules! from_the_database {
    ($($error:ident)*) => {$(
        impl From<redb::$error> for SeriesError {
            fn from(error: redb::$error) -> Self {
                SeriesError::Database(Box::new(error.into()))
            }
        }
    )*};
}

from_the_database!(DatabaseError TransactionError TableError StorageError CommitError);
