//! Processes with a terminal in running containers. Needs root and Debian's
//! `busybox-static`.

#[path = "programs/place.rs"]
mod place;

use std::time::Duration;

use neargate_runtime::{Error, ExecSpec, Terminal};
use place::{Place, shell};

/// Reads until `wanted` was printed.
async fn until(terminal: &Terminal, wanted: &str) -> String {
    let mut seen = String::new();
    let mut buffer = [0; 1024];
    while !seen.contains(wanted) {
        let read = tokio::time::timeout(Duration::from_secs(20), terminal.read(&mut buffer)).await;
        let length =
            read.unwrap_or_else(|_| panic!("only {seen:?}")).expect("a terminal that is open");
        assert!(length > 0, "{wanted:?} did not come, but {seen:?}");
        seen.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    seen
}

#[tokio::test]
async fn a_shell_has_a_terminal_of_the_size_that_is_asked_for() {
    let place = Place::new();
    let task = place.launch(vec![shell("app", "sleep 600")]).await;
    task.start_container("app").await.unwrap();
    let argv = vec!["/bin/sh".into()];
    let terminal = task.exec_in_terminal(ExecSpec::new("app", argv)).await.unwrap();
    terminal.resize(97, 31).unwrap();
    terminal.write(b"stty size; tty; echo do''ne\n").await.unwrap();
    let seen = until(&terminal, "done").await;
    assert!(seen.contains("31 97") && seen.contains("/dev/pts/"), "{seen:?}");
    // The keys go to what runs in the foreground.
    terminal.write(b"sh -c \"echo be''gun; exec sleep 600\"\n").await.unwrap();
    until(&terminal, "begun").await;
    terminal.write(b"\x03").await.unwrap();
    terminal.write(b"exit 7\n").await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), terminal.ended()).await;
    let outcome = ended.expect("the shell to end").unwrap();
    assert_eq!((outcome.code, outcome.failure), (7, None));
    assert_eq!(terminal.read(&mut [0; 4096]).await.map(|n| n < 4096).ok(), Some(true));
    place.finish(task).await;
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let place = Place::new();
    let task = place.launch(vec![shell("app", "sleep 600")]).await;
    task.start_container("app").await.unwrap();
    let missing = task.exec_in_terminal(ExecSpec::new("app", vec!["/bin/nothing".into()])).await;
    let why = match missing {
        Err(Error::StartFailed { reason, .. }) => reason,
        Err(other) => panic!("{other}"),
        Ok(terminal) => terminal.ended().await.unwrap().failure.expect("a reason"),
    };
    assert!(why.contains("no such file"), "{why}");
    place.finish(task).await;
}

#[tokio::test]
async fn hanging_up_ends_the_process() {
    let place = Place::new();
    let task = place.launch(vec![shell("app", "sleep 600")]).await;
    task.start_container("app").await.unwrap();
    let argv = vec!["/bin/sh".into(), "-c".into(), "echo up; sleep 600".into()];
    let terminal = task.exec_in_terminal(ExecSpec::new("app", argv)).await.unwrap();
    until(&terminal, "up").await;
    drop(terminal);
    let count = vec!["/bin/sh".into(), "-c".into(), "ps | grep -c '[s]leep 600'".into()];
    for _ in 0..500 {
        let left = task.exec(ExecSpec::new("app", count.clone())).await.unwrap();
        if left.output.trim() == "1" {
            return place.finish(task).await;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the process goes on");
}
