//! The log as its users see it: written, read both ways, opened again, bounded.

use std::ops::ControlFlow;
use std::path::Path;

use serde_json::value::RawValue;

use crate::{Entry, EventLog, Limits, Position};

fn entry(number: i64) -> Entry {
    Entry {
        at_ms: number,
        region: "us-west-2".into(),
        id: format!("id-{number}"),
        name: "CreateCluster".into(),
        source: "ecs.amazonaws.com".into(),
        read_only: false,
        username: Some("root".into()),
        access_key_id: None,
        resources: Vec::new(),
        record: RawValue::from_string("{}".into()).unwrap(),
    }
}

fn open(directory: &Path) -> EventLog {
    let limits = Limits { segment_bytes: 600, total_bytes: 2400, ..Limits::default() };
    EventLog::open(directory, limits).unwrap()
}

async fn append(log: &EventLog, numbers: std::ops::Range<i64>) {
    for number in numbers {
        log.append(1, move || Some(entry(number)));
        log.end().await;
    }
}

/// All numbers from a position on.
async fn ahead(log: &EventLog, mut from: Position) -> Vec<i64> {
    let until = log.end().await;
    let mut all = Vec::new();
    loop {
        let piece = log.ahead(from, until).unwrap();
        if piece.entries.is_empty() {
            return all;
        }
        all.extend(piece.entries.iter().map(|entry| entry.at_ms));
        from = piece.next;
    }
}

/// At most `limit` numbers before a position, newest first, and where the last begins.
fn back(log: &EventLog, before: Option<Position>, limit: usize) -> (Vec<i64>, Option<Position>) {
    let (mut all, mut last) = (Vec::new(), None);
    log.back(before, |found| {
        all.push(found.entry.at_ms);
        last = Some(found.at);
        if all.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
    .unwrap();
    (all, last)
}

#[tokio::test]
async fn entries_are_read_both_ways_and_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path());
    let start = log.end().await;
    append(&log, 0..5).await;
    assert_eq!(ahead(&log, start).await, [0, 1, 2, 3, 4]);
    let (first, at) = back(&log, None, 2);
    assert_eq!(first, [4, 3]);
    assert_eq!(back(&log, at, 10).0, [2, 1, 0]);
    let middle = log.end().await;
    drop(log);
    let log = open(directory.path());
    append(&log, 5..7).await;
    assert_eq!(ahead(&log, middle).await, [5, 6]);
    assert_eq!(back(&log, None, 3).0, [6, 5, 4]);
}

#[tokio::test]
async fn the_oldest_go_when_there_are_too_many() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path());
    append(&log, 0..60).await;
    let kept = back(&log, None, 100).0;
    assert_eq!(kept.first(), Some(&59));
    assert!(kept.len() < 20, "{kept:?}");
    assert_eq!(ahead(&log, Position::default()).await.len(), kept.len());
    let bytes: u64 =
        directory.path().read_dir().unwrap().map(|f| f.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes <= 2400, "{bytes}");
}

#[tokio::test]
async fn half_an_entry_is_cut_off_and_a_full_queue_drops() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path());
    append(&log, 0..1).await;
    drop(log);
    let file = directory.path().join("00000000000000000001.jsonl");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend_from_slice(b"{\"at_ms\":1");
    std::fs::write(&file, bytes).unwrap();
    let log = open(directory.path());
    append(&log, 2..3).await;
    assert_eq!(back(&log, None, 9).0, [2, 0]);
    log.append(usize::MAX / 2, || Some(entry(3)));
    log.end().await;
    assert_eq!((back(&log, None, 9).0, log.dropped()), (vec![2, 0], 1));
}
