//! Programs that a container's health check calls and its image may not have.

use serde_json::Value as Json;

use super::Rule;
use crate::aws::task::{self, is_in_ecr, words};
use crate::finding::{Report, Severity};
use crate::seen::{Dockerfile, Seen};

pub static RULE: Rule = Rule {
    id: "health-check-command",
    severity: Severity::Error,
    looks_for: "a container health check by curl or wget, which the image may lack",
    on_aws: "The command is not found, every check fails, and ECS replaces task after task: \"Task failed \
             container health checks\". Small images have neither curl nor wget.",
    change: "Check with what the image has (python3 -c \"import urllib.request; …\", node -e …), or \
             install the program in its Dockerfile.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in task::all(seen) {
        for container in &one.containers {
            let (Some(image), Some(program)) = (container["image"].as_str(), program(container))
            else {
                continue;
            };
            let name = container["name"].as_str().unwrap_or_default();
            let told = format!("The health check of the container {name:?} calls {program}");
            let path = ["container_definitions"];
            match judged(image, program, &seen.around.dockerfiles) {
                Judgement::Has => {}
                Judgement::Lacks(why) => report.tell(one.resource, &path, format!("{told}, {why}")),
                Judgement::Unknown => {
                    report.hint(one.resource, &path, format!("{told}: does its image have it?"));
                }
            }
        }
    }
}

/// The one that a health check calls.
fn program(container: &Json) -> Option<&'static str> {
    let command = words(&container["healthCheck"]["command"]);
    let calls = |program: &str| {
        let mut all = command.iter().flat_map(|word| {
            word.split(|c: char| !c.is_ascii_alphanumeric() && !"_-./".contains(c))
        });
        all.any(|word| word.rsplit('/').next() == Some(program))
    };
    ["curl", "wget"].into_iter().find(|program| calls(program))
}

enum Judgement {
    Has,
    Lacks(String),
    Unknown,
}

fn judged(image: &str, program: &str, dockerfiles: &[Dockerfile]) -> Judgement {
    if !is_in_ecr(image) {
        return of_base(image, program).unwrap_or(Judgement::Unknown);
    }
    let [dockerfile] = dockerfiles else { return Judgement::Unknown };
    of_dockerfile(dockerfile, program)
}

/// By the last image that a Dockerfile is made from, and by what it says of the program.
fn of_dockerfile(dockerfile: &Dockerfile, program: &str) -> Judgement {
    let from = |line: &str| {
        let mut words = line.split_whitespace();
        let is_from = words.next()?.eq_ignore_ascii_case("FROM");
        let image = words.find(|word| !word.starts_with("--"))?;
        is_from.then(|| image.to_owned())
    };
    let base = dockerfile.text.lines().filter_map(from).next_back();
    let mut lines = dockerfile.text.lines().filter(|line| !line.trim_start().starts_with('#'));
    if lines.any(|line| line.contains(program) && !line.contains("HEALTHCHECK") && !is_check(line))
    {
        return Judgement::Has;
    }
    match base.and_then(|base| of_base(&base, program)) {
        Some(Judgement::Lacks(why)) => {
            Judgement::Lacks(format!("{why}, and {} does not install it", dockerfile.name))
        }
        Some(other) => other,
        None => Judgement::Unknown,
    }
}

/// The line after `HEALTHCHECK … \`.
fn is_check(line: &str) -> bool {
    line.trim_start().starts_with("CMD ")
}

/// What is known of public images.
fn of_base(image: &str, program: &str) -> Option<Judgement> {
    let (name, tag) = match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, ""),
    };
    let short = name.rsplit('/').next().unwrap_or(name);
    let lacks = || Some(Judgement::Lacks(format!("which {image} does not have")));
    let languages = ["python", "node", "ruby"];
    if name.contains("distroless") || name == "scratch" {
        return lacks();
    }
    match short {
        "debian" | "ubuntu" => lacks(),
        "busybox" | "alpine" if program == "curl" => lacks(),
        "busybox" | "alpine" => Some(Judgement::Has),
        _ if !languages.contains(&short) => None,
        _ if tag.contains("slim") => lacks(),
        _ if tag.contains("alpine") && program == "curl" => lacks(),
        // The others are made from an image with both.
        _ => Some(Judgement::Has),
    }
}
