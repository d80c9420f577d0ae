//! Versions of PostgreSQL: those that RDS has, and those that this machine runs.

use std::fmt;

use neargate_store::{Record, Snapshot};
use serde::{Deserialize, Serialize};

/// `15.18`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Each major version with the first and last of its minor versions.
/// Source: "Release calendars for Amazon RDS for PostgreSQL".
const RELEASES: [(u32, u32, u32); 6] =
    [(13, 10, 23), (14, 7, 23), (15, 2, 18), (16, 1, 14), (17, 1, 10), (18, 1, 4)];

/// The major version of an instance that asks for none, where the machine does not say.
const DEFAULT_MAJOR: u32 = 17;

/// What is installed on this machine: a fact that the database loop tells when
/// it starts. There is one such record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// Newest first; empty when there is no PostgreSQL server.
    pub versions: Vec<Version>,
    /// Why there is none.
    pub missing: Option<String>,
}

impl Record for Installed {
    const TABLE: &'static str = "rds-installed";

    fn key(&self) -> String {
        "machine".into()
    }
}

impl Installed {
    /// The fact, if a database loop has told it.
    pub fn find(snapshot: &Snapshot) -> Option<std::sync::Arc<Installed>> {
        snapshot.get::<Installed>("machine")
    }

    /// The version that runs an instance of this major version: the same, or the newest there is.
    pub fn runs(&self, major: u32) -> Option<Version> {
        let same = self.versions.iter().find(|version| version.major == major);
        same.or(self.versions.first()).copied()
    }
}

/// All versions that can be asked for, oldest first. The newest of a major
/// version that is installed is the one that is installed.
pub fn all_versions(snapshot: &Snapshot) -> Vec<Version> {
    let installed = Installed::find(snapshot);
    let here = |major| {
        let versions = installed.as_ref().map(|i| i.versions.as_slice()).unwrap_or_default();
        versions.iter().find(|v| v.major == major).map(|v| v.minor)
    };
    RELEASES
        .into_iter()
        .flat_map(|(major, first, last)| {
            let last = here(major).map_or(last, |minor| minor.max(first));
            (first..=last).map(move |minor| Version { major, minor })
        })
        .collect()
}

/// The newest minor version of a major version, or of the default one: what is
/// installed, where anything is.
pub fn newest(snapshot: &Snapshot, major: Option<u32>) -> Option<Version> {
    let installed = Installed::find(snapshot).and_then(|i| i.versions.first().copied());
    let major = major.or(installed.map(|v| v.major)).unwrap_or(DEFAULT_MAJOR);
    all_versions(snapshot).into_iter().rfind(|version| version.major == major)
}

/// The version that `asked` means: `16` is the newest of 16, `16.4` itself.
/// `None` for one that RDS does not have.
pub fn resolve(snapshot: &Snapshot, asked: Option<&str>) -> Option<Version> {
    let Some(asked) = asked else { return newest(snapshot, None) };
    match asked.split_once('.') {
        None => newest(snapshot, Some(asked.parse().ok()?)),
        Some((major, minor)) => {
            let wanted = Version { major: major.parse().ok()?, minor: minor.parse().ok()? };
            all_versions(snapshot).into_iter().find(|version| *version == wanted)
        }
    }
}

/// `postgres16`: the family of parameter groups of a major version.
pub fn family_of(major: u32) -> String {
    format!("postgres{major}")
}

#[cfg(test)]
mod tests {
    use neargate_store::{Store, StoreError};

    use super::*;

    #[tokio::test]
    async fn what_is_installed_is_the_default() {
        let store = Store::in_memory(crate::tables());
        let show = |asked| resolve(&store.snapshot(), asked).map(|v| v.to_string());
        assert_eq!(show(None), Some("17.10".into()));
        let installed =
            Installed { versions: vec![Version { major: 15, minor: 7 }], missing: None };
        let write = store.write(move |tx| {
            tx.put(installed);
            Ok::<_, StoreError>(())
        });
        write.await.unwrap();
        let show = |asked| resolve(&store.snapshot(), asked).map(|v| v.to_string());
        assert_eq!(show(None), Some("15.7".into()));
        assert_eq!(show(Some("16")), Some("16.14".into()));
        assert_eq!(show(Some("16.3")), Some("16.3".into()));
        assert_eq!(show(Some("15.8")), None);
        assert_eq!(show(Some("9")), None);
        assert_eq!(show(Some("x")), None);
    }
}
