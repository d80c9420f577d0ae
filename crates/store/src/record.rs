//! What the store holds: types that declare their table and their key, and the
//! list of all of them, which is checked against the file when it opens.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::snapshot::typed;
use crate::transaction::Tx;

/// A type that the store keeps, one record per key, as JSON.
///
/// A field added later needs `#[serde(default)]`: files of older versions are
/// read by newer ones.
pub trait Record: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// The table's name in the file. It never changes once released.
    const TABLE: &'static str;

    /// This record's key, unique in its table. Keys sort bytewise, and
    /// [`Snapshot::scan`](crate::Snapshot::scan) reads them by prefix: put the
    /// owner first (`cluster/service`).
    fn key(&self) -> String;
}

/// A record whose type is known only by its table. Two are equal when they are the same one.
#[derive(Clone)]
pub(crate) struct Erased(pub Arc<dyn Any + Send + Sync>);

impl PartialEq for Erased {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// How the records of one table are turned into bytes and back.
#[derive(Clone, Copy)]
pub(crate) struct Codec {
    pub name: &'static str,
    type_id: TypeId,
    pub decode: fn(&[u8]) -> Result<Erased, serde_json::Error>,
    pub encode: fn(&Erased) -> Result<Vec<u8>, serde_json::Error>,
}

/// Adds to a transaction what follows from a record's change: before, after.
pub(crate) type Follower = Arc<dyn Fn(&mut Tx, Option<&Erased>, Option<&Erased>) + Send + Sync>;

/// Every type that a store holds.
#[derive(Clone, Default)]
pub struct Tables {
    codecs: Vec<Codec>,
    by_type: HashMap<TypeId, usize, BuildHasherDefault<AsItIs>>,
    /// By the place of the table that each follows.
    followers: Vec<(usize, Follower)>,
}

/// A hasher of types, whose ids are hashes already: every read looks its table up by one.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, id: u64) {
        self.0 = id;
    }
}

impl Tables {
    pub fn new() -> Self {
        Tables::default()
    }

    /// Declares `R`.
    ///
    /// # Panics
    /// When the type or its table's name was declared before.
    #[must_use]
    pub fn with<R: Record>(mut self) -> Self {
        assert!(!R::TABLE.starts_with('_'), "`{}`: table names with `_` are the store's", R::TABLE);
        assert!(self.position(R::TABLE).is_none(), "table `{}` is declared twice", R::TABLE);
        let type_id = TypeId::of::<R>();
        let before = self.by_type.insert(type_id, self.codecs.len());
        assert!(before.is_none(), "the type of table `{}` is declared twice", R::TABLE);
        self.codecs.push(Codec {
            name: R::TABLE,
            type_id,
            decode: decode::<R>,
            encode: encode::<R>,
        });
        self
    }

    /// Lets `follow` add to each transaction what follows from its change of an `R`: it gets
    /// the record as it was before the transaction and as it is at its end, and what it writes
    /// is kept or undone together with the change. For what must be told exactly once of each
    /// fact, whoever writes it. It must not block. What it writes has no followers itself, but
    /// those who follow the same table and were named later see it.
    ///
    /// # Panics
    /// When `R` was not declared.
    #[must_use]
    pub fn followed_by<R: Record>(
        mut self,
        follow: impl Fn(&mut Tx, Option<&R>, Option<&R>) + Send + Sync + 'static,
    ) -> Self {
        let typed: Follower = Arc::new(move |tx, before, after| {
            let (before, after) = (before.map(typed::<R>), after.map(typed::<R>));
            follow(tx, before.as_deref(), after.as_deref());
        });
        self.followers.push((self.index_of::<R>(), typed));
        self
    }

    /// Who follows the table at this place.
    pub(crate) fn followers(&self, index: usize) -> impl Iterator<Item = &Follower> {
        self.followers.iter().filter(move |(at, _)| *at == index).map(|(_, follower)| follower)
    }

    /// The tables in the order of their declaration.
    pub(crate) fn codecs(&self) -> &[Codec] {
        &self.codecs
    }

    /// The place of `R`'s table.
    ///
    /// # Panics
    /// When `R` was not declared: that is a mistake in the program's wiring,
    /// which no caller can repair.
    pub(crate) fn index_of<R: Record>(&self) -> usize {
        match self.by_type.get(&TypeId::of::<R>()) {
            Some(index) => *index,
            None => panic!("table `{}` was not declared when the store was opened", R::TABLE),
        }
    }

    /// The place of the table called `name`.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.codecs.iter().position(|codec| codec.name == name)
    }
}

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.codecs.iter().map(|codec| codec.name)).finish()
    }
}

impl Codec {
    /// `record` as bytes that are known to read back.
    ///
    /// A type whose JSON does not decode (a skipped field without a default)
    /// would only show at the next start, when it is too late. Every build for
    /// tests finds it at the first write.
    pub fn encode_checked(&self, record: &Erased) -> Result<Vec<u8>, serde_json::Error> {
        let bytes = (self.encode)(record)?;
        if cfg!(debug_assertions) {
            let again = (self.decode)(&bytes)?;
            debug_assert_eq!((*again.0).type_id(), self.type_id);
        }
        Ok(bytes)
    }
}

fn decode<R: Record>(bytes: &[u8]) -> Result<Erased, serde_json::Error> {
    let record: R = serde_json::from_slice(bytes)?;
    Ok(Erased(Arc::new(record)))
}

fn encode<R: Record>(record: &Erased) -> Result<Vec<u8>, serde_json::Error> {
    let record = record.0.downcast_ref::<R>().expect("a table holds records of its own type only");
    serde_json::to_vec(record)
}
