//! Makes the data of a new instance: a copy of a cluster fresh from initdb, or
//! of a snapshot.
//!
//! initdb takes most of a second and a copy a few milliseconds (none at all on
//! a file system that can share blocks), so initdb runs once for each version.
//! Copies share a system identifier, which matters only between a primary and
//! its replicas.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::PgError;
use crate::install::Installation;
use crate::launch::{Launch, User};
use crate::layout::{Layout, make_private, remove_all};
use crate::psql::SUPERUSER;
use crate::settings::INCLUDE;

/// Puts a fresh cluster at `data`.
pub(crate) fn from_template(
    layout: &Layout,
    installation: &Installation,
    user: User,
    data: &Path,
) -> Result<(), PgError> {
    let version = installation.version.to_string();
    let template = layout.template(&version);
    if !template.exists() {
        let unfinished = layout.template(&format!(".{version}"));
        remove_all(&unfinished)?;
        make_private(&unfinished, user)?;
        init(installation, user, &unfinished)?;
        fs::rename(&unfinished, &template).map_err(PgError::io("renaming", &unfinished))?;
    }
    copy(&template.join("data"), data)
}

/// Copies a cluster that is at rest, with its owner and modes.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), PgError> {
    run(Command::new("cp").args(["-a", "--reflink=auto"]).arg(from).arg(to))
}

/// Everything in a cluster reaches the disk.
pub(crate) fn sync(
    installation: &Installation,
    user: User,
    directory: &Path,
) -> Result<(), PgError> {
    initdb(installation, user, directory, &["--sync-only"])
}

/// The major version that made a cluster.
pub(crate) fn major_of(data: &Path) -> Result<u32, PgError> {
    let file = data.join("PG_VERSION");
    let text = fs::read_to_string(&file).map_err(PgError::io("reading", &file))?;
    let bad = |e: std::num::ParseIntError| std::io::Error::other(e.to_string());
    text.trim().parse().map_err(|e| PgError::io("reading", &file)(bad(e)))
}

fn init(installation: &Installation, user: User, directory: &Path) -> Result<(), PgError> {
    let with_locale = |locale| {
        let words = ["--username", SUPERUSER, "--encoding", "UTF8", "--locale", locale];
        let more = ["--auth-local", "peer", "--auth-host", "reject", "--data-checksums"];
        initdb(installation, user, directory, &[&words[..], &more, &["--no-sync"]].concat())
    };
    // Not every C library has C.UTF-8; all sort alike in these two.
    with_locale("C.UTF-8").or_else(|_| with_locale("C"))?;
    let settings = directory.join("data/postgresql.conf");
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(&settings)
        .map_err(PgError::io("opening", &settings))?;
    writeln!(file, "\n{INCLUDE}").map_err(PgError::io("writing", &settings))
}

/// On the directory's `data`.
fn initdb(
    installation: &Installation,
    user: User,
    directory: &Path,
    words: &[&str],
) -> Result<(), PgError> {
    let program = installation.bin.join("initdb");
    let child = Launch { user, directory, netns: None }.spawn(|seen| {
        let mut command = Command::new(&program);
        command.arg("--pgdata").arg(seen.join("data")).args(words);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    });
    let child = child.map_err(PgError::io("starting", &program))?;
    finish("initdb", child.wait_with_output())
}

pub(crate) fn run(command: &mut Command) -> Result<(), PgError> {
    let program = command.get_program().to_string_lossy().into_owned();
    finish(&program, command.stdin(Stdio::null()).output())
}

fn finish(program: &str, output: std::io::Result<std::process::Output>) -> Result<(), PgError> {
    let failed = |output| PgError::Failed { program: program.to_owned(), output };
    let output = output.map_err(|e| failed(e.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}
