//! `neargate events`: what schedulers did and wait for, over all services, with
//! the time; `--follow` goes on, also over a restart of Neargate.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use super::paint::{Paint, Tone};
use super::status::{clock_time, named};
use crate::client::Reach;

#[derive(Args)]
pub struct Options {
    /// The service, by its name, as CLUSTER/NAME, or by its ARN; all of them when absent.
    service: Option<String>,
    #[command(flatten)]
    reach: Reach,
    /// Go on with the events that come, until Ctrl-C.
    #[arg(long, short)]
    follow: bool,
    /// Print each event as a line of JSON.
    #[arg(long)]
    json: bool,
    /// How many earlier events to show first.
    #[arg(long, default_value_t = 20, value_name = "COUNT")]
    last: usize,
}

/// A Neargate that has gone may come again.
const AGAIN: Duration = Duration::from_secs(1);

pub fn run(options: &Options) -> Result<()> {
    let mut seen = HashSet::new();
    let earlier = read(options, &mut seen)?;
    let skipped = earlier.len().saturating_sub(options.last);
    for event in &earlier[skipped..] {
        if !print(options, event)? {
            return Ok(());
        }
    }
    if !options.follow {
        return Ok(());
    }
    loop {
        match follow(options, &mut seen) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => eprintln!("neargate: the events broke off ({error:#}); trying again"),
        }
        std::thread::sleep(AGAIN);
    }
}

fn path(options: &Options, follow: bool) -> Result<String> {
    let mut path = String::from("/_neargate/events?");
    if follow {
        path.push_str("follow&");
    }
    if let Some(name) = &options.service {
        path.push_str(&format!("service={}", named(name)?));
    }
    Ok(path)
}

/// The events that are there, which are seen then.
fn read(options: &Options, seen: &mut HashSet<String>) -> Result<Vec<Value>> {
    let mut events = Vec::new();
    for line in BufReader::new(options.reach.follow(&path(options, false)?)?).lines() {
        let event: Value = serde_json::from_str(&line?)?;
        seen.insert(event["id"].as_str().unwrap_or_default().to_owned());
        events.push(event);
    }
    Ok(events)
}

/// Prints what comes; `false` once nobody reads it any more.
fn follow(options: &Options, seen: &mut HashSet<String>) -> Result<bool> {
    for line in BufReader::new(options.reach.follow(&path(options, true)?)?).lines() {
        let event: Value = serde_json::from_str(&line?)?;
        let is_new = seen.insert(event["id"].as_str().unwrap_or_default().to_owned());
        if is_new && !print(options, &event)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Prints an event; `false` once nobody reads it any more.
fn print(options: &Options, event: &Value) -> Result<bool> {
    let line = if options.json { event.to_string() } else { shown(Paint::for_stdout(), event) };
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// `2026-01-02 03:04:05  shop/web  has started 1 tasks …`
fn shown(paint: Paint, event: &Value) -> String {
    let text = |key: &str| event[key].as_str().unwrap_or_default();
    let message = text("message");
    let own = format!("(service {}) ", text("service"));
    format!(
        "{}  {}  {}",
        paint.paint(Tone::Faint, &clock_time(text("at"))),
        paint.paint(Tone::Strong, &format!("{}/{}", text("cluster"), text("service"))),
        message.strip_prefix(&own).unwrap_or(message)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_is_a_line() {
        let event = json!({
            "at": "2026-01-02T03:04:05.678Z", "cluster": "shop", "service": "web",
            "message": "(service web) has reached a steady state.",
        });
        assert_eq!(
            shown(Paint { in_colour: false }, &event),
            "2026-01-02 03:04:05  shop/web  has reached a steady state."
        );
    }
}
