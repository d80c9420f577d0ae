//! `neargate top`: services as they live, drawn anew each second: capacity, what CloudWatch has
//! measured in the last half an hour, alarms, what scaling did, and the last events.

use std::io::{ErrorKind, IsTerminal, Write};
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use neargate_ids::Timestamp;
use serde_json::Value;

use super::paint::{self, Cell, Paint, Tone, plain, table};
use super::status::{ago, clock_time, counts, event_row, list, named, section, text, tone};
use crate::client::Reach;

#[derive(Args)]
pub struct Options {
    /// The service, by its name, as CLUSTER/NAME, or by its ARN; all of them when absent.
    service: Option<String>,
    #[command(flatten)]
    reach: Reach,
    /// Draw it once.
    #[arg(long)]
    once: bool,
    /// Print the whole document as JSON, once.
    #[arg(long)]
    json: bool,
    /// Seconds from one picture to the next.
    #[arg(long, default_value_t = 1, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    every: u64,
    /// How many events to show of a service.
    #[arg(long, default_value_t = 5, value_name = "COUNT")]
    events: usize,
}

pub fn run(options: &Options) -> Result<()> {
    let path = match &options.service {
        Some(name) => format!("/_neargate/live/{}", named(name)?),
        None => "/_neargate/live".into(),
    };
    if options.json {
        println!("{}", serde_json::to_string_pretty(&options.reach.get(&path)?)?);
        return Ok(());
    }
    let paint = Paint::for_stdout();
    let redraws = !options.once && std::io::stdout().is_terminal();
    let mut clear = "\x1b[2J";
    loop {
        let picture = picture(paint, &options.reach.get(&path)?, options.events);
        let shown = match redraws {
            true => format!("{clear}{}", frame(&picture, rows())),
            false => picture,
        };
        clear = "";
        let mut out = std::io::stdout().lock();
        match out.write_all(shown.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) if !options.once => std::thread::sleep(Duration::from_secs(options.every)),
            Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(error.into()),
            _ => return Ok(()),
        }
    }
}

fn rows() -> usize {
    paint::size().map_or(usize::MAX, |(_, rows)| usize::from(rows))
}

/// The picture over the one before, as far as the terminal has lines; long lines are cut, not
/// wrapped.
fn frame(picture: &str, rows: usize) -> String {
    let lines = picture.lines().take(rows.saturating_sub(1));
    let lines: String = lines.map(|line| format!("{line}\x1b[K\r\n")).collect();
    format!("\x1b[?7l\x1b[H{lines}\x1b[J\x1b[?7h")
}

fn picture(paint: Paint, document: &Value, events: usize) -> String {
    let now = Timestamp::parse_iso8601(text(document, "at")).unwrap_or_default();
    let mut out = paint.paint(Tone::Faint, &heading(document));
    out.push('\n');
    let services = list(document, "services");
    if services.is_empty() {
        out.push_str("no services yet\n");
    }
    for service in services {
        out.push('\n');
        out.push_str(&of_service(paint, service, events, now));
    }
    out
}

fn heading(document: &Value) -> String {
    let at = clock_time(text(document, "at"));
    match document["rate"].as_f64().filter(|rate| *rate != 1.0) {
        Some(rate) => format!("{at} UTC, passing {rate} times as fast"),
        None => format!("{at} UTC"),
    }
}

fn of_service(paint: Paint, service: &Value, events: usize, now: Timestamp) -> String {
    let name = format!("{}/{}", text(service, "cluster"), text(service, "name"));
    let capacity = &service["capacity"];
    let scales = match (capacity["min"].as_i64(), capacity["max"].as_i64()) {
        (Some(min), Some(max)) => format!("scales from {min} to {max}"),
        _ => String::new(),
    };
    let rollout = list(service, "deployments").first();
    let rollout = rollout.map_or("", |primary| text(primary, "rolloutState"));
    let head = vec![
        (Tone::Strong, name),
        plain(counts(service)),
        (tone(rollout), rollout.into()),
        (Tone::Faint, scales),
    ];
    let mut out = table(paint, 0, &[head]);
    let charts: Vec<_> = list(service, "charts").iter().filter_map(chart).collect();
    out.push_str(&table(paint, 2, &charts));
    let alarms: Vec<_> =
        list(service, "alarms").iter().map(|alarm| self::alarm(alarm, now)).collect();
    section(paint, &mut out, "alarms", &alarms);
    let activities: Vec<_> = list(service, "activities").iter().map(activity).collect();
    section(paint, &mut out, "scaling", &activities);
    let events: Vec<_> = list(service, "events").iter().take(events).map(event_row).collect();
    section(paint, &mut out, "events", &events);
    out
}

/// A metric's line: its name, its last half an hour, its last value, and what it is kept at.
/// `None` for one that was never measured.
fn chart(chart: &Value) -> Option<Vec<Cell>> {
    let values: Vec<Option<f64>> = list(chart, "values").iter().map(Value::as_f64).collect();
    let last = values.iter().flatten().next_back()?;
    let (target, unit) = (chart["target"].as_f64(), text(chart, "unit"));
    let highest = values.iter().flatten().copied().fold(target.unwrap_or(0.0), f64::max);
    let is_over = target.is_some_and(|target| *last > target);
    let target = target.map(|target| format!("target {}", rounded(target)));
    Some(vec![
        plain(text(chart, "label")),
        (if is_over { Tone::Wait } else { Tone::Good }, bars(&values, highest)),
        (Tone::Strong, format!("{} {unit}", rounded(*last)).trim_end().to_owned()),
        (Tone::Faint, target.unwrap_or_default()),
    ])
}

/// A bar for each value, the highest of which is full.
fn bars(values: &[Option<f64>], highest: f64) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let bar = |value: &Option<f64>| match value {
        None => ' ',
        Some(value) if highest > 0.0 && *value > 0.0 => {
            let eighths = (value / highest * BARS.len() as f64).ceil() as usize;
            BARS[eighths.clamp(1, BARS.len()) - 1]
        }
        Some(_) => BARS[0],
    };
    values.iter().map(bar).collect()
}

/// Three digits that mean something.
fn rounded(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || value == value.trunc() => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

fn alarm(alarm: &Value, now: Timestamp) -> Vec<Cell> {
    let state = text(alarm, "state");
    let tone = match state {
        "ALARM" => Tone::Bad,
        "OK" => Tone::Good,
        _ => Tone::Faint,
    };
    let state = if state == "INSUFFICIENT_DATA" { "no data" } else { state };
    vec![
        (tone, state.into()),
        plain(text(alarm, "name")),
        (Tone::Faint, ago(text(alarm, "since"), now)),
    ]
}

fn activity(activity: &Value) -> Vec<Cell> {
    let status = text(activity, "status");
    let shown = if status == "Successful" { "" } else { status };
    let status_tone = if status == "Failed" { Tone::Bad } else { Tone::Wait };
    vec![
        (Tone::Faint, clock_time(text(activity, "at"))),
        (status_tone, shown.into()),
        plain(text(activity, "description")),
        (Tone::Faint, text(activity, "cause").into()),
    ]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "at": "2026-01-02T03:04:05.000Z", "rate": 10.0,
            "services": [{
                "cluster": "shop", "name": "web", "desiredCount": 3, "runningCount": 2, "pendingCount": 1,
                "deployments": [{ "rolloutState": "COMPLETED" }],
                "capacity": { "min": 2, "max": 10 },
                "charts": [
                    { "label": "CPU", "unit": "%", "target": 70.0, "values": [null, 10.0, 35.5, 70.0, 99.94] },
                    { "label": "p95", "unit": "s", "target": null, "values": [0.0, 0.0123, null, 0.2, 0.045] },
                    { "label": "answers 5xx", "unit": "/min", "target": null, "values": [null, null] },
                ],
                "alarms": [
                    { "name": "high-cpu", "state": "ALARM", "since": "2026-01-02T03:02:00.000Z" },
                    { "name": "low-tasks", "state": "INSUFFICIENT_DATA", "since": "2026-01-02T00:00:00.000Z" },
                ],
                "activities": [{
                    "at": "2026-01-02T03:03:59.000Z", "status": "Successful",
                    "description": "Setting desired count to 3.",
                    "cause": "monitor alarm high in state ALARM triggered policy cpu",
                }],
                "events": [{ "at": "2026-01-02T03:04:00.123Z", "message": "(service web) has started 1 tasks: (task aa)." }],
            }],
        })
    }

    #[test]
    fn a_service_lives() {
        expect![[r#"
            2026-01-02 03:04:05 UTC, passing 10 times as fast

            shop/web  2 of 3 running, 1 pending  COMPLETED  scales from 2 to 10
              CPU   ▁▃▆█  99.9 %   target 70
              p95  ▁▁ █▂  0.045 s
            alarms
              ALARM    high-cpu   2 min ago
              no data  low-tasks  3 h ago
            scaling
              2026-01-02 03:03:59  Setting desired count to 3.  monitor alarm high in state ALARM triggered policy cpu
            events
              2026-01-02 03:04:00  (service web) has started 1 tasks: (task aa).
        "#]].assert_eq(&picture(Paint { in_colour: false }, &document(), 5));
    }

    #[test]
    fn a_frame_keeps_to_the_lines_of_the_terminal() {
        let frame = frame("one\ntwo\nthree\n", 3);
        assert_eq!(frame, "\x1b[?7l\x1b[Hone\x1b[K\r\ntwo\x1b[K\r\n\x1b[J\x1b[?7h");
    }
}
