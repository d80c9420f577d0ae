//! What happened in a scenario, for people: a line each with the time since its beginning,
//! and short names for what has long random ids.

use std::collections::HashMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chronicle {
    /// When, who and what.
    entries: Vec<(i64, &'static str, String)>,
    /// Long ids and the names that stand for them.
    names: HashMap<String, String>,
    /// How many names begin so.
    counts: HashMap<char, u32>,
}

impl Chronicle {
    /// Gives what has a long id the next name that begins so: `t7`, `d2`.
    pub fn name(&mut self, id: &str, first: char) {
        if !self.names.contains_key(id) {
            let number = self.counts.entry(first).or_insert(0);
            *number += 1;
            self.names.insert(id.to_owned(), format!("{first}{number}"));
        }
    }

    pub fn tell(&mut self, at_ms: i64, who: &'static str, what: &str) {
        self.entries.push((at_ms, who, what.to_owned()));
    }

    /// All of it, a line each.
    pub fn lines(&self) -> Vec<String> {
        let line = |(at_ms, who, what): &(i64, &str, String)| {
            let secs = *at_ms as f64 / 1000.0;
            format!("{secs:>9.3}s  {who:<9} {}", self.shortened(what))
        };
        self.entries.iter().map(line).collect()
    }

    /// What these have told, in whole seconds, and who it was unless that is the service.
    pub fn told_by(&self, who: &[&str]) -> Vec<String> {
        let told = self.entries.iter().filter(|(_, by, _)| who.contains(by));
        let line = |(at_ms, by, what): &(i64, &str, String)| {
            let by = if *by == "service" { String::new() } else { format!("{by} ") };
            format!("{}s {by}{}", at_ms / 1000, self.shortened(what))
        };
        told.map(line).collect()
    }

    /// A text with names in place of ids.
    pub fn shortened(&self, text: &str) -> String {
        let mut short = text.replace(crate::base::TARGET_GROUP, "web");
        short = short.replace("(service web) ", "").replace("(service web, ", "(");
        for (id, name) in &self.names {
            if short.contains(id.as_str()) {
                short = short.replace(id.as_str(), name);
            }
        }
        short
    }
}
