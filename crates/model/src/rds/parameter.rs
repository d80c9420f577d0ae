//! PostgreSQL's parameters, as `pg_settings` of a server describes them: name,
//! context, type, least, most, words, description.

use std::sync::LazyLock;

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Lower case.
    pub name: &'static str,
    /// A change takes effect only when the server starts.
    pub is_static: bool,
    /// `bool`, `enum`, `integer`, `real` or `string`.
    pub kind: &'static str,
    min: &'static str,
    max: &'static str,
    words: &'static str,
    pub description: &'static str,
    pub is_modifiable: bool,
}

/// Why a value can't be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid parameter value: {value} for: {name} allowed values are: {allowed}")]
pub struct BadValue {
    pub name: String,
    pub value: String,
    pub allowed: String,
}

/// They say where and how the server is run, which is not the user's to say.
const OURS: [&str; 26] = [
    "allow_system_table_mods",
    "archive_command",
    "archive_library",
    "archive_mode",
    "config_file",
    "data_directory",
    "dynamic_library_path",
    "external_pid_file",
    "hba_file",
    "ident_file",
    "listen_addresses",
    "log_directory",
    "log_filename",
    "log_rotation_age",
    "log_rotation_size",
    "log_truncate_on_rotation",
    "logging_collector",
    "port",
    "ssl",
    "ssl_ca_file",
    "ssl_cert_file",
    "ssl_key_file",
    "unix_socket_directories",
    "unix_socket_group",
    "unix_socket_permissions",
    "log_destination",
];

static ALL: LazyLock<Vec<Parameter>> =
    LazyLock::new(|| include_str!("parameters.tsv").lines().filter_map(row).collect());

/// All parameters by name.
pub fn parameters() -> &'static [Parameter] {
    &ALL
}

/// A parameter by its name in any case.
pub fn parameter(name: &str) -> Option<&'static Parameter> {
    ALL.iter().find(|parameter| parameter.name.eq_ignore_ascii_case(name))
}

fn row(line: &'static str) -> Option<Parameter> {
    let mut fields = line.split('\t');
    let name = fields.next()?;
    let context = fields.next()?;
    Some(Parameter {
        name,
        is_static: context == "postmaster",
        kind: fields.next()?,
        min: fields.next()?,
        max: fields.next()?,
        words: fields.next()?,
        description: fields.next()?,
        is_modifiable: !OURS.contains(&name),
    })
}

impl Parameter {
    /// As the API names the type.
    pub fn data_type(&self) -> &'static str {
        match self.kind {
            "bool" => "boolean",
            "integer" => "integer",
            "real" => "float",
            _ => "string",
        }
    }

    /// `0,1`, `6-8388607` or `on,off,try`; `None` for any text.
    pub fn allowed(&self) -> Option<String> {
        match self.kind {
            "bool" => Some("0,1".into()),
            "integer" | "real" => Some(format!("{}-{}", self.min, self.max)),
            "enum" => Some(self.words.into()),
            _ => None,
        }
    }

    /// Whether `value` can be set. Numbers are in the parameter's own unit.
    pub fn check(&self, value: &str) -> Result<(), BadValue> {
        let good = match self.kind {
            "bool" => ["0", "1", "on", "off", "true", "false"].contains(&value),
            "integer" => value.parse::<i64>().is_ok_and(|n| self.holds(n as f64)),
            "real" => value.parse::<f64>().is_ok_and(|n| self.holds(n)),
            "enum" => self.words.split(',').any(|word| word == value),
            _ => !value.contains(['\n', '\r', '\0']),
        };
        if good {
            return Ok(());
        }
        Err(BadValue {
            name: self.name.into(),
            value: value.into(),
            allowed: self.allowed().unwrap_or_else(|| "text on one line".into()),
        })
    }

    fn holds(&self, number: f64) -> bool {
        let bound = |text: &str| text.parse::<f64>().ok();
        bound(self.min).is_none_or(|min| number >= min)
            && bound(self.max).is_none_or(|max| number <= max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        assert_eq!(ALL.len(), include_str!("parameters.tsv").lines().count());
        assert!(ALL.is_sorted_by_key(|parameter| parameter.name));
    }

    #[test]
    fn values_are_held_against_their_type() {
        let check = |name, value| parameter(name).unwrap().check(value).map_err(|e| e.to_string());
        assert_eq!(check("log_min_duration_statement", "500"), Ok(()));
        assert_eq!(
            check("max_connections", "0"),
            Err("Invalid parameter value: 0 for: max_connections allowed values are: 1-262143"
                .into())
        );
        assert!(check("log_statement", "dll").is_err());
        assert_eq!(check("log_statement", "ddl"), Ok(()));
        assert_eq!(check("rds.force_ssl", "1"), Ok(()));
        assert_eq!(check("random_page_cost", "1.1"), Ok(()));
        assert!(check("timezone", "UTC\nport=1").is_err());
    }
}
