//! Follows the bytes of an HTTP/1 connection from head to head, and classifies
//! each head for desync mitigation as AWS does.
//!
//! hyper parses the requests; it is strict, and what it forwards is written
//! anew, so that a target never sees an ambiguous message. But it also tidies
//! silently (a repeated Content-Length, one beside Transfer-Encoding): what the
//! client really sent is seen only here. What hyper refuses is refused in every
//! mode, `monitor` included.
//!
//! Source: "Desync mitigation mode" and the classification reasons of the
//! access log.

use crate::observe::Classification;
use Classification::{Acceptable, Ambiguous, Severe};

/// Longer lines are not looked at: the limits on heads refuse them.
const LINE_MAX: usize = 64 * 1024;

/// Where in the stream the next byte belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    RequestLine,
    Field,
    Body(u64),
    ChunkSize,
    /// Data and the line end after it.
    Chunk(u64),
    Trailer,
    /// No longer followed: hyper will refuse what comes, or has.
    Lost,
}

/// See the module.
pub struct Framing {
    at: At,
    /// The beginning of a line whose end has not come.
    partial: Vec<u8>,
    head: Head,
}

/// What matters of the head that is being read.
#[derive(Default)]
struct Head {
    get_or_head: bool,
    lengths: Vec<Option<u64>>,
    encodings: usize,
    chunked: usize,
    worst: Option<Classification>,
}

impl Framing {
    /// At the start of a connection.
    pub fn new() -> Self {
        Framing { at: At::RequestLine, partial: Vec::new(), head: Head::default() }
    }

    /// Follows nothing.
    pub fn lost() -> Self {
        Framing { at: At::Lost, ..Framing::new() }
    }

    /// Takes in bytes in the order of the stream; `found` gets the
    /// classification of each head that they complete.
    pub fn read(&mut self, mut bytes: &[u8], mut found: impl FnMut(Option<Classification>)) {
        while !bytes.is_empty() {
            match self.at {
                At::Lost => return,
                At::Body(left) => {
                    let rest = skip(&mut bytes, left);
                    self.at = if rest == 0 { At::RequestLine } else { At::Body(rest) };
                }
                At::Chunk(left) => {
                    let rest = skip(&mut bytes, left);
                    self.at = if rest == 0 { At::ChunkSize } else { At::Chunk(rest) };
                }
                At::RequestLine | At::Field | At::ChunkSize | At::Trailer => {
                    let Some(end) = bytes.iter().position(|&b| b == b'\n') else {
                        self.keep(bytes);
                        return;
                    };
                    let (line, rest) = bytes.split_at(end + 1);
                    bytes = rest;
                    if self.partial.is_empty() {
                        self.line(line, &mut found);
                    } else {
                        let mut whole = std::mem::take(&mut self.partial);
                        whole.extend_from_slice(line);
                        self.line(&whole, &mut found);
                    }
                }
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.partial.extend_from_slice(bytes);
        if self.partial.len() > LINE_MAX {
            self.partial = Vec::new();
            self.at = At::Lost;
        }
    }

    fn line(&mut self, line: &[u8], found: &mut impl FnMut(Option<Classification>)) {
        let line = line.trim_ascii_end();
        match self.at {
            // Blank lines before a request are allowed (RFC 9112 2.2).
            At::RequestLine if line.is_empty() => {}
            At::RequestLine => {
                let get_or_head = line.starts_with(b"GET ") || line.starts_with(b"HEAD ");
                self.head = Head { get_or_head, ..Head::default() };
                self.at = At::Field;
            }
            At::Field if line.is_empty() => {
                found(self.head.classify());
                self.at = self.head.body();
            }
            At::Field => self.head.field(line),
            At::ChunkSize => {
                let size = line.split(|&b| b == b';').next().unwrap_or_default().trim_ascii();
                let size =
                    std::str::from_utf8(size).ok().and_then(|s| u64::from_str_radix(s, 16).ok());
                self.at = match size {
                    Some(0) => At::Trailer,
                    Some(size) => At::Chunk(size.saturating_add(2)),
                    None => At::Lost,
                };
            }
            At::Trailer if line.is_empty() => self.at = At::RequestLine,
            At::Trailer | At::Body(_) | At::Chunk(_) | At::Lost => {}
        }
    }
}

/// Passes over up to `left` bytes; returns how many are left then.
fn skip(bytes: &mut &[u8], left: u64) -> u64 {
    let skipped = (bytes.len() as u64).min(left);
    *bytes = &bytes[skipped as usize..];
    left - skipped
}

impl Head {
    fn field(&mut self, line: &[u8]) {
        let Some(colon) = line.iter().position(|&b| b == b':') else {
            self.note(Ambiguous("EmptyHeader"));
            return;
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
            self.lengths.push(length);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.encodings += 1;
            for coding in value.split(|&b| b == b',') {
                if coding.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                    self.chunked += 1;
                } else if !coding.trim_ascii().eq_ignore_ascii_case(b"identity") {
                    self.note(Severe("BadTransferEncoding"));
                }
            }
        } else if is_suspicious(name) {
            self.note(Ambiguous("SuspiciousHeader"));
        }
        if value.iter().any(|&b| b == 0 || b == b'\r') {
            self.note(Severe("BadHeader"));
        } else if !line.iter().all(|&b| b == b'\t' || (b' '..=b'~').contains(&b)) {
            self.note(Acceptable("NonCompliantHeader"));
        }
    }

    /// The worst finding counts; among equals the first.
    fn note(&mut self, finding: Classification) {
        if self.worst.is_none_or(|worst| severity(finding) > severity(worst)) {
            self.worst = Some(finding);
        }
    }

    fn classify(&mut self) -> Option<Classification> {
        let first = self.lengths.first().copied();
        if self.lengths.contains(&None) {
            self.note(Severe("BadContentLength"));
        }
        if self.lengths.iter().any(|&l| Some(l) != first) {
            self.note(Severe("MultipleContentLength"));
        } else if self.lengths.len() > 1 {
            self.note(Ambiguous("DuplicateContentLength"));
        }
        if self.chunked > 1 {
            self.note(Severe("MultipleTransferEncodingChunked"));
        }
        if self.encodings > 0 && first.is_some() {
            self.note(Ambiguous("BothTeClPresent"));
        }
        if self.get_or_head {
            match first {
                Some(Some(0)) => self.note(Acceptable("GetHeadZeroContentLength")),
                Some(_) => self.note(Ambiguous("UndefinedContentLengthSemantics")),
                None => {}
            }
            if self.encodings > 0 {
                self.note(Ambiguous("UndefinedTransferEncodingSemantics"));
            }
        }
        self.worst
    }

    fn body(&self) -> At {
        match (self.encodings, self.lengths.first()) {
            (1.., _) if self.chunked > 0 => At::ChunkSize,
            (1.., _) | (0, Some(None)) => At::Lost,
            (0, None | Some(Some(0))) => At::RequestLine,
            (0, Some(Some(length))) => At::Body(*length),
        }
    }
}

fn severity(finding: Classification) -> u8 {
    match finding {
        Acceptable(_) => 1,
        Ambiguous(_) => 2,
        Severe(_) => 3,
    }
}

/// Whether a name could be taken for Transfer-Encoding or Content-Length.
fn is_suspicious(name: &[u8]) -> bool {
    let letters = || name.iter().filter(|b| b.is_ascii_alphanumeric());
    let is = |known: &[u8]| letters().map(u8::to_ascii_lowercase).eq(known.iter().copied());
    matches!(name.first(), Some(b'c' | b'C' | b't' | b'T' | b'_' | b' ' | b'\t'))
        && (is(b"transferencoding") || is(b"contentlength"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    fn found(stream: &[&[u8]]) -> String {
        let mut framing = Framing::new();
        let mut out = String::new();
        for bytes in stream {
            framing.read(bytes, |c| {
                out += &c.map_or("compliant\n".into(), |c| format!("{c:?}\n"));
            });
        }
        out
    }

    fn check(fields: &str, expected: Expect) {
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        expected.assert_eq(found(&[head.as_bytes()]).trim_end());
    }

    #[test]
    fn heads() {
        check("", expect!["compliant"]);
        check("Content-Length: 3\r\n", expect!["compliant"]);
        check(
            "Content-Length: 3\r\nContent-Length: 3\r\n",
            expect![[r#"Ambiguous("DuplicateContentLength")"#]],
        );
        check(
            "Content-Length: 3\r\nContent-Length: 4\r\n",
            expect![[r#"Severe("MultipleContentLength")"#]],
        );
        check("Content-Length: x\r\n", expect![[r#"Severe("BadContentLength")"#]]);
        check(
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
            expect![[r#"Ambiguous("BothTeClPresent")"#]],
        );
        check(
            "Transfer-Encoding: chunked\r\ntransfer-encoding: chunked\r\n",
            expect![[r#"Severe("MultipleTransferEncodingChunked")"#]],
        );
        check("Transfer-Encoding: xchunked\r\n", expect![[r#"Severe("BadTransferEncoding")"#]]);
        check("Transfer_Encoding: chunked\r\n", expect![[r#"Ambiguous("SuspiciousHeader")"#]]);
        check("X: caf\u{e9}\r\n", expect![[r#"Acceptable("NonCompliantHeader")"#]]);
        expect![[r#"Acceptable("GetHeadZeroContentLength")"#]]
            .assert_eq(found(&[b"GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"]).trim_end());
        expect![[r#"Ambiguous("UndefinedContentLengthSemantics")"#]]
            .assert_eq(found(&[b"HEAD / HTTP/1.1\r\nContent-Length: 9\r\n\r\n"]).trim_end());
    }

    /// Bodies that look like heads are passed over.
    const STREAM: &[u8] = b"POST /1 HTTP/1.1\r\nContent-Length: 5\r\n\r\nX: 1\n\
        POST /2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
        B;ext=1\r\n\r\nPOST / \r\n\r\n3\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n\
        \r\nGET /3 HTTP/1.1\r\nContent-Length: 0\r\n\r\n\
        GET /4 HTTP/1.1\r\n\r\n";

    #[test]
    fn one_head_after_the_other() {
        expect![[r#"
            compliant
            compliant
            Acceptable("GetHeadZeroContentLength")
            compliant
        "#]]
        .assert_eq(&found(&[STREAM]));
    }

    proptest! {
        #[test]
        fn however_the_stream_is_cut(cuts in prop::collection::vec(0..STREAM.len(), 0..6)) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts {
                pieces.push(&STREAM[from..cut]);
                from = cut;
            }
            pieces.push(&STREAM[from..]);
            prop_assert_eq!(found(&pieces), found(&[STREAM]));
        }

        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            found(&[&bytes]);
        }
    }
}
