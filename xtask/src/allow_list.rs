//! The list of operations: `[service]` headings over operation names.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

/// Service name → its operations.
pub fn parse(text: &str) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut services: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = None;
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            current = Some(name.to_owned());
            continue;
        }
        let name = current.clone().context("an operation before the first [service]")?;
        services.entry(name).or_default().extend(line.split_whitespace().map(str::to_owned));
    }
    Ok(services)
}
