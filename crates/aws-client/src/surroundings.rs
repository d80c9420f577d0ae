//! What this program was started with that AWS's tools look at: variables of the
//! environment, and the files that they name. Passed in, so that tests have their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config_file::ConfigFile;

/// The environment and the configuration files.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    variables: BTreeMap<String, String>,
    /// Profiles of `~/.aws/config`.
    pub(crate) config: ConfigFile,
    /// Profiles of `~/.aws/credentials`.
    pub(crate) credentials: ConfigFile,
    profile: Option<String>,
}

impl Surroundings {
    /// Those of this process. Files that are not there are empty.
    ///
    /// # Errors
    /// A file that is there and cannot be read.
    pub fn of_this_process() -> std::io::Result<Self> {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Surroundings::with_variables(std::env::vars_os().filter_map(text))
    }

    /// Those of an environment with these variables.
    ///
    /// # Errors
    /// A configuration file that is there and cannot be read.
    pub fn with_variables<K: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> std::io::Result<Self> {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        let mut new = Surroundings { variables: variables.collect(), ..Surroundings::default() };
        new.config = new.file("AWS_CONFIG_FILE", "config")?;
        new.credentials = new.file("AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
        Ok(new)
    }

    /// The same with a profile chosen, over what `AWS_PROFILE` says.
    pub fn with_profile(mut self, profile: impl Into<String>) -> Self {
        self.profile = Some(profile.into());
        self
    }

    /// A variable that is there and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether the profile was chosen by the caller, and not by the environment.
    pub fn profile_is_given(&self) -> bool {
        self.profile.is_some()
    }

    /// The profile's name: as chosen, `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, or `default`.
    pub fn profile(&self) -> &str {
        let named = self.profile.as_deref().or_else(|| self.variable("AWS_PROFILE"));
        named.or_else(|| self.variable("AWS_DEFAULT_PROFILE")).unwrap_or("default")
    }

    /// A setting of a profile; the credentials file's counts over the config file's.
    pub(crate) fn setting(&self, profile: &str, key: &str) -> Option<&str> {
        let of = |file: &'_ ConfigFile| file.section(profile).is_some();
        let credentials = of(&self.credentials).then(|| self.credentials.get(profile, key));
        credentials.flatten().or_else(|| self.config.get(profile, key))
    }

    pub(crate) fn has_profile(&self, profile: &str) -> bool {
        self.config.section(profile).is_some() || self.credentials.section(profile).is_some()
    }

    /// The region: `AWS_REGION`, `AWS_DEFAULT_REGION`, or the profile's.
    pub fn region(&self) -> Option<&str> {
        let variable = self.variable("AWS_REGION").or_else(|| self.variable("AWS_DEFAULT_REGION"));
        variable.or_else(|| self.setting(self.profile(), "region"))
    }

    fn file(&self, variable: &str, name: &str) -> std::io::Result<ConfigFile> {
        let home = self.variable("HOME").map(Path::new);
        let path = match (self.variable(variable), home) {
            (Some(path), _) => expanded(path, home),
            (None, Some(home)) => home.join(".aws").join(name),
            (None, None) => return Ok(ConfigFile::default()),
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(ConfigFile::parse(&text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(ConfigFile::default()),
            Err(error) => Err(std::io::Error::new(
                error.kind(),
                format!("{} cannot be read: {error}", path.display()),
            )),
        }
    }
}

/// `~/x` as below the home directory.
fn expanded(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}
