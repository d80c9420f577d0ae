//! Patterns of file names: `*`, `?`, `[a-z]`, `{a,b}`, and `**` for any directories.

pub(super) struct Glob {
    /// Without braces: one for each choice.
    patterns: Vec<Vec<String>>,
}

/// Choices of braces multiply.
const MAX_PATTERNS: usize = 1024;

impl Glob {
    pub(super) fn new(pattern: &str) -> Result<Glob, &'static str> {
        let expanded = without_braces(pattern)?;
        if expanded.iter().any(|pattern| pattern.contains('[') && !pattern.contains(']')) {
            return Err("syntax error in pattern");
        }
        let split = |pattern: String| pattern.split('/').map(str::to_owned).collect();
        Ok(Glob { patterns: expanded.into_iter().map(split).collect() })
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').collect();
        self.patterns.iter().any(|pattern| path_matches(pattern, &parts))
    }
}

fn without_braces(pattern: &str) -> Result<Vec<String>, &'static str> {
    let mut done = Vec::new();
    let mut open = vec![pattern.to_owned()];
    while let Some(next) = open.pop() {
        let Some(start) = next.find('{') else {
            done.push(next);
            continue;
        };
        let end = closing(&next, start).ok_or("syntax error in pattern")?;
        for choice in choices(&next[start + 1..end]) {
            open.push(format!("{}{choice}{}", &next[..start], &next[end + 1..]));
        }
        if open.len() + done.len() > MAX_PATTERNS {
            return Err("it has too many choices");
        }
    }
    Ok(done)
}

fn closing(pattern: &str, start: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in pattern.bytes().enumerate().skip(start) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn choices(inside: &str) -> Vec<String> {
    let mut choices = vec![String::new()];
    let mut depth = 0;
    for c in inside.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match choices.last_mut() {
            Some(last) if c != ',' || depth > 0 => last.push(c),
            _ => choices.push(String::new()),
        }
    }
    choices
}

/// With one place to go back to, as for names below: never exponential.
fn path_matches(pattern: &[String], parts: &[&str]) -> bool {
    let (mut p, mut s) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if p < pattern.len() && pattern[p] == "**" {
            retry = Some((p, s));
            p += 1;
        } else if p == pattern.len() && s == parts.len() {
            return true;
        } else if p < pattern.len() && s < parts.len() && name_matches(&pattern[p], parts[s]) {
            p += 1;
            s += 1;
        } else if let Some((star, from)) = retry.filter(|(_, from)| *from < parts.len()) {
            retry = Some((star, from + 1));
            p = star + 1;
            s = from + 1;
        } else {
            return false;
        }
    }
}

fn name_matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut s) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if p < pattern.len() && pattern[p] == '*' {
            retry = Some((p, s));
            p += 1;
            continue;
        }
        if p == pattern.len() && s == name.len() {
            return true;
        }
        let step = name.get(s).and_then(|c| one_matches(&pattern[p..], *c));
        match (step, retry) {
            (Some(length), _) => {
                p += length;
                s += 1;
            }
            (None, Some((star, from))) if from < name.len() => {
                retry = Some((star, from + 1));
                p = star + 1;
                s = from + 1;
            }
            _ => return false,
        }
    }
}

/// How much of the pattern a character takes.
fn one_matches(pattern: &[char], c: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '\\' => (pattern.get(1) == Some(&c)).then_some(2),
        '[' => {
            let end = pattern.iter().skip(2).position(|p| *p == ']')? + 2;
            let (negated, class) = match pattern[1] {
                '^' | '!' => (true, &pattern[2..end]),
                _ => (false, &pattern[1..end]),
            };
            (in_class(class, c) != negated).then_some(end + 1)
        }
        literal => (*literal == c).then_some(1),
    }
}

fn in_class(class: &[char], c: char) -> bool {
    let mut at = 0;
    while at < class.len() {
        if class.get(at + 1) == Some(&'-') && at + 2 < class.len() {
            if (class[at]..=class[at + 2]).contains(&c) {
                return true;
            }
            at += 3;
        } else {
            if class[at] == c {
                return true;
            }
            at += 1;
        }
    }
    false
}
