//! A tag that is to move, in a repository whose tags do not.

use super::Rule;
use crate::aws::task;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "immutable-latest",
    severity: Severity::Warning,
    looks_for: "the tag `latest` of a repository with immutable tags",
    on_aws: "The first push of `latest` succeeds, and every other one is refused \
             (ImageTagAlreadyExistsException): the service runs the first image for ever.",
    change: "Deploy a tag per build, such as the commit, or make the tags of the repository MUTABLE.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in task::all(seen) {
        for image in one.images() {
            let Some((name, "latest")) = image.rsplit_once(':') else { continue };
            let repository = seen.find("aws_ecr_repository", "repository_url", name);
            let mutability = repository.and_then(|it| it.text("image_tag_mutability"));
            if mutability == Some("IMMUTABLE") {
                let summary =
                    "The task runs the tag latest of a repository whose tags are immutable";
                report.tell(one.resource, &["container_definitions"], summary);
            }
        }
    }
}
