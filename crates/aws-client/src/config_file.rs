//! `~/.aws/config` and `~/.aws/credentials`: sections with settings. A profile is
//! `[profile NAME]` in the one and `[NAME]` in the other; both are read as `NAME`.
//! Source: "Configuration and credential file settings" in the AWS CLI user guide.

use std::collections::BTreeMap;

/// A file's sections by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigFile {
    sections: BTreeMap<String, BTreeMap<String, String>>,
}

impl ConfigFile {
    /// Reads a file; lines that say nothing are passed over, as AWS's tools do. A setting
    /// that stands indented below another is a part of that one: `s3.endpoint_url`.
    pub fn parse(text: &str) -> ConfigFile {
        let mut file = ConfigFile::default();
        let mut section = None;
        let mut above = String::new();
        for line in text.lines() {
            let indented = line.starts_with([' ', '\t']);
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(header) = line.strip_prefix('[') {
                let name = named(header.split(']').next().unwrap_or_default());
                file.sections.entry(name.clone()).or_default();
                section = Some(name);
                continue;
            }
            let Some(settings) = section.as_ref().and_then(|name| file.sections.get_mut(name))
            else {
                continue;
            };
            let Some((key, value)) = line.split_once('=') else { continue };
            let key = key.trim().to_ascii_lowercase();
            // A comment begins with what has a space before it.
            let value = value.split(" #").next().unwrap_or_default();
            let value = value.split(" ;").next().unwrap_or_default().trim();
            if indented && !above.is_empty() {
                settings.insert(format!("{above}.{key}"), value.to_owned());
                continue;
            }
            above = if value.is_empty() { key.clone() } else { String::new() };
            settings.insert(key, value.to_owned());
        }
        file
    }

    /// The settings of a section.
    pub fn section(&self, name: &str) -> Option<&BTreeMap<String, String>> {
        self.sections.get(name)
    }

    /// A setting that is there and not empty.
    pub fn get(&self, section: &str, key: &str) -> Option<&str> {
        self.section(section)?.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// `profile "dev"` as `dev`; `services x` and `sso-session x` keep their kind.
fn named(header: &str) -> String {
    let header = header.trim();
    let rest = header.strip_prefix("profile").filter(|rest| rest.starts_with([' ', '\t']));
    rest.unwrap_or(header).trim().trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_are_read() {
        let file = ConfigFile::parse(
            "# mine\nregion = nowhere\n[default]\nregion=us-west-2 # here\n\n[profile dev]\n\
             role_arn = arn:aws:iam::1:role/x\n; no\nsource_profile=default\ns3 =\n  endpoint_url = http://a=b\n\
             [prod]\nAWS_Secret_Access_Key = a+b/c==\n",
        );
        assert_eq!(file.get("default", "region"), Some("us-west-2"));
        assert_eq!(file.get("dev", "role_arn"), Some("arn:aws:iam::1:role/x"));
        assert_eq!(file.get("dev", "s3.endpoint_url"), Some("http://a=b"));
        assert_eq!(file.get("prod", "aws_secret_access_key"), Some("a+b/c=="));
        assert_eq!(file.get("dev", "region"), None);
        assert!(file.section("other").is_none());
    }
}
