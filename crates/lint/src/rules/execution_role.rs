//! The role with which ECS starts a task.

use super::Rule;
use crate::aws::task;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "execution-role",
    severity: Severity::Error,
    looks_for: "a task for Fargate that needs an execution role and has none",
    on_aws: "ECS refuses the task definition, or its tasks stop before they run: without a role nobody \
             may pull from ECR, fetch secrets, or write to CloudWatch Logs.",
    change: "Set `execution_role_arn` to a role that ecs-tasks.amazonaws.com may assume, with \
             AmazonECSTaskExecutionRolePolicy or the same rights.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in task::all(seen).iter().filter(|one| one.is_for_fargate()) {
        if !one.resource.is_unset("execution_role_arn") {
            continue;
        }
        let mut needs = Vec::new();
        if one.images().any(task::is_in_ecr) {
            needs.push("pull its image from ECR");
        }
        if !one.secrets().is_empty() {
            needs.push("fetch its secrets");
        }
        if one.logs() {
            needs.push("write to CloudWatch Logs");
        }
        if !needs.is_empty() {
            let summary = format!("Nobody may {}", needs.join(", or "));
            report.tell(one.resource, &["execution_role_arn"], summary);
        }
    }
}
