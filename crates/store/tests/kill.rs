//! Durability as a user meets it: `kill -9` in the middle of writing, and
//! everything that was acknowledged is there when the store opens again.
//!
//! The child is this test program itself, asked to run [`child_writes_until_killed`].

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use neargate_store::{Record, Store, StoreError, Tables};
use serde::{Deserialize, Serialize};

const STORE: &str = "NEARGATE_TEST_STORE";
const WRITERS: u64 = 4;

/// Two of these are written in each transaction.
#[derive(Clone, Serialize, Deserialize)]
struct Fact {
    id: String,
    filling: String,
}

impl Record for Fact {
    const TABLE: &'static str = "facts";
    fn key(&self) -> String {
        self.id.clone()
    }
}

fn open(path: &Path) -> Store {
    Store::open(path, Tables::new().with::<Fact>()).unwrap()
}

#[test]
#[ignore = "the child of acknowledged_writes_survive_kill: does nothing on its own"]
fn child_writes_until_killed() {
    let Some(path) = std::env::var_os(STORE) else { return };
    let store = open(&PathBuf::from(path));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let first = store.snapshot().count::<Fact>() as u64;
    for writer in 0..WRITERS {
        let store = store.clone();
        runtime.spawn(async move {
            for n in (first + writer..).step_by(WRITERS as usize) {
                store.write(move |tx| put_pair(tx, n)).await.unwrap();
                // One write, so that lines of different writers do not mix. A
                // parent that is gone ends the child.
                let line = format!("\nacknowledged {n}\n");
                if std::io::stdout().write_all(line.as_bytes()).is_err() {
                    std::process::exit(1);
                }
            }
        });
    }
    loop {
        std::thread::park();
    }
}

fn put_pair(tx: &mut neargate_store::Tx, n: u64) -> Result<(), StoreError> {
    for half in ["left", "right"] {
        let filling = "x".repeat((n % 700) as usize);
        tx.put(Fact { id: format!("{n}/{half}"), filling });
    }
    Ok(())
}

#[test]
fn acknowledged_writes_survive_kill() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let mut acknowledged = BTreeSet::new();
    for round in 0..8 {
        let before = acknowledged.len();
        run_and_kill(&path, 5 + round * 17, &mut acknowledged);
        assert!(acknowledged.len() > before);
        let snapshot = open(&path).snapshot();
        for n in &acknowledged {
            for half in ["left", "right"] {
                let found = snapshot.get::<Fact>(&format!("{n}/{half}"));
                assert!(found.is_some(), "{n}/{half} was acknowledged and is lost");
            }
        }
        let halves: Vec<String> = snapshot.all::<Fact>().map(|fact| fact.id.clone()).collect();
        assert_eq!(halves.len() % 2, 0, "half a transaction was kept");
    }
}

/// Lets a child write until `enough` acknowledgements, kills it, and collects
/// all that it said.
fn run_and_kill(path: &Path, enough: usize, acknowledged: &mut BTreeSet<u64>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_writes_until_killed", "--ignored", "--nocapture"])
        .env(STORE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut killed = false;
    let mut seen = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(n) = line.strip_prefix("acknowledged ").and_then(|n| n.parse().ok()) {
            acknowledged.insert(n);
            seen += 1;
        }
        if seen >= enough && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    assert!(killed, "the child ended by itself after {seen}");
}
