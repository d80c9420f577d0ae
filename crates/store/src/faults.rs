//! Tests of a disk that fails: redb over a file in memory whose writes or
//! syncs can be made to fail.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use redb::backends::InMemoryBackend;
use redb::{Database, StorageBackend};
use serde::{Deserialize, Serialize};

use crate::{Record, Store, StoreError, Tables};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Counter {
    name: String,
    value: u32,
}

impl Record for Counter {
    const TABLE: &'static str = "counters";
    fn key(&self) -> String {
        self.name.clone()
    }
}

/// A disk that outlives the databases that are opened on it.
#[derive(Clone, Debug, Default)]
struct Disk {
    content: Arc<Mutex<Option<Arc<InMemoryBackend>>>>,
    full: Arc<AtomicBool>,
    /// Writes arrive, but the sync after them fails.
    unsynced: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Handle {
    content: Arc<InMemoryBackend>,
    disk: Disk,
}

impl Disk {
    fn open(&self) -> Store {
        let disk = self.clone();
        let opener = move || {
            let mut content = disk.content.lock().unwrap();
            let content = content.get_or_insert_with(|| Arc::new(InMemoryBackend::new()));
            let handle = Handle { content: Arc::clone(content), disk: disk.clone() };
            Database::builder().create_with_backend(handle)
        };
        Store::open_with(Box::new(opener), Tables::new().with::<Counter>()).unwrap()
    }
}

impl Handle {
    fn check(&self, flag: &AtomicBool) -> Result<(), std::io::Error> {
        match flag.load(Ordering::SeqCst) {
            true => Err(std::io::Error::from(std::io::ErrorKind::StorageFull)),
            false => Ok(()),
        }
    }
}

impl StorageBackend for Handle {
    fn len(&self) -> Result<u64, std::io::Error> {
        self.content.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), std::io::Error> {
        self.content.read(offset, out)
    }
    fn set_len(&self, len: u64) -> Result<(), std::io::Error> {
        self.check(&self.disk.full)?;
        self.content.set_len(len)
    }
    fn sync_data(&self) -> Result<(), std::io::Error> {
        self.check(&self.disk.full)?;
        self.check(&self.disk.unsynced)
    }
    fn write(&self, offset: u64, data: &[u8]) -> Result<(), std::io::Error> {
        self.check(&self.disk.full)?;
        self.content.write(offset, data)
    }
}

async fn set(store: &Store, name: &str, value: u32) -> Result<(), StoreError> {
    let name = name.to_owned();
    let put = move |tx: &mut crate::Tx| {
        tx.put(Counter { name, value });
        Ok(())
    };
    store.write(put).await
}

fn values(store: &Store) -> Vec<(String, u32)> {
    store.snapshot().all::<Counter>().map(|c| (c.name.clone(), c.value)).collect()
}

async fn fails_and_goes_on(disk: &Disk, fault: &AtomicBool) {
    let store = disk.open();
    set(&store, "a", 1).await.unwrap();
    let before = store.snapshot().version();

    fault.store(true, Ordering::SeqCst);
    for value in 2..4 {
        let outcome = set(&store, "a", value).await;
        assert!(matches!(outcome, Err(StoreError::Commit(_))), "{outcome:?}");
        let outcome = set(&store, "lost", value).await;
        assert!(matches!(outcome, Err(StoreError::Commit(_))), "{outcome:?}");
    }
    assert_eq!(values(&store), [("a".into(), 1)], "rolled back");
    assert_eq!(store.snapshot().version(), before);

    fault.store(false, Ordering::SeqCst);
    set(&store, "b", 1).await.unwrap();
    let expected = [("a".into(), 1), ("b".into(), 1)];
    assert_eq!(values(&store), expected, "it goes on");
    drop(store);
    assert_eq!(values(&disk.open()), expected, "what failed is not on disk either");
}

#[tokio::test]
async fn a_full_disk_undoes_the_batch_and_the_store_goes_on() {
    let disk = Disk::default();
    fails_and_goes_on(&disk, &disk.full).await;
}

#[tokio::test]
async fn writes_that_arrived_before_a_failed_sync_are_undone_on_disk() {
    let disk = Disk::default();
    fails_and_goes_on(&disk, &disk.unsynced).await;
}
