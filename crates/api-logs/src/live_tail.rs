//! StartLiveTail: the events that come into some groups from now on, a message each second.
//!
//! ```text
//! sessionStart, then each second a sessionUpdate ── three hours ──▶ SessionTimeoutException
//! ```
//!
//! A message has at most 500 events: of more, evenly chosen ones, and it says so. For a client
//! that reads too slowly 5000 events wait, of which the oldest go first. The session ends when its
//! client hangs up. Its times are the machine's, as the connection is.

mod sample;

use std::collections::BTreeMap;
use std::time::Duration;

use neargate_api::model::logs::lines_key;
use neargate_api::types::logs::{
    LiveTailSessionLogEvent, LiveTailSessionMetadata, LiveTailSessionStart, LiveTailSessionUpdate,
    SessionStreamingException, SessionTimeoutException, StartLiveTailRequest,
    StartLiveTailResponse, error,
};
use neargate_api::{AwsError, Ctx, Events, StreamEvent};
use neargate_loglines::{LogError, LogLines, Streams};
use neargate_logquery::filter_pattern::FilterPattern;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout_at};

use self::sample::Waiting;
use crate::{group, stream};

const EVERY: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(3 * 60 * 60);

/// Messages that wait for a client.
const MESSAGES: usize = 10;
/// How much of a group is read at once.
const READ_BYTES: u64 = 8 << 20;
/// Groups of a session.
const GROUPS: usize = 10;

pub async fn call(
    ctx: Ctx,
    lines: LogLines,
    input: StartLiveTailRequest,
) -> Result<(StartLiveTailResponse, Events), AwsError> {
    let session = Session::of(&ctx, lines, &input)?;
    let (sender, events) = mpsc::channel(MESSAGES);
    let start = LiveTailSessionStart {
        request_id: Some(ctx.request_id.clone()),
        session_id: Some(ctx.rng().uuid()),
        log_group_identifiers: Some(input.log_group_identifiers),
        log_stream_names: Some(input.log_stream_names.unwrap_or_default()),
        log_stream_name_prefixes: Some(input.log_stream_name_prefixes.unwrap_or_default()),
        log_event_filter_pattern: Some(input.log_event_filter_pattern.unwrap_or_default()),
    };
    sender.try_send(StreamEvent::of("sessionStart", &start)).ok();
    tokio::spawn(session.run(sender));
    Ok((StartLiveTailResponse::default(), events))
}

/// What a session watches.
struct Session {
    lines: LogLines,
    pattern: FilterPattern,
    streams: Vec<Streams>,
    groups: Vec<Watched>,
    waiting: Waiting,
}

struct Watched {
    /// `ACCOUNT:GROUP`.
    identifier: String,
    key: String,
    /// The last event that was seen of each way to look at its streams.
    since: BTreeMap<usize, u64>,
}

impl Session {
    fn of(ctx: &Ctx, lines: LogLines, input: &StartLiveTailRequest) -> Result<Session, AwsError> {
        let refuse = |message: &str| Err(error::invalid_parameter_exception(message));
        let snapshot = ctx.snapshot();
        let identifiers = &input.log_group_identifiers;
        if identifiers.is_empty() || identifiers.len() > GROUPS {
            return refuse("A live tail is of 1 to 10 log groups.");
        }
        let named = input.log_stream_names.as_ref().filter(|names| !names.is_empty());
        let prefixes = input.log_stream_name_prefixes.as_ref().filter(|names| !names.is_empty());
        if (named.is_some() || prefixes.is_some()) && identifiers.len() > 1 {
            return refuse(
                "logStreamNames and logStreamNamePrefixes can be given for a single log group only.",
            );
        }
        let mut groups = Vec::new();
        for identifier in identifiers {
            if !identifier.starts_with("arn:") {
                return refuse("logGroupIdentifiers must be ARNs of log groups.");
            }
            let found = group::find(ctx, &snapshot, group::name_in(identifier))?;
            ctx.authorize("logs:StartLiveTail", &group::resource(ctx, &found.name))?;
            if found.class != "STANDARD" {
                return Err(error::invalid_operation_exception(format!(
                    "Live Tail is not supported for log groups of the class {}.",
                    found.class
                )));
            }
            groups.push((found.name.clone(), lines_key(&ctx.region, &found.name)));
        }
        let streams = match (named, prefixes) {
            (Some(_), Some(_)) => {
                return refuse(
                    "logStreamNames and logStreamNamePrefixes are mutually exclusive parameters.",
                );
            }
            (Some(names), None) => {
                for name in names {
                    stream::find(ctx, &snapshot, &groups[0].0, name)?;
                }
                vec![Streams::Named(names.clone())]
            }
            (None, Some(prefixes)) => prefixes.iter().cloned().map(Streams::Prefix).collect(),
            (None, None) => vec![Streams::All],
        };
        let pattern = input.log_event_filter_pattern.as_deref().unwrap_or_default();
        let pattern = FilterPattern::parse(pattern)
            .map_err(|invalid| error::invalid_parameter_exception(invalid.to_string()))?;
        let watch = |(name, key): (String, String)| {
            let last = lines.last_sequence(&key);
            let since = (0..streams.len()).map(|way| (way, last)).collect();
            Watched { identifier: format!("{}:{name}", ctx.account()), key, since }
        };
        let groups = groups.into_iter().map(watch).collect();
        Ok(Session { lines, pattern, streams, groups, waiting: Waiting::default() })
    }

    /// Tells what comes until the client has gone or the time is over.
    async fn run(mut self, to: mpsc::Sender<StreamEvent>) {
        let begun = Instant::now();
        let mut seconds = interval_at(begun + EVERY, EVERY);
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = seconds.tick() => {}
                () = to.closed() => return,
            }
            if begun.elapsed() >= LONGEST {
                let message = Some("The live tail session has timed out after 3 hours.".into());
                let over = SessionTimeoutException { message };
                let over = StreamEvent::exception("SessionTimeoutException", &over);
                timeout_at(Instant::now() + EVERY, to.send(over)).await.ok();
                return;
            }
            if let Err(error) = self.look().await {
                let failed = SessionStreamingException { message: Some(error.to_string()) };
                let failed = StreamEvent::exception("SessionStreamingException", &failed);
                timeout_at(Instant::now() + EVERY, to.send(failed)).await.ok();
                return;
            }
            // For a client that is behind, events go on waiting.
            if let Ok(place) = to.try_reserve() {
                place.send(StreamEvent::of("sessionUpdate", &self.update()));
            }
        }
    }

    /// Takes what has come since the last look.
    async fn look(&mut self) -> Result<(), LogError> {
        for group in &mut self.groups {
            for (way, streams) in self.streams.iter().enumerate() {
                let since = group.since.entry(way).or_default();
                loop {
                    let arrivals = self
                        .lines
                        .arrivals(&group.key, streams.clone(), *since, READ_BYTES)
                        .await?;
                    *since = arrivals.until;
                    for (_, event) in arrivals.events {
                        if self.pattern.matches(&event.message) {
                            self.waiting.push(LiveTailSessionLogEvent {
                                ingestion_time: Some(event.ingestion_ms),
                                log_group_identifier: Some(group.identifier.clone()),
                                log_stream_name: Some(event.stream.to_string()),
                                message: Some(event.message),
                                timestamp: Some(event.timestamp_ms),
                            });
                        }
                    }
                    if !arrivals.more {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    fn update(&mut self) -> LiveTailSessionUpdate {
        let (events, sampled) = self.waiting.take();
        LiveTailSessionUpdate {
            session_metadata: Some(LiveTailSessionMetadata { sampled: Some(sampled) }),
            session_results: Some(events),
        }
    }
}
