//! The store against the simplest thing that could be right, a `BTreeMap`:
//! random transactions, refusals and reopenings leave both equal.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use neargate_store::{Record, Store, StoreError, Tables};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Cell {
    key: String,
    value: u8,
}

impl Record for Cell {
    const TABLE: &'static str = "cells";
    fn key(&self) -> String {
        self.key.clone()
    }
}

#[derive(Clone, Debug)]
enum Op {
    Put(String, u8),
    Insert(String, u8),
    Update(String, u8),
    Delete(String),
}

#[derive(Clone, Debug)]
enum Step {
    /// The operations of one transaction, and whether it is kept.
    Write(Vec<Op>, bool),
    /// The operations of transactions that run at the same time.
    Together(Vec<Vec<Op>>),
    Reopen,
}

type Model = BTreeMap<String, u8>;

fn key() -> impl Strategy<Value = String> {
    "[ab/]{0,3}"
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (key(), 0u8..4).prop_map(|(key, value)| Op::Put(key, value)),
        2 => (key(), 0u8..4).prop_map(|(key, value)| Op::Insert(key, value)),
        2 => (key(), 0u8..4).prop_map(|(key, value)| Op::Update(key, value)),
        2 => key().prop_map(Op::Delete),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let ops = || prop::collection::vec(op(), 0..6);
    prop_oneof![
        6 => (ops(), prop::bool::weighted(0.7)).prop_map(|(ops, kept)| Step::Write(ops, kept)),
        2 => prop::collection::vec(ops(), 0..5).prop_map(Step::Together),
        1 => Just(Step::Reopen),
    ]
}

fn apply_to_model(model: &mut Model, op: &Op) {
    match op.clone() {
        Op::Put(key, value) => drop(model.insert(key, value)),
        Op::Insert(key, value) => drop(model.entry(key).or_insert(value)),
        Op::Update(key, value) => {
            model.entry(key).and_modify(|old| *old = value);
        }
        Op::Delete(key) => drop(model.remove(&key)),
    }
}

fn apply_to_store(tx: &mut neargate_store::Tx, op: &Op) {
    match op.clone() {
        Op::Put(key, value) => tx.put(Cell { key, value }),
        Op::Insert(key, value) => drop(tx.insert(Cell { key, value })),
        Op::Update(key, value) => drop(tx.update::<Cell>(&key, |cell| cell.value = value)),
        Op::Delete(key) => drop(tx.delete::<Cell>(&key)),
    }
}

/// One transaction on both; the model is asked inside of the closure, so that
/// its order is the store's.
async fn write(store: &Store, ops: Vec<Op>, kept: bool) -> Result<(), StoreError> {
    store
        .write(move |tx| {
            ops.iter().for_each(|op| apply_to_store(tx, op));
            if kept { Ok(()) } else { Err(StoreError::Closed) }
        })
        .await
}

fn content(store: &Store) -> Model {
    store.snapshot().all::<Cell>().map(|cell| (cell.key.clone(), cell.value)).collect()
}

fn check_reads(store: &Store, model: &Model) {
    assert_eq!(&content(store), model);
    let snapshot = store.snapshot();
    assert_eq!(snapshot.count::<Cell>(), model.len());
    for prefix in ["", "a", "a/", "b/a"] {
        let expected: Vec<&String> = model.keys().filter(|key| key.starts_with(prefix)).collect();
        let found: Vec<String> = snapshot.scan::<Cell>(prefix).map(|cell| cell.key()).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "prefix {prefix:?}");
        for after in ["", "a", "a/b", "b"] {
            let expected: Vec<&String> =
                expected.iter().copied().filter(|key| key.as_str() > after).collect();
            let found = snapshot.scan_after::<Cell>(prefix, after).map(|cell| cell.key());
            let found: Vec<String> = found.collect();
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{prefix:?} after {after:?}");
        }
    }
}

async fn run(steps: Vec<Step>, on_disk: bool) {
    let directory = tempfile::tempdir().unwrap();
    let open = || match on_disk {
        true => Store::open(&directory.path().join("store"), Tables::new().with::<Cell>()).unwrap(),
        false => Store::in_memory(Tables::new().with::<Cell>()),
    };
    let mut store = open();
    let mut model = Model::new();
    for step in steps {
        let version = store.snapshot().version();
        let before = model.clone();
        match step {
            Step::Write(ops, kept) => {
                if kept {
                    ops.iter().for_each(|op| apply_to_model(&mut model, op));
                }
                assert_eq!(write(&store, ops, kept).await.is_ok(), kept);
            }
            Step::Together(transactions) => {
                // Writers are taken in the order in which they first waited.
                transactions.iter().flatten().for_each(|op| apply_to_model(&mut model, op));
                let tasks: Vec<_> = transactions
                    .into_iter()
                    .map(|ops| {
                        let store = store.clone();
                        tokio::spawn(async move { write(&store, ops, true).await })
                    })
                    .collect();
                for task in tasks {
                    task.await.unwrap().unwrap();
                }
            }
            Step::Reopen if on_disk => {
                drop(store);
                store = open();
                assert_eq!(store.snapshot().version(), version);
            }
            Step::Reopen => {}
        }
        check_reads(&store, &model);
        if model != before {
            assert!(store.snapshot().version() > version, "a change is a new version");
        }
    }
}

fn check(steps: Vec<Step>, on_disk: bool) {
    // One thread: tasks run in the order in which they were spawned.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(run(steps, on_disk));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]
    #[test]
    fn in_memory_it_is_a_map(steps in prop::collection::vec(step(), 0..30)) {
        check(steps, false);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]
    #[test]
    fn on_disk_it_is_a_map(steps in prop::collection::vec(step(), 0..20)) {
        check(steps, true);
    }
}
