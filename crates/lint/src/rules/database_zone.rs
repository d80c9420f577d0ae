//! Whether a production database outlives its zone.

use neargate_hcl::Value;

use super::Rule;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Resource, Seen};

pub static RULE: Rule = Rule {
    id: "database-zone",
    severity: Severity::Warning,
    looks_for: "a production database in a single zone",
    on_aws: "When its zone or its host fails, and during most maintenance, the database is away for \
             minutes to hours; there is no standby to fail over to.",
    change: "Set `multi_az = true`. It doubles the price of the instance and its storage.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for database in seen.of("aws_db_instance").filter(|database| is_production(database)) {
        let single = database.flag("multi_az") == Some(false) || database.is_unset("multi_az");
        if single && database.is_unset("replicate_source_db") {
            report.tell(database, &["multi_az"], "The production database is in one zone");
        }
    }
}

/// By its tags, or by its name.
pub fn is_production(database: &Resource<'_>) -> bool {
    let is_word = |text: &str| {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| ["prod", "production"].contains(&word.to_lowercase().as_str()))
    };
    let tags = database.get("tags_all").or_else(|| database.get("tags"));
    let names = ["Environment", "environment", "Env", "env", "Stage", "stage"];
    let told = names.iter().find_map(|name| tags?.get(name).and_then(Value::as_str));
    match told {
        Some(environment) => is_word(environment),
        None => database.text("identifier").is_some_and(is_word),
    }
}
