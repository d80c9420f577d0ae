//! `neargate status`: what services do, in one look. Without a name, a line for
//! each service; with one, all of it: deployments, tasks, targets, events, and
//! what the scheduler waits for.

use anyhow::{Result, bail};
use clap::Args;
use neargate_ids::Timestamp;
use serde_json::Value;

use super::paint::{Cell, Paint, Tone, plain, table};
use crate::client::Reach;

#[derive(Args)]
pub struct Options {
    /// The service, by its name, as CLUSTER/NAME, or by its ARN; all of them when absent.
    service: Option<String>,
    #[command(flatten)]
    reach: Reach,
    /// Print the whole document as JSON.
    #[arg(long)]
    json: bool,
    /// How many events to show of a service.
    #[arg(long, default_value_t = 10, value_name = "COUNT")]
    events: usize,
}

pub fn run(options: &Options) -> Result<()> {
    let path = match &options.service {
        Some(name) => format!("/_neargate/services/{}", named(name)?),
        None => "/_neargate/services".into(),
    };
    let document = options.reach.get(&path)?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&document)?);
        return Ok(());
    }
    let paint = Paint::for_stdout();
    let text = match options.service {
        Some(_) => details(paint, &document, options.events),
        None => overview(paint, &document),
    };
    print!("{text}");
    Ok(())
}

/// A reference to a service, as it may stand in a URL.
pub fn named(reference: &str) -> Result<&str> {
    let is_good = |c: char| c.is_ascii_alphanumeric() || "-_/:.".contains(c);
    if reference.is_empty() || !reference.chars().all(is_good) {
        bail!("no service can be called {reference:?}");
    }
    Ok(reference)
}

/// Stopped tasks that are shown of a service: the newest.
const STOPPED_SHOWN: usize = 5;

pub fn text<'a>(of: &'a Value, key: &str) -> &'a str {
    of[key].as_str().unwrap_or_default()
}

pub fn list<'a>(of: &'a Value, key: &str) -> &'a [Value] {
    of[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A line for each service, and each task that belongs to none.
fn overview(paint: Paint, document: &Value) -> String {
    let now = Timestamp::parse_iso8601(text(document, "at")).unwrap_or_default();
    let services = list(document, "services");
    let single = list(document, "tasks");
    let mut out = String::new();
    if services.is_empty() && single.is_empty() {
        return "no services and no tasks yet\n".into();
    }
    let rows: Vec<Vec<Cell>> = services.iter().map(line).collect();
    out.push_str(&table(paint, 0, &rows));
    if !single.is_empty() {
        let rows: Vec<Vec<Cell>> = single.iter().map(|task| task_row(task, now)).collect();
        out.push_str(&paint.paint(Tone::Strong, "tasks of no service"));
        out.push('\n');
        out.push_str(&table(paint, 2, &rows));
    }
    out
}

fn line(service: &Value) -> Vec<Cell> {
    let name = format!("{}/{}", text(service, "cluster"), text(service, "name"));
    let deployments = list(service, "deployments");
    let rollout = deployments.first().map_or("", |primary| text(primary, "rolloutState"));
    let waits_for = list(service, "waitsFor").first().and_then(Value::as_str);
    let waits_for = waits_for.map(|what| format!("waits for {what}")).unwrap_or_default();
    vec![
        (Tone::Strong, name),
        (tone(text(service, "status")), text(service, "status").into()),
        plain(counts(service)),
        (tone(rollout), rollout.into()),
        (Tone::Wait, waits_for),
    ]
}

/// `2 of 2 running`, and what is on the way.
pub fn counts(of: &Value) -> String {
    let number = |key: &str| of[key].as_u64().unwrap_or(0);
    let mut out = format!("{} of {} running", number("runningCount"), number("desiredCount"));
    if number("pendingCount") > 0 {
        out.push_str(&format!(", {} pending", number("pendingCount")));
    }
    out
}

/// Everything of the services in the document.
fn details(paint: Paint, document: &Value, events: usize) -> String {
    let now = Timestamp::parse_iso8601(text(document, "at")).unwrap_or_default();
    let shown = list(document, "services").iter().map(|service| {
        let mut out = table(paint, 0, &[line(service)[..3].to_vec()]);
        let waits: Vec<_> = list(service, "waitsFor")
            .iter()
            .map(|what| vec![(Tone::Wait, format!("waits for {}", what.as_str().unwrap_or("?")))])
            .collect();
        out.push_str(&table(paint, 2, &waits));
        let deployments: Vec<_> =
            list(service, "deployments").iter().flat_map(|d| deployment_rows(d, now)).collect();
        section(paint, &mut out, "deployments", &deployments);
        section(paint, &mut out, "tasks", &task_rows(list(service, "tasks"), now));
        section(paint, &mut out, "targets", &target_rows(list(service, "tasks")));
        let events: Vec<_> = list(service, "events").iter().take(events).map(event_row).collect();
        section(paint, &mut out, "events", &events);
        out
    });
    shown.collect::<Vec<_>>().join("\n")
}

pub fn section(paint: Paint, out: &mut String, title: &str, rows: &[Vec<Cell>]) {
    if rows.is_empty() {
        return;
    }
    out.push_str(&paint.paint(Tone::Faint, title));
    out.push('\n');
    out.push_str(&table(paint, 2, rows));
}

fn deployment_rows(deployment: &Value, now: Timestamp) -> Vec<Vec<Cell>> {
    let failed = deployment["failedTasks"].as_u64().unwrap_or(0);
    let threshold = deployment["failureThreshold"].as_u64();
    let failures = match threshold {
        Some(threshold) => format!("{failed} failed, the circuit breaker acts at {threshold}"),
        None if failed > 0 => format!("{failed} failed"),
        None => String::new(),
    };
    let state = text(deployment, "rolloutState");
    let mut rows = vec![vec![
        plain(text(deployment, "id")),
        plain(text(deployment, "status")),
        (tone(state), state.into()),
        plain(counts(deployment)),
        plain(text(deployment, "taskDefinition")),
        (if failed > 0 { Tone::Bad } else { Tone::Faint }, failures),
        (Tone::Faint, ago(text(deployment, "updatedAt"), now)),
    ]];
    let next = Timestamp::parse_iso8601(text(deployment, "nextLaunchAt"));
    if let Some(next) = next.filter(|next| *next > now) {
        let wait = span(next.millis_since(now));
        rows.push(vec![(Tone::Wait, format!("starts no task for another {wait}"))]);
    }
    rows
}

/// Those that live, and the last that have stopped.
fn task_rows(tasks: &[Value], now: Timestamp) -> Vec<Vec<Cell>> {
    let (stopped, live): (Vec<_>, Vec<_>) =
        tasks.iter().partition(|task| text(task, "status") == "STOPPED");
    live.into_iter()
        .chain(stopped.into_iter().take(STOPPED_SHOWN))
        .map(|task| task_row(task, now))
        .collect()
}

fn task_row(task: &Value, now: Timestamp) -> Vec<Cell> {
    let (status, health) = (text(task, "status"), text(task, "health"));
    let health = if health == "UNKNOWN" { "" } else { health };
    vec![
        plain(text(task, "id")),
        (tone(status), status.into()),
        (tone(health), health.into()),
        plain(text(task, "capacityProvider")),
        plain(text(task, "availabilityZone")),
        plain(text(task, "address")),
        plain(text(task, "taskDefinition")),
        (Tone::Faint, ago(text(task, "since"), now)),
        (Tone::Bad, why_stopped(task)),
    ]
}

/// The stopped reason, and the containers' own where they say more.
fn why_stopped(task: &Value) -> String {
    let mut parts = Vec::new();
    if let Some(reason) = task["stoppedReason"].as_str() {
        parts.push(reason.to_owned());
    }
    for container in list(task, "containers") {
        let code = container["exitCode"].as_i64().filter(|code| *code != 0);
        let reason = container["reason"].as_str();
        let code = code.map(|code| format!("exit code {code}"));
        let said: Vec<_> = code.as_deref().into_iter().chain(reason).collect();
        if !said.is_empty() {
            parts.push(format!("{}: {}", text(container, "name"), said.join(", ")));
        }
    }
    parts.join("; ")
}

fn target_rows(tasks: &[Value]) -> Vec<Vec<Cell>> {
    let live = tasks.iter().filter(|task| text(task, "status") != "STOPPED");
    live.flat_map(|task| {
        list(task, "targets").iter().map(move |target| {
            let state = text(target, "state");
            let why = [text(target, "reason"), text(target, "description")];
            let why: Vec<_> = why.into_iter().filter(|text| !text.is_empty()).collect();
            vec![
                plain(text(target, "targetGroup")),
                plain(format!("{}:{}", text(task, "address"), target["port"])),
                (tone(state), state.into()),
                plain(why.join(": ")),
            ]
        })
    })
    .collect()
}

pub fn event_row(event: &Value) -> Vec<Cell> {
    vec![(Tone::Faint, clock_time(text(event, "at"))), plain(text(event, "message"))]
}

/// `2026-01-02 03:04:05`.
pub fn clock_time(iso8601: &str) -> String {
    iso8601.get(..19).unwrap_or(iso8601).replacen('T', " ", 1)
}

pub fn tone(state: &str) -> Tone {
    match state {
        "RUNNING" | "HEALTHY" | "healthy" | "COMPLETED" | "ACTIVE" => Tone::Good,
        "UNHEALTHY" | "unhealthy" | "FAILED" => Tone::Bad,
        "STOPPED" | "unused" | "unavailable" | "" => Tone::Faint,
        _ => Tone::Wait,
    }
}

/// `3 min ago`, of an instant in ISO 8601.
pub fn ago(iso8601: &str, now: Timestamp) -> String {
    match Timestamp::parse_iso8601(iso8601) {
        Some(at) => format!("{} ago", span(now.millis_since(at))),
        None => String::new(),
    }
}

/// A span in its largest unit, rounded down.
fn span(millis: i64) -> String {
    let secs = (millis / 1000).max(0);
    match secs {
        0..=119 => format!("{secs} s"),
        120..=7199 => format!("{} min", secs / 60),
        7200..=172_799 => format!("{} h", secs / 3600),
        _ => format!("{} days", secs / 86_400),
    }
}

#[cfg(test)]
mod tests;
