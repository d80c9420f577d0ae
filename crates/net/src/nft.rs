//! Runs the program `nft`: one script, one transaction, in the namespace of
//! the thread that starts it. Which program: the first one in PATH, or where
//! distributions put it when PATH lacks the sbin directories.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::error::NetError;
use crate::ruleset::Existing;

#[derive(Clone, Debug)]
pub(crate) struct Nft {
    program: PathBuf,
}

impl Nft {
    pub fn find() -> Result<Self, NetError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let candidates = std::env::split_paths(&path)
            .chain(["/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from));
        for directory in candidates {
            let program = directory.join("nft");
            if program.is_file() {
                return Ok(Self { program });
            }
        }
        Err(NetError::NftMissing)
    }

    /// Applies a script in the calling thread's namespace, all of it or none.
    pub fn apply(&self, place: &str, script: &str) -> Result<(), NetError> {
        if script.is_empty() {
            return Ok(());
        }
        let mut child = Command::new(&self.program)
            .args(["-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| NetError::io("starting nft", e))?;
        let mut stdin = child.stdin.take().expect("stdin was asked for");
        // An nft that gives up early closes the pipe; its message says why.
        let written = stdin.write_all(script.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().map_err(|e| NetError::io("waiting for nft", e))?;
        if output.status.success() {
            return written.map_err(|e| NetError::io("writing to nft", e));
        }
        let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if stderr.contains("Operation not permitted") {
            return Err(NetError::NotPermitted { doing: format!("nft in {place}") });
        }
        Err(NetError::Nft { place: place.to_owned(), stderr })
    }

    /// The names in a table (`family name`); all empty if it does not exist.
    pub fn existing(&self, table: &str) -> Result<Existing, NetError> {
        let (family, name) = table.split_once(' ').expect("a table is written `family name`");
        let output = Command::new(&self.program)
            .args(["-j", "-t", "list", "table", family, name])
            .output()
            .map_err(|e| NetError::io("starting nft", e))?;
        if !output.status.success() {
            return Ok(Existing::default());
        }
        Ok(names(&serde_json::from_slice(&output.stdout).unwrap_or_default()))
    }

    /// Whether a chain exists in the calling thread's namespace, and its text.
    pub fn chain(&self, table: &str, chain: &str) -> Result<Option<String>, NetError> {
        let (family, name) = table.split_once(' ').expect("a table is written `family name`");
        let output = Command::new(&self.program)
            .args(["-a", "list", "chain", family, name, chain])
            .output()
            .map_err(|e| NetError::io("starting nft", e))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(output.status.success().then_some(text))
    }
}

fn names(listing: &Value) -> Existing {
    let mut existing = Existing::default();
    for entry in listing["nftables"].as_array().map(Vec::as_slice).unwrap_or_default() {
        insert_name(&entry["set"], &mut existing.sets);
        insert_name(&entry["map"], &mut existing.maps);
        let chain = &entry["chain"];
        let of_hook = chain.get("hook").is_some();
        insert_name(chain, if of_hook { &mut existing.hooks } else { &mut existing.chains });
    }
    existing
}

fn insert_name(object: &Value, names: &mut BTreeSet<String>) {
    if let Some(name) = object["name"].as_str() {
        names.insert(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_nfts_own_listing() {
        let listing = serde_json::json!({"nftables": [
            {"metainfo": {"version": "1.0.6"}},
            {"table": {"family": "ip", "name": "neargate"}},
            {"set": {"name": "internet", "type": "ipv4_addr"}},
            {"map": {"name": "sender", "type": "ipv4_addr", "map": "verdict"}},
            {"chain": {"name": "forward", "type": "filter", "hook": "forward", "prio": 0}},
            {"chain": {"name": "arrive"}},
            {"rule": {"chain": "arrive", "expr": [{"drop": null}]}},
        ]});
        let existing = names(&listing);
        assert_eq!(existing.sets, ["internet".to_owned()].into());
        assert_eq!(existing.maps, ["sender".to_owned()].into());
        assert_eq!(existing.hooks, ["forward".to_owned()].into());
        assert_eq!(existing.chains, ["arrive".to_owned()].into());
    }
}
