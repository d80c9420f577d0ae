//! The roles and the database of a new instance, as RDS makes them. May run
//! again after a crash in between.

use crate::error::PgError;
use crate::psql::{identifier, literal};
use crate::spec::{InstanceSpec, check_sql_name};

/// The passwords below are in no log, whatever the parameter group asks for.
const QUIETLY: &str = "SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SET log_min_duration_statement = -1;
";

const RDS_SUPERUSER: &str = "SELECT 'CREATE ROLE rds_superuser NOLOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_superuser') \\gexec
GRANT pg_monitor, pg_signal_backend, pg_read_all_settings, pg_read_all_stats TO rds_superuser WITH ADMIN OPTION;
";

pub(crate) fn script(spec: &InstanceSpec) -> Result<String, PgError> {
    check_master(&spec.master_username)?;
    let master = identifier(&spec.master_username);
    let mut script = format!("{QUIETLY}{RDS_SUPERUSER}");
    script.push_str(&format!(
        "SELECT format('CREATE ROLE %I', {name})
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {name}) \\gexec
ALTER ROLE {master} LOGIN CREATEDB CREATEROLE PASSWORD {password};
GRANT rds_superuser TO {master} WITH ADMIN OPTION;
ALTER DATABASE postgres OWNER TO {master};
",
        name = literal(&spec.master_username),
        password = literal(&spec.master_password),
    ));
    if let Some(database) = &spec.database {
        check_sql_name("database name", database)?;
        script.push_str(&format!(
            "SELECT format('CREATE DATABASE %I OWNER %I', {database}, {name})
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = {database}) \\gexec
",
            database = literal(database),
            name = literal(&spec.master_username),
        ));
    }
    Ok(script)
}

pub(crate) fn change_password(username: &str, password: &str) -> Result<String, PgError> {
    check_master(username)?;
    let (user, password) = (identifier(username), literal(password));
    Ok(format!("{QUIETLY}ALTER ROLE {user} PASSWORD {password};\n"))
}

fn check_master(username: &str) -> Result<(), PgError> {
    check_sql_name("master username", username)?;
    let reserved = ["pg_", "rds_", "rdsadmin"].iter().any(|word| username.starts_with(word));
    if !reserved {
        return Ok(());
    }
    Err(PgError::BadName {
        what: "master username",
        value: username.to_owned(),
        allowed: "names that begin with pg_, rds_ or rdsadmin are reserved",
    })
}
