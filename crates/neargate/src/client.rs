//! How a command reaches the running Neargate: its own pages over HTTP, and the
//! operator's token where a page asks for it.

use std::io::{BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::operator_token::OperatorToken;

/// Where the running Neargate is.
#[derive(Args, Clone)]
pub struct Reach {
    /// The port of the running Neargate.
    #[arg(long, default_value_t = 4566, env = "NEARGATE_PORT", global = true)]
    pub port: u16,
    /// The data directory of the running Neargate, in which the proof of being its operator is.
    #[arg(
        long,
        default_value = "/var/lib/neargate",
        env = "NEARGATE_DATA",
        value_name = "DIR",
        global = true
    )]
    pub data: PathBuf,
}

impl Reach {
    /// Asks for a page.
    pub fn get(&self, path: &str) -> Result<Value> {
        self.ask(&format!("GET {path} HTTP/1.1\r\ncontent-length: 0\r\n"), "")
    }

    /// Sends `body` to a page that takes it from the operator alone.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let body = body.to_string();
        let (proof, length) = (self.token()?.header(), body.len());
        let head = format!(
            "POST {path} HTTP/1.1\r\nauthorization: {proof}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n"
        );
        self.ask(&head, &body)
    }

    /// Opens a page that goes on: each line of it as it comes.
    pub fn follow(&self, path: &str) -> Result<impl Read + use<>> {
        // By HTTP/1.0 the body ends with the connection, and is in no pieces.
        let mut stream = BufReader::new(self.send(&format!("GET {path} HTTP/1.0\r\n"), "")?);
        let head = read_head(&mut stream)?;
        if status_of(&head) != Some(200) {
            let mut body = String::new();
            stream.read_to_string(&mut body)?;
            bail!("{}", told(&body));
        }
        Ok(stream)
    }

    /// The proof of being the operator.
    pub fn token(&self) -> Result<OperatorToken> {
        OperatorToken::read(&self.data)
    }

    fn ask(&self, head: &str, body: &str) -> Result<Value> {
        let mut stream = self.send(&format!("{head}connection: close\r\n"), body)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) =
            answer.split_once("\r\n\r\n").context("the answer has no end of its head")?;
        if status_of(head) != Some(200) {
            bail!("{}", told(body));
        }
        serde_json::from_str(body)
            .with_context(|| format!("what answered on port {} is no Neargate", self.port))
    }

    fn send(&self, head: &str, body: &str) -> Result<TcpStream> {
        let port = self.port;
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).with_context(|| {
            format!(
                "no Neargate answers on port {port}: start one with `neargate up`, or give its --port"
            )
        })?;
        write!(stream, "{head}host: 127.0.0.1:{port}\r\n\r\n{body}")?;
        Ok(stream)
    }
}

/// The head of an answer, up to its empty line.
fn read_head(stream: &mut impl Read) -> Result<String> {
    const LIMIT: usize = 64 * 1024;
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > LIMIT || stream.read(&mut byte)? == 0 {
            bail!("the answer has no end of its head");
        }
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn status_of(head: &str) -> Option<u16> {
    head.split_whitespace().nth(1)?.parse().ok()
}

/// What a page says of an error.
fn told(body: &str) -> String {
    let parsed: Option<Value> = serde_json::from_str(body).ok();
    let error = parsed.as_ref().and_then(|answer| answer["error"].as_str());
    error.unwrap_or(body.trim()).to_owned()
}
