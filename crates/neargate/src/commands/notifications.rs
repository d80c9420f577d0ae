//! `neargate notifications`: what alarms and others have published to topics, and what became of it
//! for each subscription; `--follow` goes on with what comes.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, ErrorKind, Write};

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use super::paint::{Paint, Tone};
use super::status::clock_time;
use crate::client::Reach;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    reach: Reach,
    /// Go on with what comes, until Ctrl-C.
    #[arg(long, short)]
    follow: bool,
    /// Only this topic, by its name or its ARN.
    #[arg(long, value_name = "NAME")]
    topic: Option<String>,
    /// Print each notification as a line of JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> Result<()> {
    let mut path = String::from("/_neargate/notifications?");
    if options.follow {
        path.push_str("follow&");
    }
    if let Some(topic) = &options.topic {
        path.push_str(&format!("topic={topic}"));
    }
    let paint = Paint::for_stdout();
    let mut seen: HashMap<String, Value> = HashMap::new();
    let mut out = std::io::stdout();
    for line in BufReader::new(options.reach.follow(&path)?).lines() {
        let line = line?;
        let text = match options.json {
            true => format!("{line}\n"),
            false => {
                let told: Value = serde_json::from_str(&line)?;
                let id = told["id"].as_str().unwrap_or_default().to_owned();
                let earlier = if id.is_empty() { None } else { seen.insert(id, told.clone()) };
                shown(paint, &told, earlier.as_ref())
            }
        };
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// A notification with its subscriptions; of one that was shown already, what has changed.
fn shown(paint: Paint, told: &Value, earlier: Option<&Value>) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let topic = text(&told["topic"]);
    let topic = topic.rsplit(':').next().unwrap_or_default();
    if let Some(unconfirmed) = told.get("unconfirmed") {
        return format!(
            "{}  {} {} {}\n",
            paint.paint(Tone::Strong, topic),
            paint.paint(Tone::Wait, "unconfirmed"),
            text(&unconfirmed["endpoint"]),
            paint.paint(Tone::Faint, &text(&unconfirmed["told"])),
        );
    }
    let head = format!(
        "{}  {}  {}\n",
        paint.paint(Tone::Faint, &clock_time(&text(&told["at"]))),
        paint.paint(Tone::Strong, topic),
        text(&told["subject"]),
    );
    let mut lines = head;
    if earlier.is_none() {
        for line in text(&told["message"]).lines() {
            lines.push_str(&format!("    {line}\n"));
        }
    }
    let all = told["subscriptions"].as_array().cloned().unwrap_or_default();
    if all.is_empty() && earlier.is_none() {
        lines.push_str(&paint.paint(Tone::Faint, "    nobody has confirmed a subscription\n"));
    }
    let before = earlier.and_then(|earlier| earlier["subscriptions"].as_array());
    for one in all.iter().filter(|one| before.is_none_or(|before| !before.contains(one))) {
        let state = text(&one["state"]);
        let tone = match state.as_str() {
            "delivered" => Tone::Good,
            "failed" => Tone::Bad,
            "waiting" => Tone::Wait,
            _ => Tone::Faint,
        };
        let state = paint.paint(tone, &format!("{state:<12}"));
        let told = paint.paint(Tone::Faint, &text(&one["told"]));
        let endpoint = text(&one["endpoint"]);
        lines.push_str(format!("    {state}  {endpoint}  {told}").trim_end());
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use serde_json::json;

    #[test]
    fn a_notification_is_shown_once_and_then_what_changes() {
        let told = |state: &str, told: &str| {
            json!({
                "id": "1", "at": "2026-01-02T03:04:05.678Z", "subject": "ALARM: \"cpu\"",
                "topic": "arn:aws:sns:us-west-2:000000000000:alarms", "message": "{}",
                "subscriptions": [
                    { "endpoint": "ops@example.com", "state": "kept", "told": "no SMTP relay" },
                    { "endpoint": "http://127.0.0.1/", "state": state, "told": told },
                ],
            })
        };
        let paint = Paint { in_colour: false };
        let first = told("waiting", "it answered 503; next try at 03:04:25");
        let then = told("delivered", "");
        let shown = shown(paint, &first, None) + &shown(paint, &then, Some(&first));
        expect![[r#"
            2026-01-02 03:04:05  alarms  ALARM: "cpu"
                {}
                kept          ops@example.com  no SMTP relay
                waiting       http://127.0.0.1/  it answered 503; next try at 03:04:25
            2026-01-02 03:04:05  alarms  ALARM: "cpu"
                delivered     http://127.0.0.1/
        "#]]
        .assert_eq(&shown);
    }
}
