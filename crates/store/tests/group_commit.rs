//! Many writers at once share commits, and each is answered for its own.

#![allow(clippy::unwrap_used)]

use neargate_store::{Record, Store, StoreError, Tables};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Counter {
    name: String,
    value: u64,
}

impl Record for Counter {
    const TABLE: &'static str = "counters";
    fn key(&self) -> String {
        self.name.clone()
    }
}

fn increment(tx: &mut neargate_store::Tx) -> Result<u64, StoreError> {
    let value = tx.get::<Counter>("c").map_or(0, |counter| counter.value) + 1;
    tx.put(Counter { name: "c".into(), value });
    Ok(value)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_writes_share_commits_and_lose_nothing() {
    const WRITERS: u64 = 32;
    const EACH: u64 = 20;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let store = Store::open(&path, Tables::new().with::<Counter>()).unwrap();

    let tasks: Vec<_> = (0..WRITERS)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut seen = Vec::new();
                for _ in 0..EACH {
                    let value = store.write(increment).await.unwrap();
                    let visible = store.snapshot().get::<Counter>("c").unwrap().value;
                    assert!(visible >= value, "what is answered can be read");
                    seen.push(value);
                }
                seen
            })
        })
        .collect();
    let mut seen = Vec::new();
    for task in tasks {
        seen.extend(task.await.unwrap());
    }

    seen.sort_unstable();
    assert_eq!(seen, (1..=WRITERS * EACH).collect::<Vec<_>>(), "each write has its own turn");
    assert_eq!(store.snapshot().version(), WRITERS * EACH);
    assert!(store.commits() < WRITERS * EACH, "{} commits", store.commits());
    assert!(store.commits() > 0);
}

/// A writer that is kept busy gathers what arrives meanwhile: exact counts,
/// with the writer held in a closure.
#[tokio::test]
async fn what_waits_behind_a_busy_writer_is_one_commit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let store = Store::open(&path, Tables::new().with::<Counter>()).unwrap();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let (entered, inside) = tokio::sync::oneshot::channel::<()>();

    let first = {
        let store = store.clone();
        tokio::spawn(async move {
            store
                .write(move |tx| {
                    entered.send(()).ok();
                    held.recv().ok();
                    increment(tx)
                })
                .await
        })
    };
    inside.await.unwrap();
    let mut others = Vec::new();
    for _ in 0..10 {
        let mut write = Box::pin({
            let store = store.clone();
            async move { store.write(increment).await }
        });
        // The first poll puts it in the queue.
        std::future::poll_fn(|context| {
            assert!(write.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        others.push(write);
    }
    release.send(()).unwrap();
    assert_eq!(first.await.unwrap(), Ok(1));
    for (n, write) in others.into_iter().enumerate() {
        assert_eq!(write.await, Ok(n as u64 + 2));
    }
    // The first was either alone, or the others came in time for its commit.
    assert!(store.commits() <= 2, "{} commits", store.commits());
}
