//! What is printed in a session, kept until it is over: in a file without a name, of
//! which a crash leaves nothing. It begins and ends with a line of its own, as the
//! transcripts that AWS's agent makes with `script` do.

use std::fs::File;
use std::io::{self, SeekFrom};
use std::path::Path;

use neargate_api::Timestamp;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader};

/// Bytes of one log event: the agent's own measure.
const EVENT_BYTES: usize = 200_000;

/// Bytes that are read of a line at once: each that is no text becomes three.
const LINE_BYTES: u64 = EVENT_BYTES as u64 / 3;

pub struct Transcript {
    file: tokio::fs::File,
}

impl Transcript {
    /// A new one, in a file under `dir` that has a name for no longer than this takes.
    pub async fn begin(dir: &Path, session_id: &str, now: Timestamp) -> io::Result<Self> {
        let path = dir.join(format!("{session_id}.log"));
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        std::fs::remove_file(&path)?;
        let mut transcript = Transcript { file: file.into() };
        transcript.add(format!("Script started on {}\n", date(now)).as_bytes()).await?;
        Ok(transcript)
    }

    pub async fn add(&mut self, printed: &[u8]) -> io::Result<()> {
        self.file.write_all(printed).await
    }

    pub async fn end(&mut self, now: Timestamp) -> io::Result<()> {
        self.add(format!("\nScript done on {}\n", date(now)).as_bytes()).await?;
        self.file.flush().await
    }

    /// All of it again, from its beginning, and its length.
    pub async fn whole(&mut self) -> io::Result<(u64, tokio::fs::File)> {
        let length = self.file.seek(SeekFrom::End(0)).await?;
        self.file.rewind().await?;
        Ok((length, self.file.try_clone().await?))
    }

    /// All of it as the messages of log events, of whole lines where they are not too long.
    pub async fn messages(&mut self) -> io::Result<Messages> {
        let (_, file) = self.whole().await?;
        Ok(Messages { file: BufReader::new(file), cut: Vec::new(), next: String::new() })
    }
}

/// The messages of log events, one after the other.
pub struct Messages {
    file: BufReader<tokio::fs::File>,
    /// The beginning of a character whose end was not read yet.
    cut: Vec<u8>,
    /// A line that had no room in the message before.
    next: String,
}

impl Messages {
    /// The next one; nothing at the end.
    pub async fn next(&mut self) -> io::Result<Option<String>> {
        let mut message = std::mem::take(&mut self.next);
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                return Ok((!message.is_empty()).then(|| trimmed(message)));
            }
            if !message.is_empty() && message.len() + line.len() > EVENT_BYTES {
                self.next = line;
                return Ok(Some(trimmed(message)));
            }
            message.push_str(&line);
        }
    }

    /// The next line, or as much of it as goes into an event; empty at the end.
    async fn line(&mut self) -> io::Result<String> {
        let mut line = std::mem::take(&mut self.cut);
        let read = (&mut self.file).take(LINE_BYTES).read_until(b'\n', &mut line).await?;
        if read > 0
            && let Err(error) = std::str::from_utf8(&line)
            && error.error_len().is_none()
        {
            self.cut = line.split_off(error.valid_up_to());
        }
        Ok(String::from_utf8_lossy(&line).replace("\r\n", "\n"))
    }
}

/// The end of the last line is the event's own.
fn trimmed(message: String) -> String {
    message.strip_suffix('\n').map(str::to_owned).unwrap_or(message)
}

/// `2026-01-02 03:04:05+00:00`.
fn date(now: Timestamp) -> String {
    now.iso8601_secs().replace('T', " ").replace('Z', "+00:00")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    async fn of(printed: &[u8]) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let now = Timestamp::from_secs(1_767_323_045);
        let mut transcript = Transcript::begin(dir.path(), "s", now).await.unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        transcript.add(printed).await.unwrap();
        transcript.end(now).await.unwrap();
        let mut messages = transcript.messages().await.unwrap();
        let mut all = Vec::new();
        while let Some(message) = messages.next().await.unwrap() {
            all.push(message);
        }
        all
    }

    #[tokio::test]
    async fn a_session_is_one_event() {
        let all = of(b"# echo hi\r\nhi\r\n# exit\r\n").await;
        expect![[r#"
            Script started on 2026-01-02 03:04:05+00:00
            # echo hi
            hi
            # exit

            Script done on 2026-01-02 03:04:05+00:00"#]]
        .assert_eq(&all.join("|"));
    }

    #[tokio::test]
    async fn a_long_one_is_several_of_whole_lines() {
        let line = "x".repeat(49_999) + "\n";
        let all = of(line.repeat(8).as_bytes()).await;
        let lengths: Vec<usize> = all.iter().map(String::len).collect();
        assert_eq!(lengths, [150_043, 199_999, 50_041]);
        let endless = of("y".repeat(500_000).as_bytes()).await;
        assert!(endless.iter().all(|message| message.len() <= EVENT_BYTES));
        let all: usize = endless.iter().map(|message| message.matches('y').count()).sum();
        assert_eq!(all, 500_000);
    }

    #[tokio::test]
    async fn what_is_no_text_has_room_and_what_is_stays_whole() {
        let binary = of(&[0xff; 300_000]).await;
        assert!(binary.iter().all(|message| message.len() <= EVENT_BYTES));
        let text = of("ä€🦀".repeat(30_000).as_bytes()).await.concat();
        assert!(!text.contains('\u{fffd}'));
        assert_eq!(text.matches('🦀').count(), 30_000);
    }
}
