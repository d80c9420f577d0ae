//! A difference as people read it: symbols, indentation, and nothing of what stays.

use std::collections::BTreeMap;

use super::diff::{Change, Diff, Shape};

const NOTHING: &str = "    ";

/// Before the name of what changes.
pub fn symbol(change: Change) -> &'static str {
    match change {
        Change::Same => NOTHING,
        Change::Made => "  + ",
        Change::Gone => "  - ",
        Change::Changed => "  ~ ",
    }
}

fn indent(depth: usize) -> String {
    NOTHING.repeat(depth)
}

/// How a part is shown.
#[derive(Clone, Copy)]
pub struct Show {
    /// That what is gone ends with `-> null`.
    null_suffix: bool,
    /// That it is shown, though it stays.
    pub whole: bool,
}

impl Default for Show {
    fn default() -> Self {
        Show { null_suffix: true, whole: false }
    }
}

impl Show {
    /// All of it, though nothing changes.
    pub fn all() -> Show {
        Show { whole: true, ..Show::default() }
    }
}

impl Diff {
    fn suffix(&self, show: Show) -> String {
        let null = if self.change == Change::Gone && show.null_suffix { " -> null" } else { "" };
        format!("{null}{}", self.forced())
    }

    fn forced(&self) -> &'static str {
        if self.forces { " # forces replacement" } else { "" }
    }

    /// What stands behind the name.
    pub fn human(&self, depth: usize, show: Show) -> String {
        match &self.shape {
            Shape::Plain(before, after) => match self.change {
                Change::Changed => format!("{before} -> {after}{}", self.forced()),
                Change::Gone => format!("{before}{}", self.suffix(show)),
                _ => format!("{after}{}", self.forced()),
            },
            Shape::Sensitive => format!("(sensitive value){}", self.suffix(show)),
            Shape::Unknown(None) => format!("(known after apply){}", self.forced()),
            Shape::Unknown(Some(old)) => {
                let inner = Show { null_suffix: false, ..show };
                format!("{} -> (known after apply){}", old.human(depth, inner), self.forced())
            }
            Shape::Other(gone, made) => {
                let old = gone.human(depth, Show { null_suffix: false, ..show });
                format!("{old} -> {}{}", made.human(depth, show), self.forced())
            }
            Shape::Lines(before, after) => self.lines(before, after, depth, show),
            Shape::Json(inner) => {
                let inner_show = Show { null_suffix: false, ..show };
                let text = inner.human(depth + 1, inner_show);
                let whole = matches!(inner.change, Change::Made | Change::Gone);
                let symbol = symbol(if whole { Change::Same } else { inner.change });
                format!(
                    "jsonencode({}\n{}{}{text}\n{}{NOTHING}){}",
                    self.forced(),
                    indent(depth + 1),
                    symbol,
                    indent(depth),
                    if self.change == Change::Gone && show.null_suffix { " -> null" } else { "" },
                )
            }
            Shape::Object(entries) => self.keyed(entries, false, depth, show),
            Shape::Map(entries) => self.keyed(entries, true, depth, show),
            Shape::List(items) => self.listed(items, true, depth, show),
            Shape::Set(items) => self.listed(items, false, depth, show),
            Shape::Block { attributes, blocks } => self.block(attributes, blocks, depth, show),
            Shape::SensitiveBlock => format!(
                "{{{}\n{1}# At least one attribute in this block is (or was) sensitive,\n{1}# so its contents will not be displayed.\n{2}{NOTHING}}}",
                self.forced(),
                indent(depth + 1) + NOTHING,
                indent(depth)
            ),
        }
    }

    fn lines(
        &self,
        before: &Option<String>,
        after: &Option<String>,
        depth: usize,
        show: Show,
    ) -> String {
        let mut text = format!("<<-EOT{}\n", self.forced());
        let split = |t: &Option<String>| -> Vec<neargate_hcl::Value> {
            t.iter()
                .flat_map(|t| t.trim_end_matches('\n').split('\n'))
                .map(neargate_hcl::Value::from)
                .collect()
        };
        let (b, a) = (split(before), split(after));
        for (old, new) in super::sequence::of_lines(&b, &a, false) {
            let (change, line) = match (old, new) {
                (Some(_), Some(at)) => (Change::Same, &a[at]),
                (None, Some(at)) => (Change::Made, &a[at]),
                (Some(at), _) => (Change::Gone, &b[at]),
                (None, None) => continue,
            };
            // What is made or gone as a whole needs no symbol for each line.
            let change = if self.change == Change::Changed { change } else { Change::Same };
            let line = line.as_str().unwrap_or_default();
            text.push_str(&format!("{}{}{line}\n", indent(depth + 1), symbol(change)));
        }
        let null = if self.change == Change::Gone && show.null_suffix { " -> null" } else { "" };
        text.push_str(&format!("{}{NOTHING}EOT{null}", indent(depth)));
        text
    }

    fn keyed(
        &self,
        entries: &BTreeMap<String, Diff>,
        quoted: bool,
        depth: usize,
        show: Show,
    ) -> String {
        if entries.is_empty() {
            return format!("{{}}{}", self.suffix(show));
        }
        let name = |key: &str| if quoted { quote(key) } else { attribute_name(key) };
        let width = entries.keys().map(|key| name(key).chars().count()).max().unwrap_or(0);
        let mut text = format!("{{{}\n", self.forced());
        let mut unchanged = 0;
        let inner = Show { null_suffix: self.change != Change::Gone && show.null_suffix, ..show };
        for (key, diff) in entries {
            let important = !quoted && is_important(key);
            if diff.change == Change::Same && !important && !show.whole {
                unchanged += 1;
                continue;
            }
            text.push_str(&line(depth, diff, &name(key), width, inner));
        }
        let what = if quoted { "element" } else { "attribute" };
        text.push_str(&hidden(depth, unchanged, what));
        let null = if self.change == Change::Gone && show.null_suffix { " -> null" } else { "" };
        text.push_str(&format!("{}{NOTHING}}}{null}", indent(depth)));
        text
    }

    fn listed(&self, items: &[Diff], context: bool, depth: usize, show: Show) -> String {
        if items.is_empty() {
            return format!("[]{}", self.suffix(show));
        }
        let mut text = format!("[{}\n", self.forced());
        let inner = Show { null_suffix: false, ..show };
        let mut waiting: Vec<&Diff> = Vec::new();
        let mut after_change = false;
        for item in items {
            if item.change == Change::Same && !after_change && !show.whole {
                waiting.push(item);
                continue;
            }
            if context && !show.whole {
                text.push_str(&hidden(depth, waiting.len().saturating_sub(1), "element"));
                if let Some(last) = waiting.last() {
                    text.push_str(&element(depth, last, Show { whole: true, ..inner }));
                }
                waiting.clear();
                after_change = item.change != Change::Same;
            }
            let show = Show { whole: show.whole || item.change == Change::Same, ..inner };
            text.push_str(&element(depth, item, show));
        }
        text.push_str(&hidden(depth, waiting.len(), "element"));
        let null = if self.change == Change::Gone && show.null_suffix { " -> null" } else { "" };
        text.push_str(&format!("{}{NOTHING}]{null}", indent(depth)));
        text
    }

    fn block(
        &self,
        attributes: &BTreeMap<String, Diff>,
        blocks: &BTreeMap<String, Vec<Diff>>,
        depth: usize,
        show: Show,
    ) -> String {
        if attributes.is_empty() && blocks.is_empty() {
            return format!("{{{}}}", self.forced());
        }
        let width = attributes.keys().map(|key| key.chars().count()).max().unwrap_or(0);
        let mut text = format!("{{{}\n", self.forced());
        let mut unchanged = 0;
        for (name, diff) in attributes {
            if diff.change == Change::Same && !is_important(name) && !show.whole {
                unchanged += 1;
                continue;
            }
            text.push_str(&line(depth, diff, name, width, Show::default()));
        }
        text.push_str(&hidden(depth, unchanged, "attribute"));
        let mut unchanged = 0;
        for (name, group) in blocks {
            let mut first = !attributes.is_empty();
            for diff in group {
                if diff.change == Change::Same && !show.whole {
                    unchanged += 1;
                    continue;
                }
                if std::mem::take(&mut first) {
                    text.push('\n');
                }
                let (at, symbol) = (indent(depth + 1), symbol(diff.change));
                let body = diff.human(depth + 1, Show { whole: show.whole, ..Show::default() });
                text.push_str(&format!("{at}{symbol}{name} {body}\n"));
            }
        }
        if unchanged > 0 {
            text.push('\n');
            text.push_str(&hidden(depth, unchanged, "block"));
        }
        text.push_str(&format!("{}{NOTHING}}}", indent(depth)));
        text
    }
}

fn line(depth: usize, diff: &Diff, name: &str, width: usize, show: Show) -> String {
    let whole = Show { whole: show.whole || diff.change == Change::Same, ..show };
    let value = diff.human(depth + 1, whole);
    format!("{}{}{name:<width$} = {value}\n", indent(depth + 1), symbol(diff.change))
}

fn element(depth: usize, diff: &Diff, show: Show) -> String {
    format!("{}{}{},\n", indent(depth + 1), symbol(diff.change), diff.human(depth + 1, show))
}

fn hidden(depth: usize, count: usize, what: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!("{}{NOTHING}# (1 unchanged {what} hidden)\n", indent(depth + 1)),
        n => format!("{}{NOTHING}# ({n} unchanged {what}s hidden)\n", indent(depth + 1)),
    }
}

/// What tells an object apart is shown though it stays.
fn is_important(name: &str) -> bool {
    matches!(name, "id" | "name" | "tags")
}

fn attribute_name(name: &str) -> String {
    if crate::config::content::is_name(name) { name.to_owned() } else { quote(name) }
}

/// A text in quotes, with what cannot be printed escaped.
pub fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
