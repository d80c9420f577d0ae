//! `/_neargate/clock`: the cloud's time. GET shows it; POST, by the operator
//! alone, moves it forward or changes how fast it passes. There is no way back:
//! what was written at a time would lie in the future.
//!
//! How it was moved is kept in `clock.json` before anybody sees the new time, so
//! that no restart turns it back.

use std::fs::{self, File};
use std::future::Future;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use anyhow::{Context, Result};
use http::{Method, Request, Response};
use hyper::body::Incoming;
use neargate_api::{Clock, Move};
use neargate_edge::{Body, Route};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::operator_page::{Refused, from_operator, respond};
use crate::operator_token::OperatorToken;

pub const PATH: &str = "/_neargate/clock";

const FILE: &str = "clock.json";

/// Rates that make sense: loops look at things some times in a second of the machine.
const RATES: std::ops::RangeInclusive<f64> = 0.1..=100.0;

/// The longest that the time is moved at once: ten years.
const LONGEST_MS: i64 = 10 * 366 * 24 * 3_600_000;

pub struct MovedClock {
    pub clock: Clock,
    /// The data directory.
    pub data: PathBuf,
    pub operator: Arc<OperatorToken>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    advance_ms: i64,
    rate: Option<f64>,
}

/// The moves that earlier runs have kept.
pub fn kept(data: &Path) -> Result<Vec<Move>> {
    let path = data.join(FILE);
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .with_context(|| format!("{} cannot be read", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}

/// Keeps them: whole or not at all.
fn keep(data: &Path, moves: &[Move]) -> std::io::Result<()> {
    let new = data.join("clock.json.new");
    let mut file = File::create(&new)?;
    file.write_all(&serde_json::to_vec(moves)?)?;
    file.sync_all()?;
    fs::rename(&new, data.join(FILE))?;
    File::open(data)?.sync_all()
}

impl MovedClock {
    fn shown(&self) -> Value {
        let (now, wall) = (self.clock.now(), self.clock.wall());
        json!({
            "now": now.iso8601(),
            "machine": wall.iso8601(),
            "aheadMs": now.millis_since(wall),
            "rate": self.clock.rate(),
        })
    }

    fn change(&self, wanted: &Wanted) -> Result<Value, Refused> {
        if !(0..=LONGEST_MS).contains(&wanted.advance_ms) {
            return Err((
                400,
                "the time can be moved forward only, and by ten years at most".into(),
            ));
        }
        if wanted.rate.is_some_and(|rate| !RATES.contains(&rate)) {
            return Err((400, "the rate can be from 0.1 to 100".into()));
        }
        let changed = self.clock.change(wanted.advance_ms, wanted.rate, |m| keep(&self.data, m));
        changed.map_err(|error| (500, format!("the move could not be kept: {error}")))?;
        let (now, rate) = (self.clock.now().iso8601(), self.clock.rate());
        tracing::info!(now, rate, "the cloud's time was moved");
        Ok(self.shown())
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Value, Refused> {
        match *request.method() {
            Method::GET => Ok(self.shown()),
            Method::POST => {
                let wanted = from_operator(&self.operator, request, "neargate clock").await?;
                self.change(&wanted)
            }
            _ => Err((405, "use GET or POST".into())),
        }
    }
}

impl Route for MovedClock {
    fn handle(
        &self,
        request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>> {
        Box::pin(async move { respond(self.answer(request).await) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(data: &Path) -> MovedClock {
        let clock = Clock::with_moves(kept(data).unwrap());
        let operator = Arc::new(OperatorToken::make(data).unwrap());
        MovedClock { clock, data: data.to_owned(), operator }
    }

    #[test]
    fn a_move_survives_a_restart_and_cannot_be_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        let first = page(dir.path());
        first.change(&Wanted { advance_ms: 900_000, rate: None }).unwrap();
        first.change(&Wanted { advance_ms: 0, rate: Some(10.0) }).unwrap();
        let before = first.clock.now();
        let again = page(dir.path());
        assert!(again.clock.now() >= before);
        assert_eq!(again.clock.rate(), 10.0);
        let refused = |wanted| again.change(&wanted).unwrap_err();
        let back = refused(Wanted { advance_ms: -1, rate: None });
        assert_eq!(back.1, "the time can be moved forward only, and by ten years at most");
        assert_eq!(
            refused(Wanted { advance_ms: 0, rate: Some(0.0) }).1,
            "the rate can be from 0.1 to 100"
        );
    }
}
