//! What was acknowledged before a `kill -9` is there after it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use bytes::Bytes;
use neargate_blobs::{Blobs, Digest, UploadId};

/// Set for the process that is to be killed: the directory of its store.
const VICTIM: &str = "NEARGATE_TEST_VICTIM_STORE";

fn content(number: u32) -> Bytes {
    Bytes::from(number.to_le_bytes().repeat(40_000))
}

/// Not a test by itself: the victim, which says what was acknowledged to it.
#[tokio::test]
async fn victim() {
    let Ok(dir) = std::env::var(VICTIM) else { return };
    let blobs = Blobs::open(dir).unwrap();
    for number in 0.. {
        let digest = blobs.put(content(number)).await.unwrap();
        println!("blob {number} {digest}");
        let id = UploadId::parse("endless").unwrap();
        let mut upload = blobs.begin_or_resume(&id).await.unwrap();
        upload.write(content(7)).await.unwrap();
        println!("upload {}", upload.pause().await.unwrap());
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives() {
    let dir = tempfile::tempdir().unwrap();
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "victim", "--nocapture"])
        .env(VICTIM, dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map(Result::unwrap);
    let (mut acknowledged, mut uploaded) = (Vec::new(), 0);
    while acknowledged.len() < 12 {
        let line = lines.next().expect("the victim goes on until it is killed");
        if let Some(blob) = line.strip_prefix("blob ") {
            let (number, digest) = blob.split_once(' ').unwrap();
            acknowledged.push((number.parse::<u32>().unwrap(), digest.parse::<Digest>().unwrap()));
        } else if let Some(size) = line.strip_prefix("upload ") {
            uploaded = size.parse::<u64>().unwrap();
        }
    }
    victim.kill().unwrap();
    victim.wait().unwrap();

    let blobs = Blobs::open(dir.path()).unwrap();
    for (number, digest) in acknowledged {
        assert_eq!(blobs.read(&digest, u64::MAX).await.unwrap().unwrap(), content(number));
    }
    // Whatever else is there is whole as well.
    for blob in blobs.list().await.unwrap() {
        let bytes = blobs.read(&blob.digest, u64::MAX).await.unwrap().unwrap();
        assert_eq!(Digest::of(&bytes), blob.digest);
    }
    let upload = blobs.resume(&UploadId::parse("endless").unwrap()).await.unwrap();
    let size = upload.size();
    assert!(size >= uploaded, "{size} of {uploaded}");
    let mut whole = 7u32.to_le_bytes().repeat(size as usize / 4 + 1);
    whole.truncate(size as usize);
    upload.finish(Some(Digest::of(&whole))).await.unwrap();
}
