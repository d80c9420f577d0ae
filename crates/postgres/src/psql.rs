//! Speaks SQL to a server as its superuser, through `psql` and the socket in
//! the data directory. That works in whichever network the server is, needs no
//! password, and needs no driver of ours.
//!
//! A socket's path may have 107 bytes, which a data directory easily exceeds;
//! so both sides name it by their working directory, which is the data.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::PgError;

/// In the server's settings and for every client of ours.
pub(crate) const SOCKET_DIRECTORY: &str = "/proc/self/cwd";
pub(crate) const SUPERUSER: &str = "rdsadmin";

pub(crate) struct Psql<'a> {
    pub bin: &'a Path,
    pub data: &'a Path,
    pub port: u16,
}

impl Psql<'_> {
    /// Runs a script; its first failure ends it. Returns what it printed,
    /// unaligned and without headings.
    pub fn run(&self, database: &str, script: &str) -> Result<String, PgError> {
        let failed = |output: String| PgError::Failed { program: "psql".into(), output };
        let mut child = Command::new(self.bin.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-w"])
            .args(["-h", SOCKET_DIRECTORY, "-p", &self.port.to_string()])
            .args(["-U", SUPERUSER, "-d", database, "-f", "-"])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("PGCONNECT_TIMEOUT", "10")
            .current_dir(self.data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| failed(e.to_string()))?;
        let mut stdin = child.stdin.take().expect("stdin was asked for");
        // A psql that can't connect reads nothing; its own message says more.
        let _ = stdin.write_all(script.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().map_err(|e| failed(e.to_string()))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
        }
        Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

/// An SQL identifier.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// An SQL string, whatever `standard_conforming_strings` says.
pub(crate) fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_quotes() {
        assert_eq!(identifier(r#"a"b"#), r#""a""b""#);
        assert_eq!(literal(r"it's \ here"), r"E'it\'s \\ here'");
    }
}
