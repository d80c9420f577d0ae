//! The schemas of the AWS provider, distilled: what `terraform providers schema -json` tells of the
//! resource types and data sources named in `schemas.txt`, without its prose, one a line.
//!
//! ```text
//! resource aws_ecs_cluster {"version":0,"attributes":{"arn":["c","string"],…},"blocks":{"setting":["set",0,0,{…}]}}
//! ```
//!
//! An attribute is its flags (required, optional, computed, Sensitive, deprecated, write-only) and its
//! type as Terraform writes types; a block its nesting mode, the fewest, the most (0: any number), and
//! what is in it. `crates/stack/src/schema/line.rs` reads it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

/// The release of the provider whose schemas are read.
const PROVIDER: &str = "5.100.0";

pub fn distil(root: &Path) -> Result<()> {
    let names = wanted(&std::fs::read_to_string(root.join("xtask/schemas.txt"))?)?;
    let all = provider_schemas(root)?;
    let mut lines = vec![line("provider", "aws", &all["provider"])?];
    for (kind, name) in names {
        let group = if kind == "data" { "data_source_schemas" } else { "resource_schemas" };
        let schema = all[group].get(&name).with_context(|| format!("no {kind} {name}"))?;
        lines.push(line(&kind, &name, schema)?);
    }
    let path = root.join("crates/stack/src/schema/aws.txt");
    std::fs::write(&path, lines.concat()).with_context(|| path.display().to_string())
}

/// The names in `schemas.txt`, sorted, each with its kind.
fn wanted(text: &str) -> Result<Vec<(String, String)>> {
    let mut found = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let Some(kind) = words.next() else { continue };
        if kind != "resource" && kind != "data" {
            bail!("schemas.txt: a line starts with resource or data, not {kind}");
        }
        found.extend(words.map(|name| ((kind.to_owned(), name.to_owned()), ())));
    }
    Ok(found.into_keys().collect())
}

/// What Terraform, initialised with the pinned provider, says of it.
fn provider_schemas(root: &Path) -> Result<Value> {
    let directory = root.join("target").join(format!("provider-{PROVIDER}"));
    std::fs::create_dir_all(&directory)?;
    std::fs::write(
        directory.join("main.tf"),
        format!(
            "terraform {{\n  required_providers {{\n    aws = {{\n      source  = \"hashicorp/aws\"\n      \
             version = \"{PROVIDER}\"\n    }}\n  }}\n}}\n"
        ),
    )?;
    let init = root.join("scripts/terraform-init");
    if !Command::new(init).arg(&directory).status()?.success() {
        bail!("terraform could not be initialised with the provider {PROVIDER}");
    }
    let told = Command::new("terraform")
        .args(["providers", "schema", "-json"])
        .current_dir(&directory)
        .output()?;
    let mut all: Value = serde_json::from_slice(&told.stdout)?;
    let aws = all["provider_schemas"]
        .as_object_mut()
        .and_then(|all| all.values_mut().next())
        .context("terraform told no schema")?;
    Ok(aws.take())
}

fn line(kind: &str, name: &str, schema: &Value) -> Result<String> {
    let block = block(&schema["block"])?;
    let version = &schema["version"];
    let mut whole = Map::new();
    whole.insert("version".into(), version.clone());
    whole.extend(block);
    Ok(format!("{kind} {name} {}\n", Value::Object(whole)))
}

fn block(block: &Value) -> Result<Map<String, Value>> {
    let mut found = Map::new();
    if let Some(attributes) = block["attributes"].as_object() {
        let mut distilled = Map::new();
        for (name, attribute) in attributes {
            let of_type = attribute.get("type").with_context(|| format!("{name} has no type"))?;
            distilled.insert(name.clone(), json!([flags(attribute), of_type]));
        }
        found.insert("attributes".into(), distilled.into());
    }
    if let Some(blocks) = block["block_types"].as_object() {
        let mut distilled = Map::new();
        for (name, nested) in blocks {
            let fewest = nested["min_items"].as_u64().unwrap_or(0);
            let most = nested["max_items"].as_u64().unwrap_or(0);
            let inner = self::block(&nested["block"])?;
            distilled.insert(name.clone(), json!([nested["nesting_mode"], fewest, most, inner]));
        }
        found.insert("blocks".into(), distilled.into());
    }
    Ok(found)
}

fn flags(attribute: &Value) -> String {
    let flags = [
        ("required", 'r'),
        ("optional", 'o'),
        ("computed", 'c'),
        ("sensitive", 's'),
        ("deprecated", 'd'),
        ("write_only", 'w'),
    ];
    let told = |name: &str| attribute[name].as_bool() == Some(true);
    flags.iter().filter(|(name, _)| told(name)).map(|(_, flag)| *flag).collect()
}
