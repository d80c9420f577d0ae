//! What of a stack would bite on AWS: tasks that never become healthy, cannot pull their image or
//! read their secret, services that scale against Terraform. Pure: it judges a plan.
//!
//! ```text
//! Stack (places), Plan (values) ─▶ Seen ─ rules/*.rs ─▶ Finding… ─▶ Diagnostic, JSON
//! ```
//!
//! Values that AWS decides must be imagined in the plan (`neargate_provider_aws::Imagined`): by
//! them a rule sees which subnet, role or group another resource means. **Whatever is unknown, or is
//! made elsewhere, is not judged**: a rule says nothing, or gives a hint.

mod aws;
mod docs;
mod finding;
mod place;
mod rules;
mod seen;

pub use docs::page;
pub use finding::{Finding, Severity};
pub use rules::{RULES, Rule};
pub use seen::{Around, Dockerfile};

use neargate_stack::plan::Plan;
use neargate_stack::run::Stack;

use finding::Report;
use seen::Seen;

/// All that is found, in the order of the resources' addresses.
pub fn lint(stack: &Stack, plan: &Plan, around: &Around) -> Vec<Finding> {
    let seen = Seen::new(stack, plan, around);
    let mut found = Vec::new();
    for &rule in RULES {
        let mut report = Report::new(&seen, rule);
        (rule.check)(&seen, &mut report);
        found.extend(report.found());
    }
    found.sort_by(|a, b| (a.severity, &a.address).cmp(&(b.severity, &b.address)));
    found
}
