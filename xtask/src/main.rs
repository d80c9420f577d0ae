//! The repository's own tools, run as `cargo xtask <task>`.
//!
//! - `generate`: writes `crates/api-types` from AWS's models (botocore, at the
//!   pinned version) for the operations in `operations.txt`.
//! - `schemas`: writes `crates/stack/src/schema/aws.txt` from what Terraform tells of
//!   the AWS provider, for the resource types in `schemas.txt`.

mod allow_list;
mod emit;
mod model;
mod schemas;
mod services;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The release of botocore whose models are read.
const BOTOCORE: &str = "1.44.5";

fn main() -> Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("generate") => generate(root()?),
        Some("schemas") => schemas::distil(root()?),
        _ => bail!("usage: cargo xtask generate|schemas"),
    }
}

fn root() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the xtask is in the repository")
}

fn generate(root: &Path) -> Result<()> {
    let models = fetch_models(root)?;
    let wanted = allow_list::parse(&std::fs::read_to_string(root.join("xtask/operations.txt"))?)?;
    let out = root.join("crates/api-types/src");
    let mut modules = Vec::new();
    for (name, operations) in &wanted {
        let service = services::find(name)?;
        let model = model::load(&models.join(service.directory))
            .with_context(|| format!("reading the model of {name}"))?;
        let files = emit::service(service, &model, operations)
            .with_context(|| format!("generating {name}"))?;
        let module = service.module();
        std::fs::create_dir_all(out.join(&module))?;
        for (file, text) in files {
            let path = out.join(file);
            std::fs::write(&path, text).with_context(|| path.display().to_string())?;
        }
        modules.push(module);
    }
    modules.sort();
    std::fs::write(out.join("lib.rs"), emit::crate_root(&modules))?;
    let status = Command::new("cargo")
        .args(["fmt", "-p", "neargate-api-types"])
        .current_dir(root)
        .status()?;
    if !status.success() {
        bail!("cargo fmt failed");
    }
    Ok(())
}

/// The directory of the models, downloaded by pip and unpacked under `target` once.
fn fetch_models(root: &Path) -> Result<PathBuf> {
    let directory = root.join("target").join(format!("botocore-{BOTOCORE}"));
    let data = directory.join("botocore/data");
    if data.is_dir() {
        return Ok(data);
    }
    let script = format!(
        "set -e; mkdir -p '{0}'; cd '{0}'; python3 -m pip download -q --no-deps botocore=={BOTOCORE}; \
         python3 -m zipfile -e botocore-*.whl .",
        directory.display()
    );
    if !Command::new("sh").args(["-c", &script]).status()?.success() {
        bail!("botocore {BOTOCORE} could not be downloaded with pip");
    }
    Ok(data)
}
