//! AWS's wildcards: `*` is any run of characters, `?` exactly one.
//!
//! Linear in practice and never worse than pattern × text: on a mismatch it
//! goes back to the last `*` only. No regular expressions, no allocation.

/// One character of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Literal(u8),
    One,
    Run,
}

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pieces: Vec<Piece>,
    any_case: bool,
}

impl Pattern {
    /// For paths: upper and lower case differ.
    pub fn exact_case(pattern: &str) -> Self {
        Pattern { pieces: pattern.bytes().map(piece).collect(), any_case: false }
    }

    /// For hosts and header values.
    pub fn any_case(pattern: &str) -> Self {
        let pieces = pattern.bytes().map(|b| piece(b.to_ascii_lowercase())).collect();
        Pattern { pieces, any_case: true }
    }

    /// For query strings, where `\*` and `\?` stand for the characters themselves.
    pub fn escaped(pattern: &str) -> Self {
        let mut pieces = Vec::with_capacity(pattern.len());
        let mut bytes = pattern.bytes().map(|b| b.to_ascii_lowercase()).peekable();
        while let Some(byte) = bytes.next() {
            match (byte, bytes.peek()) {
                (b'\\', Some(&next @ (b'*' | b'?' | b'\\'))) => {
                    pieces.push(Piece::Literal(next));
                    bytes.next();
                }
                _ => pieces.push(piece(byte)),
            }
        }
        Pattern { pieces, any_case: true }
    }

    /// Whether the whole of `text` fits.
    pub fn matches(&self, text: &[u8]) -> bool {
        let (mut p, mut t) = (0, 0);
        let mut resume: Option<(usize, usize)> = None;
        while t < text.len() {
            match self.pieces.get(p) {
                Some(Piece::Run) => {
                    resume = Some((p + 1, t));
                    p += 1;
                }
                Some(&piece) if self.fits(piece, text[t]) => {
                    p += 1;
                    t += 1;
                }
                _ => {
                    let Some((after_run, from)) = resume else { return false };
                    p = after_run;
                    t = from + 1;
                    resume = Some((after_run, t));
                }
            }
        }
        self.pieces[p..].iter().all(|&piece| piece == Piece::Run)
    }

    fn fits(&self, piece: Piece, byte: u8) -> bool {
        match piece {
            Piece::Literal(b) if self.any_case => b == byte.to_ascii_lowercase(),
            Piece::Literal(b) => b == byte,
            Piece::One => true,
            Piece::Run => false,
        }
    }
}

fn piece(byte: u8) -> Piece {
    match byte {
        b'*' => Piece::Run,
        b'?' => Piece::One,
        other => Piece::Literal(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, slow and obvious.
    fn by_definition(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some(b'*'), _) => {
                by_definition(&pattern[1..], text)
                    || (!text.is_empty() && by_definition(pattern, &text[1..]))
            }
            (Some(b'?'), Some(_)) => by_definition(&pattern[1..], &text[1..]),
            (Some(p), Some(t)) if p == t => by_definition(&pattern[1..], &text[1..]),
            _ => false,
        }
    }

    #[test]
    fn examples() {
        let yes =
            |p: &str, t: &str| assert!(Pattern::exact_case(p).matches(t.as_bytes()), "{p} {t}");
        let no =
            |p: &str, t: &str| assert!(!Pattern::exact_case(p).matches(t.as_bytes()), "{p} {t}");
        yes("/img/*", "/img/a.png");
        yes("/img/*", "/img/");
        no("/img/*", "/img");
        no("/IMG/*", "/img/a");
        yes("/img/*/pics", "/img/a/b/pics");
        yes("*", "");
        no("?", "");
        assert!(Pattern::any_case("*.Example.com").matches(b"TEST.example.COM"));
        assert!(!Pattern::any_case("*.example.com").matches(b"example.com"));
        assert!(Pattern::escaped(r"a\*b").matches(b"A*b"));
        assert!(!Pattern::escaped(r"a\*b").matches(b"axb"));
        assert!(Pattern::escaped(r"a\b").matches(br"a\b"));
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
            prop_assert_eq!(
                Pattern::exact_case(&pattern).matches(text.as_bytes()),
                by_definition(pattern.as_bytes(), text.as_bytes())
            );
        }

        #[test]
        fn a_pattern_without_wildcards_is_equality(a in "[a-c/]{0,6}", b in "[a-c/]{0,6}") {
            prop_assert_eq!(Pattern::exact_case(&a).matches(b.as_bytes()), a == b);
        }

        #[test]
        fn many_runs_end(text in "a{0,2000}") {
            prop_assert!(!Pattern::exact_case("*a*a*a*a*b").matches(text.as_bytes()));
        }
    }
}
