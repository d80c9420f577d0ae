//! What of a task's secrets its execution role may fetch.

use super::Rule;
use crate::aws::policy::Rights;
use crate::aws::task::{self, Task};
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "secret-permission",
    severity: Severity::Error,
    looks_for: "a secret or parameter that the execution role may not fetch or decrypt",
    on_aws: "Tasks stop before they run: \"ResourceInitializationError: unable to pull secrets or registry \
             auth: … AccessDeniedException\". Secrets are fetched as the execution role, and not as the \
             task's.",
    change: "Allow the execution role secretsmanager:GetSecretValue (or ssm:GetParameters) on its ARN, and \
             kms:Decrypt on the key where it has one of its own.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in task::all(seen) {
        let Some(role) = one.execution_role(seen) else { continue };
        let Some(rights) = Rights::of(seen, role) else { continue };
        let role = role.text("name").unwrap_or_default().to_owned();
        for (container, name, from) in one.secrets() {
            for (action, on) in needed(seen, from) {
                if rights.allow(action, &on) == Some(false) {
                    let summary = format!(
                        "The execution role {role:?} may not {action} the secret {name:?} of the container {container:?}"
                    );
                    tell(report, &one, summary);
                }
            }
        }
    }
}

fn tell(report: &mut Report<'_>, task: &Task<'_>, summary: String) {
    report.tell(task.resource, &["container_definitions"], summary);
}

/// The actions, each with what it is on.
fn needed(seen: &Seen<'_>, from: &str) -> Vec<(&'static str, String)> {
    let parts: Vec<&str> = from.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "secretsmanager", _, _, "secret", _, ..] => {
            let arn = parts[..7].join(":");
            let key = seen
                .find("aws_secretsmanager_secret", "arn", &arn)
                .and_then(|secret| secret.text("kms_key_id"))
                .map(|key| ("kms:Decrypt", of_key(key)));
            [("secretsmanager:GetSecretValue", arn)].into_iter().chain(key).collect()
        }
        ["arn", _, "ssm", ..] => vec![("ssm:GetParameters", from.to_owned())],
        ["arn", ..] => Vec::new(),
        _ => vec![(
            "ssm:GetParameters",
            format!("arn:*:ssm:*:*:parameter/{}", from.trim_start_matches('/')),
        )],
    }
}

/// An ARN as it is; of an id or alias, whichever has it.
fn of_key(key: &str) -> String {
    match key {
        arn if arn.starts_with("arn:") => arn.to_owned(),
        alias if alias.starts_with("alias/") => "*".to_owned(),
        id => format!("arn:*:kms:*:*:key/{id}"),
    }
}
