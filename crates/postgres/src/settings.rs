//! A server's settings, as text: RDS's defaults for the instance class, then
//! the parameter group, then what must be so.

use std::collections::BTreeMap;

use crate::error::PgError;
use crate::psql::{SOCKET_DIRECTORY, SUPERUSER};
use crate::spec::InstanceSpec;

/// Appended to initdb's own `postgresql.conf`.
pub(crate) const INCLUDE: &str = "include 'neargate.conf'";
pub(crate) const FILE: &str = "neargate.conf";

/// A parameter group can't have these: they are where the server is.
const OURS: [&str; 12] = [
    "config_file",
    "data_directory",
    "external_pid_file",
    "hba_file",
    "ident_file",
    "listen_addresses",
    "port",
    "ssl_ca_file",
    "ssl_cert_file",
    "ssl_key_file",
    "unix_socket_directories",
    "unix_socket_permissions",
];

/// `neargate.conf`. The machine's memory bounds what an instance class that is
/// larger than the machine would take.
pub(crate) fn file(spec: &InstanceSpec, machine_mib: u32) -> Result<String, PgError> {
    let mut lines = vec!["# Written by Neargate at every start: changes here are lost.".to_owned()];
    let mut all = defaults(spec, machine_mib);
    for (name, value) in &spec.parameters {
        check(name, value)?;
        all.insert(name.clone(), value.clone());
    }
    all.extend(fixed(spec));
    lines.extend(all.iter().map(|(name, value)| format!("{name} = '{}'", quoted(value))));
    lines.push(String::new());
    Ok(lines.join("\n"))
}

/// "Working with DB instance parameter groups" of the RDS user guide:
/// `max_connections` LEAST({DBInstanceClassMemory/9531392},5000),
/// `shared_buffers` {DBInstanceClassMemory/32768} blocks of 8 kB,
/// `effective_cache_size` {DBInstanceClassMemory/16384} blocks.
fn defaults(spec: &InstanceSpec, machine_mib: u32) -> BTreeMap<String, String> {
    let bytes = u64::from(spec.memory_mib.max(128)) * 1024 * 1024;
    let here = u64::from(spec.memory_mib.max(128).min(machine_mib)) * 1024 * 1024;
    let connections = (bytes / 9_531_392).clamp(6, 5000);
    let pairs = [
        ("max_connections", connections.to_string()),
        ("shared_buffers", format!("{}kB", here / 32768 * 8)),
        ("effective_cache_size", format!("{}kB", here / 16384 * 8)),
        ("password_encryption", "scram-sha-256".to_owned()),
        ("ssl_min_protocol_version", "TLSv1.2".to_owned()),
        ("timezone", "UTC".to_owned()),
        ("log_timezone", "UTC".to_owned()),
        ("log_line_prefix", "%t:%r:%u@%d:[%p]:".to_owned()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn fixed(spec: &InstanceSpec) -> impl Iterator<Item = (String, String)> {
    let pairs = [
        ("listen_addresses", spec.listen.to_string()),
        ("port", spec.port.to_string()),
        ("unix_socket_directories", SOCKET_DIRECTORY.to_owned()),
        ("ssl", "on".to_owned()),
        ("ssl_cert_file", "server.crt".to_owned()),
        ("ssl_key_file", "server.key".to_owned()),
        ("rds.force_ssl", u8::from(spec.force_ssl).to_string()),
        // A week of days, each written over by the same day of the next.
        ("logging_collector", "on".to_owned()),
        ("log_directory", "log".to_owned()),
        ("log_filename", "postgresql.log.%a".to_owned()),
        ("log_rotation_age", "1d".to_owned()),
        ("log_rotation_size", "0".to_owned()),
        ("log_truncate_on_rotation", "on".to_owned()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value))
}

fn check(name: &str, value: &str) -> Result<(), PgError> {
    let bad = |reason: &str| {
        Err(PgError::BadParameter { name: name.to_owned(), reason: reason.to_owned() })
    };
    if OURS.contains(&name) {
        return bad("can't be modified");
    }
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
    if name.is_empty() || !name.chars().all(plain) {
        return bad("is not a parameter's name");
    }
    if value.contains(['\n', '\r', '\0']) {
        return bad("a value is one line");
    }
    Ok(())
}

fn quoted(value: &str) -> String {
    value.replace('\\', "\\\\").replace('\'', "''")
}

/// `pg_hba.conf`: the superuser by the socket alone, everybody else by password
/// alone.
pub(crate) fn access(force_ssl: bool) -> String {
    let host = if force_ssl { "hostssl" } else { "host" };
    format!(
        "local all {SUPERUSER} peer map=neargate
local replication {SUPERUSER} peer map=neargate
host all {SUPERUSER} 0.0.0.0/0 reject
{host} all all 0.0.0.0/0 scram-sha-256
"
    )
}

/// `pg_ident.conf`: who on this machine may be the superuser.
pub(crate) fn identities(users: &[String]) -> String {
    users.iter().map(|user| format!("neargate \"{user}\" {SUPERUSER}\n")).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn spec(parameters: &[(&str, &str)]) -> InstanceSpec {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        InstanceSpec {
            id: "db-1".into(),
            netns_path: None,
            cgroups: vec![],
            listen: [10, 0, 2, 4].into(),
            port: 5432,
            endpoint: "db-1.test".into(),
            major_version: None,
            master_username: "realworld".into(),
            master_password: "secret".into(),
            database: None,
            memory_mib: 1024,
            parameters: parameters.iter().map(own).collect(),
            force_ssl: true,
            restore_from: None,
        }
    }

    #[test]
    fn a_db_t3_micro() {
        expect![[r#"
            # Written by Neargate at every start: changes here are lost.
            effective_cache_size = '524288kB'
            listen_addresses = '10.0.2.4'
            log_directory = 'log'
            log_filename = 'postgresql.log.%a'
            log_line_prefix = '%t:%r:%u@%d:[%p]:'
            log_rotation_age = '1d'
            log_rotation_size = '0'
            log_timezone = 'UTC'
            log_truncate_on_rotation = 'on'
            logging_collector = 'on'
            max_connections = '112'
            password_encryption = 'scram-sha-256'
            port = '5432'
            rds.force_ssl = '1'
            shared_buffers = '262144kB'
            ssl = 'on'
            ssl_cert_file = 'server.crt'
            ssl_key_file = 'server.key'
            ssl_min_protocol_version = 'TLSv1.2'
            timezone = 'UTC'
            unix_socket_directories = '/proc/self/cwd'
        "#]]
        .assert_eq(&file(&spec(&[]), 16384).unwrap());
    }

    #[test]
    fn the_parameter_group_wins_and_stays_in_its_quotes() {
        let text = file(&spec(&[("max_connections", "7"), ("a.b", r"x'\y")]), 16384).unwrap();
        assert!(text.contains("\nmax_connections = '7'\n"), "{text}");
        assert!(text.contains("\na.b = 'x''\\\\y'\n"), "{text}");
    }

    #[test]
    fn a_class_larger_than_the_machine_takes_a_quarter_of_the_machine() {
        let mut large = spec(&[]);
        large.memory_mib = 768 * 1024;
        let text = file(&large, 4096).unwrap();
        assert!(text.contains("\nshared_buffers = '1048576kB'\n"), "{text}");
        assert!(text.contains("\nmax_connections = '5000'\n"), "{text}");
    }

    #[test]
    fn what_would_break_the_server_is_refused() {
        for (name, value) in
            [("port", "1"), ("x y", "1"), ("a", "1\nport = 2"), ("include 'x' #", "")]
        {
            assert!(file(&spec(&[(name, value)]), 1024).is_err(), "{name}");
        }
    }

    #[test]
    fn access_with_and_without_tls() {
        expect![[r#"
            local all rdsadmin peer map=neargate
            local replication rdsadmin peer map=neargate
            host all rdsadmin 0.0.0.0/0 reject
            hostssl all all 0.0.0.0/0 scram-sha-256
        "#]]
        .assert_eq(&access(true));
        expect![[r#"
            local all rdsadmin peer map=neargate
            local replication rdsadmin peer map=neargate
            host all rdsadmin 0.0.0.0/0 reject
            host all all 0.0.0.0/0 scram-sha-256
        "#]]
        .assert_eq(&access(false));
    }
}
