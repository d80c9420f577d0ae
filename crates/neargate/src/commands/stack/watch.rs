//! What is seen of a run while it goes on: lines for people, or of JSON; and Ctrl-C.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use neargate_api::Clock;
use neargate_hcl::Diagnostic;
use neargate_stack::render::lines::{Lines, told};
use neargate_stack::run::{Event, Observer, Stop};

/// Prints what happens.
pub struct Watch {
    json: Option<Lines>,
    clock: Clock,
    /// What was read: people want the changes alone.
    refreshed: AtomicUsize,
}

impl Watch {
    pub fn new(json: bool, clock: &Clock) -> Watch {
        let lines = Lines { version: env!("CARGO_PKG_VERSION").to_owned() };
        let json = json.then_some(lines);
        let watch = Watch { json, clock: clock.clone(), refreshed: AtomicUsize::new(0) };
        watch.lines(|lines, at| lines.first(at));
        watch
    }

    pub fn is_json(&self) -> bool {
        self.json.is_some()
    }

    /// Prints lines of JSON, where these are wanted.
    pub fn lines(&self, make: impl FnOnce(&Lines, neargate_api::Timestamp) -> String) {
        if let Some(lines) = &self.json {
            out(make(lines, self.clock.wall()));
        }
    }

    /// Prints for people.
    pub fn say(&self, text: impl Display) {
        if self.json.is_none() {
            out(text);
        }
    }

    /// Errors and warnings: on the standard error for people.
    pub fn problems(&self, problems: &[Diagnostic]) {
        for problem in problems {
            match &self.json {
                Some(lines) => out(lines.diagnostic(self.clock.wall(), problem)),
                None => drop(write!(io::stderr(), "{problem}")),
            }
        }
    }

    /// How many objects were looked at.
    pub fn refreshed(&self) -> usize {
        self.refreshed.load(Ordering::Relaxed)
    }
}

impl Observer for Watch {
    fn event(&self, event: Event) {
        if matches!(event, Event::Refreshed { .. }) {
            self.refreshed.fetch_add(1, Ordering::Relaxed);
        }
        match (&self.json, &event) {
            (Some(lines), _) => out(lines.event(self.clock.wall(), &event)),
            (None, Event::Refreshing { .. } | Event::Refreshed { .. }) => {}
            (None, _) => out(format_args!("{}\n", told(&event))),
        }
    }
}

/// Prints, if somebody reads on: what is being made is made whoever has gone.
fn out(text: impl Display) {
    let mut stdout = io::stdout().lock();
    let _ = write!(stdout, "{text}").and_then(|()| stdout.flush());
}

/// The first Ctrl-C lets what is in flight end; another ends the process.
pub fn stop_on_ctrl_c() -> Stop {
    let stop = Stop::default();
    let asked = stop.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if asked.is_asked() {
                eprintln!("Interrupted again: what was in flight may not be in the state.");
                std::process::exit(130);
            }
            asked.ask();
            eprintln!("Interrupted: what is in flight ends first. Ctrl-C again ends at once.");
        }
    });
    stop
}
