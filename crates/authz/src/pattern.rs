//! Wildcards, and the variables that stand in patterns.

use std::fmt::Write;

/// Whether `text` is matched by `pattern`, in which `*` stands for any text and `?` for any
/// one character. Takes time in proportion to both lengths multiplied, at worst.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<Glob> = globs(pattern).collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // The last star, and the text that it stands for so far.
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Glob::Any) => {
                retry = Some((p, t));
                p += 1;
                continue;
            }
            Some(Glob::One) => {
                (p, t) = (p + 1, t + 1);
                continue;
            }
            Some(Glob::This(c)) if *c == text[t] => {
                (p, t) = (p + 1, t + 1);
                continue;
            }
            _ => {}
        }
        let Some((star, taken)) = retry else { return false };
        retry = Some((star, taken + 1));
        (p, t) = (star + 1, taken + 1);
    }
    pattern[p..].iter().all(|glob| *glob == Glob::Any)
}

/// As [`matches`], on ARNs: each of the first five parts by itself, so that a star there
/// never reaches over a colon (unless it is the pattern's last part).
pub fn arn_matches(pattern: &str, text: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let patterns: Vec<&str> = pattern.splitn(6, ':').collect();
    if patterns.len() < 6 {
        return matches(pattern, text);
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    parts.len() == 6 && patterns.iter().zip(parts).all(|(pattern, part)| matches(pattern, part))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Glob {
    Any,
    One,
    This(char),
}

/// Characters that a variable has brought in are not wildcards: [`substitute`] marks them.
const LITERAL: char = '\u{0}';

fn globs(pattern: &str) -> impl Iterator<Item = Glob> {
    let mut chars = pattern.chars();
    std::iter::from_fn(move || {
        Some(match chars.next()? {
            LITERAL => Glob::This(chars.next()?),
            '*' => Glob::Any,
            '?' => Glob::One,
            c => Glob::This(c),
        })
    })
}

/// Puts values in the place of `${key}` and `${key, 'default'}`; `${*}`, `${?}` and `${$}`
/// are these characters themselves. `None` when a key has no value: what holds such a
/// variable matches nothing.
pub fn substitute(pattern: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    if !pattern.contains("${") {
        return Some(pattern.to_owned());
    }
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(start) = rest.find("${") {
        out.push_str(&rest[..start]);
        let Some(length) = rest[start..].find('}') else {
            out.push_str(&rest[start..]);
            return Some(out);
        };
        let inside = &rest[start + 2..start + length];
        let (key, default) = match inside.split_once(',') {
            Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
            None => (inside.trim(), None),
        };
        let found = match key {
            "*" | "?" | "$" => Some(key.to_owned()),
            key => value(&key.to_ascii_lowercase()).or_else(|| default.map(str::to_owned)),
        };
        for c in found?.chars() {
            match c {
                '*' | '?' => {
                    let _ = write!(out, "{LITERAL}{c}");
                }
                c => out.push(c),
            }
        }
        rest = &rest[start + length + 1..];
    }
    out.push_str(rest);
    Some(out)
}

/// A substituted pattern as a plain text, for operators that know no wildcards.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|c| *c != LITERAL).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wildcards_match_as_iam_has_them() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*:Get*", "s3:GetObject", true),
            ("s3:Get*Tagging", "s3:GetObjectTagging", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_star_in_an_arn_stays_in_its_part() {
        let secret = "arn:aws:secretsmanager:us-west-2:000000000000:secret:db-AbCdEf";
        assert!(arn_matches("arn:aws:secretsmanager:*:*:secret:db-??????", secret));
        assert!(!arn_matches("arn:aws:secretsmanager:*:secret:db-??????:x", secret));
        assert!(!arn_matches("arn:aws:*:000000000000:secret:db:x", secret));
        assert!(arn_matches("arn:aws:secretsmanager*", secret));
    }

    #[test]
    fn a_variable_brings_no_wildcards_in() {
        let value = |key: &str| (key == "aws:username").then(|| "*".to_owned());
        let pattern = substitute("home/${aws:UserName}/*", value).unwrap();
        assert!(matches(&pattern, "home/*/x"));
        assert!(!matches(&pattern, "home/anna/x"));
        assert_eq!(substitute("${aws:none}", value), None);
        assert_eq!(substitute("${aws:none, 'team'}", value).as_deref(), Some("team"));
        assert!(!matches(&substitute("a${*}b", value).unwrap(), "axb"));
        assert_eq!(plain(&substitute("a${*}b", value).unwrap()), "a*b");
    }

    proptest! {
        #[test]
        fn a_text_matches_itself_and_every_blurred_form(text in "[a-z:/]{0,20}", from in 0usize..20, to in 0usize..20) {
            prop_assert!(matches(&text, &text));
            let (from, to) = (from.min(to).min(text.len()), from.max(to).min(text.len()));
            let starred = format!("{}*{}", &text[..from], &text[to..]);
            prop_assert!(matches(&starred, &text));
            let questioned = format!("{}{}{}", &text[..from], "?".repeat(to - from), &text[to..]);
            prop_assert!(matches(&questioned, &text));
        }

        #[test]
        fn matching_agrees_with_the_plain_recursion(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
            fn slow(p: &[u8], t: &[u8]) -> bool {
                match (p.first(), t.first()) {
                    (None, None) => true,
                    (Some(b'*'), _) => slow(&p[1..], t) || (!t.is_empty() && slow(p, &t[1..])),
                    (Some(b'?'), Some(_)) => slow(&p[1..], &t[1..]),
                    (Some(a), Some(b)) if a == b => slow(&p[1..], &t[1..]),
                    _ => false,
                }
            }
            prop_assert_eq!(matches(&pattern, &text), slow(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
