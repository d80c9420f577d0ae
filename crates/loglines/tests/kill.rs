//! Durability as a user meets it: `kill -9` in the middle of appending, and
//! every line that was acknowledged is there, once, when the lines open again.
//!
//! The child is this test program itself, asked to run [`child_appends_until_killed`].

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use neargate_loglines::{Filter, LogLines, NewEvent};

const DIRECTORY: &str = "NEARGATE_TEST_LINES";
const ROUND: &str = "NEARGATE_TEST_ROUND";

#[test]
#[ignore = "the child of acknowledged_lines_survive_kill: does nothing on its own"]
fn child_appends_until_killed() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let round: i64 = std::env::var(ROUND).unwrap().parse().unwrap();
    let lines = LogLines::open(&PathBuf::from(directory)).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    for stream in 0..4 {
        let lines = lines.clone();
        runtime.spawn(async move {
            for n in 0.. {
                let message = format!("{round}/{stream}/{n}");
                let filling = "x".repeat((n % 3000) as usize);
                let pair = [message.clone(), filling];
                let events = pair.map(|message| NewEvent {
                    timestamp_ms: round * 1_000_000 + n,
                    ingestion_ms: 0,
                    message,
                });
                lines.append("g", &format!("s{stream}"), events.into()).await.unwrap();
                // One write, so that lines of different tasks do not mix. A
                // parent that is gone ends the child.
                let line = format!("\nacknowledged {message}\n");
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

#[test]
fn acknowledged_lines_survive_kill() {
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeSet::new();
    for round in 0..6 {
        run_and_kill(directory.path(), round, 5 + round * 40, &mut acknowledged);
        let stored = stored(directory.path());
        let unique: BTreeSet<&String> = stored.iter().collect();
        assert_eq!(unique.len(), stored.len(), "a line is there twice");
        for line in &acknowledged {
            assert!(unique.contains(line), "{line} was acknowledged and is lost");
        }
    }
}

/// The messages that are there, without the filling.
fn stored(directory: &Path) -> Vec<String> {
    let lines = LogLines::open(directory).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut found = Vec::new();
    let mut filter = Filter::default();
    loop {
        let page = lines.filter("g", filter.clone(), |message| message.contains('/'));
        let page = runtime.block_on(page).unwrap();
        found.extend(page.events.into_iter().map(|event| event.message));
        if page.next_token.is_none() {
            return found;
        }
        filter.token = page.next_token;
    }
}

/// Lets a child append until `enough` acknowledgements, kills it, and collects
/// all that it said.
fn run_and_kill(directory: &Path, round: usize, enough: usize, said: &mut BTreeSet<String>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_appends_until_killed", "--ignored", "--nocapture"])
        .env(DIRECTORY, directory)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut killed = false;
    let mut seen = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        if let Some(message) = line.unwrap().strip_prefix("acknowledged ") {
            said.insert(message.to_owned());
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
