//! What a transaction promises, on disk and in memory alike.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use neargate_store::{AlreadyExists, OpenError, Record, Store, StoreError, Tables};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Task {
    id: String,
    state: String,
}

impl Record for Task {
    const TABLE: &'static str = "tasks";
    fn key(&self) -> String {
        self.id.clone()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Service {
    name: String,
    desired: u32,
}

impl Record for Service {
    const TABLE: &'static str = "services";
    fn key(&self) -> String {
        self.name.clone()
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("no")]
    No,
    #[error(transparent)]
    Exists(#[from] AlreadyExists),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn tables() -> Tables {
    Tables::new().with::<Task>().with::<Service>()
}

fn task(id: &str, state: &str) -> Task {
    Task { id: id.into(), state: state.into() }
}

async fn put(store: &Store, record: impl Record) {
    store
        .write(|tx| {
            tx.put(record);
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

/// Runs `test` on a store in memory and on one on disk.
async fn on_both<F: Future<Output = ()>>(test: impl Fn(Store) -> F) {
    test(Store::in_memory(tables())).await;
    let directory = tempfile::tempdir().unwrap();
    test(Store::open(&directory.path().join("store"), tables()).unwrap()).await;
}

fn keys(store: &Store, prefix: &str) -> Vec<String> {
    store.snapshot().scan::<Task>(prefix).map(|task| task.id.clone()).collect()
}

#[tokio::test]
async fn what_is_written_is_read() {
    on_both(async |store| {
        let before = store.snapshot();
        put(&store, task("a", "RUNNING")).await;
        assert_eq!(*store.snapshot().get::<Task>("a").unwrap(), task("a", "RUNNING"));
        assert!(before.get::<Task>("a").is_none(), "an old snapshot does not move");
        assert_eq!(store.snapshot().count::<Task>(), 1);
        assert_eq!(store.snapshot().count::<Service>(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_sees_its_own_writes() {
    on_both(async |store| {
        store
            .write(|tx| {
                tx.insert(task("a", "PENDING"))?;
                assert!(matches!(tx.insert(task("a", "PENDING")), Err(AlreadyExists { .. })));
                let updated = tx.update::<Task>("a", |task| task.state = "RUNNING".into());
                assert_eq!(updated.unwrap().state, "RUNNING");
                assert_eq!(tx.get::<Task>("a").unwrap().state, "RUNNING");
                assert!(tx.update::<Task>("b", |_| ()).is_none());
                assert_eq!(tx.delete::<Task>("a").unwrap().state, "RUNNING");
                assert!(tx.delete::<Task>("a").is_none());
                tx.put(task("b", "PENDING"));
                Ok::<_, Refused>(())
            })
            .await
            .unwrap();
        assert_eq!(keys(&store, ""), ["b"]);
        assert_eq!(store.snapshot().version(), 1, "one transaction is one version");
    })
    .await;
}

#[tokio::test]
async fn a_refused_transaction_leaves_nothing() {
    on_both(async |store| {
        put(&store, task("a", "RUNNING")).await;
        let before = store.snapshot().version();
        let outcome = store
            .write(|tx| {
                tx.put(task("a", "STOPPED"));
                tx.put(task("b", "PENDING"));
                tx.put(Service { name: "s".into(), desired: 1 });
                Err::<(), _>(Refused::No)
            })
            .await;
        assert_eq!(outcome, Err(Refused::No));
        assert_eq!(keys(&store, ""), ["a"]);
        assert_eq!(store.snapshot().get::<Task>("a").unwrap().state, "RUNNING");
        assert_eq!(store.snapshot().count::<Service>(), 0);
        assert_eq!(store.snapshot().version(), before);
    })
    .await;
}

#[tokio::test]
async fn a_panic_is_an_error_of_its_own_transaction() {
    on_both(async |store| {
        let outcome = store
            .write(|tx| -> Result<(), Refused> {
                tx.put(task("a", "RUNNING"));
                panic!("bad {}", 7)
            })
            .await;
        assert_eq!(outcome, Err(Refused::Store(StoreError::Panicked("bad 7".into()))));
        put(&store, task("b", "RUNNING")).await;
        assert_eq!(keys(&store, ""), ["b"]);
    })
    .await;
}

#[tokio::test]
async fn scans_follow_prefix_and_page() {
    on_both(async |store| {
        for id in ["a/1", "a/2", "a/3", "a0", "b/1", "a"] {
            put(&store, task(id, "RUNNING")).await;
        }
        assert_eq!(keys(&store, "a/"), ["a/1", "a/2", "a/3"]);
        assert_eq!(keys(&store, "c"), [""; 0]);
        assert_eq!(keys(&store, ""), ["a", "a/1", "a/2", "a/3", "a0", "b/1"]);
        let after = |prefix: &str, key: &str| -> Vec<String> {
            let snapshot = store.snapshot();
            snapshot.scan_after::<Task>(prefix, key).map(|task| task.id.clone()).collect()
        };
        assert_eq!(after("a/", "a/1"), ["a/2", "a/3"]);
        assert_eq!(after("a/", "a/11"), ["a/2", "a/3"]);
        assert_eq!(after("a/", "a"), ["a/1", "a/2", "a/3"]);
        assert_eq!(after("a/", "a/3"), [""; 0]);
        assert_eq!(after("a/", "z"), [""; 0]);
        assert_eq!(after("", "a0"), ["b/1"]);
        let snapshot = store.snapshot();
        let last = snapshot.all::<Task>().next_back().unwrap();
        assert_eq!(last.id, "b/1");
    })
    .await;
}

#[tokio::test]
async fn each_table_knows_its_last_change() {
    on_both(async |store| {
        put(&store, task("a", "RUNNING")).await;
        put(&store, Service { name: "s".into(), desired: 1 }).await;
        let snapshot = store.snapshot();
        assert_eq!(snapshot.version_of::<Task>(), 1);
        assert_eq!(snapshot.version_of::<Service>(), 2);
        assert_eq!(snapshot.version(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_equal_record_is_no_change() {
    on_both(async |store| {
        put(&store, task("a", "RUNNING")).await;
        let first = store.snapshot().get::<Task>("a").unwrap();
        let commits = store.commits();
        put(&store, task("a", "RUNNING")).await;
        let second = store.snapshot().get::<Task>("a").unwrap();
        assert!(std::sync::Arc::ptr_eq(&first, &second));
        assert_eq!(store.snapshot().version(), 1);
        assert_eq!(store.commits(), commits);
    })
    .await;
}

#[tokio::test]
async fn watchers_wake_once_for_what_they_have_not_seen() {
    on_both(async |store| {
        let mut changes = store.changes();
        put(&store, task("a", "PENDING")).await;
        put(&store, task("a", "RUNNING")).await;
        assert_eq!(changes.changed().await, 2);
        let mut waiting = std::pin::pin!(changes.changed());
        assert!(is_pending(waiting.as_mut()).await);
        let refused = store.write(|_| Err::<(), _>(Refused::No)).await;
        assert_eq!(refused, Err(Refused::No));
        assert!(is_pending(waiting.as_mut()).await, "nothing changed");
        put(&store, task("b", "RUNNING")).await;
        assert_eq!(waiting.await, 3);
    })
    .await;
}

#[tokio::test]
async fn a_table_s_watchers_sleep_through_changes_of_others() {
    on_both(async |store| {
        let mut changes = store.changes_in::<Task>();
        put(&store, Service { name: "web".into(), desired: 1 }).await;
        let mut waiting = std::pin::pin!(changes.changed());
        assert!(is_pending(waiting.as_mut()).await, "no task has changed");
        put(&store, task("a", "RUNNING")).await;
        assert_eq!(waiting.await, 2);
    })
    .await;
}

/// Polls `future` once.
async fn is_pending<T>(mut future: std::pin::Pin<&mut impl Future<Output = T>>) -> bool {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(future.as_mut().poll(context).is_pending())
    })
    .await
}

#[tokio::test]
async fn a_store_in_memory_never_waits() {
    let store = Store::in_memory(tables());
    let mut write = std::pin::pin!(put(&store, task("a", "x")));
    assert!(!is_pending(write.as_mut()).await);
}

fn open(path: &Path) -> Result<Store, OpenError> {
    Store::open(path, tables())
}

#[tokio::test]
async fn a_reopened_store_is_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    for round in 0..3u32 {
        let store = open(&path).unwrap();
        assert_eq!(store.snapshot().version(), u64::from(round) * 2);
        put(&store, task(&format!("t{round}"), "RUNNING")).await;
        put(&store, Service { name: "s".into(), desired: round }).await;
    }
    let store = open(&path).unwrap();
    assert_eq!(keys(&store, ""), ["t0", "t1", "t2"]);
    assert_eq!(store.snapshot().get::<Service>("s").unwrap().desired, 2);
}

#[tokio::test]
async fn a_directory_in_use_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let _first = open(&path).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error:?}");
    let expected = format!(
        "another neargate uses {}: stop it, or choose another data directory",
        directory.path().display()
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn an_unknown_table_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    put(&open(&path).unwrap(), task("a", "RUNNING")).await;
    let error = Store::open(&path, Tables::new().with::<Service>()).unwrap_err();
    assert!(matches!(&error, OpenError::UnknownTable { table, .. } if table == "tasks"));
}

/// As `Service`, but an older neargate wrote no `owner`.
#[derive(Clone, Serialize, Deserialize)]
struct Grown {
    name: String,
    owner: String,
}

impl Record for Grown {
    const TABLE: &'static str = "services";
    fn key(&self) -> String {
        self.name.clone()
    }
}

#[tokio::test]
async fn a_record_that_no_longer_decodes_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    put(&open(&path).unwrap(), Service { name: "web".into(), desired: 1 }).await;
    let error = Store::open(&path, Tables::new().with::<Grown>()).unwrap_err().to_string();
    assert!(error.contains("record `web` of table `services`"), "{error}");
    assert!(error.contains("missing field `owner`"), "{error}");
}

#[derive(Clone, Serialize, Deserialize)]
struct Unreadable {
    #[serde(skip_serializing)]
    name: String,
}

impl Record for Unreadable {
    const TABLE: &'static str = "unreadable";
    fn key(&self) -> String {
        self.name.clone()
    }
}

#[tokio::test]
async fn a_record_that_would_not_read_back_is_refused() {
    let store = Store::in_memory(Tables::new().with::<Unreadable>());
    let outcome =
        store.write(|tx| tx.insert(Unreadable { name: "a".into() }).map_err(Refused::from)).await;
    assert!(matches!(outcome, Err(Refused::Store(StoreError::Encode { .. }))), "{outcome:?}");
    assert_eq!(store.snapshot().count::<Unreadable>(), 0);
}

#[tokio::test]
async fn a_simulated_store_goes_its_own_way_from_a_snapshot() {
    let store = Store::in_memory(tables());
    put(&store, task("a", "RUNNING")).await;
    let twin = Store::simulated(&store.snapshot());
    let counted: Result<usize, StoreError> = twin.write_now(|tx| {
        tx.put(task("b", "RUNNING"));
        Ok(tx.all::<Task>().count())
    });
    assert_eq!(counted.unwrap(), 2);
    put(&twin, task("c", "RUNNING")).await;
    let refused = twin.write_now(|tx| {
        tx.put(task("d", "RUNNING"));
        Err::<(), _>(StoreError::Closed)
    });
    assert!(refused.is_err());
    assert_eq!(twin.snapshot().all::<Task>().count(), 3, "what was refused is forgotten");
    assert_eq!(store.snapshot().all::<Task>().count(), 1, "its origin is as it was");
}

#[tokio::test]
async fn a_snapshot_knows_what_has_changed_since_another() {
    let store = Store::in_memory(tables());
    for number in 0..1000 {
        put(&store, task(&format!("t{number:03}"), "RUNNING")).await;
    }
    let before = store.snapshot();
    put(&store, task("t500", "STOPPED")).await;
    put(&store, task("t600", "RUNNING")).await;
    put(&store, task("u", "PENDING")).await;
    let gone = store.write(|tx| Ok::<_, StoreError>(tx.delete::<Task>("t001").is_some()));
    assert!(gone.await.unwrap());
    let state = |task: Option<std::sync::Arc<Task>>| task.map(|t| format!("{} {}", t.id, t.state));
    let after = store.snapshot();
    let changes: Vec<_> =
        after.changed_since::<Task>(&before).map(|(old, new)| (state(old), state(new))).collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        changes,
        [
            (some("t001 RUNNING"), None),
            (some("t500 RUNNING"), some("t500 STOPPED")),
            (None, some("u PENDING")),
        ],
        "t600 was written as it was before"
    );
    assert_eq!(after.changed_since::<Service>(&before).count(), 0);
}

/// What was told of a task: one record for each change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    number: String,
    what: String,
}

impl Record for Told {
    const TABLE: &'static str = "told";
    fn key(&self) -> String {
        self.number.clone()
    }
}

/// Tells every change of a task's state, and refuses the state `bad` by panicking.
fn telling() -> Tables {
    tables().with::<Told>().followed_by::<Task>(|tx, before, after| {
        let state = |task: Option<&Task>| task.map_or("none", |task| &task.state).to_owned();
        let (before, after) = (state(before), state(after));
        assert_ne!(after, "bad");
        if before != after {
            let number = format!("{:04}", tx.count::<Told>());
            tx.put(Told { number, what: format!("{before} -> {after}") });
        }
    })
}

#[tokio::test]
async fn what_follows_from_a_change_is_kept_or_undone_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("store.redb");
    let store = Store::open(&file, telling()).unwrap();
    put(&store, task("a", "new")).await;
    put(&store, task("a", "new")).await;
    let twice = store.write(|tx| {
        tx.put(task("a", "starting"));
        tx.put(task("a", "running"));
        Ok::<_, StoreError>(())
    });
    twice.await.unwrap();
    let refused = store.write(|tx| {
        tx.put(task("a", "lost"));
        Err::<(), _>(Refused::No)
    });
    assert_eq!(refused.await, Err(Refused::No));
    let panicked = store.write(|tx| {
        tx.put(task("a", "bad"));
        Ok::<_, StoreError>(())
    });
    assert!(matches!(panicked.await, Err(StoreError::Panicked(_))));
    let gone = store.write(|tx| {
        tx.delete::<Task>("a");
        Ok::<_, StoreError>(())
    });
    gone.await.unwrap();
    drop(store);
    let store = Store::open(&file, telling()).unwrap();
    let told: Vec<String> = store.snapshot().all::<Told>().map(|t| t.what.clone()).collect();
    assert_eq!(told, ["none -> new", "new -> running", "running -> none"]);
}
