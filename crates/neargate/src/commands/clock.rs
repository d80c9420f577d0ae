//! `neargate clock`: the control plane's time over the running stack. Scheduler,
//! cooldowns, bakes, retention and schedules go by it; connections, health checks,
//! drains, containers and the expiry of credentials stay with the machine's time.

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::status::clock_time;
use crate::client::Reach;
use crate::moved_clock::PATH;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    reach: Reach,
    /// Print the answer as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Show the control plane's time beside the machine's.
    Show,
    /// Move it forward, such as by 15m, 90s or 1d12h. There is no way back.
    Advance {
        #[arg(value_parser = span_ms, value_name = "SPAN")]
        span_ms: i64,
    },
    /// Let it pass faster, such as 10x, from 0.1x to 100x; 1x is the machine's pace again.
    Rate {
        #[arg(value_parser = rate)]
        rate: f64,
    },
}

pub fn run(options: &Options) -> Result<()> {
    let answer = match &options.verb {
        Verb::Show => options.reach.get(PATH)?,
        Verb::Advance { span_ms } => options.reach.post(PATH, &json!({ "advanceMs": span_ms }))?,
        Verb::Rate { rate } => options.reach.post(PATH, &json!({ "rate": rate }))?,
    };
    if options.json {
        println!("{answer}");
    } else {
        print!("{}", shown(&answer));
    }
    Ok(())
}

fn shown(answer: &Value) -> String {
    let text = |key: &str| clock_time(answer[key].as_str().unwrap_or_default());
    let ahead = answer["aheadMs"].as_i64().unwrap_or(0);
    let rate = answer["rate"].as_f64().unwrap_or(1.0);
    format!(
        "control plane  {} UTC, {rate}x\nmachine        {} UTC\nahead by       {}\n",
        text("now"),
        text("machine"),
        exact(ahead)
    )
}

/// `1d 2h 3m 4s`, without what is zero.
fn exact(millis: i64) -> String {
    let secs = millis / 1000;
    let parts =
        [(secs / 86_400, "d"), (secs / 3600 % 24, "h"), (secs / 60 % 60, "m"), (secs % 60, "s")];
    let parts: Vec<_> =
        parts.iter().filter(|(n, _)| *n != 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if parts.is_empty() { "0s".into() } else { parts.join(" ") }
}

/// Milliseconds of `15m`, `90s`, `1d12h`; a bare number is seconds.
pub fn span_ms(text: &str) -> Result<i64, String> {
    let wrong = || format!("{text} is no span of time: write it as 15m, 90s, 2h or 1d12h");
    let mut total: i64 = 0;
    let mut digits = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let unit_ms = match c {
            's' => 1000,
            'm' => 60_000,
            'h' => 3_600_000,
            'd' => 86_400_000,
            _ => return Err(wrong()),
        };
        let count: i64 = digits.parse().map_err(|_| wrong())?;
        digits.clear();
        total =
            count.checked_mul(unit_ms).and_then(|ms| total.checked_add(ms)).ok_or_else(wrong)?;
    }
    if !digits.is_empty() {
        let secs: i64 = digits.parse().map_err(|_| wrong())?;
        total = secs.checked_mul(1000).and_then(|ms| total.checked_add(ms)).ok_or_else(wrong)?;
    }
    if text.is_empty() { Err(wrong()) } else { Ok(total) }
}

fn rate(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('x').unwrap_or(text).parse();
    number.map_err(|_| format!("{text} is no rate: write it as 10x"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let read = |text| span_ms(text).ok();
        assert_eq!(read("15m"), Some(900_000));
        assert_eq!(read("1d12h"), Some(129_600_000));
        assert_eq!(read("90"), Some(90_000));
        assert_eq!(["", "m", "15q", "-5m", "99999999999999999d"].map(read), [None; 5]);
        assert_eq!(exact(129_600_000 + 61_000), "1d 12h 1m 1s");
        assert_eq!(exact(0), "0s");
    }

    #[test]
    fn both_times_are_shown() {
        let answer = json!({
            "now": "2026-01-02T03:19:05.678Z", "machine": "2026-01-02T03:04:05.678Z",
            "aheadMs": 900_000, "rate": 10.0,
        });
        expect_test::expect![[r#"
            control plane  2026-01-02 03:19:05 UTC, 10x
            machine        2026-01-02 03:04:05 UTC
            ahead by       15m
        "#]]
        .assert_eq(&shown(&answer));
    }
}
