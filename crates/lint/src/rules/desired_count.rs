//! Who says how many tasks run: Terraform or the autoscaler.

use neargate_hcl::convert::Step;
use neargate_stack::config::Ignored;

use super::Rule;
use crate::aws::service;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Resource, Seen};

pub static RULE: Rule = Rule {
    id: "desired-count",
    severity: Severity::Warning,
    looks_for: "a scaled service whose desired_count Terraform resets",
    on_aws: "Each apply sets the number of tasks back to `desired_count`, in the middle of the load for \
             which Application Auto Scaling has added some.",
    change: "Add `lifecycle { ignore_changes = [desired_count] }` to the service.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in service::all(seen) {
        let scaled = service::scaling(seen, one).is_some();
        if scaled && !one.is_unset("desired_count") && !is_ignored(one) {
            let summary = "Application Auto Scaling sets the desired_count of this service, and so does each apply";
            report.tell(one, &["desired_count"], summary);
        }
    }
}

fn is_ignored(service: &Resource<'_>) -> bool {
    match &service.decl.lifecycle.ignore_changes {
        Ignored::All => true,
        Ignored::These(paths) => {
            let count = Step::Attribute("desired_count".to_owned());
            paths.iter().any(|path| path.first() == Some(&count))
        }
    }
}
