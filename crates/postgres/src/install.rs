//! Which PostgreSQL the machine has.
//!
//! Distributions keep several major versions side by side and put none of the
//! server's programs into PATH, so their directories are looked through, PATH
//! last. A cluster can be opened only by the major version that made it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::PgError;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    pub version: Version,
    pub bin: PathBuf,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// All that is installed, newest first. With a directory given, only that.
pub(crate) fn find(bin: Option<&Path>) -> Result<Vec<Installation>, PgError> {
    let candidates = match bin {
        Some(bin) => vec![bin.to_owned()],
        None => candidates(),
    };
    let mut found = candidates.iter().filter_map(|bin| look_at(bin)).collect::<Vec<_>>();
    found.sort_by_key(|one| std::cmp::Reverse(one.version));
    found.dedup_by(|a, b| a.bin == b.bin);
    if found.is_empty() {
        let searched = match bin {
            Some(bin) => bin.display().to_string(),
            None => "/usr/lib/postgresql, /usr/pgsql-*, /usr/local/pgsql and PATH".to_owned(),
        };
        return Err(PgError::NotInstalled { searched });
    }
    Ok(found)
}

fn candidates() -> Vec<PathBuf> {
    let mut list = subdirectories("/usr/lib/postgresql", "");
    list.extend(subdirectories("/usr", "pgsql-"));
    list.push("/usr/local/pgsql".into());
    let mut list = list.into_iter().map(|dir| dir.join("bin")).collect::<Vec<_>>();
    let path = std::env::var_os("PATH").unwrap_or_default();
    for directory in std::env::split_paths(&path) {
        // The link in PATH leads to where the other programs are.
        if let Ok(program) = fs::canonicalize(directory.join("postgres")) {
            list.extend(program.parent().map(Path::to_owned));
        }
    }
    list
}

fn subdirectories(of: &str, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).into_iter().flatten().flatten();
    let fits = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix))
    };
    entries.map(|entry| entry.path()).filter(fits).collect()
}

/// `None` for a directory without a server that works.
fn look_at(bin: &Path) -> Option<Installation> {
    if !bin.join("initdb").is_file() {
        return None;
    }
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    let version = parse(&String::from_utf8_lossy(&output.stdout))?;
    Some(Installation { version, bin: bin.to_owned() })
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
fn parse(text: &str) -> Option<Version> {
    let number = text.split(' ').nth(2)?.trim();
    let (major, minor) = number.split_once('.')?;
    let digits = minor.split(|c: char| !c.is_ascii_digit()).next()?;
    Some(Version { major: major.parse().ok()?, minor: digits.parse().ok()? })
}

/// The installation for a major version, or the newest.
pub(crate) fn choose<'a>(
    installed: &'a [Installation],
    major: Option<u32>,
    for_what: &str,
) -> Result<&'a Installation, PgError> {
    let Some(wanted) = major else {
        return Ok(installed.first().expect("`find` returns at least one"));
    };
    installed.iter().find(|one| one.version.major == wanted).ok_or_else(|| {
        let found = installed.iter().map(|one| one.version.to_string()).collect::<Vec<_>>();
        let for_what = for_what.to_owned();
        PgError::VersionMissing { wanted, found: found.join(", "), for_what }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_builders_print_them() {
        let parsed = |text| parse(text).map(|version| version.to_string());
        assert_eq!(
            parsed("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n").as_deref(),
            Some("15.18")
        );
        assert_eq!(parsed("postgres (PostgreSQL) 17.2\n").as_deref(), Some("17.2"));
        assert_eq!(parsed("bash: not found"), None);
    }

    #[test]
    fn the_wrong_major_version_says_what_to_install() {
        let version = Version { major: 15, minor: 18 };
        let installed = [Installation { version, bin: "/x".into() }];
        assert_eq!(choose(&installed, None, "db").unwrap().version, version);
        let error = choose(&installed, Some(16), "the data of db-1").unwrap_err().to_string();
        assert_eq!(
            error,
            "PostgreSQL 16 is needed for the data of db-1 and only 15.18 is installed: \
             install it (Debian, Ubuntu: apt install postgresql-16)"
        );
    }
}
