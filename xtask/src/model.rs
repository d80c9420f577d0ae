//! AWS's service models as botocore ships them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

/// One model.
pub struct Model {
    pub metadata: Map<String, Value>,
    pub operations: Map<String, Value>,
    pub shapes: Map<String, Value>,
}

/// Reads the newest version under a service's directory.
pub fn load(directory: &Path) -> Result<Model> {
    let mut versions: Vec<_> = std::fs::read_dir(directory)
        .with_context(|| directory.display().to_string())?
        .collect::<std::io::Result<Vec<_>>>()?
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    versions.sort();
    let version = versions.pop().context("no version")?;
    let plain = version.join("service-2.json");
    let text = if plain.is_file() {
        std::fs::read(plain)?
    } else {
        let packed = version.join("service-2.json.gz");
        std::process::Command::new("gzip").arg("-dc").arg(packed).output()?.stdout
    };
    let mut whole: Map<String, Value> = serde_json::from_slice(&text)?;
    let mut part = |name: &str| match whole.remove(name) {
        Some(Value::Object(part)) => Ok(part),
        _ => anyhow::bail!("the model has no {name}"),
    };
    Ok(Model {
        metadata: part("metadata")?,
        operations: part("operations")?,
        shapes: part("shapes")?,
    })
}

impl Model {
    pub fn meta(&self, name: &str) -> Option<&str> {
        self.metadata.get(name)?.as_str()
    }

    pub fn shape(&self, name: &str) -> Result<&Map<String, Value>> {
        self.shapes.get(name).and_then(Value::as_object).with_context(|| format!("no shape {name}"))
    }

    pub fn kind(&self, name: &str) -> Result<&str> {
        self.shape(name)?.get("type").and_then(Value::as_str).context("a shape without a type")
    }

    /// The members of a structure, in the model's order.
    pub fn members(&self, name: &str) -> Result<Vec<(String, Map<String, Value>)>> {
        let Some(members) = self.shape(name)?.get("members").and_then(Value::as_object) else {
            return Ok(Vec::new());
        };
        Ok(members
            .iter()
            .map(|(name, member)| (name.clone(), member.as_object().cloned().unwrap_or_default()))
            .collect())
    }

    pub fn required(&self, name: &str) -> Result<BTreeSet<String>> {
        let list = self.shape(name)?.get("required").and_then(Value::as_array);
        Ok(list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// The shapes that one shape names directly.
    fn children(&self, name: &str) -> Result<Vec<String>> {
        let shape = self.shape(name)?;
        let mut children: Vec<String> =
            self.members(name)?.iter().filter_map(|(_, member)| target(member)).collect();
        for part in ["member", "key", "value"] {
            children.extend(shape.get(part).and_then(Value::as_object).and_then(target));
        }
        Ok(children)
    }

    /// All shapes that can be reached from `roots`.
    pub fn reachable(&self, roots: impl IntoIterator<Item = String>) -> Result<BTreeSet<String>> {
        let mut seen = BTreeSet::new();
        let mut todo: Vec<String> = roots.into_iter().collect();
        while let Some(name) = todo.pop() {
            if seen.insert(name.clone()) {
                todo.extend(self.children(&name)?);
            }
        }
        Ok(seen)
    }

    /// Structures that contain themselves without a list or map between: they need a box.
    pub fn boxed(&self, shapes: &BTreeSet<String>) -> Result<BTreeSet<String>> {
        let mut direct: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for name in shapes.iter().filter(|name| self.kind(name).is_ok_and(|k| k == "structure")) {
            let mut inner = Vec::new();
            for child in self.children(name)? {
                if self.kind(&child)? == "structure" {
                    inner.push(child);
                }
            }
            direct.insert(name, inner);
        }
        let mut boxed = BTreeSet::new();
        for name in direct.keys() {
            let mut seen = BTreeSet::new();
            let mut todo = direct[name].clone();
            while let Some(child) = todo.pop() {
                if child == *name {
                    boxed.insert(child);
                    break;
                }
                if seen.insert(child.clone()) {
                    todo.extend(direct.get(child.as_str()).into_iter().flatten().cloned());
                }
            }
        }
        Ok(boxed)
    }
}

/// The shape that a member, input or output refers to.
pub fn target(reference: &Map<String, Value>) -> Option<String> {
    reference.get("shape").and_then(Value::as_str).map(str::to_owned)
}
