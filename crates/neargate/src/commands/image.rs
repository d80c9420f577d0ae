//! `neargate image`: images of other registries, brought here by hand. The
//! running Neargate does the work, as it alone writes to its data directory.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::loaded_images::PATH;
use crate::operator_token::OperatorToken;

#[derive(Args)]
pub struct Options {
    /// The port of the running Neargate.
    #[arg(long, default_value_t = 4566, env = "NEARGATE_PORT", global = true)]
    port: u16,
    /// The data directory of the running Neargate, in which the proof of being its operator is.
    #[arg(
        long,
        default_value = "/var/lib/neargate",
        env = "NEARGATE_DATA",
        value_name = "DIR",
        global = true
    )]
    data: PathBuf,
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
        Verb::List => ask(options.port, "GET", "", None)?,
        Verb::Load { path, tag } => {
            let path =
                path.canonicalize().with_context(|| format!("finding {}", path.display()))?;
            let body = json!({ "path": path, "name": tag }).to_string();
            let token = OperatorToken::read(&options.data)?;
            ask(options.port, "POST", &body, Some(&token))?
        }
    };
    for image in answer["images"].as_array().into_iter().flatten() {
        let text = |key: &str| image[key].as_str().unwrap_or_default().to_owned();
        println!("{}  {}", text("digest"), text("name"));
    }
    Ok(())
}

/// One request to the running Neargate.
fn ask(port: u16, method: &str, body: &str, token: Option<&OperatorToken>) -> Result<Value> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).with_context(|| {
        format!(
            "no Neargate answers on port {port}: start one with `neargate up`, or give its --port"
        )
    })?;
    let length = body.len();
    let proof =
        token.map(|token| format!("authorization: {}\r\n", token.header())).unwrap_or_default();
    write!(
        stream,
        "{method} {PATH} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{proof}content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) =
        answer.split_once("\r\n\r\n").context("the answer has no end of its head")?;
    let answer: Value = serde_json::from_str(body)
        .with_context(|| format!("what answered on port {port} is no Neargate"))?;
    if head.split_whitespace().nth(1) != Some("200") {
        bail!("{}", answer["error"].as_str().unwrap_or(body));
    }
    Ok(answer)
}
