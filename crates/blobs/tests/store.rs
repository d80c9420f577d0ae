//! The store as its users see it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::TryStreamExt;
use neargate_blobs::{BlobError, Blobs, Digest, UploadId};

fn store() -> (tempfile::TempDir, Blobs) {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path().join("blobs")).unwrap();
    (dir, blobs)
}

async fn text(blobs: &Blobs, digest: &Digest, range: std::ops::Range<u64>) -> String {
    let reader = blobs.reader(digest).await.unwrap().unwrap();
    let chunks: Vec<Bytes> = reader.stream(range).try_collect().await.unwrap();
    String::from_utf8(chunks.concat()).unwrap()
}

#[tokio::test]
async fn what_is_put_is_read_and_survives_reopening() {
    let (dir, blobs) = store();
    let digest = blobs.put("hello world".into()).await.unwrap();
    assert_eq!(digest, Digest::of(b"hello world"));
    drop(blobs);
    let blobs = Blobs::open(dir.path().join("blobs")).unwrap();
    assert_eq!(blobs.size(&digest).await.unwrap(), Some(11));
    assert_eq!(text(&blobs, &digest, 0..11).await, "hello world");
    assert_eq!(text(&blobs, &digest, 6..9).await, "wor");
    assert_eq!(blobs.total_size().await.unwrap(), 11);
    assert!(matches!(blobs.read(&digest, 10).await, Err(BlobError::TooLarge { size: 11, .. })));
    assert!(blobs.delete(&digest).await.unwrap());
    assert!(!blobs.delete(&digest).await.unwrap());
    assert_eq!(blobs.read(&digest, 100).await.unwrap(), None);
    assert!(blobs.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_upload_resumes_after_a_restart() {
    let (dir, blobs) = store();
    let mut upload = blobs.begin_under("0a0b0c0d").await.unwrap();
    let id = upload.id().clone();
    assert_eq!(id.as_str().len(), 36);
    assert!(id.as_str().starts_with("0a0b0c0d-"));
    let first = Bytes::from(vec![7; 1_300_000]);
    upload.write(first.clone()).await.unwrap();
    assert_eq!(upload.pause().await.unwrap(), 1_300_000);
    drop(blobs);

    let blobs = Blobs::open(dir.path().join("blobs")).unwrap();
    let mut upload = blobs.resume(&id).await.unwrap();
    upload.expect_at(1_300_000).unwrap();
    assert!(matches!(upload.expect_at(5), Err(BlobError::OutOfOrder { have: 1_300_000, .. })));
    upload.write("tail".into()).await.unwrap();
    let whole = [&first[..], b"tail"].concat();
    let committed = upload.finish(Some(Digest::of(&whole))).await.unwrap();
    assert_eq!(committed.size, whole.len() as u64);
    assert_eq!(blobs.read(&committed.digest, u64::MAX).await.unwrap().unwrap(), whole);
    assert!(matches!(blobs.resume(&id).await, Err(BlobError::UploadUnknown(_))));
}

#[tokio::test]
async fn a_second_writer_waits_and_sees_the_first_ones_bytes() {
    let (_dir, blobs) = store();
    let id = UploadId::parse("shared").unwrap();
    let mut first = blobs.begin_or_resume(&id).await.unwrap();
    let second = tokio::spawn({
        let (blobs, id) = (blobs.clone(), id.clone());
        async move { blobs.resume(&id).await.unwrap().size() }
    });
    first.write("abc".into()).await.unwrap();
    first.pause().await.unwrap();
    assert_eq!(second.await.unwrap(), 3);
}

#[tokio::test]
async fn the_wrong_bytes_leave_nothing() {
    let (dir, blobs) = store();
    let mut upload = blobs.begin().await.unwrap();
    let id = upload.id().clone();
    upload.write("evil".into()).await.unwrap();
    let refused = upload.finish(Some(Digest::of(b"good"))).await;
    assert!(matches!(refused, Err(BlobError::DigestMismatch { .. })));
    assert!(blobs.list().await.unwrap().is_empty());
    assert!(matches!(blobs.resume(&id).await, Err(BlobError::UploadUnknown(_))));
    assert_eq!(std::fs::read_dir(dir.path().join("blobs/uploads")).unwrap().count(), 0);
}

#[tokio::test]
async fn names_of_uploads_cannot_leave_the_directory() {
    for name in ["", "..", "a/b", "A", "a.b", &"x".repeat(101)] {
        assert!(UploadId::parse(name).is_err(), "{name}");
    }
}

#[tokio::test]
async fn an_abandoned_write_leaves_a_resumable_upload() {
    let (_dir, blobs) = store();
    let id = UploadId::parse("abandoned").unwrap();
    let mut upload = blobs.begin_or_resume(&id).await.unwrap();
    // Polled once, so that the blocking write has begun, then dropped.
    let write = upload.write(Bytes::from(vec![1; 2_000_000]));
    let _ = tokio::time::timeout(Duration::ZERO, write).await;
    drop(upload);
    let mut upload = blobs.resume(&id).await.unwrap();
    let missing = vec![1; 2_000_000 - upload.size() as usize];
    upload.write(missing.into()).await.unwrap();
    upload.finish(Some(Digest::of(&vec![1; 2_000_000]))).await.unwrap();
}

#[tokio::test]
async fn garbage_is_what_is_neither_live_nor_young() {
    let (_dir, blobs) = store();
    let live = blobs.put("live".into()).await.unwrap();
    let dead = blobs.put("dead".into()).await.unwrap();
    let claimed = blobs.put("claimed".into()).await.unwrap();
    let mut upload = blobs.begin().await.unwrap();
    upload.write("abandoned".into()).await.unwrap();
    let id = upload.id().clone();
    upload.pause().await.unwrap();

    let hour = Duration::from_secs(3600);
    let keep = HashSet::from([live]);
    let nothing = blobs.collect_garbage(keep.clone(), hour, SystemTime::now()).await.unwrap();
    assert_eq!(nothing.blobs, []);

    for digest in [&live, &dead, &claimed] {
        let file = std::fs::File::open(blobs.path(digest)).unwrap();
        file.set_modified(SystemTime::now() - 2 * hour).unwrap();
    }
    assert_eq!(blobs.touch(&claimed).await.unwrap(), Some(7));
    let collected = blobs.collect_garbage(keep.clone(), hour, SystemTime::now()).await.unwrap();
    assert_eq!((collected.blobs, collected.blob_bytes), (vec![dead], 4));
    assert_eq!(collected.uploads, Vec::<String>::new());

    let later = SystemTime::now() + 2 * hour;
    let collected = blobs.collect_garbage(keep, hour, later).await.unwrap();
    assert_eq!(collected.blobs, [claimed]);
    assert_eq!((collected.uploads, collected.upload_bytes), (vec![id.to_string()], 9));
    assert!(matches!(blobs.resume(&id).await, Err(BlobError::UploadUnknown(_))));
}
