//! Which lines of a container make one log event: one each, or, where a start
//! pattern is configured, a line that matches it with the lines after it.
//! Source: "Multi-line" in Docker's awslogs documentation, whose rules ECS has.

use regex::Regex;

/// Messages are cut here, as awslogs does.
const MOST_BYTES: usize = 256 * 1024;

/// What the first line of a message looks like.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// `awslogs-multiline-pattern`; the error tells what is wrong with it.
    pub fn regex(pattern: &str) -> Result<Self, String> {
        Regex::new(pattern).map(Pattern).map_err(|error| error.to_string())
    }

    /// `awslogs-datetime-format`: what strftime would print by it.
    pub fn datetime(format: &str) -> Result<Self, String> {
        let mut pattern = String::new();
        let mut rest = format.chars();
        while let Some(c) = rest.next() {
            match (c, c == '%') {
                (_, true) => match rest.next().map(|code| (code, matching(code))) {
                    Some((_, Some(part))) => pattern.push_str(part),
                    Some((code, None)) => {
                        return Err(format!("%{code} is no code of a date or time"));
                    }
                    None => return Err("a % stands alone at its end".into()),
                },
                (c, false) => pattern.push_str(&regex::escape(&c.to_string())),
            }
        }
        Pattern::regex(&pattern)
    }
}

/// What a code of strftime prints.
fn matching(code: char) -> Option<&'static str> {
    Some(match code {
        'a' => "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)",
        'A' => "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)",
        'w' => "[0-6]",
        'd' => r"(?:0[1-9]|[12]\d|3[01])",
        'b' => "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
        'B' => {
            "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
        }
        'm' => r"(?:0[1-9]|1[0-2])",
        'Y' => r"\d{4}",
        'y' | 'C' => r"\d{2}",
        'H' => r"(?:[01]\d|2[0-3])",
        'I' => r"(?:0\d|1[0-2])",
        'p' => "[AP]M",
        'M' | 'S' => r"[0-5]\d",
        'f' => r"\d{6}",
        'L' => r"\.\d{3}",
        'z' => r"[+-]\d{4}",
        'Z' => "[A-Z]{1,4}T",
        'j' => r"[0-3]\d{2}",
        '%' => "%",
        _ => return None,
    })
}

/// A message, at the time and the place in the log of its first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<At> {
    pub at: At,
    pub text: String,
    pub offset: u64,
}

/// Makes messages of lines.
#[derive(Debug)]
pub struct Joiner<At> {
    start: Option<Pattern>,
    pending: Option<Message<At>>,
}

impl<At> Joiner<At> {
    /// Without a pattern, each line is a message.
    pub fn new(start: Option<Pattern>) -> Self {
        Joiner { start, pending: None }
    }

    /// Takes the next line; answers with the message that it has completed.
    pub fn take(&mut self, line: Message<At>) -> Option<Message<At>> {
        let Some(Pattern(start)) = &self.start else { return Some(line) };
        match &mut self.pending {
            Some(pending)
                if !start.is_match(&line.text)
                    && pending.text.len() + line.text.len() < MOST_BYTES =>
            {
                pending.text.push('\n');
                pending.text.push_str(&line.text);
                None
            }
            pending => pending.replace(line),
        }
    }

    /// Completes what waits for more lines: no more came in time.
    pub fn flush(&mut self) -> Option<Message<At>> {
        self.pending.take()
    }

    /// Where in the log what is not complete begins.
    pub fn pending_from(&self) -> Option<u64> {
        self.pending.as_ref().map(|pending| pending.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(start: Option<Pattern>, lines: &[&str]) -> Vec<String> {
        let mut joiner = Joiner::new(start);
        let mut messages = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let line = Message { at: (), text: (*line).into(), offset: index as u64 };
            messages.extend(joiner.take(line));
        }
        messages.extend(joiner.flush());
        messages.into_iter().map(|m| format!("{}: {}", m.offset, m.text)).collect()
    }

    #[test]
    fn each_line_alone_without_a_pattern() {
        assert_eq!(joined(None, &["a", "  b"]), ["0: a", "1:   b"]);
    }

    #[test]
    fn lines_follow_the_one_that_matches() {
        let lines = ["ERROR one", "  at x", "  at y", "INFO two"];
        let start = Pattern::regex("^(INFO|ERROR)").unwrap();
        assert_eq!(joined(Some(start), &lines), ["0: ERROR one\n  at x\n  at y", "3: INFO two"]);
        let late = Pattern::regex("^INFO").unwrap();
        assert_eq!(joined(Some(late), &lines)[1], "3: INFO two", "what comes before is kept, too");
    }

    #[test]
    fn formats_of_dates() {
        let start = Pattern::datetime("[%Y-%m-%d %H:%M:%S%L]").unwrap();
        let lines = ["[2026-01-02 03:04:05.678] a", "2026 b", "[2026-01-02 25:04:05.678] c"];
        assert_eq!(joined(Some(start), &lines).len(), 1);
        assert!(Pattern::datetime("%Q").unwrap_err().contains("%Q"));
        assert!(Pattern::datetime("%").is_err());
    }
}
