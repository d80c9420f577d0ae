//! `neargate image`: images of other registries, brought here by hand. The
//! running Neargate does the work, as it alone writes to its data directory.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::client::Reach;
use crate::loaded_images::PATH;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Take an OCI layout directory, or an archive of one or of `docker save`, as an image of another registry.
    Load {
        path: PathBuf,
        /// What tasks call it, such as busybox:latest; by default what it calls itself.
        #[arg(long, value_name = "REFERENCE")]
        tag: Option<String>,
    },
    /// List the images of other registries that are on this machine.
    List,
}

pub fn run(options: &Options) -> Result<()> {
    let answer = match &options.verb {
        Verb::List => options.reach.get(PATH)?,
        Verb::Load { path, tag } => {
            let path =
                path.canonicalize().with_context(|| format!("finding {}", path.display()))?;
            options.reach.post(PATH, &json!({ "path": path, "name": tag }))?
        }
    };
    for image in answer["images"].as_array().into_iter().flatten() {
        let text = |key: &str| image[key].as_str().unwrap_or_default().to_owned();
        println!("{}  {}", text("digest"), text("name"));
    }
    Ok(())
}
