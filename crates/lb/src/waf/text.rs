//! Text transformations: what is undone of a request's disguise before it is
//! looked at. Pure. Source: "Text transformations" in the WAF developer guide.

/// One transformation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    LowerCase,
    /// Percent-encoding undone, once; a plus is a space.
    UrlDecode,
    /// Each run of white space, no-break spaces among it, becomes one space.
    CompressWhiteSpace,
}

impl Change {
    pub fn make(self, text: Vec<u8>) -> Vec<u8> {
        match self {
            Change::LowerCase => text.to_ascii_lowercase(),
            Change::UrlDecode => url_decoded(&text),
            Change::CompressWhiteSpace => compressed(&text),
        }
    }
}

fn url_decoded(text: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let pair = (digit(text.get(at + 1)), digit(text.get(at + 2)));
        at += 1;
        match (byte, pair) {
            (b'%', (Some(high), Some(low))) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(byte),
        }
    }
    out
}

fn compressed(text: &[u8]) -> Vec<u8> {
    let is_white = |byte: u8| byte.is_ascii_whitespace() || byte == 0x0b || byte == 0xa0;
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    for &byte in text {
        if !is_white(byte) {
            out.push(byte);
        } else if out.last() != Some(&b' ') {
            out.push(b' ');
        }
    }
    out
}
