//! Appending, reading, searching, deleting and expiring, as CloudWatch Logs
//! users see it.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use neargate_loglines::{Event, Filter, LogError, LogLines, NewEvent, OpenError, Read, Streams};
use proptest::prelude::*;

fn event(timestamp_ms: i64, message: &str) -> NewEvent {
    NewEvent { timestamp_ms, ingestion_ms: timestamp_ms + 5, message: message.into() }
}

fn open(directory: &Path) -> LogLines {
    LogLines::open(directory).unwrap()
}

fn messages(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.message.as_str()).collect()
}

async fn append(lines: &LogLines, stream: &str, events: &[(i64, &str)]) {
    let events = events.iter().map(|(time, text)| event(*time, text)).collect();
    lines.append("g", stream, events).await.unwrap();
}

fn from_head() -> Read {
    Read { start_from_head: true, ..Read::default() }
}

fn with_token(token: &str, limit: usize) -> Read {
    Read { token: Some(token.into()), limit: Some(limit), ..Read::default() }
}

#[tokio::test]
async fn pages_go_forward_and_backward() {
    let directory = tempfile::tempdir().unwrap();
    let lines = open(directory.path());
    append(&lines, "s", &[(1, "a"), (2, "b"), (3, "c")]).await;
    append(&lines, "s", &[(3, "d"), (4, "e")]).await;

    let all = lines.read("g", "s", from_head()).await.unwrap();
    assert_eq!(messages(&all.events), ["a", "b", "c", "d", "e"]);
    assert_eq!(all.events[0].ingestion_ms, 6);

    let first = Read { limit: Some(2), ..from_head() };
    let first = lines.read("g", "s", first).await.unwrap();
    assert_eq!(messages(&first.events), ["a", "b"]);
    let second = lines.read("g", "s", with_token(&first.next_forward_token, 2)).await.unwrap();
    assert_eq!(messages(&second.events), ["c", "d"]);
    let back = lines.read("g", "s", with_token(&second.next_backward_token, 1)).await.unwrap();
    assert_eq!(messages(&back.events), ["b"]);
    let third = lines.read("g", "s", with_token(&second.next_forward_token, 2)).await.unwrap();
    assert_eq!(messages(&third.events), ["e"]);

    let end = lines.read("g", "s", with_token(&third.next_forward_token, 2)).await.unwrap();
    assert!(end.events.is_empty());
    assert_eq!(end.next_forward_token, third.next_forward_token, "the end repeats its token");
    let back = lines.read("g", "s", with_token(&end.next_backward_token, 2)).await.unwrap();
    assert_eq!(messages(&back.events), ["d", "e"], "and the way back misses nothing");

    append(&lines, "s", &[(5, "f")]).await;
    let more = lines.read("g", "s", with_token(&end.next_forward_token, 2)).await.unwrap();
    assert_eq!(messages(&more.events), ["f"], "the token finds what came since");
}

#[tokio::test]
async fn without_a_token_the_newest_come_first_and_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let lines = open(directory.path());
    append(&lines, "s", &[(1, "a"), (2, "b"), (3, "c")]).await;
    let newest = Read { limit: Some(2), ..Read::default() };
    let newest = lines.read("g", "s", newest).await.unwrap();
    assert_eq!(messages(&newest.events), ["b", "c"]);
    let older = lines.read("g", "s", with_token(&newest.next_backward_token, 9)).await.unwrap();
    assert_eq!(messages(&older.events), ["a"]);
    let start = lines.read("g", "s", with_token(&older.next_backward_token, 9)).await.unwrap();
    assert!(start.events.is_empty());
    assert_eq!(start.next_backward_token, older.next_backward_token);
}

#[tokio::test]
async fn the_start_is_included_and_the_end_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let lines = open(directory.path());
    append(&lines, "s", &[(1, "a"), (2, "b"), (3, "c"), (4, "d")]).await;
    for start_from_head in [true, false] {
        let range = Read { start_ms: Some(2), end_ms: Some(4), start_from_head, ..Read::default() };
        let page = lines.read("g", "s", range).await.unwrap();
        assert_eq!(messages(&page.events), ["b", "c"]);
    }
}

#[tokio::test]
async fn an_empty_stream_can_be_followed() {
    let directory = tempfile::tempdir().unwrap();
    let lines = open(directory.path());
    let empty = lines.read("g", "s", Read::default()).await.unwrap();
    assert!(empty.events.is_empty());
    append(&lines, "s", &[(1, "a")]).await;
    let page = lines.read("g", "s", with_token(&empty.next_forward_token, 9)).await.unwrap();
    assert_eq!(messages(&page.events), ["a"]);
}

#[tokio::test]
async fn foreign_tokens_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let lines = open(directory.path());
    for token in ["", "f/", "f/12/s", "x", "f/é", &format!("x/{}/s", "1".repeat(56))] {
        let page = lines.read("g", "s", with_token(token, 1)).await;
        assert_eq!(page, Err(LogError::InvalidToken), "{token:?}");
        let filter = Filter { token: Some(token.into()), ..Filter::default() };
        let page = lines.filter("g", filter, |_| true).await;
        assert_eq!(page, Err(LogError::InvalidToken), "{token:?}");
    }
}

#[tokio::test]
async fn a_page_holds_a_megabyte() {
    let directory = tempfile::tempdir().unwrap();
    let lines = open(directory.path());
    let large = "x".repeat(200_000);
    for time in 0..12 {
        append(&lines, "s", &[(time, &large), (time, "small")]).await;
    }
    let mut seen = Vec::new();
    let mut page = lines.read("g", "s", from_head()).await.unwrap();
    while !page.events.is_empty() {
        let bytes: usize = page.events.iter().map(|event| event.message.len() + 26).sum();
        assert!(bytes <= 1 << 20, "{bytes}");
        seen.extend(page.events.iter().map(|event| (event.timestamp_ms, event.message.len())));
        page = lines.read("g", "s", with_token(&page.next_forward_token, 10_000)).await.unwrap();
    }
    let expected: Vec<_> = (0..12).flat_map(|time| [(time, 200_000), (time, 5)]).collect();
    assert_eq!(seen, expected, "no event is skipped, none comes twice");
}

#[tokio::test]
async fn a_search_merges_streams_by_time() {
    let directory = tempfile::tempdir().unwrap();
    let lines = open(directory.path());
    append(&lines, "web/1", &[(1, "GET a"), (4, "GET d")]).await;
    append(&lines, "web/2", &[(2, "GET b"), (3, "POST c")]).await;
    append(&lines, "job", &[(2, "GET j")]).await;
    let search = |streams: Streams| {
        let filter = Filter { streams, ..Filter::default() };
        lines.filter("g", filter, |message| message.starts_with("GET"))
    };
    let all = search(Streams::All).await.unwrap();
    assert_eq!(messages(&all.events), ["GET a", "GET b", "GET j", "GET d"]);
    assert_eq!(&*all.events[2].stream, "job");
    assert_eq!(all.next_token, None);
    let web = search(Streams::Prefix("web/".into())).await.unwrap();
    assert_eq!(messages(&web.events), ["GET a", "GET b", "GET d"]);
    let named = vec!["job".into(), "none".into(), "web/2".into(), "job".into()];
    let named = search(Streams::Named(named)).await.unwrap();
    assert_eq!(messages(&named.events), ["GET b", "GET j"]);
}

#[tokio::test]
async fn a_search_pages() {
    let directory = tempfile::tempdir().unwrap();
    let lines = open(directory.path());
    for time in 0..10 {
        append(&lines, &format!("s{}", time % 3), &[(time, "x"), (time, "y")]).await;
    }
    let mut token = None;
    let mut seen = Vec::new();
    loop {
        let filter = Filter { limit: Some(3), token, ..Filter::default() };
        let page = lines.filter("g", filter, |message| message == "x").await.unwrap();
        assert!(page.events.len() <= 3);
        seen.extend(page.events.iter().map(|event| event.timestamp_ms));
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn ids_are_unique_stable_and_sorted() {
    let directory = tempfile::tempdir().unwrap();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let lines = open(directory.path());
        append(&lines, "a", &[(7, "x"), (7, "x")]).await;
        append(&lines, "b", &[(7, "x"), (9, "x")]).await;
        let page = lines.filter("g", Filter::default(), |_| true).await.unwrap();
        let now: Vec<String> = page.events.iter().map(|event| event.id.clone()).collect();
        assert!(now.is_sorted());
        assert!(now.iter().all(|id| id.len() == 56));
        assert!(ids.iter().all(|id| now.contains(id)), "ids change over a restart");
        ids = now;
    }
    ids.dedup();
    assert_eq!(ids.len(), 8);
}

#[tokio::test]
async fn everything_is_there_after_opening_again() {
    let directory = tempfile::tempdir().unwrap();
    let expected = {
        let lines = open(directory.path());
        append(&lines, "s", &[(1, "a"), (2, "bé")]).await;
        lines.stream_stats("g", "s").unwrap()
    };
    let lines = open(directory.path());
    assert_eq!(lines.stream_stats("g", "s"), Some(expected));
    assert_eq!(expected.first_event_ms, 1);
    assert_eq!(expected.last_event_ms, 2);
    assert_eq!(expected.last_ingestion_ms, 7);
    assert_eq!(expected.stored_bytes, 26 + 1 + 26 + 3);
    assert_eq!(lines.group_bytes("g"), expected.stored_bytes);
    assert_eq!((lines.groups(), lines.streams("g")), (vec!["g".into()], vec!["s".into()]));
    append(&lines, "s", &[(3, "c")]).await;
    let page = lines.read("g", "s", from_head()).await.unwrap();
    assert_eq!(messages(&page.events), ["a", "bé", "c"]);
}

#[tokio::test]
async fn a_directory_in_use_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let _first = open(directory.path());
    assert!(matches!(LogLines::open(directory.path()), Err(OpenError::InUse(_))));
}

/// The files of segments, in order.
fn segments(directory: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut logs: Vec<_> = entries.filter(|p| p.extension().is_some_and(|e| e == "log")).collect();
    logs.sort();
    logs
}

#[tokio::test]
async fn a_torn_tail_is_cut_wherever_it_is_torn() {
    let whole = tempfile::tempdir().unwrap();
    {
        let lines = open(whole.path());
        append(&lines, "s", &[(1, "a")]).await;
        append(&lines, "s", &[(2, "b"), (3, "c")]).await;
    }
    let bytes = std::fs::read(&segments(whole.path())[0]).unwrap();
    let mut lengths = std::collections::BTreeSet::new();
    for length in 0..=bytes.len() {
        let torn = tempfile::tempdir().unwrap();
        std::fs::write(torn.path().join("0000000000000001.log"), &bytes[..length]).unwrap();
        let lines = open(torn.path());
        let found = lines.read("g", "s", from_head()).await.unwrap();
        let found = messages(&found.events);
        assert!(["a", "b", "c"].starts_with(&found) && found.len() != 2, "{length}: {found:?}");
        lengths.insert(found.len());
        let before = found.len();
        append(&lines, "s", &[(9, "new")]).await;
        drop(lines);
        let found = open(torn.path()).read("g", "s", from_head()).await.unwrap();
        assert_eq!(found.events.len(), before + 1, "{length}: appending goes on");
    }
    assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [0, 1, 3]);
}

#[tokio::test]
async fn a_stale_or_foreign_index_does_no_harm() {
    let directory = tempfile::tempdir().unwrap();
    append(&open(directory.path()), "s", &[(1, "a")]).await;
    let index = segments(directory.path())[0].with_extension("idx");
    let stale = std::fs::read(&index).expect("closing saves the index");
    append(&open(directory.path()), "s", &[(2, "b")]).await;
    for content in [&stale[..], b"", b"{", &stale[..stale.len() / 2]] {
        std::fs::write(&index, content).unwrap();
        let found = open(directory.path()).read("g", "s", from_head()).await.unwrap();
        assert_eq!(messages(&found.events), ["a", "b"]);
    }
}

#[tokio::test]
async fn deleting_frees_the_files_and_the_name() {
    let directory = tempfile::tempdir().unwrap();
    let lines = open(directory.path());
    append(&lines, "a", &[(1, "a")]).await;
    append(&lines, "b", &[(1, "b")]).await;
    lines.append("other", "a", vec![event(1, "o")]).await.unwrap();
    lines.delete_stream("g", "a").await.unwrap();
    assert_eq!(lines.streams("g"), ["b"]);
    assert_eq!(segments(directory.path()).len(), 2);
    append(&lines, "a", &[(2, "again")]).await;
    let page = lines.read("g", "a", from_head()).await.unwrap();
    assert_eq!(messages(&page.events), ["again"]);
    lines.delete_group("g").await.unwrap();
    lines.delete_group("never was").await.unwrap();
    assert_eq!(lines.groups(), ["other"]);
    assert_eq!(lines.stream_stats("g", "a"), None);
    assert_eq!(segments(directory.path()).len(), 1);
}

#[tokio::test]
async fn expiry_hides_events_and_frees_segments() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let directory = tempfile::tempdir().unwrap();
    let lines = open(directory.path());
    for day in 0..4 {
        append(&lines, "s", &[(day * DAY, "early"), (day * DAY + DAY - 1, "late")]).await;
    }
    append(&lines, "old", &[(1, "x")]).await;
    let before = segments(directory.path()).len();
    assert!(before >= 3, "a day is a segment: {before}");
    lines.expire("g", 2 * DAY + 1).await.unwrap();
    let page = lines.read("g", "s", from_head()).await.unwrap();
    let times: Vec<i64> = page.events.iter().map(|event| event.timestamp_ms).collect();
    assert_eq!(times, [3 * DAY - 1, 3 * DAY, 4 * DAY - 1]);
    let found = lines.filter("g", Filter::default(), |_| true).await.unwrap();
    assert_eq!(found.events, page.events);
    assert_eq!(lines.stream_stats("g", "s").unwrap().first_event_ms, 3 * DAY - 1);
    assert!(segments(directory.path()).len() < before);
    assert_eq!(lines.streams("g"), ["s"]);
    lines.expire("g", 9 * DAY).await.unwrap();
    assert!(segments(directory.path()).is_empty());
    assert_eq!(lines.groups(), [""; 0]);
}

#[tokio::test]
async fn a_tail_wakes_for_its_group() {
    let directory = tempfile::tempdir().unwrap();
    let lines = open(directory.path());
    let mut tail = lines.tail("g");
    lines.append("other", "s", vec![event(1, "x")]).await.unwrap();
    let mut waiting = Box::pin(tail.changed());
    let pending = std::future::poll_fn(|context| {
        std::task::Poll::Ready(waiting.as_mut().poll(context).is_pending())
    });
    assert!(pending.await, "another group's lines are not ours");
    append(&lines, "s", &[(1, "x")]).await;
    waiting.await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_streams_than_open_files() {
    let directory = tempfile::tempdir().unwrap();
    let lines = open(directory.path());
    for round in 0..2 {
        let tasks: Vec<_> = (0..100)
            .map(|n| {
                let lines = lines.clone();
                tokio::spawn(async move {
                    lines.append("g", &format!("s{n}"), vec![event(round, "x")]).await
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    }
    let open_files = std::fs::read_dir("/proc/self/fd").unwrap();
    let logs = open_files
        .filter_map(|fd| std::fs::read_link(fd.unwrap().path()).ok())
        .filter(|path| path.starts_with(directory.path()) && path.extension().is_some())
        .count();
    assert!(logs <= 64, "{logs} segments are open");
    let found = lines.filter("g", Filter::default(), |_| true).await.unwrap();
    assert_eq!(found.events.len(), 200);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]
    /// However late events come, and however large they are, paging through
    /// gives each once, in order, in both directions and through a search.
    #[test]
    fn paging_is_sorting(
        batches in prop::collection::vec(prop::collection::vec((0i64..40, 0usize..60_000), 1..6), 1..30),
        limit in 1usize..20,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(check_paging(batches, limit));
    }
}

async fn check_paging(batches: Vec<Vec<(i64, usize)>>, limit: usize) {
    let directory = tempfile::tempdir().unwrap();
    let lines = open(directory.path());
    let mut expected = Vec::new();
    for batch in &batches {
        let events = batch.iter().map(|(time, size)| event(*time, &"x".repeat(*size))).collect();
        lines.append("g", "s", events).await.unwrap();
        expected.extend(batch.iter().copied());
    }
    expected.sort_by_key(|(time, _)| *time);
    let brief = |events: &[Event]| -> Vec<(i64, usize)> {
        events.iter().map(|event| (event.timestamp_ms, event.message.len())).collect()
    };

    let mut forward = Vec::new();
    let mut page = lines.read("g", "s", Read { limit: Some(limit), ..from_head() }).await.unwrap();
    while !page.events.is_empty() {
        forward.extend(brief(&page.events));
        page = lines.read("g", "s", with_token(&page.next_forward_token, limit)).await.unwrap();
    }
    assert_eq!(forward, expected);

    let mut backward = Vec::new();
    let mut page =
        lines.read("g", "s", Read { limit: Some(limit), ..Read::default() }).await.unwrap();
    while !page.events.is_empty() {
        backward.splice(0..0, brief(&page.events));
        page = lines.read("g", "s", with_token(&page.next_backward_token, limit)).await.unwrap();
    }
    assert_eq!(backward, expected);

    let mut searched = Vec::new();
    let mut token = None;
    loop {
        let filter = Filter { limit: Some(limit), token, ..Filter::default() };
        let page = lines.filter("g", filter, |message| message.len() % 2 == 0).await.unwrap();
        searched.extend(brief(&page.events));
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    expected.retain(|(_, size)| size % 2 == 0);
    assert_eq!(searched, expected);
}

#[tokio::test]
async fn a_long_search_is_answered_in_parts() {
    let directory = tempfile::tempdir().unwrap();
    {
        let lines = open(directory.path());
        let large = "x".repeat(1_000_000);
        for time in 0..40 {
            append(&lines, "s", &[(time, &large)]).await;
        }
        append(&lines, "s", &[(50, "needle")]).await;
    }
    assert!(segments(directory.path()).len() >= 4, "a stream is more than one segment");
    let lines = open(directory.path());
    let search = |token| {
        let filter = Filter { token, ..Filter::default() };
        lines.filter("g", filter, |message| message == "needle")
    };
    let first = search(None).await.unwrap();
    assert!(first.events.is_empty());
    let second = search(first.next_token).await.unwrap();
    assert_eq!(messages(&second.events), ["needle"]);
    assert_eq!(second.next_token, None);
}

#[tokio::test]
async fn a_failed_write_is_told_and_the_stream_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    append(&open(directory.path()), "s", &[(1, "a")]).await;
    let lines = open(directory.path());
    std::fs::remove_file(&segments(directory.path())[0]).unwrap();
    let failed = lines.append("g", "s", vec![event(2, "b")]).await;
    assert!(matches!(failed, Err(LogError::Write(_))), "{failed:?}");
    append(&lines, "s", &[(3, "c")]).await;
    let page = lines.read("g", "s", from_head()).await.unwrap();
    assert_eq!(messages(&page.events), ["c"]);
}

#[tokio::test]
async fn damage_is_told_not_hidden() {
    let directory = tempfile::tempdir().unwrap();
    let lines = open(directory.path());
    append(&lines, "s", &[(1, "some text")]).await;
    let path = &segments(directory.path())[0];
    let mut bytes = std::fs::read(path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(path, bytes).unwrap();
    let page = lines.read("g", "s", from_head()).await;
    assert!(matches!(page, Err(LogError::Read(_))), "{page:?}");
}
