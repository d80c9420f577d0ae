//! Logs without containers: cutting, rolling over, going on, trimming.

use super::*;

fn write(dir: &Path, chunks: &[(Stream, &[u8])]) {
    let mut writer = Writer::open(dir).unwrap();
    for (stream, bytes) in chunks {
        writer.take(*stream, bytes, Timestamp(7));
    }
    writer.finish(Stream::Stdout, Timestamp(8));
    writer.finish(Stream::Stderr, Timestamp(8));
    writer.flush();
    assert_eq!(writer.offset(), end_offset(dir).unwrap());
}

fn read_all(dir: &Path, max_bytes: usize) -> Vec<Line> {
    let (mut lines, mut offset) = (Vec::new(), 0);
    loop {
        let batch = tail::read_batch(dir, offset, max_bytes).unwrap();
        if batch.lines.is_empty() {
            return lines;
        }
        offset = batch.next_offset;
        lines.extend(batch.lines);
    }
}

#[test]
fn lines_are_cut_at_newlines_over_reads_and_streams() {
    let dir = tempfile::tempdir().unwrap();
    let (out, err) = (Stream::Stdout, Stream::Stderr);
    write(dir.path(), &[(out, b"on"), (err, b"bad\n\n"), (out, b"e\ntwo\nlast")]);
    let lines = read_all(dir.path(), 1);
    let shown: Vec<_> =
        lines.iter().map(|l| (l.stream, String::from_utf8_lossy(&l.bytes).into_owned())).collect();
    let expected = [(err, "bad"), (err, ""), (out, "one"), (out, "two"), (out, "last")];
    assert_eq!(shown, expected.map(|(stream, text)| (stream, text.to_owned())));
    assert_eq!((lines[0].at, lines[4].at), (Timestamp(7), Timestamp(8)));
}

#[test]
fn a_long_line_is_split_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let long: Vec<u8> = (0..MAX_LINE * 2 + 5).map(|i| b'a' + (i % 26) as u8).collect();
    let exact = vec![b'x'; MAX_LINE];
    let mut text = long.clone();
    text.push(b'\n');
    text.extend(&exact);
    text.extend(b"\nend\n");
    let chunks: Vec<_> = text.chunks(65536).map(|chunk| (Stream::Stdout, chunk)).collect();
    write(dir.path(), &chunks);
    let lines = read_all(dir.path(), 1 << 20);
    let shape: Vec<_> = lines.iter().map(|line| (line.bytes.len(), line.partial)).collect();
    let expected = [(MAX_LINE, true), (MAX_LINE, true), (5, false), (MAX_LINE, false), (3, false)];
    assert_eq!(shape, expected);
    let joined: Vec<u8> = lines[..3].iter().flat_map(|line| line.bytes.clone()).collect();
    assert!(joined == long);
}

#[tokio::test]
async fn a_tail_crosses_segments_trims_and_ends() {
    let dir = tempfile::tempdir().unwrap();
    let line = [vec![b'y'; 99_999], vec![b'\n']].concat();
    let mut writer = Writer::open(dir.path()).unwrap();
    for _ in 0..250 {
        writer.take(Stream::Stdout, &line, Timestamp(1));
        writer.flush();
    }
    drop(writer);
    write(dir.path(), &[(Stream::Stderr, b"after a restart\n")]);
    assert!(segments(dir.path()).unwrap().len() > 2);

    let end = Mark { upto: end_offset(dir.path()).unwrap(), end: true };
    let (_sender, mark) = watch::channel(end);
    let mut tail = Tail::new(dir.path().to_owned(), 0, mark);
    let mut count = 0;
    while let Some(batch) = tail.next(3_000_000).await.unwrap() {
        count += batch.lines.len();
        tail.trim(batch.next_offset).unwrap();
    }
    assert_eq!(count, 251);
    assert_eq!(segments(dir.path()).unwrap().len(), 1);
}

#[test]
fn what_was_given_up_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path()).unwrap();
    let line = [vec![b'z'; 200_000], vec![b'\n']].concat();
    for _ in 0..60 {
        writer.take(Stream::Stdout, &line, Timestamp(1));
        writer.flush();
    }
    let (_, oldest) = segments(dir.path()).unwrap().remove(0);
    let length = fs::metadata(&oldest).unwrap().len();
    fs::remove_file(oldest).unwrap();
    let batch = tail::read_batch(dir.path(), 100, 1).unwrap();
    assert_eq!((batch.skipped, batch.lines.len()), (length - 100, 1));
}

#[test]
fn a_record_cut_short_is_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[(Stream::Stdout, b"whole\ncut\n")]);
    let path = segment_path(dir.path(), 0);
    let length = fs::metadata(&path).unwrap().len();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length - 1).unwrap();
    let lines = read_all(dir.path(), 1 << 20);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].bytes, b"whole");
}

use tokio::sync::watch;
