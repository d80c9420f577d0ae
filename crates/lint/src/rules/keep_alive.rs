//! Which side closes an idle connection between the load balancer and the application first.

use serde_json::Value as Json;

use super::Rule;
use crate::aws::task::{Task, words};
use crate::aws::{balancer, service};
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "keep-alive",
    severity: Severity::Warning,
    looks_for: "gunicorn closing idle connections before the load balancer does",
    on_aws: "The load balancer sends a request on a connection that gunicorn closes at that moment, and \
             answers it with 502: a few in a million, at quiet times.",
    change: "Give gunicorn a `--keep-alive` above the load balancer's `idle_timeout` (60 s by default).",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in service::all(seen) {
        let Some(task) = Task::of_service(seen, one) else { continue };
        for (block, group) in service::groups(seen, one) {
            let container = block.text("container_name").and_then(|name| task.container(name));
            let Some(kept) = container.and_then(keep_alive) else { continue };
            let arn = group.text("arn").unwrap_or_default();
            for balancer in balancer::in_front(seen, arn) {
                let idle = balancer.number("idle_timeout").unwrap_or(60.0);
                if kept <= idle {
                    let summary = format!(
                        "gunicorn closes idle connections after {kept} s, before the load balancer, which does so after {idle} s"
                    );
                    report.tell(task.resource, &["container_definitions"], summary);
                }
            }
        }
    }
}

/// After how many seconds gunicorn closes an idle connection, as its arguments say. Its sync workers
/// keep none.
fn keep_alive(container: &Json) -> Option<f64> {
    let all = [words(&container["entryPoint"]), words(&container["command"])].concat();
    let all: Vec<&str> = all.iter().flat_map(|word| word.split_whitespace()).collect();
    all.iter().find(|word| word.rsplit('/').next() == Some("gunicorn"))?;
    let option = |names: [&str; 2]| {
        all.iter().enumerate().find_map(|(at, word)| match word.split_once('=') {
            Some((name, value)) if names.contains(&name) => Some(value),
            _ if names.contains(word) => all.get(at + 1).copied(),
            _ => None,
        })
    };
    let threads = option(["--threads", "--threads"]).and_then(|text| text.parse().ok());
    let keeps = match option(["-k", "--worker-class"]) {
        Some("sync") | None => threads.is_some_and(|threads: u32| threads > 1),
        Some("gthread" | "gevent" | "eventlet") => true,
        // Others have timeouts of their own.
        Some(_) => return None,
    };
    let given = option(["--keep-alive", "--keepalive"]).map(str::parse::<f64>);
    match given {
        _ if !keeps => None,
        Some(given) => given.ok(),
        None => Some(2.0),
    }
}
