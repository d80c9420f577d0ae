//! Whether a task gets at what it needs before it runs: its image, its log group, its secrets.

use super::Rule;
use crate::aws::network::{Way, endpoints, way};
use crate::aws::service;
use crate::aws::task::{Task, is_in_ecr};
use crate::finding::{Report, Severity};
use crate::seen::{Object, Resource, Seen};

pub static RULE: Rule = Rule {
    id: "way-to-images",
    severity: Severity::Error,
    looks_for: "a subnet from which a task cannot pull its image, write its log or fetch its secrets",
    on_aws: "Tasks stop before they run: \"CannotPullContainerError: … i/o timeout\", or \
             \"ResourceInitializationError: unable to pull secrets or registry auth\".",
    change: "Private subnets need a route to a NAT gateway, or endpoints of ecr.api, ecr.dkr, s3 (a gateway \
             in their route table), logs, and what secrets come from, with private DNS. In public subnets \
             tasks need `assign_public_ip = true`.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in service::all(seen).filter(|one| service::is_on_fargate(one)) {
        let Some(task) = Task::of_service(seen, one) else { continue };
        let Some(network) = service::network(one) else { continue };
        let public = network.flag("assign_public_ip") == Some(true);
        let private =
            network.flag("assign_public_ip") == Some(false) || network.is_unset("assign_public_ip");
        for id in network.texts("subnets").unwrap_or_default() {
            let Some(subnet) = seen.find("aws_subnet", "id", id) else { continue };
            let path = ["network_configuration", "subnets"];
            match way(seen, subnet) {
                Some(Way::InternetGateway) if private => {
                    let missing = missing(seen, &task, subnet);
                    if missing.is_some_and(|missing| !missing.is_empty()) {
                        let summary = format!(
                            "Tasks in the public subnet {} have no public address",
                            subnet.address
                        );
                        report.tell(one, &["network_configuration", "assign_public_ip"], summary);
                    }
                }
                Some(Way::None) => {
                    let Some(missing) = missing(seen, &task, subnet) else { continue };
                    if missing.is_empty() {
                        continue;
                    }
                    let address = if public { "not even with a public address" } else { "no NAT" };
                    let summary = format!(
                        "From the subnet {} there is no way out ({address}), and no endpoint of {}",
                        subnet.address,
                        missing.join(", ")
                    );
                    report.tell(one, &path, summary);
                }
                _ => {}
            }
        }
    }
}

/// The services without an endpoint that a task needs; none if that cannot be told.
fn missing(seen: &Seen<'_>, task: &Task<'_>, subnet: &Resource<'_>) -> Option<Vec<&'static str>> {
    let there = endpoints(seen, subnet)?;
    let mut needed = Vec::new();
    let elsewhere = task.images().any(|image| !is_in_ecr(image));
    if elsewhere {
        // No endpoint leads there.
        return Some(vec!["the registry of its image"]);
    }
    if task.images().next().is_some() {
        needed.extend(["ecr.api", "ecr.dkr", "s3"]);
    }
    if task.logs() {
        needed.push("logs");
    }
    let from = |service: &str| task.secrets().iter().any(|(.., from)| from.contains(service));
    if from(":secretsmanager:") {
        needed.push("secretsmanager");
    }
    if task.secrets().iter().any(|(.., from)| from.contains(":ssm:") || !from.starts_with("arn:")) {
        needed.push("ssm");
    }
    needed.retain(|service| !there.contains(service));
    Some(needed)
}
