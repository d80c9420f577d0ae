//! What is left of a production database after a destroy.

use super::Rule;
use super::database_zone::is_production;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "database-snapshot",
    severity: Severity::Warning,
    looks_for: "a production database without a final snapshot",
    on_aws: "A destroy, or a change that replaces the instance, deletes the data with it, and its \
             automated backups after that.",
    change: "Set `skip_final_snapshot = false` with a `final_snapshot_identifier`, and \
             `deletion_protection = true`.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for database in seen.of("aws_db_instance").filter(|database| is_production(database)) {
        let protected = database.flag("deletion_protection") != Some(false);
        if database.flag("skip_final_snapshot") == Some(true) && !protected {
            let summary = "The production database goes without a final snapshot";
            report.tell(database, &["skip_final_snapshot"], summary);
        }
    }
}
